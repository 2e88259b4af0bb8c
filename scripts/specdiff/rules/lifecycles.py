"""Lifecycles: which status can follow which, where a life ends, and which status an operation brings about."""

from collections.abc import Mapping
from typing import Any

from scripts.specdiff.engine.document import spelled
from scripts.specdiff.engine.effects import Effect, Reach
from scripts.specdiff.engine.sites import Change, Pair

from .catalogue import Findings, became, listed, rule
from .extensions import at, both, came, went


@rule("extensions", Effect.ADDS, Reach.GROWS)
def lifecycle_added(pair: Pair) -> Findings:
    """What can follow each status, or which status an operation brings about, is said: `x-lifecycle` is there.

    Nothing changes on the wire. The package gains the methods and arguments for waiting.
    """
    yield from came(pair, "x-lifecycle")


@rule("extensions", Effect.UNSETTLES, Reach.BREAKS)
def lifecycle_removed(pair: Pair) -> Findings:
    """What can follow each status, or which status an operation brings about, is said no more: `x-lifecycle` is gone.

    Callers that wait as it said may wait in vain. The package loses the methods and arguments for waiting.
    Instead: leave it as it is.
    """
    yield from went(pair, "x-lifecycle")


def _steps(value: Any) -> set[tuple[str, str]]:
    """The steps of a lifecycle: a status and one that can follow it."""
    if not isinstance(value, Mapping):
        return set()
    return {
        (str(status), str(follower))
        for status, followers in value.items()
        if isinstance(followers, list)
        for follower in followers
    }


def _ends(value: Any) -> set[str]:
    return (
        {str(status) for status, followers in value.items() if followers == []} if isinstance(value, Mapping) else set()
    )


@rule("extensions", Effect.MAY_WIDEN, Reach.GROWS)
def lifecycle_extended(pair: Pair) -> Findings:
    """A status can be followed by others than before.

    Readers that know the old course of events are surprised. The package goes by the new one.
    Instead: tell readers of the contract before it happens.
    """
    old, new = both(pair, "x-lifecycle")
    if old is not None and (added := sorted(_steps(new) - _steps(old))):
        steps = [f"{status} to {follower}" for status, follower in added]
        yield Change(
            f"{listed(steps)} added to the lifecycle", None, steps, *at(pair, "x-lifecycle"), subject=spelled(steps)
        )


@rule("extensions", Effect.MAY_WIDEN, Reach.GROWS)
def lifecycle_reduced(pair: Pair) -> Findings:
    """A status is not followed by others any more that could follow.

    Readers that wait for them wait in vain. The package goes by the new lifecycle.
    Instead: tell readers of the contract before it happens.
    """
    old, new = both(pair, "x-lifecycle")
    if new is not None and (gone := sorted(_steps(old) - _steps(new))):
        steps = [f"{status} to {follower}" for status, follower in gone]
        yield Change(
            f"{listed(steps)} removed from the lifecycle",
            steps,
            None,
            *at(pair, "x-lifecycle"),
            subject=spelled(steps),
        )


@rule("extensions", Effect.WIDENS, Reach.BREAKS_READERS)
def terminal_statuses_changed(pair: Pair) -> Findings:
    """A status that ended a life does not, or one that did not does.

    Callers that wait for an end stop too early, or never. The package waits by the new lifecycle.
    Instead: add a status, and leave the old ones as they are.
    """
    old, new = both(pair, "x-lifecycle")
    known = old.keys() & new.keys() if isinstance(old, Mapping) and isinstance(new, Mapping) else set()
    changed = sorted((_ends(old) ^ _ends(new)) & known)
    if changed:
        yield Change(
            f"{listed(changed)} ends a life no more, or does now",
            sorted(_ends(old)),
            sorted(_ends(new)),
            *at(pair, "x-lifecycle"),
        )


@rule("extensions", Effect.UNSETTLES, Reach.GROWS)
def lifecycle_target_changed(pair: Pair) -> Findings:
    """An operation brings about another status than it did.

    Callers that wait for the old one wait in vain.
    Instead: add an operation.
    """
    old, new = (value.get("towards") if isinstance(value, Mapping) else None for value in both(pair, "x-lifecycle"))
    if old != new and all(side is not None for side in both(pair, "x-lifecycle")):
        yield Change(became("the status that it brings about", old, new), old, new, *at(pair, "x-lifecycle"))
