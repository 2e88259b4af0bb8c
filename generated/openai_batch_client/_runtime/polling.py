# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Schedules polls, and decides which errors end a wait."""

import logging
from typing import Any

from .clock import validate_seconds
from .errors import APIConnectionError, APIStatusError, BatchAPIError, WaitTimeoutError
from .flows import Flow, Sleep
from .retrying import RetryPolicy

logger = logging.getLogger("openai_batch_client")

MIN_DELAY_SECONDS, MAX_DELAY_SECONDS = 5.0, 60.0


class PollSchedule:
    """The times of the polls and the end of a wait. The delays grow, with jitter."""

    def __init__(
        self,
        policy: RetryPolicy,
        timeout: float,
        min_delay: float = MIN_DELAY_SECONDS,
        max_delay: float = MAX_DELAY_SECONDS,
    ) -> None:
        self.policy = policy.without_retries()
        self.timeout = validate_seconds("timeout", timeout)
        self._min_delay = validate_seconds("min_delay", min_delay)
        self._max_delay = validate_seconds("max_delay", max_delay)
        if min_delay > max_delay:
            raise ValueError(f"min_delay ({min_delay} s) must not be more than max_delay ({max_delay} s)")
        self._polls = 0
        self._failures = 0
        self._began = policy.clock.monotonic()
        self.is_over = self.timeout == 0
        """Whether no further poll follows."""

    @property
    def elapsed(self) -> float:
        return self.policy.clock.monotonic() - self._began

    def request_timeout(self) -> float | None:
        """The timeout of one request: the seconds left, at least 5. From 60 on it is None (the client's timeout)."""
        left = self.timeout - self.elapsed
        return None if left >= 60.0 else max(left, 5.0)

    def pause(self, failure: BatchAPIError | None = None) -> Flow[None]:
        """Sleep until the next poll. The last poll happens just before the timeout.

        `failure` is the transient error of the last poll. It is logged and reported, because otherwise a wrong URL
        would go unnoticed for the whole wait.
        """
        retry_after = getattr(failure, "retry_after", None) or 0.0
        left = self.timeout - self.elapsed
        longest = min(self._max_delay, max(self._min_delay, 1.0) * 1.5 ** min(self._polls, 20))
        delay = max(self.policy.clock.uniform(self._min_delay, max(longest, self._min_delay)), retry_after)
        self._polls += 1
        if delay >= left:
            self.is_over = True
            delay = max(left - 1.0, left * 0.5, 0.0)
        self._failures = self._failures + 1 if failure else 0
        if failure:
            if self._failures == 1:
                logger.warning("%s; polling continues", failure)
            self.policy.notify(failure.operation, self._failures, delay, failure)
        yield Sleep(delay)

    def timeout_error(self, message: str, failure: BatchAPIError | None, **attributes: Any) -> WaitTimeoutError:
        """The exception for a wait that has no time left."""
        message += f"; the last poll failed: {failure}" if failure else ""
        return WaitTimeoutError(message, elapsed=self.elapsed, **attributes)


def is_transient(error: BatchAPIError) -> bool:
    """Whether the next poll may succeed after `error`."""
    if isinstance(error, APIStatusError):
        return error.status in (408, 429) or error.status >= 500
    return isinstance(error, APIConnectionError)
