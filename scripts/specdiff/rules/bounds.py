"""Rules about bounds of numbers, strings, arrays and objects, such as `maximum` and `minLength`."""

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Bound, Schema

from .rule import Findings, applies, rule

# Keyword; 1 if a larger bound allows more values, -1 if it allows fewer values; the types of the keyword.
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
# The defaults of these keywords.
_ABSENT = {"minLength": Bound(0), "minItems": Bound(0), "minProperties": Bound(0), "minContains": Bound(1)}


@frozen
class _BoundChange:
    keyword: str
    old: Any
    new: Any
    kind: str
    """set, dropped, tightened, loosened or changed."""


def _bound_changes(pair: Pair[Schema]) -> Iterator[_BoundChange]:
    for keyword, sign, types in _BOUNDS:
        old, new = pair.old.get(keyword), pair.new.get(keyword)
        if old == new or not applies(pair, *types) or _belongs_to_type_change(pair, keyword):
            continue
        if keyword in _ABSENT:
            old, new = (_ABSENT[keyword] if value is None else value for value in (old, new))
        if old is None or new is None:
            # A bound can only refuse listed values, so it is like a stricter list.
            introduced = "tightened" if "enum" in pair.old.keywords else "set"
            yield _BoundChange(keyword, old, new, introduced if old is None else "dropped")
        elif keyword == "uniqueItems":
            yield _BoundChange(keyword, old, new, "tightened" if new else "loosened")
        elif keyword == "multipleOf":
            yield _BoundChange(keyword, old, new, _multiple(old, new))
        else:
            is_tighter = _rank(new, sign) < _rank(old, sign)
            yield _BoundChange(keyword, old, new, "tightened" if is_tighter else "loosened")


def _belongs_to_type_change(pair: Pair[Schema], keyword: str) -> bool:
    """Whether only one side has a type, and only this side has the bound."""
    if bool(pair.old.types) == bool(pair.new.types):
        return False
    return keyword not in (pair.new if pair.old.types else pair.old).keywords


def _rank(bound: Bound, sign: int) -> tuple[float, bool]:
    """A key for sorting bounds: the more values a bound allows, the greater is its key."""
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
    for change in _bound_changes(pair):
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
    """A bound is stricter: a maximum fell, a minimum rose, items must be unique, or listed values gained a bound.

    Callers that send values outside the new bound are rejected. Callers that read responses notice nothing.
    Instead: keep accepting the old values in requests.
    """
    yield from _changes(pair, "tightened")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def bound_loosened(pair: Pair[Schema]) -> Findings:
    """A bound is less strict: a maximum rose, a minimum fell, or items may now repeat.

    Callers that rely on the old bound, for example for the size of a database column, may receive larger values.
    Instead: keep the bound in responses.
    """
    yield from _changes(pair, "loosened")


@rule(PairKind.SCHEMA, Effect.MAY_NARROW)
def bound_set(pair: Pair[Schema]) -> Findings:
    """A bound was added.

    Callers that send values outside the bound are rejected. Often the server already enforced the bound, and only the
    contract did not mention it.
    Instead: choose a bound that no caller exceeds, or add the bound in a new version.
    """
    yield from _changes(pair, "set")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def bound_dropped(pair: Pair[Schema]) -> Findings:
    """A bound was removed.

    Callers that rely on the old bound, for example for the size of a database column, may receive larger values.
    Instead: keep the bound in responses.
    """
    yield from _changes(pair, "dropped")


@rule(PairKind.SCHEMA, Effect.BREAKS)
def bound_changed(pair: Pair[Schema]) -> Findings:
    """A `multipleOf` changed, and neither the old nor the new value divides the other.

    Callers that send old values are rejected. Callers that read responses receive new values.
    Instead: choose a divisor of the old value for requests, or a multiple of the old value for responses.
    """
    yield from _changes(pair, "changed")
