"""What the client raises, so that a caller can tell what happened and how to go on.

BatchAPIError
├── APIStatusError             the server answered with a status that is not a success
│   ├── BadRequestError            400
│   ├── AuthenticationError        401
│   ├── PermissionDeniedError      403
│   ├── NotFoundError              404
│   ├── ConflictError              409
│   ├── UnprocessableEntityError   422
│   ├── RateLimitError             429
│   └── ServerError                500 and above
├── UnexpectedResponseError    a success whose body is not what the contract says
└── APIConnectionError         no answer arrived
    └── APITimeoutError            ... in time
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "BatchAPIError",
    "ConflictError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "ServerError",
    "UnexpectedResponseError",
    "UnprocessableEntityError",
]

SHOWN_BYTES = 200


class BatchAPIError(Exception):
    """Whatever went wrong between the client and the server.

    Attributes:
        operation: The operationId of the operation that failed.
    """

    def __init__(self, message: str, *, operation: str) -> None:
        super().__init__(message)
        self.operation = operation

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is rebuilt from its arguments, which is not how these are made; pools of processes pickle them.
        return _restored, (type(self), self.args, self.__dict__)


class APIStatusError(BatchAPIError):
    """The server answered with a status that is not a success.

    Attributes:
        status: The HTTP status code; any number that a server or proxy may send, 520 included.
        request_id: The server's name for the exchange (header x-request-id), or None.
        code: The server's own code for the error, or None where the body does not say.
        type: The server's class of the error, or None.
        param: The parameter or field at fault, or None.
        message: The server's own words, or None.
        headers: The headers of the answer.
        body: The answer's body, in bytes, as received.
    """

    def __init__(self, response: httpx.Response, *, operation: str) -> None:
        self.status = response.status_code
        self.request_id: str | None = response.headers.get("x-request-id")
        self.headers = response.headers
        self.body = response.content
        error = _error_object(response.content)
        self.code = _text(error.get("code"))
        self.type = _text(error.get("type"))
        self.param = _text(error.get("param"))
        self.message = _text(error.get("message"))
        words = self.message or _excerpt(response)
        notes = [f"{name} {value}" for name, value in (("code", self.code), ("param", self.param)) if value]
        notes += [f"request {self.request_id}"] if self.request_id else []
        noted = f" ({', '.join(notes)})" if notes else ""
        super().__init__(f"{operation}: status {self.status}: {words}{noted}", operation=operation)


class BadRequestError(APIStatusError):
    """400: the request is not one that the server admits."""


class AuthenticationError(APIStatusError):
    """401: the API key is missing, wrong or expired."""


class PermissionDeniedError(APIStatusError):
    """403: the API key may not do this."""


class NotFoundError(APIStatusError):
    """404: there is no such object, or the key does not belong to its owner."""


class ConflictError(APIStatusError):
    """409: the object's state does not allow this now."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well formed, but cannot be carried out."""


class RateLimitError(APIStatusError):
    """429: too many requests, or the quota is used up; `code` tells which."""


class ServerError(APIStatusError):
    """500 and above: the server or a proxy in front of it failed."""


class UnexpectedResponseError(BatchAPIError):
    """The server reported success, but its answer is not what the contract says.

    Attributes:
        status: The HTTP status code.
        request_id: The server's name for the exchange (header x-request-id), or None.
        content_type: The content type of the answer, or None.
        headers: The headers of the answer.
        body: The answer's body, in bytes, as received.
    """

    def __init__(self, response: httpx.Response, *, operation: str, reason: str) -> None:
        self.status = response.status_code
        self.request_id: str | None = response.headers.get("x-request-id")
        self.content_type: str | None = response.headers.get("content-type")
        self.headers = response.headers
        self.body = response.content
        super().__init__(
            f"{operation}: status {self.status}, but {reason}. "
            f"Content type: {self.content_type or 'none'}. The body begins: {_excerpt(response)}",
            operation=operation,
        )


class APIConnectionError(BatchAPIError):
    """No answer arrived: the server could not be reached, or the connection broke. The cause is chained."""


class APITimeoutError(APIConnectionError):
    """No answer arrived in time. The cause is chained."""


BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def status_error(response: httpx.Response, *, operation: str) -> APIStatusError:
    """The exception for `response`, whatever its status and body are."""
    default = ServerError if response.status_code >= 500 else APIStatusError
    return BY_STATUS.get(response.status_code, default)(response, operation=operation)


def _restored(kind: type[BatchAPIError], args: tuple[Any, ...], state: dict[str, Any]) -> BatchAPIError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def _error_object(body: bytes) -> Mapping[str, Any]:
    """The error object of a body: {"error": {...}}, or one that is not wrapped, or nothing."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(document, dict):
        return {}
    error = document.get("error", document)
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}


def _text(value: object) -> str | None:
    """What a server put where text belongs; some send numbers as codes."""
    return None if value is None or value == "" else str(value)


def _excerpt(response: httpx.Response) -> str:
    """The first 200 bytes of a body as text."""
    shown = response.content[:SHOWN_BYTES].decode("utf-8", "replace").strip()
    return repr(shown) if shown else "(an empty body)"
