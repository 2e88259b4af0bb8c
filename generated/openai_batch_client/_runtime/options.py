# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""The options of one call, and the event that reports a retry."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from .clock import Clock
from .errors import BatchAPIError

__all__ = ["RetryEvent"]

NO_LIMIT = math.inf


class PhaseTimeouts(Protocol):
    """An httpx.Timeout or httpx2.Timeout, which has a limit for each phase of a request."""

    def as_dict(self) -> dict[str, float | None]:
        """Seconds for each phase: connect, read, write and pool. None means no limit."""
        ...


Timeout = float | PhaseTimeouts


class RetryEvent(NamedTuple):
    """A retry that is about to happen, as `on_retry` receives it."""

    operation: str
    """The operationId."""
    attempt: int
    """The number of attempts that have failed so far."""
    delay: float
    """Seconds until the next attempt."""
    cause: BatchAPIError
    """The failure of the last attempt."""


class CallOptions(NamedTuple):
    """The options of a client for one call."""

    clock: Clock
    retry_budget: float
    """Seconds after the first attempt in which further attempts may begin; 0 turns retries off."""
    on_retry: Callable[[RetryEvent], object] | None = None
    timeout: Timeout | None = None
    """Seconds for one attempt, or limits for its phases; None means the client's timeout."""
    headers: Mapping[str, str] = {}
    """Additional headers."""
    limit: float = NO_LIMIT
    """One attempt takes at most this many seconds, whatever `timeout` says."""

    def without_retries(self) -> "CallOptions":
        """A copy without retries. Flows that poll use it, because the next poll replaces a retry."""
        return self._replace(retry_budget=0.0)


def phase_seconds(timeout: Any) -> dict[str, float | None]:
    """The limits of an httpx.Timeout or httpx2.Timeout."""
    limits: dict[str, float | None] = timeout.as_dict()
    return limits
