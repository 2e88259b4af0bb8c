"""How long an attempt may take: as limits for the HTTP library, and as a total."""

from typing import Any, NamedTuple

from .clock import validate_seconds
from .http_library import HttpLibrary
from .options import Timeout, phase_seconds

DEFAULT_TIMEOUT_SECONDS = 60.0
CONNECT_TIMEOUT_SECONDS = 5.0
# A longer timeout means no limit. Sockets do not accept arbitrary numbers.
LONGEST_TIMEOUT_SECONDS = 1e8


class TransferTimeout(NamedTuple):
    """Seconds without progress of an upload or download. The server may need minutes to check 200 MB."""

    connect: float = CONNECT_TIMEOUT_SECONDS
    read: float = 300.0
    write: float = 60.0
    pool: float = 60.0

    def as_dict(self) -> dict[str, float | None]:
        """The limits by phase."""
        return {**self._asdict()}


TRANSFER_TIMEOUT = TransferTimeout()


class Limits(NamedTuple):
    """The limits of an attempt."""

    timeout: Any
    """The httpx.Timeout or httpx2.Timeout, or None for that of the HTTP client."""
    total: float | None
    """Seconds for the whole attempt, or None for no limit."""


def read_limits(
    timeout: Timeout | None, http_client: Any, library: HttpLibrary, limit: float = LONGEST_TIMEOUT_SECONDS
) -> Limits:
    """The limits of an attempt.

    Args:
        timeout: Seconds for the attempt, or limits for its phases; None means the timeout of `http_client`.
        http_client: The HTTP client of the caller, or None.
        library: The HTTP library that sends the request.
        limit: The attempt takes at most this many seconds, whatever `timeout` says.

    Raises:
        ValueError: The timeout is not a number of seconds.
    """
    if timeout is None:
        client_timeout = getattr(http_client, "timeout", None)
        phases = {} if client_timeout is None else phase_seconds(client_timeout)
    elif hasattr(timeout, "as_dict"):
        phases = phase_seconds(timeout)
    else:
        total = validate_seconds("timeout", timeout)
        seconds = total if total < LONGEST_TIMEOUT_SECONDS else None
        connect = min(total, CONNECT_TIMEOUT_SECONDS)
        phases = {"connect": connect, "read": seconds, "write": seconds, "pool": seconds}
        return _limited(phases, seconds, library, limit)
    known = [seconds for seconds in phases.values() if seconds is not None]
    total_seconds = sum(known) if phases and len(known) == len(phases) else None
    if timeout is None and limit >= LONGEST_TIMEOUT_SECONDS:
        return Limits(None, total_seconds)
    return _limited(phases, total_seconds, library, limit)


def _limited(phases: dict[str, float | None], total: float | None, library: HttpLibrary, limit: float) -> Limits:
    if limit < LONGEST_TIMEOUT_SECONDS:
        phases = {name: limit if seconds is None else min(seconds, limit) for name, seconds in phases.items()}
        total = limit if total is None else min(total, limit)
    return Limits(library.module.Timeout(**phases) if phases else None, total)
