"""Lists of admitted values, and constants, which are lists of one."""

from typing import Any

from scripts.specdiff.engine.document import spelled
from scripts.specdiff.engine.effects import Effect, Reach
from scripts.specdiff.engine.sites import Change, Pair

from .catalogue import Findings, listed, rule, shown


def _enums(pair: Pair) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The values of two enums by their JSON, if both sides have one."""
    old, new = pair.old.get("enum"), pair.new.get("enum")
    if old is None or new is None:
        return None
    return {spelled(value): value for value in old}, {spelled(value): value for value in new}


def _at(pair: Pair) -> dict[str, str]:
    return {"old_at": pair.old.home("enum"), "new_at": pair.new.home("enum")}


def _is_constant(enums: tuple[dict[str, Any], dict[str, Any]]) -> bool:
    """Whether there was one value, and there is another one."""
    return len(enums[0]) == len(enums[1]) == 1 and enums[0].keys() != enums[1].keys()


@rule("schema", Effect.BREAKS, Reach.BREAKS_ARGUMENTS)
def constant_changed(pair: Pair) -> Findings:
    """The only value that is admitted is another one.

    Writers of the old value are refused, and readers that tell objects apart by it do not know the new one.
    Instead: add an alternative with the new constant, and keep the old one.
    """
    enums = _enums(pair)
    if enums and _is_constant(enums):
        (old,), (new,) = (values.values() for values in enums)
        yield Change(f"it was always {shown(old)} and is now {shown(new)}", old, new, **_at(pair))


@rule("schema", Effect.MAY_WIDEN, Reach.GROWS)
def enum_value_added(pair: Pair) -> Findings:
    """A list of admitted values gains some.

    Readers that know the old values only, such as a `match` without a default, meet one that they do not know. Users of
    the package get it as an ordinary string.
    Instead: tell readers of the contract that the list may grow, before it does.
    """
    enums = _enums(pair)
    if enums and not _is_constant(enums):
        added = [value for key, value in enums[1].items() if key not in enums[0]]
        if added:
            yield Change(f"{listed(added)} added to the values", None, added, subject=spelled(added), **_at(pair))


@rule("schema", Effect.NARROWS, Reach.BREAKS_ARGUMENTS)
def enum_value_removed(pair: Pair) -> Findings:
    """A list of admitted values loses some.

    Writers of these are refused.
    Instead: go on accepting them in requests, and deprecate them in the description.
    """
    enums = _enums(pair)
    if enums and not _is_constant(enums):
        removed = [value for key, value in enums[0].items() if key not in enums[1]]
        if removed:
            yield Change(
                f"{listed(removed)} removed from the values", removed, None, subject=spelled(removed), **_at(pair)
            )


@rule("schema", Effect.NARROWS, Reach.BREAKS_ARGUMENTS)
def enum_introduced(pair: Pair) -> Findings:
    """Only listed values are admitted, where any value of the type was.

    Writers of other values are refused.
    Instead: name the usual values in the description.
    """
    values = pair.new.get("enum")
    if values is not None and pair.old.get("enum") is None:
        yield Change(f"only {listed(values)} is admitted", None, values, new_at=pair.new.home("enum"))


@rule("schema", Effect.MAY_WIDEN, Reach.GROWS)
def enum_dropped(pair: Pair) -> Findings:
    """Any value of the type is admitted, where only listed ones were.

    Readers that know the listed values only meet others.
    Instead: tell readers of the contract that the list may grow, before it does.
    """
    values = pair.old.get("enum")
    if values is not None and pair.new.get("enum") is None and not pair.old.get("constant"):
        yield Change(f"other values than {listed(values)} are admitted", values, None, old_at=pair.old.home("enum"))


@rule("schema", Effect.WIDENS, Reach.BREAKS_READERS)
def constant_dropped(pair: Pair) -> Findings:
    """A value is no longer always the same.

    Readers that tell objects apart by it cannot rely on it.
    Instead: keep the constant, and put what varies elsewhere.
    """
    values = pair.old.get("enum")
    if values is not None and pair.new.get("enum") is None and pair.old.get("constant"):
        yield Change(f"it is no longer always {listed(values)}", values[0], None, old_at=pair.old.home("enum"))


@rule("schema", Effect.NARROWS)
def extensible_enum_value_removed(pair: Pair) -> Findings:
    """A value disappears from `x-extensible-enum`, a list that may grow and not shrink.

    Writers of that value may be refused.
    Instead: keep it in the list.
    """
    old, new = pair.old.get("x-extensible-enum"), pair.new.get("x-extensible-enum")
    if isinstance(old, list) and isinstance(new, list):
        removed = [value for value in old if value not in new]
        if removed:
            yield Change(f"{listed(removed)} removed from x-extensible-enum", removed, None, subject=spelled(removed))


@rule("schema", Effect.ADDS)
def extensible_enum_value_added(pair: Pair) -> Findings:
    """A value is added to `x-extensible-enum`, which says itself that it may grow.

    Nobody has to notice.
    """
    old, new = pair.old.get("x-extensible-enum"), pair.new.get("x-extensible-enum")
    if isinstance(new, list) and (old is None or isinstance(old, list)):
        added = [value for value in new if value not in (old or ())]
        if added:
            yield Change(f"{listed(added)} added to x-extensible-enum", None, added, subject=spelled(added))
