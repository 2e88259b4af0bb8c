"""Time and chance, in one place, so that a test can stand in for both."""

import random
import time
from typing import Any


def seconds(name: str, value: Any) -> float:
    """`value`, if it is a number of seconds.

    Raises:
        ValueError: If it is no number, or less than 0.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise ValueError(f"{name} must be a number of seconds, at least 0, and is {value!r}. Nothing was sent.")
    return value


class Clock:
    """The real ones."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def uniform(self, low: float, high: float) -> float:
        """A random number from `low` to `high`."""
        return random.uniform(low, high)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Wait, and let other tasks go on."""
        # Only here: it is a large part of what importing the package takes, and the sync client needs none of it.
        import asyncio

        await asyncio.sleep(seconds)
