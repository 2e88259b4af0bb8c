"""Time and random numbers in one place, so that tests can replace both."""

import random
import time
from typing import Any


def validate_seconds(name: str, value: Any) -> float:
    """Return `value` if it is a number of seconds.

    Raises:
        ValueError: It is not a number, or less than 0.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise ValueError(f"{name} must be a number of seconds, at least 0, got {value!r}. Nothing was sent.")
    return value


class Clock:
    """The system's clock and random numbers."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never decrease."""
        return time.monotonic()

    def uniform(self, low: float, high: float) -> float:
        """A random number from `low` to `high`."""
        return random.uniform(low, high)

    def sleep(self, seconds: float) -> None:
        """Block the thread."""
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Suspend the task, of asyncio or trio."""
        # Imported here because it takes long to import, and the sync client does not need it.
        import anyio

        await anyio.sleep(seconds)
