# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""The exceptions of the client. Each message says what happened and what to do next.

BatchAPIError
├── APIStatusError                 the status is not a success
│   ├── BadRequestError                400
│   ├── AuthenticationError            401
│   ├── PermissionDeniedError          403
│   ├── NotFoundError                  404
│   ├── ConflictError                  409
│   ├── UnprocessableEntityError       422
│   ├── RateLimitError                 429
│   └── ServerError                    500 and above
├── UnexpectedResponseError        a success whose body does not fit the contract
├── APIConnectionError             no response arrived
│   └── APITimeoutError                no response arrived in time
├── ClientStateError               the client is closed, or belongs to another event loop or process
├── CreateOutcomeUnknownError      a create may have succeeded or not
├── IdempotencyConflictError       an object with the idempotency key has other arguments
├── DuplicateBatchError            two objects have the same idempotency key
├── MetadataNotKeptError           the service does not store the idempotency key
├── PaginationError                cursors repeat or are missing
├── WaitTimeoutError               no final status in time
├── MissingBatchesError            some of the batches were not found
└── BatchNotSucceededError         a final status that is not success
    ├── BatchFailedError
    ├── BatchExpiredError
    └── BatchCancelledError
"""

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from .answer import AnyResponse, one_line, text_of
from .retry_after import read_retry_after

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
    "ClientStateError",
    "ConflictError",
    "CreateOutcomeUnknownError",
    "DuplicateBatchError",
    "IdempotencyConflictError",
    "MetadataNotKeptError",
    "MissingBatchesError",
    "NotFoundError",
    "PaginationError",
    "PermissionDeniedError",
    "RateLimitError",
    "ServerError",
    "UnexpectedResponseError",
    "UnprocessableEntityError",
    "WaitTimeoutError",
]

EXCERPT_BYTES = 200
# A message is one line of at most this many characters, and the server's part of it is shorter.
MESSAGE_LENGTH = 2000
SERVER_MESSAGE_LENGTH = 500


class BatchAPIError(Exception):
    """The base class of all exceptions of the client.

    Attributes:
        operation: The operationId of the operation that failed.
        attempts: The number of attempts.
        batch_id: If waiting for one batch failed, the id of the batch; otherwise None.
        pending: If waiting failed, the ids of the batches without a final status.
    """

    attempts: int = 1
    batch_id: str | None = None
    pending: tuple[str, ...] = ()

    def __init__(self, message: str, *, operation: str) -> None:
        super().__init__(one_line(message, MESSAGE_LENGTH))
        self.operation: str = operation

    def __reduce__(self) -> tuple[Any, ...]:
        # Process pools pickle exceptions. By default, pickle would call the constructor with the wrong arguments.
        return _unpickled, (type(self), self.args, self.__dict__)


class APIStatusError(BatchAPIError):
    """The server answered with a status that is not a success.

    Attributes:
        status: The HTTP status code, including those outside the standard, such as 520.
        request_id: The server's id of the request (header x-request-id), or None.
        code: The server's error code, or None.
        type: The server's error type, or None.
        param: The parameter or field at fault, or None.
        message: The server's message, or None.
        headers: The headers of the response.
        body: The body of the response in bytes, as received.
        has_error_object: Whether the body is JSON with an object `error`, as the service sends it.
        retry_after: Seconds until the server accepts another attempt (header Retry-After), or None.
    """

    def __init__(
        self, response: AnyResponse, *, operation: str, now: float | None = None, advice: str | None = None
    ) -> None:
        self.status: int = response.status_code
        self.request_id: str | None = response.headers.get("x-request-id")
        self.headers: httpx.Headers = response.headers
        self.body: bytes = response.content
        self.retry_after: float | None = read_retry_after(response.headers, time.time() if now is None else now)
        document = _document(response.content)
        self.has_error_object: bool = isinstance(document.get("error"), dict)
        error = _error_object(document)
        self.code: str | None = text_of(error.get("code"))
        self.type: str | None = text_of(error.get("type"))
        self.param: str | None = text_of(error.get("param"))
        self.message: str | None = text_of(error.get("message"))
        text = one_line(self.message, SERVER_MESSAGE_LENGTH) if self.message else _excerpt(response)
        named = (("code", self.code), ("param", self.param), ("request", self.request_id))
        notes = ", ".join(f"{name} {one_line(value, 100)}" for name, value in named if value)
        message = f"{operation}: status {self.status}: {text}{f' ({notes})' if notes else ''}"
        super().__init__(f"{message.removesuffix('.')}. {advice}" if advice else message, operation=operation)


class BadRequestError(APIStatusError):
    """400: the server rejected the request as invalid."""


class AuthenticationError(APIStatusError):
    """401: the API key is missing, wrong or expired."""


class PermissionDeniedError(APIStatusError):
    """403: the API key does not permit the request."""


class NotFoundError(APIStatusError):
    """404: the object does not exist, or belongs to another organization."""


class ConflictError(APIStatusError):
    """409: the state of the object does not allow the request."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is valid, but the server cannot process it."""


class RateLimitError(APIStatusError):
    """429: too many requests, or the quota is used up; `code` says which."""


class ServerError(APIStatusError):
    """500 and above: the server or a proxy in front of it failed."""


class UnexpectedResponseError(BatchAPIError):
    """The status is a success, but the body does not fit the contract.

    Attributes:
        status: The HTTP status code.
        request_id: The server's id of the request (header x-request-id), or None.
        content_type: The content type of the response, or None.
        field: The model and field at fault, as in `Batch.id`, or None if the body is not JSON.
        headers: The headers of the response.
        body: The body of the response in bytes, as received.
        is_cut: Whether the body seems to be the beginning of a JSON document.
    """

    def __init__(
        self, response: AnyResponse, *, operation: str, reason: str, field: str | None = None, is_cut: bool = False
    ) -> None:
        self.status: int = response.status_code
        self.request_id: str | None = response.headers.get("x-request-id")
        self.field: str | None = field
        self.content_type: str | None = response.headers.get("content-type")
        self.headers: httpx.Headers = response.headers
        self.body: bytes = response.content
        self.is_cut: bool = is_cut
        super().__init__(
            f"{operation}: status {self.status}, but {reason}. "
            f"Content type: {one_line(self.content_type or 'none', 100)}. The body begins: {_excerpt(response)}",
            operation=operation,
        )


class APIConnectionError(BatchAPIError):
    """No response arrived: the server could not be reached, or the connection broke. The cause is chained.

    Attributes:
        sent: Whether the request may have reached the server.
        permanent: Whether another attempt would surely fail, for example because the certificate does not verify.
        unresolved: Whether the host name could not be resolved.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        sent: bool,
        permanent_reason: str | None = None,
        unresolved: bool = False,
    ) -> None:
        super().__init__(message, operation=operation)
        self.sent: bool = sent
        self.permanent: bool = False
        self.unresolved: bool = unresolved
        if permanent_reason is not None:
            self.mark_permanent(permanent_reason)

    def mark_permanent(self, reason: str) -> None:
        """Note that neither a retry nor waiting helps, and why."""
        if not self.permanent:
            self.permanent = True
            self.args: tuple[Any, ...] = (
                f"{self.args[0]}. Neither a retry nor waiting helps: {one_line(reason, SERVER_MESSAGE_LENGTH)}.",
            )


class APITimeoutError(APIConnectionError):
    """No response arrived in time. The cause is chained."""


class ClientStateError(BatchAPIError):
    """The client is closed, or its HTTP client belongs to another event loop or process. Nothing was sent."""


class CreateOutcomeUnknownError(BatchAPIError):
    """A create may have succeeded or not. The last failure, if there is one, is chained.

    The client does not send the request again, because a second object would cost twice. Call the method again with
    the same idempotency key, or list the objects.

    Attributes:
        candidates: The ids of objects that may be the created object. The service does not show their metadata.
    """

    def __init__(self, message: str, *, operation: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message, operation=operation)
        self.candidates: tuple[str, ...] = candidates


class IdempotencyConflictError(BatchAPIError):
    """The idempotency key belongs to an object that was created with other arguments. Nothing was created.

    Attributes:
        batch: The object with the key.
    """

    def __init__(self, message: str, *, operation: str, batch: Any) -> None:
        super().__init__(message, operation=operation)
        self.batch: Any = batch


class DuplicateBatchError(BatchAPIError):
    """Several objects have the same idempotency key, and the client could not safely cancel its own. All may cost.

    Attributes:
        batches: The objects, in the order of creation. Cancel those that you do not need.
    """

    def __init__(self, message: str, *, operation: str, batches: tuple[Any, ...]) -> None:
        super().__init__(message, operation=operation)
        self.batches: tuple[Any, ...] = batches


class MetadataNotKeptError(BatchAPIError):
    """The service created the object, but did not store the idempotency key. Keys do not work with this service.

    The client sends no further create with a key. Create without a key.

    Attributes:
        batch: The created object, or None if an earlier create showed that the service does not store keys.
    """

    def __init__(self, message: str, *, operation: str, batch: Any) -> None:
        super().__init__(message, operation=operation)
        self.batch: Any = batch


class PaginationError(BatchAPIError):
    """The cursors of a list repeat, or the cursor of the next page is missing."""


class WaitTimeoutError(BatchAPIError):
    """No final status was reached in time. Call the method again to go on waiting.

    Attributes:
        batch: The batch as it was polled last, or None.
        pending: The ids of the batches without a final status.
        missing: The ids that were given up, because no batch was found.
        elapsed: The time waited, in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        batch: Any,
        pending: tuple[str, ...],
        elapsed: float,
        missing: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, operation=operation)
        self.batch: Any = batch
        self.pending: tuple[str, ...] = pending
        self.missing: tuple[str, ...] = missing
        self.elapsed: float = elapsed


class MissingBatchesError(BatchAPIError):
    """Some of the batches were not found, or the server refused to show them. The other batches were waited for.

    Attributes:
        missing: The ids that were given up.
        failures: The last failure for each of these ids.
        batches: The batches that reached a final status.
    """

    def __init__(
        self, message: str, *, operation: str, failures: Mapping[str, BatchAPIError], batches: tuple[Any, ...]
    ) -> None:
        super().__init__(message, operation=operation)
        self.missing: tuple[str, ...] = tuple(failures)
        self.pending: tuple[str, ...] = self.missing
        self.failures: Mapping[str, BatchAPIError] = failures
        self.batches: tuple[Any, ...] = batches


class BatchNotSucceededError(BatchAPIError):
    """The batch did not succeed: it has another final status, or all of its requests failed.

    Attributes:
        batch: The batch. Its files may still contain results.
    """

    def __init__(self, message: str, *, operation: str, batch: Any) -> None:
        super().__init__(message, operation=operation)
        self.batch: Any = batch


class BatchFailedError(BatchNotSucceededError):
    """The input file was rejected; `batch.errors` says why."""


class BatchExpiredError(BatchNotSucceededError):
    """The completion window ended. The output file contains the results up to then."""


class BatchCancelledError(BatchNotSucceededError):
    """The batch was cancelled. The output file contains the results up to then."""


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
    # Tracebacks show the public module, not `_runtime`.
    globals()[_name].__module__ = __name__.replace("._runtime", "")


def status_error(
    response: AnyResponse, *, operation: str, now: float | None = None, advice: str | None = None
) -> APIStatusError:
    """The exception for a response that is not a success.

    Args:
        response: The response.
        operation: The operationId.
        now: Unix seconds, for dates in Retry-After.
        advice: A sentence for the end of the message.
    """
    default = ServerError if response.status_code >= 500 else APIStatusError
    return BY_STATUS.get(response.status_code, default)(response, operation=operation, now=now, advice=advice)


def _unpickled(kind: type[BatchAPIError], args: tuple[Any, ...], state: dict[str, Any]) -> BatchAPIError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def _document(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a body; an empty dict if the body is something else."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _error_object(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The error object of a document, with or without a wrapper such as {"error": {...}}; otherwise an empty dict."""
    error = document.get("error", document)
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}


def _excerpt(response: AnyResponse) -> str:
    """The beginning of a body as text."""
    shown = response.content[:EXCERPT_BYTES].decode("utf-8", "replace").strip()
    return repr(shown) if shown else "(an empty body)"
