"""Retries a failed request while the contract, the server and the retry budget allow it."""

import logging
from typing import TypeVar

from .clock import Clock
from .errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    BatchAPIError,
    CreateOutcomeUnknownError,
    UnexpectedResponseError,
)
from .flows import Call, Flow, Send, Sleep
from .messages import Request, Response
from .options import CallOptions, RetryEvent
from .spec import OperationSpec

T = TypeVar("T")
logger = logging.getLogger("openai_batch_client")

FIRST_DELAY_SECONDS = 0.5
MAX_DELAY_SECONDS = 8.0
# A host name that has not resolved for this time does not exist.
UNRESOLVED_SECONDS = 60.0


class NameCheck:
    """Notices that the host name has not been resolved for a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: float | None = None

    def judge(self, error: BatchAPIError | None) -> None:
        """Take note of the last failure, or of a success (None). Mark the error as permanent after a minute."""
        if not isinstance(error, APIConnectionError) or not error.unresolved:
            self._since = None
            return
        now = self._clock.monotonic()
        self._since = now if self._since is None else self._since
        if now - self._since >= UNRESOLVED_SECONDS:
            error.mark_permanent(f"the host name has not been resolved for {now - self._since:.0f} s")


def send_with_retries(request: Request[T], options: CallOptions) -> Flow[Response[T]]:
    """Send a request, and retry it if it fails.

    Raises:
        CreateOutcomeUnknownError: The server may have acted on a request that must not be repeated.
        BatchAPIError: The last failure. `attempts` is the number of attempts.
    """
    operation, clock = request.operation, options.clock
    # With a key in a header, the service acts once.
    repeated = operation if request.idempotency_key is None else operation._replace(retry="safe")
    deadline = clock.monotonic() + options.retry_budget
    name_check = NameCheck(clock)
    attempts = 0
    while True:
        send = Send(request, options)
        began = clock.monotonic()
        try:
            response: Response[T] = yield send
            return response
        except BatchAPIError as error:
            if request.body is not None and request.body.failure is not None:
                raise request.body.failure from None
            attempts += 1
            if request.is_transfer and not isinstance(error, APITimeoutError):
                # A transfer can take longer than the budget, and would never be repeated.
                deadline += clock.monotonic() - began
            error.attempts = attempts
            name_check.judge(error)
            may_retry = options.retry_budget > 0 and is_retryable(repeated, error)
            if may_retry and request.body is not None and request.body.is_spent:
                error.add_note("The request was not repeated, because a file cannot be rewound.")
                may_retry = False
            delay = retry_delay(error, attempts, clock) if may_retry else None
            if delay is None or clock.monotonic() + delay > deadline:
                if operation.retry == "safe" or not is_ambiguous(error):
                    if attempts > 1:
                        error.add_note(f"This was the last of {attempts} attempts.")
                    raise
                raise _outcome_unknown(error, request.idempotency_key) from error
            logger.info("%s; trying again in %.1f s", error, delay)
            failure = error
        except BaseException as error:
            if send.started and operation.retry != "safe":
                error.add_note(f"{operation.id}: the request was sent, so that the object may exist. List the objects.")
            raise
        yield from report_retry(options, operation.id, attempts, delay, failure)
        yield Sleep(delay)


def report_retry(options: CallOptions, operation: str, attempts: int, delay: float, cause: BatchAPIError) -> Flow[None]:
    """Call `on_retry`."""
    if options.on_retry:
        yield Call("on_retry", options.on_retry, RetryEvent(operation, attempts, delay, cause))


def is_retryable(operation: OperationSpec, error: BatchAPIError) -> bool:
    """Whether the contract and the server allow a retry after `error`."""
    safe = operation.retry == "safe"
    if isinstance(error, APIConnectionError):
        return not error.permanent and (safe or not error.sent)
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
    """Seconds until the next attempt: exponential backoff with full jitter, or the server's longer Retry-After."""
    retry_after = error.retry_after if isinstance(error, APIStatusError) else None
    longest: float = min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** min(attempts - 1, 10))
    return max(clock.uniform(0.0, longest), retry_after or 0.0)


def _is_quota_exhausted(error: APIStatusError) -> bool:
    """Whether a 429 means that the quota is used up, so that waiting does not help."""
    code = error.code or ""
    return error.status == 429 and (code == "insufficient_quota" or code.startswith("billing_"))


def _outcome_unknown(error: BatchAPIError, key: str | None) -> CreateOutcomeUnknownError:
    if key is None:
        advice = (
            "List the existing objects before you try again, or pass an idempotency key: the client then searches them."
        )
    else:
        advice = f"Call the method again with the same idempotency key, {key!r}: the server then acts once."
    unknown = CreateOutcomeUnknownError(
        f"{error.operation}: the server may have acted on the last request, which was not repeated: {error} {advice}",
        operation=error.operation,
    )
    unknown.attempts = error.attempts
    return unknown
