"""Rules about enums and constants. A constant is an enum with one value."""

from typing import Any

from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Schema

from .rule import Findings, quoted, quoted_list, rule


def _enums(pair: Pair[Schema]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The values of both enums, by their JSON text; None unless both schemas have an enum."""
    old, new = pair.old.get("enum"), pair.new.get("enum")
    if old is None or new is None:
        return None
    return {canonical_json(value): value for value in old}, {canonical_json(value): value for value in new}


def _at(pair: Pair[Schema]) -> dict[str, str]:
    return {"old_pointer": pair.old.pointer_of("enum"), "new_pointer": pair.new.pointer_of("enum")}


def _is_constant(enums: tuple[dict[str, Any], dict[str, Any]]) -> bool:
    """Whether both enums have a single value, and the values differ."""
    return len(enums[0]) == len(enums[1]) == 1 and enums[0].keys() != enums[1].keys()


@rule(PairKind.SCHEMA, Effect.BREAKS, PythonEffect.BREAKS_ARGUMENTS)
def constant_changed(pair: Pair[Schema]) -> Findings:
    """The value of a constant changed.

    Callers that send the old value are rejected. Callers that identify objects by the old value fail.
    Instead: add an alternative with the new constant, and keep the old alternative.
    """
    enums = _enums(pair)
    if enums and _is_constant(enums):
        (old,), (new,) = (values.values() for values in enums)
        yield Change(f"the constant was {quoted(old)} and is now {quoted(new)}", old, new, **_at(pair))


@rule(PairKind.SCHEMA, Effect.MAY_WIDEN, PythonEffect.GROWS)
def enum_value_added(pair: Pair[Schema]) -> Findings:
    """A value was added to an enum.

    Callers that know only the old values may fail on the new value, for example in a `match` without a default. Users
    of the package receive the new value as an ordinary string.
    Instead: announce in the contract that the enum may grow, before it grows.
    """
    enums = _enums(pair)
    if enums and not _is_constant(enums):
        added = [value for key, value in enums[1].items() if key not in enums[0]]
        if added:
            names = quoted_list(added)
            yield Change(
                f"{names} added to the enum",
                None,
                added,
                subject=canonical_json(added),
                in_requests=f"requests may now contain {names} (enum)",
                in_responses=f"responses may now contain {names} (enum)",
                **_at(pair),
            )


@rule(PairKind.SCHEMA, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def enum_value_removed(pair: Pair[Schema]) -> Findings:
    """A value was removed from an enum.

    Callers that send the value are rejected.
    Instead: keep accepting the value in requests, and describe the value as deprecated.
    """
    enums = _enums(pair)
    if enums and not _is_constant(enums):
        removed = [value for key, value in enums[0].items() if key not in enums[1]]
        if removed:
            names = quoted_list(removed)
            yield Change(
                f"{names} removed from the enum",
                removed,
                None,
                subject=canonical_json(removed),
                in_requests=f"requests with {names} are now refused (enum)",
                in_responses=f"responses no longer contain {names} (enum)",
                **_at(pair),
            )


@rule(PairKind.SCHEMA, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def enum_introduced(pair: Pair[Schema]) -> Findings:
    """An enum was added: only listed values are allowed.

    Callers that send other values are rejected.
    Instead: list the usual values in the description.
    """
    values = pair.new.get("enum")
    if values is not None and pair.old.get("enum") is None:
        yield Change(f"must now be one of {quoted_list(values)}", None, values, new_pointer=pair.new.pointer_of("enum"))


@rule(PairKind.SCHEMA, Effect.MAY_WIDEN, PythonEffect.GROWS)
def enum_dropped(pair: Pair[Schema]) -> Findings:
    """An enum was removed: any value of the type is allowed.

    Callers that know only the old values may receive other values.
    Instead: announce in the contract that the enum may grow, before it grows.
    """
    values = pair.old.get("enum")
    if values is not None and pair.new.get("enum") is None and not pair.old.get("constant"):
        yield Change(
            f"may now have other values than {quoted_list(values)}",
            values,
            None,
            old_pointer=pair.old.pointer_of("enum"),
        )


@rule(PairKind.SCHEMA, Effect.WIDENS, PythonEffect.BREAKS_READERS)
def constant_dropped(pair: Pair[Schema]) -> Findings:
    """A constant became an ordinary value.

    Callers that identify objects by the constant in responses fail.
    Instead: keep the constant, and add another property for the variable value.
    """
    values = pair.old.get("enum")
    if values is not None and pair.new.get("enum") is None and pair.old.get("constant"):
        yield Change(
            f"is no longer the constant {quoted_list(values)}", values[0], None, old_pointer=pair.old.pointer_of("enum")
        )


@rule(PairKind.SCHEMA, Effect.NARROWS, about_values=False)
def extensible_enum_value_removed(pair: Pair[Schema]) -> Findings:
    """A value was removed from `x-extensible-enum`, a list that may grow but not shrink.

    Callers that send the value may be rejected.
    Instead: keep the value in the list.
    """
    old, new = pair.old.get("x-extensible-enum"), pair.new.get("x-extensible-enum")
    if isinstance(old, list) and isinstance(new, list):
        removed = [value for value in old if value not in new]
        if removed:
            yield Change(
                f"{quoted_list(removed)} removed from x-extensible-enum", removed, None, subject=canonical_json(removed)
            )


@rule(PairKind.SCHEMA, Effect.ADDS)
def extensible_enum_value_added(pair: Pair[Schema]) -> Findings:
    """A value was added to `x-extensible-enum`, a list that may grow.

    Callers do not have to change anything, because the old contract announced that the list may grow.
    """
    old, new = pair.old.get("x-extensible-enum"), pair.new.get("x-extensible-enum")
    if isinstance(new, list) and (old is None or isinstance(old, list)):
        added = [value for value in new if value not in (old or ())]
        if added:
            yield Change(f"{quoted_list(added)} added to x-extensible-enum", None, added, subject=canonical_json(added))
