"""Lifecycles: which status can follow which, where a life ends, and which status an operation brings about."""

from collections.abc import Mapping
from typing import Any

from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind

from .catalogue import Findings, became, listed, rule
from .extensions import at, both, came, went


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.GROWS)
def lifecycle_added(pair: Pair[Object]) -> Findings:
    """The contract now describes the order of statuses, or the target status of an operation (`x-lifecycle`).

    Requests and responses stay the same. The package gains the methods and arguments for waiting.
    """
    yield from came(pair, "x-lifecycle")


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS)
def lifecycle_removed(pair: Pair[Object]) -> Findings:
    """The contract no longer describes the order of statuses, or the target status of an operation (`x-lifecycle`).

    Callers that wait according to the old description may wait forever. The package loses the methods and arguments for
    waiting.
    Instead: keep `x-lifecycle`.
    """
    yield from went(pair, "x-lifecycle")


def _steps(value: Any) -> set[tuple[str, str]]:
    """The transitions of a lifecycle: pairs of a status and its successor."""
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


@rule(PairKind.EXTENSIONS, Effect.MAY_WIDEN, PythonEffect.GROWS)
def lifecycle_extended(pair: Pair[Object]) -> Findings:
    """A status may be followed by additional statuses.

    Callers that rely on the old order of statuses may fail. The package uses the new lifecycle.
    Instead: announce the new order in the contract before it changes.
    """
    old, new = both(pair, "x-lifecycle")
    if old is not None and (added := sorted(_steps(new) - _steps(old))):
        steps = [f"{status} to {follower}" for status, follower in added]
        yield Change(
            f"{listed(steps)} added to the lifecycle",
            None,
            steps,
            *at(pair, "x-lifecycle"),
            subject=canonical_json(steps),
        )


@rule(PairKind.EXTENSIONS, Effect.MAY_WIDEN, PythonEffect.GROWS)
def lifecycle_reduced(pair: Pair[Object]) -> Findings:
    """A status may be followed by fewer statuses.

    Callers that wait for a removed transition wait forever. The package uses the new lifecycle.
    Instead: announce the new order in the contract before it changes.
    """
    old, new = both(pair, "x-lifecycle")
    if new is not None and (gone := sorted(_steps(old) - _steps(new))):
        steps = [f"{status} to {follower}" for status, follower in gone]
        yield Change(
            f"{listed(steps)} removed from the lifecycle",
            steps,
            None,
            *at(pair, "x-lifecycle"),
            subject=canonical_json(steps),
        )


@rule(PairKind.EXTENSIONS, Effect.WIDENS, PythonEffect.BREAKS_READERS)
def terminal_statuses_changed(pair: Pair[Object]) -> Findings:
    """A terminal status is no longer terminal, or another status became terminal.

    Callers that poll until a terminal status stop too early, or never. The package uses the new lifecycle.
    Instead: add a status, and keep the old ones unchanged.
    """
    old, new = both(pair, "x-lifecycle")
    known = old.keys() & new.keys() if isinstance(old, Mapping) and isinstance(new, Mapping) else set()
    changed = sorted((_ends(old) ^ _ends(new)) & known)
    if changed:
        yield Change(
            f"{listed(changed)} became terminal or is no longer terminal",
            sorted(_ends(old)),
            sorted(_ends(new)),
            *at(pair, "x-lifecycle"),
        )


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.GROWS)
def lifecycle_target_changed(pair: Pair[Object]) -> Findings:
    """The target status of an operation changed.

    Callers that wait for the old status wait forever.
    Instead: add an operation.
    """
    old, new = (value.get("towards") if isinstance(value, Mapping) else None for value in both(pair, "x-lifecycle"))
    if old != new and all(side is not None for side in both(pair, "x-lifecycle")):
        yield Change(became("the target status", old, new), old, new, *at(pair, "x-lifecycle"))
