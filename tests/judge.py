"""openapi-core's verdict on what httpx sent and received, against openapi.yaml."""

from functools import cache
from urllib.parse import urlsplit

import httpx

from scripts.batch_server.validation import Judge, Message
from scripts.codegen.contract import Contract


@cache
def _contract() -> tuple[Judge, str]:
    contract = Contract.load()
    return Judge(contract), urlsplit(contract.document["servers"][0]["url"]).path


def request_fault(request: httpx.Request) -> str | None:
    """Why `request` is not one that the contract admits, or None if it is."""
    fault = _contract()[0].request(_message(request))
    return fault.message if fault else None


def response_fault(request: httpx.Request, response: httpx.Response) -> str | None:
    """Why `response` is not one that the contract admits for `request`, or None if it is."""
    fault = _contract()[0].response(_message(request, response))
    return fault.message if fault else None


def _message(request: httpx.Request, response: httpx.Response | None = None) -> Message:
    target = request.url.raw_path.decode().removeprefix(_contract()[1])
    response = response or httpx.Response(0)
    return Message(
        request.method,
        target,
        dict(request.headers),
        request.content,
        response.status_code,
        dict(response.headers),
        response.content,
    )
