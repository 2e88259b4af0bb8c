"""A loopback HTTP server that records each request and sends a fixed response without any validation."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from attrs import define, field, frozen
from starlette.types import Receive, Scope, Send

from scripts.batch_server.contract_validation import HttpMessage
from scripts.batch_server.running import serving
from scripts.openapi.contract import Contract


@frozen
class Answer:
    """A response, sent unchanged even if it is not valid HTTP or JSON."""

    content: bytes
    status: int = 200
    headers: Mapping[str, str] = field(factory=lambda: {"content-type": "application/json"})


@define
class Wire:
    """The ASGI application of the server, with the recorded requests and the next response."""

    prefix: str
    """The path of the contract's server."""
    url: str = ""
    """The base URL for clients."""
    answer: Answer = Answer(b"{}")
    received: list[HttpMessage] = field(factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        target = (scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")).decode()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.received.append(HttpMessage(scope["method"], target.removeprefix(self.prefix), headers, body))
        answer = self.answer
        sent = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
        if answer.status not in (204, 304):
            sent.append((b"content-length", str(len(answer.content)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        await send({"type": "http.response.body", "body": answer.content})


@contextmanager
def listening(contract: Contract) -> Iterator[Wire]:
    """Run a wire at the contract's server path until the context ends."""
    wire = Wire(contract.server_path)
    # httpx sends longer URLs and headers than uvicorn accepts by default.
    with serving(wire, h11_max_incomplete_event_size=1_000_000) as port:
        wire.url = f"http://127.0.0.1:{port}{wire.prefix}"
        yield wire
