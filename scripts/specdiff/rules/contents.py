"""What objects and arrays may hold besides what is declared by name: other properties, items, positions."""

import re
from collections.abc import Mapping

from scripts.openapi.document import as_list, as_map
from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Schema

from .catalogue import Findings, listed, matters, rule, shown

# What constrains values of a type when it is there, and a name for it.
_HELD = {
    "additionalProperties": ("object", "other properties"),
    "unevaluatedProperties": ("object", "properties that nothing else speaks of"),
    "unevaluatedItems": ("array", "items that nothing else speaks of"),
    "items": ("array", "items"),
    "propertyNames": ("object", "names of properties"),
    "contains": ("array", "one of the items"),
    "contentSchema": ("string", "the content"),
}


def _held(pair: Pair[Schema], keyword: str) -> tuple[int, int]:
    """How much a keyword admits on either side: nothing 0, what fits 1, anything 2."""

    def rank(value: object) -> int:
        return 0 if value is False else 1 if isinstance(value, Mapping) else 2

    return rank(pair.old.get(keyword)), rank(pair.new.get(keyword))


def _change(pair: Pair[Schema], keyword: str, text: str) -> Change:
    old, new = pair.old.get(keyword), pair.new.get(keyword)
    return Change(text, old, new, pair.old.pointer_of(keyword), pair.new.pointer_of(keyword), subject=keyword)


def _names_in_closed(pair: Pair[Schema]) -> tuple[list[str], list[str]]:
    """The patterns of names that a closed object admits no more, and those that it admits besides."""
    if not (pair.old.is_closed and pair.new.is_closed):
        return [], []
    old, new = (as_map(side.get("patternProperties")) for side in (pair.old, pair.new))
    return [name for name in old if name not in new], [name for name in new if name not in old]


def _speaks_of_declared(pair: Pair[Schema], pattern: str) -> bool:
    """Whether a declared property has a name of a pattern, or who knows."""
    try:
        return any(re.search(pattern, name) for side in (pair.old, pair.new) for name in side.properties)
    except re.error:
        return True


@rule(PairKind.SCHEMA, Effect.NARROWS)
def contents_constrained(pair: Pair[Schema]) -> Findings:
    """What an object or array may hold is constrained or refused: other properties, items, names, contents.

    Writers that send anything else are refused; readers notice nothing.
    Instead: leave requests open.
    """
    for keyword, (kind, words) in _HELD.items():
        old, new = _held(pair, keyword)
        if new < old and matters(pair, kind):
            yield _change(pair, keyword, f"{words} {'are refused' if new == 0 else 'must fit a schema'} ({keyword})")
    if gone := _names_in_closed(pair)[0]:
        yield _change(pair, "patternProperties", f"properties named like {listed(gone)} are refused")


@rule(PairKind.SCHEMA, Effect.MAY_WIDEN)
def closed_object_opened(pair: Pair[Schema]) -> Findings:
    """Other properties or items than the declared ones are admitted, and were refused.

    Readers that refuse what is not declared fail.
    Instead: leave objects open from the beginning.
    """
    for keyword, (kind, words) in _HELD.items():
        if _held(pair, keyword)[0] == 0 < _held(pair, keyword)[1] and matters(pair, kind):
            yield _change(pair, keyword, f"{words} are admitted ({keyword})")
    if added := _names_in_closed(pair)[1]:
        yield _change(pair, "patternProperties", f"properties named like {listed(added)} are admitted")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def contents_released(pair: Pair[Schema]) -> Findings:
    """What an object or array may hold is not constrained any more: other properties, items, names, contents.

    Readers that expect the old contents meet anything.
    Instead: keep the constraint in responses.
    """
    for keyword, (kind, words) in _HELD.items():
        if _held(pair, keyword) == (1, 2) and matters(pair, kind):
            yield _change(pair, keyword, f"{words} need not fit a schema any more ({keyword})")


_MAPS = ("patternProperties", "dependentSchemas", "dependentRequired")


def _keys(pair: Pair[Schema], gone: bool) -> Findings:
    in_closed = {name for names in _names_in_closed(pair) for name in names if not _speaks_of_declared(pair, name)}
    for keyword in _MAPS:
        old, new = (as_map(side.get(keyword)) for side in (pair.old, pair.new))
        less, more = (new, old) if gone else (old, new)
        for name in more:
            if name not in less and not (name in in_closed and keyword == "patternProperties"):
                yield Change(
                    f"{keyword} for {shown(name)} {'removed' if gone else 'added'}",
                    old.get(name),
                    new.get(name),
                    pair.old.pointer_of(keyword),
                    pair.new.pointer_of(keyword),
                    subject=f"{keyword} {name}",
                )


@rule(PairKind.SCHEMA, Effect.NARROWS)
def named_constraint_added(pair: Pair[Schema]) -> Findings:
    """Properties whose name fits, or that come with another one, are constrained.

    Writers that send anything else are refused.
    Instead: constrain only names that nobody uses.
    """
    yield from _keys(pair, gone=False)


@rule(PairKind.SCHEMA, Effect.WIDENS)
def named_constraint_removed(pair: Pair[Schema]) -> Findings:
    """Properties whose name fits, or that come with another one, are not constrained any more.

    Readers that rely on it fail.
    Instead: keep the constraint in responses.
    """
    yield from _keys(pair, gone=True)


@rule(PairKind.SCHEMA, Effect.BREAKS)
def dependency_changed(pair: Pair[Schema]) -> Findings:
    """Other properties than before must come with one.

    Writers of the old ones are refused, and readers rely on the wrong ones.
    Instead: require what was required, and nothing more.
    """
    old, new = (
        value if isinstance(value := side.get("dependentRequired"), Mapping) else {} for side in (pair.old, pair.new)
    )
    for name in old:
        before, after = as_list(old[name]), as_list(new.get(name))
        if name in new and sorted(map(str, before)) != sorted(map(str, after)):
            text = f"with {shown(name)} there had to be {listed(before)}, and now {listed(after)}"
            yield Change(text, before, after, subject=str(name))


def _positions(pair: Pair[Schema]) -> tuple[int, int]:
    return len(pair.old.subschemas("prefixItems")), len(pair.new.subschemas("prefixItems"))


@rule(PairKind.SCHEMA, Effect.NARROWS)
def position_constrained(pair: Pair[Schema]) -> Findings:
    """The item at some position of an array must fit a schema, or must not be there, and could be anything.

    Writers that send anything else there are refused.
    Instead: leave the position open, or use an object.
    """
    old, new = _positions(pair)
    if new > old and "items" not in pair.old.keywords:
        yield _change(pair, "prefixItems", f"{new - old} more positions have schemas of their own")
    elif new < old and pair.new.get("items") is False:
        yield _change(pair, "prefixItems", f"{old - new} positions must be empty")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def position_released(pair: Pair[Schema]) -> Findings:
    """The item at some position of an array need not fit a schema of its own any more, or need not be missing.

    Readers that rely on the position fail.
    Instead: keep the schema in responses, or use an object.
    """
    old, new = _positions(pair)
    if new < old and "items" not in pair.new.keywords:
        yield _change(pair, "prefixItems", f"{old - new} positions have no schemas of their own any more")
    elif new > old and pair.old.get("items") is False:
        yield _change(pair, "prefixItems", f"{new - old} more positions may be filled")
