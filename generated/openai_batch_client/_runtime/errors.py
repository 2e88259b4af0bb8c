# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""What the client raises, so that a caller can tell what happened and how to go on.

BatchAPIError
├── APIStatusError                 the server answered with a status that is not a success
│   ├── BadRequestError                400
│   ├── AuthenticationError            401
│   ├── PermissionDeniedError          403
│   ├── NotFoundError                  404
│   ├── ConflictError                  409
│   ├── UnprocessableEntityError       422
│   ├── RateLimitError                 429
│   └── ServerError                    500 and above
├── UnexpectedResponseError        a success whose body is not what the contract says
├── APIConnectionError             no answer arrived
│   └── APITimeoutError                ... in time
├── CreateOutcomeUnknownError      something may have been created, and may not
├── PaginationError                the pages of a list lead nowhere
├── WaitTimeoutError               the end was not reached in time
└── BatchNotSucceededError         the end was reached, and it was not success
    ├── BatchFailedError
    ├── BatchExpiredError
    └── BatchCancelledError
"""

import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "BatchAPIError",
    "BatchCancelledError",
    "BatchExpiredError",
    "BatchFailedError",
    "BatchNotSucceededError",
    "ConflictError",
    "CreateOutcomeUnknownError",
    "NotFoundError",
    "PaginationError",
    "PermissionDeniedError",
    "RateLimitError",
    "ServerError",
    "UnexpectedResponseError",
    "UnprocessableEntityError",
    "WaitTimeoutError",
]

SHOWN_BYTES = 200


class BatchAPIError(Exception):
    """Whatever went wrong between the client and the server.

    Attributes:
        operation: The operationId of the operation that failed.
        attempts: How often it was tried.
    """

    attempts = 1

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
        retry_after: The seconds after which the server wants to be asked again, or None.
    """

    def __init__(self, response: httpx.Response, *, operation: str, now: float | None = None) -> None:
        self.status = response.status_code
        self.request_id: str | None = response.headers.get("x-request-id")
        self.headers = response.headers
        self.body = response.content
        self.retry_after = _retry_after(response.headers, time.time() if now is None else now)
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
        field: The model and field at fault, as in `Batch.id`, or None where the body is not JSON at all.
        headers: The headers of the answer.
        body: The answer's body, in bytes, as received.
    """

    def __init__(self, response: httpx.Response, *, operation: str, reason: str, field: str | None = None) -> None:
        self.status = response.status_code
        self.request_id: str | None = response.headers.get("x-request-id")
        self.field = field
        self.content_type: str | None = response.headers.get("content-type")
        self.headers = response.headers
        self.body = response.content
        super().__init__(
            f"{operation}: status {self.status}, but {reason}. "
            f"Content type: {self.content_type or 'none'}. The body begins: {_excerpt(response)}",
            operation=operation,
        )


class APIConnectionError(BatchAPIError):
    """No answer arrived: the server could not be reached, or the connection broke. The cause is chained.

    Attributes:
        sent: Whether the request may have reached the server.
    """

    def __init__(self, message: str, *, operation: str, sent: bool) -> None:
        super().__init__(message, operation=operation)
        self.sent = sent


class APITimeoutError(APIConnectionError):
    """No answer arrived in time. The cause is chained."""


class CreateOutcomeUnknownError(BatchAPIError):
    """A request to create was sent, and it is not known whether the server acted on it. The cause is chained.

    It was not repeated, as that could create, and cost, the same thing twice. List what there is to find out, or
    create with an idempotency key, so that the client can.
    """


class PaginationError(BatchAPIError):
    """The pages of a list lead nowhere: a cursor came again, or there is more and no way to it."""


class WaitTimeoutError(BatchAPIError):
    """What was waited for did not reach its end in time. Waiting can go on with the same id.

    Attributes:
        batch: The last state that was seen, or None.
        pending: The ids that had not reached their end.
        elapsed: How long was waited, in seconds.
    """

    def __init__(self, message: str, *, operation: str, batch: Any, pending: tuple[str, ...], elapsed: float) -> None:
        super().__init__(message, operation=operation)
        self.batch = batch
        self.pending = pending
        self.elapsed = elapsed


class BatchNotSucceededError(BatchAPIError):
    """The end was reached, and it was not success.

    Attributes:
        batch: The batch; its files may hold results all the same.
    """

    def __init__(self, message: str, *, operation: str, batch: Any) -> None:
        super().__init__(message, operation=operation)
        self.batch = batch


class BatchFailedError(BatchNotSucceededError):
    """The input file was refused; `batch.errors` says why."""


class BatchExpiredError(BatchNotSucceededError):
    """The time for processing ran out; what was done by then is in the output file."""


class BatchCancelledError(BatchNotSucceededError):
    """It was cancelled; what was done by then is in the output file."""


BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


for _name in __all__:
    # Tracebacks name them as callers import them.
    globals()[_name].__module__ = __name__.replace("._runtime", "")


def status_error(response: httpx.Response, *, operation: str, now: float | None = None) -> APIStatusError:
    """The exception for `response`, whatever its status and body are, at `now` in Unix seconds."""
    default = ServerError if response.status_code >= 500 else APIStatusError
    return BY_STATUS.get(response.status_code, default)(response, operation=operation, now=now)


def _restored(kind: type[BatchAPIError], args: tuple[Any, ...], state: dict[str, Any]) -> BatchAPIError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def _retry_after(headers: httpx.Headers, now: float) -> float | None:
    """Seconds until the server wants to be asked again: retry-after-ms, or Retry-After as seconds or as a date."""
    try:
        if "retry-after-ms" in headers:
            return _finite(float(headers["retry-after-ms"]) / 1000)
        value = headers.get("retry-after", "").strip()
        if not value:
            return None
        if value[0].isdigit() or value[0] in "-.":
            return _finite(float(value))
        return max(parsedate_to_datetime(value).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return None


def _finite(seconds: float) -> float | None:
    return seconds if 0 <= seconds < 1e9 else None


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
