"""How long, large or many: the bounds of a schema, as one table for all of them."""

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Bound, Schema

from .catalogue import Findings, matters, rule

# Keyword, direction in which it admits more, and the types that it speaks of.
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
# Of these, absent is a bound like any other.
_ABSENT = {"minLength": Bound(0), "minItems": Bound(0), "minProperties": Bound(0), "minContains": Bound(1)}


@frozen
class _Turn:
    keyword: str
    old: Any
    new: Any
    kind: str
    """set, dropped, tightened, loosened or changed."""


def _turns(pair: Pair[Schema]) -> Iterator[_Turn]:
    for keyword, sign, types in _BOUNDS:
        old, new = pair.old.get(keyword), pair.new.get(keyword)
        if old == new or not matters(pair, *types) or _goes_with_type(pair, keyword):
            continue
        if keyword in _ABSENT:
            old, new = (_ABSENT[keyword] if value is None else value for value in (old, new))
        if old is None or new is None:
            yield _Turn(keyword, old, new, "set" if old is None else "dropped")
        elif keyword == "uniqueItems":
            yield _Turn(keyword, old, new, "tightened" if new else "loosened")
        elif keyword == "multipleOf":
            yield _Turn(keyword, old, new, _multiple(old, new))
        else:
            is_tighter = _rank(new, sign) < _rank(old, sign)
            yield _Turn(keyword, old, new, "tightened" if is_tighter else "loosened")


def _goes_with_type(pair: Pair[Schema], keyword: str) -> bool:
    """Whether one side admits anything, so that a bound on the other one is part of what its type says."""
    if bool(pair.old.types) == bool(pair.new.types):
        return False
    return keyword not in (pair.new if pair.old.types else pair.old).keywords


def _rank(bound: Bound, sign: int) -> tuple[float, bool]:
    """Larger admits more; that a bound itself is not admitted comes after its value."""
    return bound.value * sign, not bound.is_exclusive


def _multiple(old: Any, new: Any) -> str:
    try:
        if new % old == 0:
            return "tightened"
        return "loosened" if old % new == 0 else "changed"
    except (TypeError, ZeroDivisionError):
        return "changed"


def _said(value: Any) -> str:
    if value is None:
        return "not there"
    if isinstance(value, Bound):
        return f"{'beyond ' if value.is_exclusive else ''}{value.value}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _changes(pair: Pair[Schema], kind: str) -> Findings:
    for turn in _turns(pair):
        if turn.kind == kind:
            yield Change(
                f"{turn.keyword} was {_said(turn.old)} and is now {_said(turn.new)}",
                _value(turn.old),
                _value(turn.new),
                pair.old.pointer_of(turn.keyword),
                pair.new.pointer_of(turn.keyword),
                subject=turn.keyword,
            )


def _value(value: Any) -> Any:
    return value.value if isinstance(value, Bound) else value


@rule(PairKind.SCHEMA, Effect.NARROWS)
def bound_tightened(pair: Pair[Schema]) -> Findings:
    """A bound admits less than before: a maximum fell, a minimum rose, values must differ.

    Writers of what lies outside are refused; readers notice nothing.
    Instead: go on accepting in requests what was accepted.
    """
    yield from _changes(pair, "tightened")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def bound_loosened(pair: Pair[Schema]) -> Findings:
    """A bound admits more than before: a maximum rose, a minimum fell, values may repeat.

    Readers that made room for the old bound meet what does not fit.
    Instead: keep the bound in responses.
    """
    yield from _changes(pair, "loosened")


@rule(PairKind.SCHEMA, Effect.MAY_NARROW)
def bound_set(pair: Pair[Schema]) -> Findings:
    """There is a bound where there was none.

    Writers of what lies outside are refused. Often the bound was there all the time, and only the contract did not
    say it.
    Instead: set it where nobody's values are, or in a new version.
    """
    yield from _changes(pair, "set")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def bound_dropped(pair: Pair[Schema]) -> Findings:
    """There is no bound where there was one.

    Readers that made room for the old bound meet what does not fit.
    Instead: keep the bound in responses.
    """
    yield from _changes(pair, "dropped")


@rule(PairKind.SCHEMA, Effect.BREAKS)
def bound_changed(pair: Pair[Schema]) -> Findings:
    """A bound differs, and neither the old nor the new one admits all that the other does.

    Writers of the old values are refused, and readers meet new ones.
    Instead: choose a `multipleOf` that divides the old one, or is divided by it.
    """
    yield from _changes(pair, "changed")
