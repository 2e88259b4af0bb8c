"""A server on loopback that keeps what arrives and answers what it is told, whatever that is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from attrs import define, field, frozen
from starlette.types import Receive, Scope, Send

from scripts.batch_server.running import serving
from scripts.batch_server.validation import Message
from scripts.openapi.contract import Contract


@frozen
class Answer:
    """What is sent back; nothing of it is put right on the way."""

    content: bytes
    status: int = 200
    headers: Mapping[str, str] = field(factory=lambda: {"content-type": "application/json"})


@define
class Wire:
    """Both ends of what a client says."""

    prefix: str
    """The path of the contract's server."""
    url: str = ""
    """The base URL for clients."""
    answer: Answer = Answer(b"{}")
    received: list[Message] = field(factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        target = (scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")).decode()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.received.append(Message(scope["method"], target.removeprefix(self.prefix), headers, body))
        answer = self.answer
        sent = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
        if answer.status not in (204, 304):
            sent.append((b"content-length", str(len(answer.content)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        await send({"type": "http.response.body", "body": answer.content})


@contextmanager
def listening(contract: Contract) -> Iterator[Wire]:
    """A wire for clients of `contract`, until the context ends."""
    wire = Wire(urlsplit(contract.document["servers"][0]["url"]).path.rstrip("/"))
    # Requests as long as httpx lets them be.
    with serving(wire, h11_max_incomplete_event_size=1_000_000) as port:
        wire.url = f"http://127.0.0.1:{port}{wire.prefix}"
        yield wire
