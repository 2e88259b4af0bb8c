"""openapi-core as the judge of what was sent and what was answered, against openapi.yaml."""

from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from scripts.codegen.contract import OPENAPI_YAML, Contract


class SentRequest:
    """A request of httpx, as openapi-core wants to see one."""

    def __init__(self, request: httpx.Request) -> None:
        self._url = request.url
        self.method = request.method.lower()
        self.body = request.content
        self.content_type = request.headers.get("content-type", "")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(request.url.query.decode(), keep_blank_values=True)),
            header=Headers(dict(request.headers)),
            cookie=ImmutableMultiDict(),
        )

    @property
    def host_url(self) -> str:
        return f"{self._url.scheme}://{self._url.host}"

    @property
    def path(self) -> str:
        return self._url.raw_path.decode().partition("?")[0]


class Answer:
    """A response of httpx, as openapi-core wants to see one."""

    def __init__(self, response: httpx.Response) -> None:
        self.status_code = response.status_code
        self.data = response.content
        self.content_type = response.headers.get("content-type", "")
        self.headers = dict(response.headers)


@cache
def _contract(path: Path) -> OpenAPI:
    return OpenAPI.from_dict(dict(Contract.load(path).document))


def request_fault(request: httpx.Request, spec: Path = OPENAPI_YAML) -> str | None:
    """Why `request` is not one that the contract admits, or None if it is."""
    try:
        _contract(spec).validate_request(SentRequest(request))
    except OpenAPIError as error:
        return _reasons(error)
    return None


def response_fault(request: httpx.Request, response: httpx.Response, spec: Path = OPENAPI_YAML) -> str | None:
    """Why `response` is not one that the contract admits for `request`, or None if it is."""
    try:
        _contract(spec).validate_response(SentRequest(request), Answer(response))
    except OpenAPIError as error:
        return _reasons(error)
    return None


def _reasons(error: BaseException) -> str:
    causes = [error, *getattr(error.__cause__, "schema_errors", ())]
    return "; ".join(str(getattr(cause, "message", None) or cause) for cause in (*causes, error.__cause__) if cause)
