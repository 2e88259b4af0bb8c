"""How the embedded server ages an object: when the object enters each status.

A timeline follows from the transitions in the contract's `x-lifecycle`, from the statuses in `x-final-statuses`, from
the operations that change the status, and from the pace of the server.
"""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import frozen

PROCESSING = "in_progress"
"""The status in which the server answers the requests of a batch, if the lifecycle has it."""


@frozen
class Pace:
    """How long an object stays in each status, in seconds of the server's clock."""

    requests_per_second: float = 2.0
    validating: float = 20.0
    finalizing: float = 20.0
    cancelling: float = 30.0
    other: float = 10.0
    """For a status without a field of its own, such as a status that is new in the contract."""


@frozen
class StatusTimeline:
    """Pairs of a Unix time and the status that an object enters then, in order; future statuses are included."""

    entries: tuple[tuple[float, str], ...]

    def until(self, now: float) -> "StatusTimeline":
        """The part of the timeline up to `now`."""
        return StatusTimeline(tuple(entry for entry in self.entries if entry[0] <= now))

    def entered(self, status: str | None) -> float | None:
        """The time at which the object enters `status`, or None if it never does."""
        return next((at for at, name in self.entries if name == status), None)

    @property
    def status(self) -> str:
        """The last status."""
        return self.entries[-1][1]


class TimelinePlanner:
    """Plans timelines along the transitions of an enum with `x-lifecycle`.

    Args:
        enum: The schema of the statuses.
        targets: The statuses to which operations lead. An object does not enter them by itself.
        pace: The duration of each status.
    """

    def __init__(self, enum: Mapping[str, Any], targets: Collection[str], pace: Pace) -> None:
        self.successors: Mapping[str, Sequence[str]] = enum["x-lifecycle"]
        self._targets = frozenset(targets)
        self._pace = pace
        final = [status for status in self.successors if not self.successors[status]]
        meaning = enum.get("x-final-statuses", {})
        self._success = [*meaning.get("success", final)]
        failure = [*meaning.get("failure", ())]
        first = next(iter(self.successors))
        self.usual_path = [first, *(self._path(first, self._success) or self._path(first, final))]
        """The statuses of an object that succeeds."""
        middle = self.usual_path[1:-1] or [first]
        self.processing = PROCESSING if PROCESSING in self.successors else middle[0]
        """The status in which the requests of an input file are answered."""
        self.rejected = next(iter(self._path(first, failure)[-1:]), None)
        """The nearest failure, for an object with an invalid input file."""
        # Time can run out in several statuses, so that the most statuses lead to this failure.
        self.overdue = max(
            failure, key=lambda status: sum(status in after for after in self.successors.values()), default=None
        )
        """The failure of an object that is not final at its deadline."""

    def is_final(self, status: str) -> bool:
        """Whether no status can follow."""
        return not self.successors[status]

    def plan(
        self, created: float, requests: int = 0, *, input_valid: bool = True, deadline: float | None = None
    ) -> StatusTimeline:
        """The timeline of an object whose status no operation changes.

        Args:
            created: Unix time of the creation.
            requests: The number of requests in the input file.
            input_valid: Whether the input file has no errors. If false, the object fails.
            deadline: Unix time at which an unfinished object fails.
        """
        goal = self.usual_path[-1] if input_valid or self.rejected is None else self.rejected
        timeline = self._extend(StatusTimeline(((created, self.usual_path[0]),)), goal, requests)
        if deadline is None or self.overdue is None or timeline.entries[-1][0] <= deadline:
            return timeline
        past = timeline.until(deadline)
        late = [(deadline, status) for status in self._path(past.status, [self.overdue])]
        return StatusTimeline((*past.entries, *late)) if late else timeline

    def lead(self, timeline: StatusTimeline, target: str, now: float) -> StatusTimeline | None:
        """The timeline of an object that an operation leads to `target` now, or None if its status does not allow it.

        An object that has this status already keeps its timeline.
        """
        past = timeline.until(now)
        if past.status == target:
            return timeline
        path = self._path(past.status, [target], avoided=())
        if not path:
            return None
        led = StatusTimeline((*past.entries, *((now, status) for status in path)))
        final = [status for status, after in self.successors.items() if not after]
        onward = self._path(target, self._success) or self._path(target, final)
        return self._extend(led, onward[-1], 0) if onward else led

    def _extend(self, timeline: StatusTimeline, goal: str, requests: int) -> StatusTimeline:
        """Add the statuses on the way to `goal`; each is entered when the pace ends the status before it."""
        entries = list(timeline.entries)
        for status in self._path(timeline.status, [goal]):
            at, previous = entries[-1]
            entries.append((at + self._seconds(previous, requests), status))
        return StatusTimeline(tuple(entries))

    def _seconds(self, status: str, requests: int) -> float:
        """How long an object with this number of requests stays in a status."""
        if status == self.processing and requests:
            return requests / self._pace.requests_per_second
        return float(getattr(self._pace, status, self._pace.other))

    def _path(self, status: str, goals: Collection[str], avoided: Collection[str] | None = None) -> list[str]:
        """The statuses on the shortest path from `status` to one of `goals`, without `status`; empty without a path.

        By default, the path avoids the targets of operations, unless a target is the goal.
        """
        avoided = self._targets if avoided is None else avoided
        paths = deque([[status]])
        visited = {status}
        while paths:
            path = paths.popleft()
            if path[-1] in goals:
                return path[1:]
            for successor in self.successors[path[-1]]:
                if successor not in visited and (successor not in avoided or successor in goals):
                    visited.add(successor)
                    paths.append([*path, successor])
        return []
