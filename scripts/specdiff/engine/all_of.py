"""What schemas that are combined say together and none of them says alone."""

from typing import TYPE_CHECKING

from attrs import evolve

from scripts.openapi.document import as_map

from .canonical import meaning
from .document import Document
from .merging import expanded, flattened
from .schema import WORDS, Branches, Schema
from .sites import Site
from .walk_properties import property_of

if TYPE_CHECKING:
    from .walk_schemas import SchemaWalker


def asked_elsewhere(
    walker: "SchemaWalker", site: Site, sides: tuple[Schema, Schema], combined: list[tuple[Schema, Schema]], where: str
) -> tuple[tuple[Schema, Schema], list[tuple[Schema, Schema]]]:
    """Judge what one part requires and another one declares as a property of the whole; give the parts without."""
    inline = [pair for pair in combined if not any(part.base for part in pair)]
    before, after = (
        {name for part in parts for name in _undeclared(part)} for parts in zip(sides, *inline, strict=True)
    )
    if before == after:
        return sides, combined
    wholes = [
        flattened(document, side, list(side.get("allOf", ())))
        for document, side in zip(walker.documents, sides, strict=True)
    ]
    names = (before ^ after) & wholes[0].properties.keys() & wholes[1].properties.keys()
    for name in sorted(names):
        pair = property_of(walker, 0, wholes[0], name), property_of(walker, 1, wholes[1], name)
        at = tuple(whole.properties[name][1] for whole in wholes)
        walker.graph.judge(site, "property", *pair, f"{where}.{name}", (at[0], at[1]))
    return _without(sides, names), [_without(pair, names) if pair in inline else pair for pair in combined]


def overlaid(walker: "SchemaWalker", old: Schema, new: Schema) -> tuple[Schema, Schema]:
    """Two schemas that say which properties more, or fewer, of the schemas that they combine speak of."""
    if not all(isinstance(side.get("allOf"), Branches) for side in (old, new)):
        return old, new
    before, after = _declarations(walker, 0, old), _declarations(walker, 1, new)
    names = [name for name in before if len(before[name]) != len(after.get(name, before[name]))]
    if not names:
        return old, new
    said = [frozenset(f"{name}: {sorted(held[name])}" for name in names) for held in (before, after)]
    one, other = (
        evolve(schema, keywords={**schema.keywords, "unjoined": schema.get("unjoined", frozenset()) | more})
        for schema, more in zip((old, new), said, strict=True)
    )
    return one, other


def _declarations(walker: "SchemaWalker", side: int, schema: Schema) -> dict[str, set[str]]:
    """What a schema and those that it combines say of each property."""
    document = walker.documents[side]
    shared = walker.graph.old.names & walker.graph.new.names
    found: dict[str, set[str]] = {}
    for part in (evolve(schema, keywords={}), *walker.parts(side, schema, "allOf")):
        whole = expanded(document, part)
        held = whole.get("allOf")
        if isinstance(held, Branches):
            whole = flattened(document, whole, list(held))
        for name, place in whole.properties.items():
            found.setdefault(name, set()).add(meaning(document, *place, shared))
    return found


def combining(document: Document, one: Schema, other: Schema) -> Schema:
    """A reference as a combination of one schema, where the other side combines that with more."""
    held = other.get("allOf")
    if not one.base or other.base or not isinstance(held, Branches):
        return one
    if all(document.target(as_map(node).get("$ref")) != one.base for node, _ in held):
        return one
    words = {key: value for key, value in one.keywords.items() if key in WORDS or key.startswith("x-")}
    alone = Branches([(document.find(one.pointer), one.pointer)])
    return Schema(one.pointer, {**words, "allOf": alone}, one.homes, None, one.nullable)


def _undeclared(schema: Schema) -> frozenset[str]:
    return schema.required - schema.properties.keys()


def _without(pair: tuple[Schema, Schema], names: set[str]) -> tuple[Schema, Schema]:
    """Two schemas that do not require some properties which they do not declare."""
    old, new = (
        evolve(side, keywords={**side.keywords, "required": side.required - (names & _undeclared(side))})
        if names & _undeclared(side)
        else side
        for side in pair
    )
    return old, new
