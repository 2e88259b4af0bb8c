"""Time and chance, in one place, so that a test can stand in for both."""

import random
import time


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
