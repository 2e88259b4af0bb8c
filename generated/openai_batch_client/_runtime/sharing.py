# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Shares one create among the threads and tasks of this process that use the same idempotency key."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, Generic, NamedTuple, TypeVar

from .flows import Flow, Join

T = TypeVar("T")

# The create that is running for each account, operation and key. The account contains the process id, so that a
# process does not wait for a create of the process that it was forked from.
_running: dict[Hashable, "Future[Any]"] = {}


class Ended(NamedTuple, Generic[T]):
    """How the create of another thread or task ended."""

    result: T | None
    """The result, or None if the create failed."""
    sent_until: float | None = None
    """When its last request ended that may have created the object, in the clock's monotonic seconds, or None."""


def share(
    name: Hashable, lead: Callable[[float | None], Flow[T]], sent_until: Callable[[], float | None]
) -> Flow[tuple[T, bool]]:
    """Run the flow that `lead` returns, or wait for the same flow of another thread or task.

    If the other flow fails, one of the waiting flows runs next, and the others wait for it.

    Args:
        name: What the flows have in common.
        lead: Returns the flow. Its argument is when a failed flow sent its last request, or None.
        sent_until: Tells when the flow sent the last request that may have created the object, or None.

    Returns:
        The result, and whether this flow produced it.
    """
    earlier: float | None = None
    while True:
        own: Future[Ended[T]] = Future()
        running: Future[Ended[T]] = _running.setdefault(name, own)
        if running is not own:
            yield Join(running)
            ended = running.result()
            if ended.result is not None:
                return ended.result, False
            earlier = ended.sent_until if ended.sent_until is not None else earlier
            continue
        ended = Ended(None)
        try:
            ended = Ended((yield from lead(earlier)))
        except BaseException:
            moments = [moment for moment in (sent_until(), earlier) if moment is not None]
            ended = Ended(None, max(moments, default=None))
            raise
        finally:
            del _running[name]
            own.set_result(ended)
        assert ended.result is not None
        return ended.result, True
