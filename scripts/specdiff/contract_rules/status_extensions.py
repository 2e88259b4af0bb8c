"""Rules about the extensions that describe statuses: `x-lifecycle` and `x-final-statuses`."""

from collections.abc import Mapping
from typing import Any

from scripts.openapi.document import as_list
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind
from scripts.specdiff.rules.rule import Findings, changed_from, quoted, quoted_list, rule

from .extension import added, pointers, removed, values


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.GROWS)
def lifecycle_added(pair: Pair[Object]) -> Findings:
    """The transitions between statuses, or the target status of an operation, were added (`x-lifecycle`).

    Requests and responses stay the same. The package gains the methods and arguments for waiting.
    """
    yield from added(pair, "x-lifecycle")


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS)
def lifecycle_removed(pair: Pair[Object]) -> Findings:
    """The transitions between statuses, or the target status of an operation, were removed (`x-lifecycle`).

    Callers that poll for a status of the old lifecycle may wait forever. The package loses the methods and arguments
    for waiting.
    Instead: keep `x-lifecycle`.
    """
    yield from removed(pair, "x-lifecycle")


def _transitions(value: Any) -> set[tuple[str, str]]:
    """The transitions of a lifecycle: pairs of a status and its successor."""
    if not isinstance(value, Mapping):
        return set()
    return {
        (str(status), str(successor))
        for status, successors in value.items()
        if isinstance(successors, list)
        for successor in successors
    }


def _terminal(value: Any) -> set[str]:
    if not isinstance(value, Mapping):
        return set()
    return {str(status) for status, successors in value.items() if successors == []}


@rule(PairKind.EXTENSIONS, Effect.MAY_WIDEN, PythonEffect.GROWS)
def lifecycle_extended(pair: Pair[Object]) -> Findings:
    """A transition between statuses was added.

    Callers that rely on the old transitions may fail. The package uses the new lifecycle.
    Instead: announce the transition in the contract before it occurs.
    """
    old, new = values(pair, "x-lifecycle")
    if old is not None and (new_ones := sorted(_transitions(new) - _transitions(old))):
        transitions = [f"{status} to {successor}" for status, successor in new_ones]
        yield Change(
            f"{quoted_list(transitions)} added to the lifecycle",
            None,
            transitions,
            *pointers(pair, "x-lifecycle"),
            subject=canonical_json(transitions),
        )


@rule(PairKind.EXTENSIONS, Effect.MAY_WIDEN, PythonEffect.GROWS)
def lifecycle_reduced(pair: Pair[Object]) -> Findings:
    """A transition between statuses was removed.

    Callers that wait for the transition wait forever. The package uses the new lifecycle.
    Instead: announce the change in the contract before it takes effect.
    """
    old, new = values(pair, "x-lifecycle")
    if new is not None and (old_ones := sorted(_transitions(old) - _transitions(new))):
        transitions = [f"{status} to {successor}" for status, successor in old_ones]
        yield Change(
            f"{quoted_list(transitions)} removed from the lifecycle",
            transitions,
            None,
            *pointers(pair, "x-lifecycle"),
            subject=canonical_json(transitions),
        )


@rule(PairKind.EXTENSIONS, Effect.WIDENS, PythonEffect.BREAKS_READERS)
def terminal_statuses_changed(pair: Pair[Object]) -> Findings:
    """A terminal status is no longer terminal, or another status became terminal.

    Callers that poll until a terminal status stop too early, or never. The package uses the new lifecycle.
    Instead: add a status, and keep the old statuses unchanged.
    """
    old, new = values(pair, "x-lifecycle")
    known = old.keys() & new.keys() if isinstance(old, Mapping) and isinstance(new, Mapping) else set()
    changed = sorted((_terminal(old) ^ _terminal(new)) & known)
    if changed:
        yield Change(
            f"{quoted_list(changed)} became terminal or is no longer terminal",
            sorted(_terminal(old)),
            sorted(_terminal(new)),
            *pointers(pair, "x-lifecycle"),
        )


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.GROWS)
def lifecycle_target_changed(pair: Pair[Object]) -> Findings:
    """The target status of an operation changed.

    Callers that wait for the old status wait forever.
    Instead: add an operation.
    """
    old, new = (value.get("towards") if isinstance(value, Mapping) else None for value in values(pair, "x-lifecycle"))
    if old != new and all(side is not None for side in values(pair, "x-lifecycle")):
        yield Change(changed_from("the target status", old, new), old, new, *pointers(pair, "x-lifecycle"))


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.GROWS)
def final_statuses_added(pair: Pair[Object]) -> Findings:
    """The classification of final statuses as success or failure was added (`x-final-statuses`).

    Requests and responses stay the same. The package gains `raise_on_failure` and the outcome of an object.
    """
    yield from added(pair, "x-final-statuses")


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS)
def final_statuses_removed(pair: Pair[Object]) -> Findings:
    """The classification of final statuses as success or failure was removed (`x-final-statuses`).

    Callers that wait cannot know whether a final status is a success. No package can be generated.
    Instead: keep `x-final-statuses`.
    """
    yield from removed(pair, "x-final-statuses")


def _classes(value: Any) -> dict[str, str]:
    """The class of each final status: `success` or `failure`."""
    if not isinstance(value, Mapping):
        return {}
    return {str(status): str(name) for name, statuses in value.items() for status in as_list(statuses)}


def _listing_changed(pair: Pair[Object], verb: str, more: dict[str, str], less: dict[str, str]) -> Findings:
    changed = [f"{status} as {name}" for status, name in sorted(more.items()) if status not in less]
    if changed and None not in values(pair, "x-final-statuses"):
        yield Change(
            f"{quoted_list(changed)} {verb} the final statuses",
            *values(pair, "x-final-statuses"),
            *pointers(pair, "x-final-statuses"),
            subject=canonical_json(changed),
        )


@rule(PairKind.EXTENSIONS, Effect.MAY_WIDEN, PythonEffect.GROWS)
def final_statuses_extended(pair: Pair[Object]) -> Findings:
    """A status was added to `x-final-statuses`.

    Callers that know only the old final statuses may misread the new status. With `raise_on_failure`, the package
    raises an error for a new failure.
    Instead: announce the new status in the contract before it occurs.
    """
    old, new = (_classes(value) for value in values(pair, "x-final-statuses"))
    yield from _listing_changed(pair, "added to", new, old)


@rule(PairKind.EXTENSIONS, Effect.MAY_WIDEN, PythonEffect.GROWS)
def final_statuses_reduced(pair: Pair[Object]) -> Findings:
    """A status was removed from `x-final-statuses`.

    Callers that wait for the status may wait forever. The package no longer treats it as a success or a failure.
    Instead: announce the change in the contract before it takes effect.
    """
    old, new = (_classes(value) for value in values(pair, "x-final-statuses"))
    yield from _listing_changed(pair, "removed from", old, new)


@rule(PairKind.EXTENSIONS, Effect.WIDENS, PythonEffect.BREAKS_READERS)
def final_status_reclassified(pair: Pair[Object]) -> Findings:
    """A final status moved from success to failure, or from failure to success.

    Callers that wait treat a success as a failure, or a failure as a success. With `raise_on_failure`, the package
    starts or stops to raise an error for the status.
    Instead: add a status, and keep the old statuses unchanged.
    """
    old, new = (_classes(value) for value in values(pair, "x-final-statuses"))
    for status in sorted(old.keys() & new.keys()):
        if old[status] != new[status]:
            yield Change(
                changed_from(f"the final status {quoted(status)}", old[status], new[status]),
                old[status],
                new[status],
                *pointers(pair, "x-final-statuses"),
                subject=status,
            )
