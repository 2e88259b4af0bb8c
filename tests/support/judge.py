"""openapi-core's verdict on what was sent and received, against openapi.yaml."""

from functools import cache
from urllib.parse import urlsplit

import httpx

from scripts.batch_server.validation import Judge, Message
from scripts.openapi.contract import Contract


@cache
def _contract() -> tuple[Judge, str]:
    contract = Contract.load()
    return Judge(contract), urlsplit(contract.document["servers"][0]["url"]).path


def request_fault(message: Message) -> str | None:
    """Why its request is not one that the contract admits, or None if it is."""
    fault = _contract()[0].request(message)
    return fault.message if fault else None


def response_fault(message: Message) -> str | None:
    """Why its response is not one that the contract admits for its request, or None if it is."""
    fault = _contract()[0].response(message)
    return fault.message if fault else None


def message(request: httpx.Request, response: httpx.Response) -> Message:
    """What httpx sent and received."""
    return Message(
        request.method,
        request.url.raw_path.decode().removeprefix(_contract()[1]),
        dict(request.headers),
        request.content,
        response.status_code,
        dict(response.headers),
        response.content,
    )
