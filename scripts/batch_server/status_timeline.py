"""How the embedded server ages a batch: when the batch enters each status.

A timeline follows from the transitions in the contract's `x-lifecycle`, the pace of the server, and a cancellation.
"""

from collections import deque
from collections.abc import Mapping, Sequence

from attrs import frozen

from scripts.openapi.contract import Contract

PROCESSING = "in_progress"
"""The status in which the server answers the requests of a batch."""


@frozen
class Pace:
    """How long a batch stays in each status, in seconds of the server's clock."""

    requests_per_second: float = 2.0
    validating: float = 20.0
    finalizing: float = 20.0
    cancelling: float = 30.0
    other: float = 10.0
    """For a status without a field of its own, such as a status that is new in the contract."""

    def seconds(self, status: str, requests: int) -> float:
        """How long a batch with this number of requests stays in a status."""
        if status == PROCESSING:
            return requests / self.requests_per_second
        return float(getattr(self, status, self.other))


@frozen
class StatusTimeline:
    """Pairs of a Unix time and the status that a batch enters then, in order; future statuses are included."""

    entries: tuple[tuple[float, str], ...]

    def until(self, now: float) -> "StatusTimeline":
        """The part of the timeline up to `now`."""
        return StatusTimeline(tuple(entry for entry in self.entries if entry[0] <= now))

    def entered(self, status: str) -> float | None:
        """The time at which the batch enters `status`, or None if it never does."""
        return next((at for at, name in self.entries if name == status), None)

    @property
    def status(self) -> str:
        """The last status."""
        return self.entries[-1][1]


class TimelinePlanner:
    """Plans timelines along the transitions of a contract's `x-lifecycle`."""

    def __init__(self, contract: Contract, pace: Pace) -> None:
        enums = [schema for schema in contract.schemas.values() if "x-lifecycle" in schema]
        self._successors: Mapping[str, Sequence[str]] = enums[0]["x-lifecycle"]
        self._pace = pace

    def is_final(self, status: str) -> bool:
        """Whether no status can follow."""
        return not self._successors[status]

    def plan(self, created: float, requests: int, *, input_valid: bool, deadline: float) -> StatusTimeline:
        """The timeline of a batch that nobody cancels.

        Args:
            created: Unix time of the creation.
            requests: The number of requests in the input file.
            input_valid: Whether the input file has no errors. If false, the batch fails after its validation.
            deadline: Unix time at which an unfinished batch expires.
        """
        first = next(iter(self._successors))
        goal = "completed" if input_valid else "failed"
        timeline = self._extend(StatusTimeline(((created, first),)), goal, requests)
        if timeline.entries[-1][0] <= deadline:
            return timeline
        past = timeline.until(deadline)
        return StatusTimeline((*past.entries, *((deadline, status) for status in self._path(past.status, "expired"))))

    def cancel(self, timeline: StatusTimeline, now: float) -> StatusTimeline | None:
        """The timeline of a batch that is cancelled at `now`, or None if its status does not allow that.

        A batch that is already being cancelled keeps its timeline.
        """
        past = timeline.until(now)
        path = self._path(past.status, "cancelled")
        if not path:
            return None
        if past.status == "cancelling":
            return timeline
        return self._extend(StatusTimeline((*past.entries, (now, path[0]))), "cancelled", 0)

    def _extend(self, timeline: StatusTimeline, goal: str, requests: int) -> StatusTimeline:
        """Add the statuses on the way to `goal`; each is entered when the pace ends the status before it."""
        entries = list(timeline.entries)
        for status in self._path(timeline.status, goal):
            at, previous = entries[-1]
            entries.append((at + self._pace.seconds(previous, requests), status))
        return StatusTimeline(tuple(entries))

    def _path(self, status: str, goal: str) -> list[str]:
        """The statuses on the shortest path from `status` to `goal`, without `status`; empty if no path exists."""
        paths = deque([[status]])
        visited = {status}
        while paths:
            path = paths.popleft()
            if path[-1] == goal:
                return path[1:]
            for successor in self._successors[path[-1]]:
                if successor not in visited:
                    visited.add(successor)
                    paths.append([*path, successor])
        return []
