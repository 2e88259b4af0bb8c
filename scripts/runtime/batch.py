"""The outcome of a batch, and why it failed. Only this module of the runtime depends on a schema.

The status alone is not enough: all requests of a completed batch may have failed.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Protocol

from attrs import frozen

from .answer import one_line
from .errors import BatchCancelledError, BatchExpiredError, BatchFailedError, BatchNotSucceededError
from .spec import LifecycleSpec

__all__ = ["Failure", "Outcome", "failure", "outcome"]

Outcome = Literal[
    "succeeded",
    "partial",
    "all_failed",
    "failed_validation",
    "expired_partial",
    "expired_empty",
    "cancelled_partial",
    "cancelled_empty",
    "failed",
    "running",
    "unknown",
]

# Errors of the input file: the same file would fail again.
_FILE_ERRORS = frozenset(
    {
        "duplicate_custom_id",
        "empty_file",
        "invalid_json_line",
        "invalid_method",
        "invalid_url",
        "missing_body",
        "missing_custom_id",
        "model_mismatch",
        "model_not_found",
        "too_many_tasks",
        "url_mismatch",
    }
)
# Temporary limits: the same file may succeed later.
_TEMPORARY_LIMITS = frozenset({"token_limit_exceeded"})


FAILURE_ERRORS: dict[str, type[BatchNotSucceededError]] = {
    "failed": BatchFailedError,
    "expired": BatchExpiredError,
    "cancelled": BatchCancelledError,
}
"""The exception for each final status that is not success."""
MISSING_CODES: dict[str, str] = {"expired": "batch_expired", "cancelled": "batch_cancelled"}
"""The code of the service for a request that was not processed, by the status of the batch."""


@frozen
class Failure:
    """Why an input file was rejected: the first of the batch's errors."""

    code: str | None
    """The server's code for the error."""
    message: str | None
    line: int | None
    """The line of the input file, counted from 1."""
    param: str | None
    """The field at fault."""
    retryable: bool | None
    """Whether the same file may succeed later: True for a temporary limit, False for an error in the file, None for an
    unknown code."""


class BatchFields(Protocol):
    """The attributes of the model Batch that this module reads. The runtime cannot import the model itself."""

    LIFECYCLE: ClassVar[LifecycleSpec]

    @property
    def request_counts(self) -> Any: ...
    @property
    def output_file_id(self) -> str | None: ...
    @property
    def error_file_id(self) -> str | None: ...
    @property
    def errors(self) -> Any: ...


def lifecycle_of(batch: Any) -> LifecycleSpec:
    """The lifecycle of a batch.

    Raises:
        TypeError: `batch` is something else, such as an id.
    """
    if not hasattr(batch, "LIFECYCLE"):
        raise TypeError(f"batch must be a Batch, got {type(batch).__name__}. Retrieve the batch first.")
    lifecycle: LifecycleSpec = batch.LIFECYCLE
    return lifecycle


def outcome(batch: BatchFields) -> Outcome:
    """The outcome of a batch, derived from its status, files and counts.

    status | output file | failures (counts or error file) | outcome
    --- | --- | --- | ---
    completed | yes | no | succeeded
    completed | yes | yes | partial
    completed | no | yes, or fewer completed than total | all_failed
    completed | no | no | unknown
    any other final status that means success | | | as for completed
    failed | | | failed_validation
    expired | yes, or some requests completed | | expired_partial
    expired | no | | expired_empty
    cancelled | yes, or some requests completed | | cancelled_partial
    cancelled | no | | cancelled_empty
    any other final status that means failure | | | failed
    any status that is not final | | | running
    an unknown status | | | unknown
    """
    lifecycle = lifecycle_of(batch)
    status = lifecycle.status(batch)
    counts = batch.request_counts
    total, completed, failed = (counts.total or 0, counts.completed or 0, counts.failed or 0) if counts else (0, 0, 0)
    has_output = bool(batch.output_file_id)
    has_failures = bool(batch.error_file_id) or failed > 0
    if lifecycle.is_success(batch):
        status = "completed"
    match status:
        case "completed":
            if has_output:
                return "partial" if has_failures else "succeeded"
            return "all_failed" if has_failures or total > completed else "unknown"
        case "failed":
            return "failed_validation"
        case "expired":
            return "expired_partial" if has_output or completed else "expired_empty"
        case "cancelled":
            return "cancelled_partial" if has_output or completed else "cancelled_empty"
        case _ if lifecycle.successors.get(status) == ():
            return "failed"
        case _:
            return "running" if status in lifecycle.successors else "unknown"


def failure(batch: BatchFields) -> Failure | None:
    """Why the input file of a batch was rejected, or None if the batch has no errors."""
    lifecycle_of(batch)
    errors = batch.errors.data if batch.errors else None
    if not errors:
        return None
    error = errors[0]
    retryable = True if error.code in _TEMPORARY_LIMITS else False if error.code in _FILE_ERRORS else None
    return Failure(error.code, error.message, error.line, error.param, retryable)


def not_succeeded(item: Any, *, operation: str, item_id: str) -> BatchNotSucceededError | None:
    """The exception for an object with a final status, or None if it succeeded."""
    lifecycle: LifecycleSpec = item.LIFECYCLE
    status = lifecycle.status(item)
    is_batch = all(hasattr(item, name) for name in ("request_counts", "output_file_id", "error_file_id", "errors"))
    message = f"{operation}: {item_id} is {one_line(status, 100)}"
    if lifecycle.is_success(item):
        if not is_batch or outcome(item) != "all_failed":
            return None
        message += f", but all of its requests failed; the file {item.error_file_id} says why"
    reason = failure(item) if is_batch else None
    if reason is not None:
        line = "" if reason.line is None else f" (line {reason.line})"
        message += f": {one_line(str(reason.code), 100)}: {one_line(str(reason.message), 500)}{line}"
    kind = FAILURE_ERRORS.get(status, BatchNotSucceededError)
    return kind(message, operation=operation, batch=item)


def make_line(custom_id: str, body: Any, url: Any) -> dict[str, Any]:
    """A line of the input file for a request body. `url` is the endpoint of the batch."""
    return {"custom_id": custom_id, "method": "POST", "url": url, "body": body}


def check_line(line: Mapping[str, Any]) -> str | None:
    """The fault of a line of the input file, or None."""
    if line.get("method") != "POST":
        return f"method is {one_line(repr(line.get('method')), 100)}, not 'POST'"
    return None if isinstance(line.get("body"), Mapping) else "body must be a mapping"
