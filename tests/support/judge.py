"""Validates requests and responses of tests against openapi.yaml with openapi-core."""

from functools import cache
from typing import Any

import httpx

from scripts.batch_server.contract_validation import ContractValidator, HttpMessage
from scripts.openapi.contract import Contract


@cache
def _contract() -> tuple[ContractValidator, str]:
    contract = Contract.load()
    return ContractValidator(contract), contract.server_path


def request_fault(message: HttpMessage) -> str | None:
    """The reason why the request is not valid, or None if it is valid."""
    violation = _contract()[0].request(message)
    return violation.message if violation else None


def response_fault(message: HttpMessage) -> str | None:
    """The reason why the response is not valid for its request, or None if it is valid."""
    violation = _contract()[0].response(message)
    return violation.message if violation else None


def form(message: HttpMessage) -> dict[str, Any]:
    """The parts of a form, in which a file is its content. Several files with one name are a list."""
    body = _contract()[0].form(message)
    return {**body.fields, **body.contents}


def message(request: httpx.Request, response: httpx.Response) -> HttpMessage:
    """Convert a request and a response of httpx."""
    return HttpMessage(
        request.method,
        request.url.raw_path.decode().removeprefix(_contract()[1]),
        dict(request.headers),
        request.content,
        response.status_code,
        dict(response.headers),
        response.content,
    )
