"""When a batch enters which status: computed from the contract's x-lifecycle, the pace and what happened to it."""

from collections import deque
from collections.abc import Mapping, Sequence

from attrs import frozen

from scripts.openapi.contract import Contract

PROCESSING = "in_progress"
"""The status in which requests are answered."""


@frozen
class Pace:
    """How long things take, in seconds of the server's clock."""

    requests_per_second: float = 2.0
    validating: float = 20.0
    finalizing: float = 20.0
    cancelling: float = 30.0
    other: float = 10.0

    def seconds(self, status: str, requests: int) -> float:
        """How long a batch of so many requests stays in a status."""
        if status == PROCESSING:
            return requests / self.requests_per_second
        return float(getattr(self, status, self.other))


@frozen
class Timeline:
    """The statuses of a batch with the Unix time at which each is entered, first to last, future ones included."""

    entries: tuple[tuple[float, str], ...]

    def until(self, now: float) -> "Timeline":
        """What has happened by `now`."""
        return Timeline(tuple(entry for entry in self.entries if entry[0] <= now))

    def entered(self, status: str) -> float | None:
        """When `status` is entered, or None if it never is."""
        return next((at for at, name in self.entries if name == status), None)

    @property
    def status(self) -> str:
        """The last one."""
        return self.entries[-1][1]


class Lifecycle:
    """The x-lifecycle of a contract."""

    def __init__(self, contract: Contract) -> None:
        enums = [schema for schema in contract.schemas.values() if "x-lifecycle" in schema]
        self._successors: Mapping[str, Sequence[str]] = enums[0]["x-lifecycle"]

    def is_terminal(self, status: str) -> bool:
        """Whether nothing follows."""
        return not self._successors[status]

    def walk(self, status: str, goal: str) -> list[str]:
        """The statuses on the shortest way from `status` to `goal`, without the first; empty if there is no way."""
        came_from: dict[str, str] = {status: ""}
        waiting = deque([status])
        while waiting:
            here = waiting.popleft()
            if here == goal:
                way = [here]
                while came_from[way[0]]:
                    way.insert(0, came_from[way[0]])
                return way[1:]
            for successor in self._successors[here]:
                if successor not in came_from:
                    came_from[successor] = here
                    waiting.append(successor)
        return []

    def plan(self, created: float, requests: int, *, faulty: bool, deadline: float, pace: Pace) -> Timeline:
        """The life of a batch that nobody disturbs: it fails at once, completes, or expires at its deadline."""
        start = next(iter(self._successors))
        timeline = self._towards("failed" if faulty else "completed", Timeline(((created, start),)), requests, pace)
        if timeline.entries[-1][0] <= deadline:
            return timeline
        begun = timeline.until(deadline)
        return Timeline((*begun.entries, *((deadline, status) for status in self.walk(begun.status, "expired"))))

    def cancelled(self, timeline: Timeline, now: float, pace: Pace) -> Timeline | None:
        """The life of a batch that is cancelled at `now`, or None if it can't be any more."""
        begun = timeline.until(now)
        way = self.walk(begun.status, "cancelled")
        if not way:
            return None
        if begun.status == "cancelling":
            return timeline
        entered = Timeline((*begun.entries, (now, way[0])))
        return self._towards("cancelled", entered, 0, pace)

    def _towards(self, goal: str, begun: Timeline, requests: int, pace: Pace) -> Timeline:
        entries = list(begun.entries)
        for status in self.walk(begun.status, goal):
            at, here = entries[-1]
            entries.append((at + pace.seconds(here, requests), status))
        return Timeline(tuple(entries))
