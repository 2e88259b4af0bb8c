"""What became of a batch. Its status alone does not tell: a completed one may have failed throughout."""

from typing import Any, Literal

from attrs import frozen

from .facts import normal_status

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
    "running",
    "unknown",
]

# Faults of the input file: the same file would fail again.
_FILE_FAULTS = frozenset(
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
# Limits of the moment: the same file may pass later.
_PASSING = frozenset({"token_limit_exceeded"})


@frozen
class Failure:
    """Why an input file was refused: the first of the batch's errors."""

    code: str | None
    message: str | None
    line: int | None
    """The line of the input file, counted from 1."""
    param: str | None
    retryable: bool | None
    """Whether the same file may pass later: True for a limit of the moment, False for a fault of the file, None where
    the code is not known."""


def outcome(batch: Any) -> Outcome:
    """What became of a batch, by status, files and counts.

    status | output file | failures (counts or error file) | outcome
    --- | --- | --- | ---
    completed | yes | no | succeeded
    completed | yes | yes | partial
    completed | no | yes, or none were completed of some | all_failed
    completed | no | no | unknown
    failed | | | failed_validation
    expired | yes, or some were completed | | expired_partial
    expired | no | | expired_empty
    cancelled | yes, or some were completed | | cancelled_partial
    cancelled | no | | cancelled_empty
    validating, in_progress, finalizing, cancelling | | | running
    any other | | | unknown
    """
    status = normal_status(str(batch.status))
    counts = batch.request_counts
    total, completed, failed = (getattr(counts, name, None) or 0 for name in ("total", "completed", "failed"))
    has_output = bool(batch.output_file_id)
    has_failures = bool(batch.error_file_id) or failed > 0
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
        case "validating" | "in_progress" | "finalizing" | "cancelling":
            return "running"
        case _:
            return "unknown"


def failure(batch: Any) -> Failure | None:
    """Why the input file of a batch was refused, or None where the batch names no error."""
    listed = getattr(batch.errors, "data", None) or []
    if not listed:
        return None
    error = listed[0]
    retryable = True if error.code in _PASSING else False if error.code in _FILE_FAULTS else None
    return Failure(error.code, error.message, error.line, error.param, retryable)
