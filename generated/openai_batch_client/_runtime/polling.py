# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Schedules polls, and decides which failures end a wait."""

import logging
from typing import Any

from .clock import validate_seconds
from .errors import APIConnectionError, APIStatusError, BatchAPIError, ClientStateError, WaitTimeoutError
from .flows import Flow, Sleep
from .options import NO_LIMIT, CallOptions
from .retrying import NameCheck, report_retry

logger = logging.getLogger("openai_batch_client")

MIN_DELAY_SECONDS, MAX_DELAY_SECONDS = 5.0, 60.0
# This time is left for the request of the last poll, or half of the time if there is less.
LAST_POLL_SECONDS = 5.0
# An odd answer, or no object, this many times in a row is believed.
MAX_ODD_ANSWERS = 3
# An outage is logged again at these intervals.
OUTAGE_LOG_SECONDS = 600.0


class PollSchedule:
    """The times of the polls and the end of a wait. The delays grow, with jitter."""

    def __init__(
        self,
        options: CallOptions,
        timeout: float,
        min_delay: float = MIN_DELAY_SECONDS,
        max_delay: float = MAX_DELAY_SECONDS,
    ) -> None:
        self.timeout = validate_seconds("timeout", timeout)
        self._options = options.without_retries()
        self._clock = options.clock
        self._min_delay = validate_seconds("min_delay", min_delay)
        self._max_delay = validate_seconds("max_delay", max_delay)
        if min_delay > max_delay:
            raise ValueError(f"min_delay ({min_delay} s) must not be more than max_delay ({max_delay} s)")
        self._polls = 0
        self._failures = 0
        self._odd_answers = 0
        self.was_answered = False
        """Whether a poll had a good answer."""
        self._name_check = NameCheck(self._clock)
        self._began = self._clock.monotonic()
        self._outage_began = self._outage_logged = self._began
        self._is_last = self.timeout == 0

    @property
    def elapsed(self) -> float:
        return self._clock.monotonic() - self._began

    @property
    def is_over(self) -> bool:
        """Whether no further poll follows."""
        return self._is_last or self.elapsed >= self.timeout

    @property
    def has_no_time(self) -> bool:
        """Whether the time has passed, so that no further request is sent. With timeout=0, one poll takes place."""
        return 0 < self.timeout <= self.elapsed

    def options(self) -> CallOptions:
        """The options of one request, which ends when the wait ends. With timeout=0, it has the usual time."""
        limit = NO_LIMIT if self.timeout == 0 else max(self.timeout - self.elapsed, 0.001)
        return self._options._replace(limit=limit)

    def note_answer(self) -> None:
        """Take note of a good answer."""
        if self._failures:
            outage = self._clock.monotonic() - self._outage_began
            logger.info("polling works again after %d failed polls in %.0f s", self._failures, outage)
        self._failures = self._odd_answers = 0
        self.was_answered = True
        self._name_check.judge(None)

    def may_pass(self, error: BatchAPIError) -> bool:
        """Whether the next poll may succeed after `error`, so that waiting goes on."""
        self._name_check.judge(error)
        if is_transient(error):
            self._odd_answers = 0
            return True
        if isinstance(error, APIConnectionError) or not is_odd_answer(error):
            return False
        self._odd_answers += 1
        return self.was_answered and self._odd_answers < MAX_ODD_ANSWERS

    def pause(self, failure: BatchAPIError | None = None) -> Flow[None]:
        """Sleep until the next poll. The last poll happens shortly before the timeout.

        `failure` is the failure of the last poll. It is logged and reported, because otherwise a wrong URL would go
        unnoticed for the whole wait.
        """
        retry_after = getattr(failure, "retry_after", None) or 0.0
        left = self.timeout - self.elapsed
        longest = min(self._max_delay, max(self._min_delay, 1.0) * 1.5 ** min(self._polls, 20))
        delay = max(self._clock.uniform(self._min_delay, max(longest, self._min_delay)), retry_after)
        self._polls += 1
        last = max(left - LAST_POLL_SECONDS, left * 0.5, 0.0)
        if delay >= last:
            self._is_last = True
            delay = last
        if failure is not None:
            self._log(failure)
            yield from report_retry(self._options, failure.operation, self._failures, delay, failure)
        yield Sleep(delay)

    def _log(self, failure: BatchAPIError) -> None:
        now = self._clock.monotonic()
        self._failures += 1
        if self._failures == 1:
            self._outage_began = self._outage_logged = now
            logger.warning("%s; polling continues", failure)
        elif self._odd_answers or now - self._outage_logged >= OUTAGE_LOG_SECONDS:
            self._outage_logged = now
            logger.warning(
                "%s; %d polls in %.0f s have failed; polling continues",
                failure,
                self._failures,
                now - self._outage_began,
            )

    def timeout_error(self, message: str, failure: BatchAPIError | None, **attributes: Any) -> WaitTimeoutError:
        """The exception for a wait that has no time left."""
        message += f"; the last poll failed: {failure}" if failure else ""
        return WaitTimeoutError(message, elapsed=self.elapsed, **attributes)


def is_transient(error: BatchAPIError) -> bool:
    """Whether the same request may succeed after `error`."""
    if isinstance(error, APIStatusError):
        return error.status in (408, 429) or error.status >= 500
    return isinstance(error, APIConnectionError) and not error.permanent


def is_odd_answer(error: BatchAPIError) -> bool:
    """Whether a response arrived that may be the page of a proxy, and not the answer of the service."""
    return not isinstance(error, (APIConnectionError, ClientStateError))
