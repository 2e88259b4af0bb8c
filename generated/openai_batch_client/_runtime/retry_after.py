# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Reads the Retry-After header of a response, which sets the delay before the next attempt."""

from email.utils import parsedate_to_datetime

import httpx

# A longer delay, in seconds, is not plausible and is ignored.
_MAX_SECONDS = 1e9


def read_retry_after(headers: httpx.Headers, now: float) -> float | None:
    """Seconds until the server accepts another attempt, or None if it does not say.

    Args:
        headers: The headers of the response: `retry-after-ms`, or `Retry-After` as seconds or as a date.
        now: The present time in Unix seconds, for a date.
    """
    try:
        if "retry-after-ms" in headers:
            return _plausible(float(headers["retry-after-ms"]) / 1000)
        value = headers.get("retry-after", "").strip()
        if not value:
            return None
        if value[0].isdigit() or value[0] in "-.":
            return _plausible(float(value))
        return max(parsedate_to_datetime(value).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return None


def _plausible(seconds: float) -> float | None:
    return seconds if 0 <= seconds < _MAX_SECONDS else None
