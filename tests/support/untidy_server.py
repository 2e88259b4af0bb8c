"""A batch service on a raw socket whose clock, list, metadata and answers can be wrong."""

import json
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from io import BufferedReader
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import define, field, frozen

from openai_batch_client._runtime.clock import Clock
from tests.support.twin import FakeClock, Twin

PREFIX = "/v1"
CREATE: dict[str, Any] = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}


class SharedClock(FakeClock):
    """A fake clock for a client and a server: the time that one of them sleeps passes for both."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            super().sleep(seconds)

    def pass_time(self, seconds: float) -> None:
        """Let time pass that nobody sleeps, for example the duration of a request."""
        with self._lock:
            self.time += seconds


@frozen
class Habits:
    """How a service behaves. The defaults are a tidy service."""

    clock: float = 0
    """Seconds that the server's clock is ahead. A negative number means behind."""
    lag: float = 0
    """Seconds after the commit until the list shows a batch."""
    commit: float = 0
    """Seconds after a create request until the batch exists. A lost answer does not wait for it."""
    order: str = "descending"
    """descending, ascending, shuffled, reshuffled (in each answer), pinned (two old batches stay on top)."""
    deleted_cursor: str = ""
    """The batch of the first cursor is deleted in each reading of the list: 404, restart (first page), empty (page)."""
    after: str = "followed"
    """followed or ignored (every page is the first page, and more follow)."""
    metadata: str = "kept"
    """kept, dropped (not stored), or absent, null, cut, shortened (in the list only)."""
    file_id: str = "kept"
    """kept or rewritten."""
    created_at: str = "seconds"
    """seconds, absent, iso or local (text without a zone)."""
    ids: str = "random"
    """random or falling (each new id sorts before the older ids)."""
    older: int = 5
    """The number of batches before the first create request, one a minute."""
    older_same: str = ""
    """An older batch has the same arguments, and no key: `null` or `other` metadata."""
    newer: int = 0
    """The number of batches that others create right after the first create request."""
    unreadable: str = ""
    """What the list answers instead of a page: object, error, null, html, cut or status."""
    unreadable_from: str = "start"
    """start, or create (after the first create request)."""
    unreadable_lists: int = 1_000_000
    """The number of unreadable answers. Then the list is readable again."""
    tick: float = 0
    """Seconds that each request takes on a shared clock."""


UNREADABLE = {
    "object": (200, b"{}"),
    "error": (200, b'{"error": {"message": "upstream timed out"}}'),
    "null": (200, b'{"object": "list", "data": null, "has_more": false}'),
    "html": (200, b"<html><body>Checking your browser</body></html>"),
    "cut": (200, b'{"object": "list", "data": [{"id": "batch_'),
    "status": (502, b"<html>Bad gateway</html>"),
}
ERROR = b'{"error": {"message": "The server had an error", "type": "server_error", "code": null}}'


@define(eq=False)
class Row:
    """A stored batch."""

    document: dict[str, Any]
    visible_at: float
    """When the list shows it, in seconds of the shared clock."""
    committed_at: float
    listed: bytes = b""
    """The batch as the list shows it."""


@define
class UntidyServer:
    """Serves /batches. Every batch that a create request made is in `created`."""

    clock: Clock
    habits: Habits
    faults: list[str] = field(factory=list)
    """What happens to the next create requests: dropped, held (dropped after `release`), closed (before the server
    reads it), a status, `429 refused` (with an error object) or ok. With the prefix `undone `, the server does not act.
    """
    upload_faults: list[str] = field(factory=list)
    """What happens to the next uploads: dropped (no answer), closed (before the server reads it), a status or ok."""
    uploads: list[bytes] = field(factory=list)
    """The bodies of the uploads that were answered as a success."""
    url: str = ""
    requests: list[tuple[str, str]] = field(factory=list)
    """Method and target of each request."""
    created: list[Row] = field(factory=list)
    on_create: Callable[[int], object] | None = None
    """Called with the number of each create request when it has arrived, before the server acts."""
    on_created: Callable[[], object] | None = None
    """Called after the server has acted on a create request, before it answers."""
    release: threading.Event = field(factory=threading.Event)
    answered: int = 0
    """The number of create requests that were answered as a success."""
    _rows: dict[str, Row] = field(factory=dict)
    _listed: list[Row] = field(factory=list)
    _pending: list[Row] = field(factory=list)
    _lock: threading.RLock = field(factory=threading.RLock)
    _chance: random.Random = field(factory=lambda: random.Random(14))
    _connections: set[socket.socket] = field(factory=set)
    _deletes: bool = False
    """Whether the batch of the next cursor is deleted."""

    def __attrs_post_init__(self) -> None:
        now = self.clock.now()
        for number in range(self.habits.older, 0, -1):
            self._list_other(now - 60 * number)
        if self.habits.older_same:
            metadata = None if self.habits.older_same == "null" else {"a": "b"}
            self._place(self._row({**CREATE, "metadata": metadata}, now - 30))

    @property
    def posts(self) -> int:
        """The number of create requests that arrived, also those that the server closed unread."""
        return sum((method, urlsplit(target).path) == ("POST", f"{PREFIX}/batches") for method, target in self.requests)

    def live(self) -> list[str]:
        """The ids of the created batches that were not cancelled."""
        return [row.document["id"] for row in self.created if row.document["status"] == "validating"]

    def ids(self) -> list[str]:
        """The ids of all batches."""
        return [*self._rows]

    def _list_other(self, moment: float) -> None:
        """Add a batch of another program to the list."""
        number = len(self._rows)
        key = {"idempotency_key": f"other-{number}", "idempotency_stamp": f"{number:032x}.{number:016x}"}
        body = {**CREATE, "input_file_id": f"file-of-other-{number}", "metadata": [key, None, {"a": "b"}][number % 3]}
        self._place(self._row(body, moment))

    def _row(self, body: Mapping[str, Any], moment: float, delay: float = 0) -> Row:
        number = len(self._rows)
        sortable = 10**8 - number if self.habits.ids == "falling" else self._chance.randrange(10**8)
        item_id = f"batch_{sortable:08}{number:05}"
        document: dict[str, Any] = {
            "id": item_id,
            "object": "batch",
            "status": "validating",
            "created_at": int(moment + delay + self.habits.clock),
            **{name: body.get(name) for name in ("endpoint", "input_file_id", "completion_window", "metadata")},
        }
        if self.habits.metadata == "dropped":
            document["metadata"] = {}
        row = Row(document, moment + delay + self.habits.lag, moment + delay)
        row.listed = json.dumps(self._shown(document, in_list=True)).encode()
        self._rows[item_id] = row
        return row

    def _place(self, row: Row) -> None:
        order = self.habits.order.removeprefix("re")
        last = len(self._listed)
        places = {"descending": 0, "ascending": last, "pinned": min(2, last), "shuffled": self._chance.randint(0, last)}
        self._listed.insert(places[order], row)

    def _shown(self, document: Mapping[str, Any], in_list: bool = False) -> dict[str, Any]:
        """The batch as the service shows it."""
        habits, shown = self.habits, dict(document)
        if habits.file_id == "rewritten":
            shown["input_file_id"] = f"files/{shown['input_file_id']}"
        moment = datetime.fromtimestamp(shown["created_at"], UTC)
        if habits.created_at == "absent":
            del shown["created_at"]
        elif habits.created_at == "iso":
            shown["created_at"] = moment.isoformat()
        elif habits.created_at == "local":
            shown["created_at"] = f"{moment - timedelta(hours=5):%Y-%m-%d %H:%M:%S}"
        metadata = shown["metadata"]
        if in_list and habits.metadata == "absent":
            del shown["metadata"]
        elif in_list and habits.metadata == "null":
            shown["metadata"] = None
        elif in_list and metadata and habits.metadata in ("cut", "shortened"):
            # The value without its end, or the map without all but its first pair.
            first = [*metadata.items()][:1]
            is_cut = habits.metadata == "cut"
            shown["metadata"] = {name: value[:5] for name, value in metadata.items()} if is_cut else dict(first)
        return shown

    # Requests

    def handle(self, method: str, target: str, body: bytes) -> bytes | None:
        """Act on a request. The result is the whole answer, or None to close the connection."""
        if isinstance(self.clock, SharedClock) and self.habits.tick:
            self.clock.pass_time(self.habits.tick)
        path = urlsplit(target).path.removeprefix(PREFIX)
        if (method, path) == ("POST", "/batches"):
            return self._create(json.loads(body))
        if (method, path) == ("POST", "/files"):
            return self._store(body)
        if (method, path) == ("GET", "/batches"):
            with self._lock:
                return self._list({name: values[0] for name, values in parse_qs(urlsplit(target).query).items()})
        with self._lock:
            _, _, item_id, *cancel = path.split("/")
            row = self._rows.get(item_id)
            if row is None or row.committed_at > self.clock.now():
                return answer(404, b'{"error": {"message": "No such batch", "type": "invalid_request_error"}}')
            if cancel:
                row.document["status"] = "cancelling"
                row.listed = json.dumps(self._shown(row.document, in_list=True)).encode()
            return answer(200, json.dumps(self._shown(row.document)).encode())

    def _store(self, body: bytes) -> bytes | None:
        with self._lock:
            fault = self.upload_faults.pop(0) if self.upload_faults else "ok"
            if fault == "ok":
                self.uploads.append(body)
                return answer(200, b'{"id": "file-uploaded-%d", "object": "file"}' % len(self.uploads))
        return None if fault == "dropped" else answer(int(fault), b"<html>Something went wrong</html>")

    def _create(self, body: Mapping[str, Any]) -> bytes | None:
        number = self.posts
        if self.on_create is not None:
            self.on_create(number)
        with self._lock:
            fault = self.faults.pop(0) if self.faults else "ok"
            undone, fault = fault.startswith("undone "), fault.removeprefix("undone ")
            row = None
            if not undone:
                row = self._row(body, self.clock.now(), self.habits.commit)
                self._pending.append(row)
                self.created.append(row)
            if number == 1:
                self._show_pending()
                for _ in range(self.habits.newer):
                    self._list_other(self.clock.now())
        if self.on_created is not None:
            self.on_created()
        if fault == "ok" and row is not None:
            if self.habits.commit:
                self.clock.sleep(max(0.0, row.committed_at - self.clock.now()))
            self.answered += 1
            return answer(200, json.dumps(self._shown(row.document)).encode())
        if fault == "held":
            self.release.wait(30)
        if fault in ("dropped", "held"):
            return None
        if fault in ("302", "307"):
            return answer(int(fault), b"", f"Location: {self.url}/batches\r\n")
        if fault == "429 refused":
            refusal = b'{"error": {"message": "Too many requests", "type": "requests", "code": "rate_limit_exceeded"}}'
            return answer(429, refusal, "Retry-After: 2\r\n")
        return answer(int(fault), ERROR if fault == "500" else b"<html>Something went wrong</html>")

    def _show_pending(self) -> None:
        now = self.clock.now()
        for row in [row for row in self._pending if row.visible_at <= now]:
            self._pending.remove(row)
            self._place(row)

    def _list(self, query: Mapping[str, str]) -> bytes | None:
        habits = self.habits
        self._show_pending()
        if habits.unreadable and (habits.unreadable_from == "start" or self.posts):
            lists = [method for method, target in self.requests if method == "GET" and "?" in target]
            if habits.unreadable_from == "create":
                first = self.requests.index(("POST", f"{PREFIX}/batches"))
                lists = [method for method, target in self.requests[first:] if method == "GET" and "?" in target]
            if len(lists) <= habits.unreadable_lists:
                status, content = UNREADABLE[habits.unreadable]
                return answer(status, content, cut=habits.unreadable == "cut")
        if habits.order == "reshuffled":
            self._chance.shuffle(self._listed)
        start, after = 0, query.get("after") if habits.after == "followed" else None
        if "after" not in query:
            self._deletes = bool(habits.deleted_cursor)
        if after is not None:
            place = next((n for n, row in enumerate(self._listed) if row.document["id"] == after), None)
            if place is not None and self._deletes and self._rows[after] not in self.created:
                del self._listed[place], self._rows[after]
                place, self._deletes = None, False
            if place is not None:
                start = place + 1
            elif habits.deleted_cursor == "empty":
                start = len(self._listed)
            elif habits.deleted_cursor != "restart":
                return answer(404, b'{"error": {"message": "No such cursor", "type": "invalid_request_error"}}')
        end = start + int(query.get("limit", "20"))
        more = b"true" if end < len(self._listed) else b"false"
        data = b", ".join(row.listed for row in self._listed[start:end])
        return answer(200, b'{"object": "list", "data": [%s], "has_more": %s}' % (data, more))

    # Sockets

    def serve_connection(self, connection: socket.socket) -> None:
        """Answer the requests of a connection until one of the sides closes it."""
        with suppress(OSError), connection, connection.makefile("rb") as stream:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (request := self._read(connection, stream)) is not None:
                content = self.handle(*request)
                if content is None:
                    break
                connection.sendall(content)
                if b"\r\nConnection: close\r\n" in content:
                    break
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._connections.discard(connection)

    def _read(self, connection: socket.socket, stream: BufferedReader) -> tuple[str, str, bytes] | None:
        line = stream.readline()
        if not line:
            return None
        method, target, _ = line.decode("latin-1").split()
        with self._lock:
            self.requests.append((method, target))
            faults = {f"{PREFIX}/batches": self.faults, f"{PREFIX}/files": self.upload_faults}.get(target, [])
            if method == "POST" and faults[:1] == ["closed"]:
                del faults[0]
                # Closing with this option resets the connection.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return None
        lines = []
        while (line := stream.readline()) not in (b"\r\n", b""):
            lines.append(line)
        headers: Message = BytesParser().parsebytes(b"".join(lines))
        length = int(headers.get("content-length", "0"))
        body = stream.read(length)
        # A program that was killed may have sent a part of the request.
        return (method, target, body) if len(body) == length else None

    def accept(self, listener: socket.socket) -> None:
        """Accept connections until the listener is shut down."""
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self._connections.add(connection)
                threading.Thread(target=self.serve_connection, args=(connection,), daemon=True).start()

    def close_connections(self) -> None:
        """Close what clients still hold open."""
        for connection in [*self._connections]:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def answer(status: int, content: bytes, headers: str = "", *, cut: bool = False) -> bytes:
    """An HTTP/1.1 answer. With `cut`, its length is larger than what is sent, and the connection ends."""
    length = len(content) + (1000 if cut else 0)
    kind = "text/html" if content.startswith(b"<") else "application/json"
    end = "Connection: close\r\n" if cut else ""
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n"
        f"{headers}{end}\r\n"
    )
    return head.encode() + content


@contextmanager
def untidy(clock: Clock, habits: Habits | None = None, faults: list[str] | None = None) -> Iterator[UntidyServer]:
    """Run a server until the context ends."""
    server = UntidyServer(clock, habits or Habits(), [*(faults or [])])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.url = f"http://127.0.0.1:{listener.getsockname()[1]}{PREFIX}"
        acceptor = threading.Thread(target=server.accept, args=(listener,), daemon=True)
        acceptor.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            server.close_connections()


@contextmanager
def client_of(server: UntidyServer, twin: Twin, **options: Any) -> Iterator[Any]:
    """A client of the server with the server's clock. `options` are those of the HTTP client and of BatchAPI."""
    names = ("follow_redirects", "event_hooks")
    # Without verification, httpx does not spend time on certificates.
    http_client = twin.http_client(verify=False, **{name: options.pop(name) for name in names if name in options})
    api = twin.api(base_url=server.url, http_client=http_client, **options)
    api._clock = server.clock
    try:
        yield api
    finally:
        twin.run(http_client.aclose() if twin.prefix else http_client.close())
