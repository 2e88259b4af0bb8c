"""A loopback HTTP server that records each request and plays prepared answers, one for each request."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import define, field, frozen


@frozen
class Answer:
    """A response."""

    content: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = {}
    cut_at: int | None = None
    """The number of bytes after which the connection ends, or None."""


LOST = None
"""Instead of an answer: the connection ends after the request has arrived."""


@frozen
class Received:
    """A request as it arrived."""

    method: str
    target: str
    headers: Message
    content: bytes = field(repr=False)

    def parts(self) -> list[tuple[dict[str, Any], Any]]:
        """The parts of a multipart form: name, file name and media type, and the content."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        found = []
        for part in BytesParser(policy=HTTP).parsebytes(head + self.content).iter_parts():
            facts: dict[str, Any] = {
                key: part.get_param(key, header="content-disposition") for key in ("name", "filename")
            }
            facts["type"] = part["content-type"]
            found.append((facts, part.get_payload(decode=True)))
        return found


@define
class ScriptedServer:
    """The server. After the last prepared answer, it repeats that answer."""

    url: str = ""
    answers: list[Answer | None] = field(factory=lambda: [Answer()])
    received: list[Received] = field(factory=list)

    def play(self, *answers: Answer | None) -> None:
        """Prepare answers, and forget the requests."""
        self.answers = [*answers]
        self.received.clear()

    def next(self) -> Answer | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def scripted() -> Iterator[ScriptedServer]:
    """Run a server until the context ends."""
    script = ScriptedServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._handle
            raise AttributeError(name)

        def _handle(self) -> None:
            content = self._chunks() if "chunked" in self.headers.get("transfer-encoding", "") else self._read()
            script.received.append(Received(self.command, self.path, self.headers, content))
            answer = script.next()
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("content-length", str(len(answer.content)))
            # The client may have gone.
            with suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(answer.content[: answer.cut_at])
            self.close_connection = answer.cut_at is not None

        def _read(self) -> bytes:
            return self.rfile.read(int(self.headers.get("content-length", 0)))

        def _chunks(self) -> bytes:
            content = b""
            while size := int(self.rfile.readline(), 16):
                content += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return content

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
