"""A raw socket server that plays answers from data. No HTTP library prevents invalid or endless answers."""

import json
import socket
import ssl
import struct
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from io import BufferedReader
from pathlib import Path
from typing import Any, Literal

from attrs import define, field, frozen

from tests.support.batches import BATCH

PREFIX = "/v1"
TLS_HELLO = b"\x16"
"""The first byte of a TLS connection."""
# A body that is longer stands for a body that does not end.
ENDLESS_BYTES = 256 * 2**20
End = Literal["keep", "close", "reset", "hang"]

# A certificate that no client trusts: self-signed, for 127.0.0.1 and localhost, valid until 2126.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgY3JlZ71VcSg2Mrln
eAgEmQu11eELX5/dUE2lLKjtad2hRANCAATRhUHfTZ+G9uIZlAcI/8yOzVpp4kbi
WGyeTNYFdB3K0DZqK7Ud/UDBhSbZFbDnoN6xYZiB1MES9j6JsY2OsdPw
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUD5wObhCGJZy5IFu1GOI6d64kEWkwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjE0MzkyMFoYDzIxMjYxMTAy
MTQzOTIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATRhUHfTZ+G9uIZlAcI/8yOzVpp4kbiWGyeTNYFdB3K0DZqK7Ud/UDB
hSbZFbDnoN6xYZiB1MES9j6JsY2OsdPwo28wbTAdBgNVHQ4EFgQU85UrUFJEM86U
9LK1TbaFmQXbJvYwHwYDVR0jBBgwFoAU85UrUFJEM86U9LK1TbaFmQXbJvYwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAL/tv3mebDJxvaFn2L3cLFCwEDCW511SWJiAH3+dRRqGAiBb
F/qodcnzL93c6Q0s8IueDeYj76VQkdrExSiML0ZJvg==
-----END CERTIFICATE-----
"""


@frozen
class Received:
    """A request as it arrived."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    """Names in lower case and values, in the order of the request."""
    body: bytes = b""

    def values(self, name: str) -> list[str]:
        """The values of all headers with this name."""
        return [value for header, value in self.headers if header == name]

    @property
    def last_segment(self) -> str:
        """The last segment of the path, such as the id of a batch."""
        return self.target.partition("?")[0].rpartition("/")[2]


@frozen
class Answer:
    """What the server sends for a request."""

    pieces: Iterable[bytes]
    """The bytes, in pieces. They are sent until the client closes the connection."""
    pause: float = 0.0
    """Seconds before each piece, except the first piece."""
    end: End = "keep"
    """What follows: keep (the next request is read), close, reset (the connection breaks), or hang (nothing, but the
    connection stays open)."""


Answering = Callable[[Received], Answer]


@define(eq=False)
class HostileServer:
    """Plays answers. All attributes can be changed while it runs."""

    answering: Answering
    """Returns the answer to a request."""
    url: str = ""
    """The base URL for clients."""
    received: list[Received] = field(factory=list)
    connections: int = 0
    """The number of accepted connections."""
    sent: int = 0
    """The number of bytes that clients accepted."""
    hello: Answer = Answer([b"HTTP/1.1 400 Bad Request\r\n\r\n"], end="close")
    """The answer of a server without TLS to a client that begins TLS."""
    read_pause: float = 0.0
    """Seconds before each 16 KiB of a request's body are read."""
    keeps_bodies: bool = True
    """Whether the bodies of requests are kept, up to the size of the memory."""
    ended: threading.Event = field(factory=threading.Event)
    _open: set[socket.socket] = field(factory=set)
    _lock: threading.Lock = field(factory=threading.Lock)

    def play(self, *answers: Answer) -> None:
        """Send these answers in turn and repeat the last."""
        left = [*answers]
        self.answering = lambda _: left.pop(0) if len(left) > 1 else left[0]

    @property
    def origin(self) -> str:
        """The URL without the path."""
        return self.url.removesuffix(PREFIX)

    def requests(self) -> list[tuple[str, str]]:
        """Method and target of each request."""
        return [(request.method, request.target) for request in self.received]

    def serve_connection(self, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Answer the requests of a connection until one of the sides ends it."""
        with suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wrapped = tls.wrap_socket(connection, server_side=True) if tls else connection
            with wrapped, wrapped.makefile("rb") as stream:
                if stream.peek(1)[:1] == TLS_HELLO:
                    self._send(wrapped, self.hello)
                    if self.hello.end == "hang":
                        stream.read()
                    return
                while (request := self._read(stream)) is not None:
                    with self._lock:
                        self.received.append(request)
                        answer = self.answering(request)
                    self._send(wrapped, answer)
                    if answer.end == "hang":
                        stream.read()
                    if answer.end == "reset":
                        # Closing with this option resets the connection.
                        wrapped.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    elif answer.end == "close":
                        wrapped.shutdown(socket.SHUT_RDWR)
                    if answer.end != "keep":
                        break
        self._open.discard(connection)

    def _send(self, connection: socket.socket, answer: Answer) -> None:
        is_first = True
        for piece in answer.pieces:
            if not is_first and answer.pause:
                self.ended.wait(answer.pause)
            if self.ended.is_set():
                raise OSError("the server was stopped")
            is_first = False
            connection.sendall(piece)
            self.sent += len(piece)

    def _read(self, stream: BufferedReader) -> Received | None:
        line = stream.readline()
        if not line:
            return None
        method, target, _ = line.decode("latin-1").split()
        headers = []
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers.append((name.lower(), value.strip()))
        left = int(dict(headers).get("content-length", "0"))
        body = bytearray()
        while left:
            if self.read_pause and self.ended.wait(self.read_pause):
                return None
            part = stream.read(min(16_384 if self.read_pause else 2**20, left))
            if not part:
                return None
            left -= len(part)
            if self.keeps_bodies:
                body += part
        return Received(method, target, tuple(headers), bytes(body))

    def accept(self, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Accept connections until the listener is shut down."""
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self.connections += 1
                self._open.add(connection)
                threading.Thread(target=self.serve_connection, args=(connection, tls), daemon=True).start()

    def stop(self) -> None:
        """End all connections."""
        self.ended.set()
        for connection in [*self._open]:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def hostile(*answers: Answer, answering: Answering | None = None, tls: bool = False) -> Iterator[HostileServer]:
    """Run a server until the context ends. By default, it answers like a tidy service."""
    server = HostileServer(answering or tidy)
    if answers:
        server.play(*answers)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # A small buffer, so that the pauses of reading delay the client.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        scheme = "https" if tls else "http"
        server.url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}{PREFIX}"
        arguments = (listener, _tls_context() if tls else None)
        acceptor = threading.Thread(target=server.accept, args=arguments, daemon=True)
        acceptor.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            server.stop()


@cache
def _tls_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "certificate.pem")
        file.write_text(CERTIFICATE, "ascii")
        context.load_cert_chain(file)
    return context


def json_answer(document: Any, status: int = 200, *headers: str) -> Answer:
    """A well-formed answer with a JSON body."""
    return recipe({"status": status, "headers": headers, "json": document})


def tidy(request: Received) -> Answer:
    """Answer like a service that has each batch, and lists none."""
    path = request.target.removeprefix(PREFIX).partition("?")[0]
    if path == "/batches" and request.method == "GET":
        return json_answer({"object": "list", "data": [], "has_more": False})
    if path == "/batches":
        return json_answer({**BATCH, **json.loads(request.body)})
    return json_answer({**BATCH, "id": path.split("/")[2]})


def dripping(content: bytes, pause: float, end: End = "keep", *, whole: bytes = b"") -> Answer:
    """Send `whole` at once, and then `content` byte by byte."""
    pieces = [content[place : place + 1] for place in range(len(content))]
    return Answer([whole, *pieces] if whole else pieces, pause, end)


def recipe(data: Mapping[str, Any], places: Mapping[str, str] | None = None) -> Answer:
    """Make an answer from data.

    Args:
        data: The fields that tests/client/hostile_answers.yaml explains.
        places: The texts for placeholders such as `<here>`.
    """
    places = {**(places or {}), "<long>": "x" * int(data.get("long", 0))}

    def encode(text: str, encoding: str) -> bytes:
        for name, value in places.items():
            text = text.replace(name, value)
        return text.encode(encoding)

    end: End = data.get("end", "keep")
    if "raw" in data:
        return Answer([encode(data["raw"], "latin-1")], end=end)
    head = [f"HTTP/1.1 {data.get('status', 200)} {data.get('reason', 'Whatever')}"]
    head += [*data.get("headers", ())]
    if not any(line.lower().startswith("content-type:") for line in head):
        head.append("Content-Type: application/json")
    body = encode(_text(data), data.get("charset", "utf-8"))
    body = _filled(body, data.get("spaces", 0), tuple(data.get("encodings", ())))
    framing = data.get("framing", "length")
    if framing == "length":
        head.append(f"Content-Length: {len(body) + data.get('missing', 0)}")
    elif framing == "chunked":
        head.append("Transfer-Encoding: chunked")
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    elif framing == "close":
        end = "close"
    start = encode("\r\n".join([*head, "", ""]), "latin-1")
    pieces: Iterable[bytes] = [start + body]
    if data.get("endless"):
        pieces = _Endless(start, body)
    return Answer(pieces, end=end)


def _text(data: Mapping[str, Any]) -> str:
    if "text" in data:
        return str(data["text"])
    return json.dumps(data["json"] if "json" in data else {**BATCH, **data.get("batch", {})}, ensure_ascii=False)


@cache
def _filled(body: bytes, spaces: int, encodings: tuple[str, ...]) -> bytes:
    """The body after this many spaces, compressed with each encoding in turn."""
    for number, encoding in enumerate(encodings):
        before = spaces if number == 0 else 0
        body = compressed(body, before, {"gzip": 31, "deflate": 15, "raw deflate": -15}[encoding])
    return body if encodings else b" " * spaces + body


def compressed(content: bytes, spaces: int, window_bits: int) -> bytes:
    """Compress `spaces` spaces and `content`, in little memory."""
    compressor = zlib.compressobj(9 if spaces > 2**24 else 1, zlib.DEFLATED, window_bits)
    block = b" " * 2**20
    parts = [compressor.compress(block) for _ in range(spaces // len(block))]
    parts.append(compressor.compress(b" " * (spaces % len(block)) + content))
    return b"".join([*parts, compressor.flush()])


@frozen
class _Endless:
    """A first piece, and then another piece again and again, until a client without a limit has read too much."""

    first: bytes
    more: bytes

    def __iter__(self) -> Iterator[bytes]:
        yield self.first
        for _ in range(ENDLESS_BYTES // len(self.more)):
            yield self.more


def bomb(size: int, *, layers: Sequence[int] = (31,)) -> bytes:
    """A small body that decompresses to `size` zeros, without the checksum at its end.

    Args:
        size: The number of bytes after decompression.
        layers: The window bits of zlib for each layer of compression.
    """
    block_size = 2**24
    compressor = zlib.compressobj(9, zlib.DEFLATED, layers[0])
    start = compressor.compress(b"") + compressor.flush(zlib.Z_FULL_FLUSH)
    first = compressor.compress(bytes(block_size)) + compressor.flush(zlib.Z_FULL_FLUSH)
    # After a full flush, the compressed form of the next equal block is the same.
    body = start + first * -(-size // block_size)
    for window_bits in layers[1:]:
        body = compressed(body, 0, window_bits)
    return body
