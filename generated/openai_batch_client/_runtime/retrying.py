# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Decides which failures may be repeated, and when. The decision is here; stamina repeats."""

import logging
from collections.abc import Callable
from typing import Any

import httpx
from attrs import frozen

from .clock import Clock
from .errors import APIConnectionError, APIStatusError, BatchAPIError, UnexpectedResponseError
from .facts import Operation

__all__ = ["RetryEvent"]

logger = logging.getLogger("openai_batch_client")

FIRST_DELAY = 0.5
LONGEST_DELAY = 8.0

# Failures of httpx after which the server has surely seen nothing: there was no connection to send on.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


@frozen
class RetryEvent:
    """What `on_retry` is told before a request is sent again."""

    operation: str
    """The operationId."""
    attempt: int
    """How often it was tried so far."""
    delay: float
    """Seconds until it is tried again."""
    cause: BatchAPIError
    """Why it is tried again."""


def was_sent(error: httpx.RequestError) -> bool:
    """Whether a request that got no answer may have reached the server."""
    return not isinstance(error, _NOT_SENT)


def may_repeat(operation: Operation, error: Exception) -> bool:
    """Whether the contract and the server allow to send a request again after `error`."""
    safe = operation.retry == "safe"
    if isinstance(error, APIConnectionError):
        return safe or not error.sent
    if not isinstance(error, APIStatusError):
        return False
    # The server's own word wins, but it cannot make repeating safe.
    word = error.headers.get("x-should-retry", "").lower()
    if word == "false" or _quota_is_used_up(error):
        return False
    if error.status == 429 or (error.status == 503 and error.retry_after is not None):
        return True
    return safe and (word == "true" or error.status == 408 or error.status >= 500)


def is_ambiguous(error: BatchAPIError) -> bool:
    """Whether the server may have acted on a request that ended in `error`."""
    if isinstance(error, APIConnectionError):
        return error.sent
    if isinstance(error, APIStatusError):
        refused = error.status == 503 and error.retry_after is not None
        return error.status == 408 or (error.status >= 500 and not refused)
    return isinstance(error, UnexpectedResponseError)


class Retry:
    """The attempts of one request. Called with an exception, it says whether to go on, which is stamina's hook."""

    def __init__(
        self,
        operation: Operation,
        clock: Clock,
        began: float,
        budget: float,
        on_retry: Callable[[RetryEvent], Any] | None,
    ) -> None:
        self._operation = operation
        self._clock = clock
        self._ends = began + budget
        self._on_retry = on_retry
        self.attempts = 0
        """How many have failed."""
        self.delay = 0.0
        """Seconds to wait before the next attempt."""

    def __call__(self, error: Exception) -> bool | float:
        self.attempts += 1
        if isinstance(error, BatchAPIError):
            error.attempts = self.attempts
        if not may_repeat(self._operation, error):
            return False
        assert isinstance(error, BatchAPIError)
        self.delay = delay(error, self.attempts, self._clock)
        if self._clock.monotonic() + self.delay > self._ends:
            return False
        logger.info("%s; trying again in %.1f s", error, self.delay)
        if self._on_retry:
            self._on_retry(RetryEvent(self._operation.id, self.attempts, self.delay, error))
        # The wait is the client's, by its own clock; stamina is to add none.
        return 0.0


def attempts(retry: Retry) -> Any:
    """The attempts that `retry` allows, context managers, for `for` and `async for`."""
    # Only after a failure: importing it takes as long as the rest of this package.
    import stamina

    # Where logging is not set up, its line for each attempt would be printed, and says nothing of what failed.
    log = logging.getLogger("stamina")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    return stamina.retry_context(on=retry, attempts=None, timeout=None)


def delay(error: Exception, attempts: int, clock: Clock) -> float:
    """Seconds to wait: what the server asks for, else a random part of a time that doubles with each attempt."""
    asked = error.retry_after if isinstance(error, APIStatusError) else None
    longest: float = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(attempts - 1, 10))
    return clock.uniform(0.0, longest) if asked is None else asked


def _quota_is_used_up(error: APIStatusError) -> bool:
    """Whether a 429 is about money rather than haste; waiting does not help then."""
    code = error.code or ""
    return error.status == 429 and (code == "insufficient_quota" or code.startswith("billing_"))
