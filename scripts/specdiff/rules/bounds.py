"""Rules about limits of numbers, strings, arrays and objects, judged by one table."""

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Bound, Schema

from .rule import Findings, applies, rule

# Keyword; 1 if a larger limit allows more, -1 if less; the types that the keyword applies to.
_BOUNDS = (
    ("minimum", -1, ("number", "integer")),
    ("maximum", 1, ("number", "integer")),
    ("minLength", -1, ("string",)),
    ("maxLength", 1, ("string",)),
    ("minItems", -1, ("array",)),
    ("maxItems", 1, ("array",)),
    ("minProperties", -1, ("object",)),
    ("maxProperties", 1, ("object",)),
    ("minContains", -1, ("array",)),
    ("maxContains", 1, ("array",)),
    ("multipleOf", 0, ("number", "integer")),
    ("uniqueItems", 0, ("array",)),
)
# An absent limit of these keywords equals this value.
_ABSENT = {"minLength": Bound(0), "minItems": Bound(0), "minProperties": Bound(0), "minContains": Bound(1)}


@frozen
class _LimitChange:
    keyword: str
    old: Any
    new: Any
    kind: str
    """set, dropped, tightened, loosened or changed."""


def _limit_changes(pair: Pair[Schema]) -> Iterator[_LimitChange]:
    for keyword, sign, types in _BOUNDS:
        old, new = pair.old.get(keyword), pair.new.get(keyword)
        if old == new or not applies(pair, *types) or _goes_with_type(pair, keyword):
            continue
        if keyword in _ABSENT:
            old, new = (_ABSENT[keyword] if value is None else value for value in (old, new))
        if old is None or new is None:
            yield _LimitChange(keyword, old, new, "set" if old is None else "dropped")
        elif keyword == "uniqueItems":
            yield _LimitChange(keyword, old, new, "tightened" if new else "loosened")
        elif keyword == "multipleOf":
            yield _LimitChange(keyword, old, new, _multiple(old, new))
        else:
            is_tighter = _rank(new, sign) < _rank(old, sign)
            yield _LimitChange(keyword, old, new, "tightened" if is_tighter else "loosened")


def _goes_with_type(pair: Pair[Schema], keyword: str) -> bool:
    """Whether only one side has a type, so that its limit is part of the change of the type."""
    if bool(pair.old.types) == bool(pair.new.types):
        return False
    return keyword not in (pair.new if pair.old.types else pair.old).keywords


def _rank(bound: Bound, sign: int) -> tuple[float, bool]:
    """A key that is larger for limits that allow more; an exclusive limit allows less than an inclusive one."""
    return bound.value * sign, not bound.is_exclusive


def _multiple(old: Any, new: Any) -> str:
    try:
        if new % old == 0:
            return "tightened"
        return "loosened" if old % new == 0 else "changed"
    except (TypeError, ZeroDivisionError):
        return "changed"


def _phrase(value: Any) -> str:
    if value is None:
        return "absent"
    if isinstance(value, Bound):
        return f"{'exclusive ' if value.is_exclusive else ''}{value.value}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _changes(pair: Pair[Schema], kind: str) -> Findings:
    for change in _limit_changes(pair):
        if change.kind == kind:
            yield Change(
                f"{change.keyword} was {_phrase(change.old)} and is now {_phrase(change.new)}",
                _value(change.old),
                _value(change.new),
                pair.old.pointer_of(change.keyword),
                pair.new.pointer_of(change.keyword),
                subject=change.keyword,
            )


def _value(value: Any) -> Any:
    return value.value if isinstance(value, Bound) else value


@rule(PairKind.SCHEMA, Effect.NARROWS)
def bound_tightened(pair: Pair[Schema]) -> Findings:
    """A limit is stricter: a maximum fell, a minimum rose, or items must now be unique.

    Callers that send values outside the new limit are rejected. Callers that read responses notice nothing.
    Instead: keep accepting the old values in requests.
    """
    yield from _changes(pair, "tightened")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def bound_loosened(pair: Pair[Schema]) -> Findings:
    """A limit is less strict: a maximum rose, a minimum fell, or items may now repeat.

    Callers that rely on the old limit, for example in the size of a database column, may receive larger values.
    Instead: keep the limit in responses.
    """
    yield from _changes(pair, "loosened")


@rule(PairKind.SCHEMA, Effect.MAY_NARROW)
def bound_set(pair: Pair[Schema]) -> Findings:
    """A limit was added.

    Callers that send values outside the limit are rejected. Often the server enforced the limit before, and only the
    contract did not mention it.
    Instead: choose a limit that no caller exceeds, or add it in a new version.
    """
    yield from _changes(pair, "set")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def bound_dropped(pair: Pair[Schema]) -> Findings:
    """A limit was removed.

    Callers that rely on the old limit, for example in the size of a database column, may receive larger values.
    Instead: keep the limit in responses.
    """
    yield from _changes(pair, "dropped")


@rule(PairKind.SCHEMA, Effect.BREAKS)
def bound_changed(pair: Pair[Schema]) -> Findings:
    """A limit changed, and neither the old nor the new limit allows all values of the other.

    Callers that send old values are rejected, and callers that read responses receive new ones.
    Instead: choose a `multipleOf` that divides the old one, or is divided by it.
    """
    yield from _changes(pair, "changed")
