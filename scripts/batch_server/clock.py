"""The clock of the embedded server: in real time, faster, or stepped by hand, so that batches age quickly in tests."""

import time


class ServerClock:
    """Unix time that runs `speed` times as fast as real time; with speed 0 only `step` moves it.

    Args:
        speed: Seconds of this clock for each real second.
        start: The Unix time at which the clock starts. Default: the present.
    """

    def __init__(self, speed: float = 1.0, start: float | None = None) -> None:
        self.speed = speed
        self._offset = time.time() if start is None else start
        self._started = time.monotonic()

    def now(self) -> float:
        """The present time of this clock in Unix seconds."""
        return self._offset + (time.monotonic() - self._started) * self.speed

    def step(self, seconds: float) -> None:
        """Move the clock forward."""
        self._offset += seconds
