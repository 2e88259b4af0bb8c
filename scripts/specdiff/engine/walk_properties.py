"""Walks the properties of two objects side by side, and tells those that were renamed from those that came or went."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from .document import spelled
from .merging import expanded, flattened
from .pairing import renamed, together
from .references import references
from .schema import Branches, Schema
from .sites import Flow, Site

if TYPE_CHECKING:
    from .walk_schemas import SchemaWalker


@frozen
class Property:
    """A property and whether it must be there."""

    name: str
    required: bool
    schema: Schema
    owner: Schema
    read_only: bool
    write_only: bool


def walk_properties(walker: "SchemaWalker", site: Site, old: Schema, new: Schema, where: str, textual: bool) -> None:
    if not old.properties and not new.properties:
        return
    if old.types != new.types and any(side.types and "object" not in side.types for side in (old, new)):
        # That it is no object any more says it all.
        return
    both, gone, came = together(old.properties, new.properties)
    inherited = _inherited(walker, 0, old, came), _inherited(walker, 1, new, gone)
    gone = [name for name in gone if name not in inherited[1]]
    came = [name for name in came if name not in inherited[0]]
    names = {name: name for name in both} | renamed(
        {name: old.properties[name][0] for name in gone}, {name: new.properties[name][0] for name in came}
    )
    for name, other in names.items():
        before, after = old.properties[name], new.properties[other]
        asked = name in old.required, other in new.required
        inner = f"{where}.{other}"
        if name == other and asked[0] == asked[1] and before[0] == after[0] and spelled(before[0]) == spelled(after[0]):
            part = _flowing(walker, site, (1, after), inner)
            walker.follow(part, references(walker.graph.new, after[0]), textual)
            continue
        part = _flowing(walker, site, (1, after), inner)
        at = (before[1], after[1])
        pair = property_of(walker, 0, old, name), property_of(walker, 1, new, other)
        walker.graph.judge(part, "property", *pair, inner, at, textual=textual)
        walker.graph.judge(site, "direction", *pair, inner, at)
        promises = pair[0].schema.keywords, pair[1].schema.keywords
        walker.graph.judge(part, "stability", *promises, inner, at)
        walker.walk(part, before, after, inner, textual=textual)
    for name in gone:
        if name not in names:
            part = _flowing(walker, site, (0, old.properties[name]), f"{where}.{name}")
            one = property_of(walker, 0, old, name)
            # Whether what is not declared is refused is for the new owner to say.
            one = evolve(one, owner=new)
            walker.graph.judge(part, "property", one, None, f"{where}.{name}", (old.properties[name][1], None))
    for name in came:
        if name not in names.values():
            part = _flowing(walker, site, (1, new.properties[name]), f"{where}.{name}")
            one = property_of(walker, 1, new, name)
            one = evolve(one, owner=old)
            walker.graph.judge(part, "property", None, one, f"{where}.{name}", (None, new.properties[name][1]))
            # Under this name there could be what fits the schema for other properties.
            if isinstance(others := old.get("additionalProperties"), Mapping):
                places = (others, old.home("additionalProperties")), new.properties[name]
                walker.walk(part, *places, f"{where}.{name}", textual=textual)


def _inherited(walker: "SchemaWalker", side: int, schema: Schema, names: list[str]) -> set[str]:
    """Which of some properties a schema has by what it combines."""
    held = schema.get("allOf")
    if not names or not isinstance(held, Branches):
        return set()
    return set(names) & flattened(walker.documents[side], schema, list(held)).properties.keys()


def property_of(walker: "SchemaWalker", side: int, owner: Schema, name: str) -> Property:
    schema = walker.documents[side].schema(*owner.properties[name])
    whole = expanded(walker.documents[side], schema)
    flags = (whole.get(keyword) is True for keyword in ("readOnly", "writeOnly"))
    return Property(name, name in owner.required, schema, owner, *flags)


def _flowing(walker: "SchemaWalker", site: Site, side: tuple[int, tuple[Any, str]], where: str) -> Site:
    """The site for a property: another one where it is only read, or only written."""
    number, (node, pointer) = side
    for keyword, flow in (("readOnly", Flow.READ_ONLY), ("writeOnly", Flow.WRITE_ONLY)):
        if _says(walker, number, node, pointer, keyword):
            return walker.graph.below(site, (flow, id(site), pointer), where, flow)[0]
    return site


def _says(walker: "SchemaWalker", side: int, node: Any, pointer: str, keyword: str) -> bool:
    if isinstance(node, Mapping) and "$ref" not in node and "allOf" not in node:
        return node.get(keyword) is True
    return expanded(walker.documents[side], walker.documents[side].schema(node, pointer)).get(keyword) is True
