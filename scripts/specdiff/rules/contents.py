"""Rules about undeclared properties, items and positions of objects and arrays."""

import re
from collections.abc import Mapping

from scripts.openapi.document import as_list, as_map
from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Schema

from .rule import Findings, applies, quoted, quoted_list, rule

# Keywords that restrict contents: the type that the keyword applies to, and its subject in messages.
_CONTENTS = {
    "additionalProperties": ("object", "undeclared properties"),
    "unevaluatedProperties": ("object", "unevaluated properties"),
    "unevaluatedItems": ("array", "unevaluated items"),
    "items": ("array", "items"),
    "propertyNames": ("object", "property names"),
    "contains": ("array", "an item"),
    "contentSchema": ("string", "the content"),
}


def _permissions(pair: Pair[Schema], keyword: str) -> tuple[int, int]:
    """The values that the keyword allows before and after: none (0), matching values (1) or all (2)."""

    def rank(value: object) -> int:
        return 0 if value is False else 1 if isinstance(value, Mapping) else 2

    return rank(pair.old.get(keyword)), rank(pair.new.get(keyword))


def _change(pair: Pair[Schema], keyword: str, text: str) -> Change:
    old, new = pair.old.get(keyword), pair.new.get(keyword)
    return Change(text, old, new, pair.old.pointer_of(keyword), pair.new.pointer_of(keyword), subject=keyword)


def _names_in_closed(pair: Pair[Schema]) -> tuple[list[str], list[str]]:
    """The name patterns that were removed from a closed object, and the name patterns that were added to it."""
    if not (pair.old.is_closed and pair.new.is_closed):
        return [], []
    old, new = (as_map(side.get("patternProperties")) for side in (pair.old, pair.new))
    return [name for name in old if name not in new], [name for name in new if name not in old]


def _matches_declared_property(pair: Pair[Schema], pattern: str) -> bool:
    """Whether a declared property matches a name pattern; True if the pattern cannot be evaluated."""
    try:
        return any(re.search(pattern, name) for side in (pair.old, pair.new) for name in side.properties)
    except re.error:
        return True


@rule(PairKind.SCHEMA, Effect.NARROWS)
def contents_constrained(pair: Pair[Schema]) -> Findings:
    """Undeclared properties, property names, items or content are now restricted.

    Callers that send other contents are rejected. Callers that read responses notice nothing.
    Instead: leave request schemas open.
    """
    for keyword, (kind, phrase) in _CONTENTS.items():
        old, new = _permissions(pair, keyword)
        if new < old and applies(pair, kind):
            yield _change(
                pair,
                keyword,
                f"{phrase} {'may no longer be present' if new == 0 else 'must now match a schema'} ({keyword})",
            )
    if gone := _names_in_closed(pair)[0]:
        yield _change(
            pair, "patternProperties", f"properties whose names match {quoted_list(gone)} may no longer be present"
        )


@rule(PairKind.SCHEMA, Effect.MAY_WIDEN)
def closed_object_opened(pair: Pair[Schema]) -> Findings:
    """Undeclared properties or items are no longer rejected.

    Callers that reject undeclared properties in responses fail.
    Instead: leave objects open from the beginning.
    """
    for keyword, (kind, phrase) in _CONTENTS.items():
        if _permissions(pair, keyword)[0] == 0 < _permissions(pair, keyword)[1] and applies(pair, kind):
            yield _change(pair, keyword, f"{phrase} may now be present ({keyword})")
    if added := _names_in_closed(pair)[1]:
        yield _change(
            pair, "patternProperties", f"properties whose names match {quoted_list(added)} may now be present"
        )


@rule(PairKind.SCHEMA, Effect.WIDENS)
def contents_restriction_removed(pair: Pair[Schema]) -> Findings:
    """Undeclared properties, property names, items or content are no longer restricted.

    Callers that rely on the restriction in responses may receive any contents.
    Instead: keep the restriction in responses.
    """
    for keyword, (kind, phrase) in _CONTENTS.items():
        if _permissions(pair, keyword) == (1, 2) and applies(pair, kind):
            yield _change(pair, keyword, f"the schema of {phrase} was removed ({keyword})")


_MAPS = ("patternProperties", "dependentSchemas", "dependentRequired")


def _key_changes(pair: Pair[Schema], gone: bool) -> Findings:
    in_closed = {
        name for names in _names_in_closed(pair) for name in names if not _matches_declared_property(pair, name)
    }
    for keyword in _MAPS:
        old, new = (as_map(side.get(keyword)) for side in (pair.old, pair.new))
        less, more = (new, old) if gone else (old, new)
        for name in more:
            if name not in less and not (name in in_closed and keyword == "patternProperties"):
                yield Change(
                    f"{keyword} for {quoted(name)} {'removed' if gone else 'added'}",
                    old.get(name),
                    new.get(name),
                    pair.old.pointer_of(keyword),
                    pair.new.pointer_of(keyword),
                    subject=f"{keyword} {name}",
                )


@rule(PairKind.SCHEMA, Effect.NARROWS)
def named_constraint_added(pair: Pair[Schema]) -> Findings:
    """A restriction was added: `patternProperties`, `dependentSchemas` or `dependentRequired`.

    Callers that send properties that do not satisfy it are rejected.
    Instead: restrict only properties that no caller sends.
    """
    yield from _key_changes(pair, gone=False)


@rule(PairKind.SCHEMA, Effect.WIDENS)
def named_constraint_removed(pair: Pair[Schema]) -> Findings:
    """A restriction was removed: `patternProperties`, `dependentSchemas` or `dependentRequired`.

    Callers that rely on the restriction in responses fail.
    Instead: keep the restriction in responses.
    """
    yield from _key_changes(pair, gone=True)


@rule(PairKind.SCHEMA, Effect.BREAKS)
def dependency_changed(pair: Pair[Schema]) -> Findings:
    """The properties that another property requires changed (`dependentRequired`).

    Callers that send only the old properties are rejected. Callers that read the old properties in responses may fail.
    Instead: keep requiring the same properties.
    """
    old, new = (
        value if isinstance(value := side.get("dependentRequired"), Mapping) else {} for side in (pair.old, pair.new)
    )
    for name in old:
        before, after = as_list(old[name]), as_list(new.get(name))
        if name in new and sorted(map(str, before)) != sorted(map(str, after)):
            text = f"{quoted(name)} required {quoted_list(before)} and now requires {quoted_list(after)}"
            yield Change(text, before, after, subject=str(name))


def _positions(pair: Pair[Schema]) -> tuple[int, int]:
    return len(pair.old.subschemas("prefixItems")), len(pair.new.subschemas("prefixItems"))


@rule(PairKind.SCHEMA, Effect.NARROWS)
def position_constrained(pair: Pair[Schema]) -> Findings:
    """Array items at some positions are now restricted, or are no longer allowed (`prefixItems`).

    Callers that send other items at these positions are rejected.
    Instead: leave the positions open, or use an object.
    """
    old, new = _positions(pair)
    if new > old and "items" not in pair.old.keywords:
        yield _change(pair, "prefixItems", f"items from position {old + 1} on must now match their own schemas")
    elif new < old and pair.new.get("items") is False:
        yield _change(pair, "prefixItems", f"items from position {new + 1} on may no longer be present")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def position_restriction_removed(pair: Pair[Schema]) -> Findings:
    """Array items at some positions are no longer restricted, or are now allowed (`prefixItems`).

    Callers that rely on these positions in responses fail.
    Instead: keep the schema in responses, or use an object.
    """
    old, new = _positions(pair)
    if new < old and "items" not in pair.new.keywords:
        yield _change(pair, "prefixItems", f"items from position {new + 1} on no longer have their own schemas")
    elif new > old and pair.old.get("items") is False:
        yield _change(pair, "prefixItems", f"items from position {old + 1} on may now be present")
