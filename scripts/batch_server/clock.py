"""The time that the embedded server goes by: real, faster than real, or stepped by hand."""

import time


class Clock:
    """Unix time that runs `speed` times as fast as real time, from now on; it stands still where speed is 0."""

    def __init__(self, speed: float = 1.0, start: float | None = None) -> None:
        self.speed = speed
        self._offset = time.time() if start is None else start
        self._began = time.monotonic()

    def now(self) -> float:
        """Unix seconds."""
        return self._offset + (time.monotonic() - self._began) * self.speed

    def step(self, seconds: float) -> None:
        """Move the clock forward by hand."""
        self._offset += seconds
