# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Retries a failed request while the contract, the server and the retry budget allow it."""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import httpx
from attrs import frozen

from .clock import Clock
from .errors import (
    APIConnectionError,
    APIStatusError,
    BatchAPIError,
    CreateOutcomeUnknownError,
    UnexpectedResponseError,
)
from .flows import Flow, Send, Sleep
from .messages import Request, Response
from .spec import OperationSpec

__all__ = ["RetryEvent"]

T = TypeVar("T")
logger = logging.getLogger("openai_batch_client")

FIRST_DELAY_SECONDS = 0.5
MAX_DELAY_SECONDS = 8.0

# After these failures the server cannot have received the request, because there was no connection.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


@frozen
class RetryEvent:
    """A retry that is about to happen, as `on_retry` receives it."""

    operation: str
    """The operationId."""
    attempt: int
    """The number of attempts that have failed so far."""
    delay: float
    """Seconds until the next attempt."""
    cause: BatchAPIError
    """The failure of the last attempt."""


class RetryPolicy(NamedTuple):
    """The retry settings of a client."""

    clock: Clock
    budget: float
    """Seconds after the first attempt in which further attempts may begin; 0 turns retries off."""
    on_retry: Callable[[RetryEvent], object] | None

    def without_retries(self) -> "RetryPolicy":
        """A copy without retries. Flows that poll use it, because the next poll replaces a retry."""
        return self._replace(budget=0.0)

    def notify(self, operation: str, attempt: int, delay: float, cause: BatchAPIError) -> None:
        """Call `on_retry`."""
        if self.on_retry:
            self.on_retry(RetryEvent(operation, attempt, delay, cause))


def send_with_retries(request: Request[T], policy: RetryPolicy, timeout: Any = None) -> Flow[Response[T]]:
    """Send a request, and retry it if it fails.

    Raises:
        CreateOutcomeUnknownError: The server may have acted on a request that must not be repeated.
        BatchAPIError: The last failure. `attempts` is the number of attempts.
    """
    operation = request.operation
    deadline = policy.clock.monotonic() + policy.budget
    attempts = 0
    while True:
        send = Send(request, timeout)
        try:
            response: Response[T] = yield send
            return response
        except BatchAPIError as error:
            attempts += 1
            error.attempts = attempts
            may_retry = policy.budget > 0 and is_retryable(operation, error)
            delay = retry_delay(error, attempts, policy.clock) if may_retry else None
            if delay is None or policy.clock.monotonic() + delay > deadline:
                if operation.retry == "safe" or not is_ambiguous(error):
                    raise
                raise _outcome_unknown(error) from error
            logger.info("%s; trying again in %.1f s", error, delay)
            policy.notify(operation.id, attempts, delay, error)
        except BaseException as error:
            if send.started and operation.retry != "safe":
                error.add_note(f"{operation.id}: the request was sent, so that the object may exist. List the objects.")
            raise
        yield Sleep(delay)


def was_sent(error: Exception) -> bool:
    """Whether the server may have received a request that got no response."""
    return not isinstance(error, _NOT_SENT)


def is_retryable(operation: OperationSpec, error: BatchAPIError) -> bool:
    """Whether the contract and the server allow a retry after `error`."""
    safe = operation.retry == "safe"
    if isinstance(error, APIConnectionError):
        return safe or not error.sent
    if isinstance(error, UnexpectedResponseError):
        return safe and error.is_cut
    if not isinstance(error, APIStatusError):
        return False
    # The server's header decides, but it cannot make an unsafe retry safe.
    should_retry = error.headers.get("x-should-retry", "").lower()
    if should_retry == "false" or _is_quota_exhausted(error):
        return False
    if is_refusal(error):
        return True
    return safe and (should_retry == "true" or error.status in (408, 429) or error.status >= 500)


def is_refusal(error: APIStatusError) -> bool:
    """Whether the service itself refused the request for now: 429, or 503 with Retry-After, with an error object.

    A proxy can send the same statuses after the service has acted, but without the error object of the service.
    """
    busy = error.status == 429 or (error.status == 503 and error.retry_after is not None)
    return busy and error.has_error_object


def is_ambiguous(error: BatchAPIError) -> bool:
    """Whether the server may have acted on a request that failed with `error`."""
    if isinstance(error, APIConnectionError):
        return error.sent
    if isinstance(error, APIStatusError):
        is_client_error = 400 <= error.status < 500 and error.status not in (408, 429)
        return not is_client_error and not is_refusal(error)
    return isinstance(error, UnexpectedResponseError)


def retry_delay(error: BatchAPIError, attempts: int, clock: Clock) -> float:
    """Seconds until the next attempt: the server's Retry-After, or exponential backoff with full jitter."""
    retry_after = error.retry_after if isinstance(error, APIStatusError) else None
    longest: float = min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** min(attempts - 1, 10))
    return clock.uniform(0.0, longest) if retry_after is None else retry_after


def _is_quota_exhausted(error: APIStatusError) -> bool:
    """Whether a 429 means that the quota is used up, so that waiting does not help."""
    code = error.code or ""
    return error.status == 429 and (code == "insufficient_quota" or code.startswith("billing_"))


def _outcome_unknown(error: BatchAPIError) -> CreateOutcomeUnknownError:
    unknown = CreateOutcomeUnknownError(
        f"{error.operation}: the server may have acted on the last request, which was not repeated: {error} "
        "List the existing objects before you try again, or pass an idempotency key: the client then searches them.",
        operation=error.operation,
    )
    unknown.attempts = error.attempts
    return unknown
