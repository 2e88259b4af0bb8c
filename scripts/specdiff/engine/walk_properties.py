"""Walks the properties of two objects side by side, and tells those that were renamed from those that came or went."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from .canonical_json import canonical_json
from .matching import renamed, together
from .merging import merge_all_of, property_of, resolve_ref
from .pairs import PairKind
from .reach import Propagation, Scope
from .references import references
from .schema import Schema, Subschemas

if TYPE_CHECKING:
    from .walk_schemas import SchemaWalker


def walk_properties(walker: "SchemaWalker", scope: Scope, old: Schema, new: Schema, where: str, as_text: bool) -> None:
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
        if (
            name == other
            and asked[0] == asked[1]
            and before[0] == after[0]
            and canonical_json(before[0]) == canonical_json(after[0])
        ):
            part = _flowing(walker, scope, (1, after), inner)
            walker.follow(part, references(walker.comparison.new, after[0]), as_text)
            continue
        part = _flowing(walker, scope, (1, after), inner)
        at = (before[1], after[1])
        pair = property_of(walker.comparison.old, old, name), property_of(walker.comparison.new, new, other)
        walker.comparison.judge(part, PairKind.PROPERTY, *pair, inner, at, as_text=as_text)
        walker.comparison.judge(scope, PairKind.DIRECTION, *pair, inner, at)
        promises = pair[0].schema.keywords, pair[1].schema.keywords
        walker.comparison.judge(part, PairKind.STABILITY, *promises, inner, at)
        walker.walk(part, before, after, inner, as_text=as_text)
    for name in gone:
        if name not in names:
            part = _flowing(walker, scope, (0, old.properties[name]), f"{where}.{name}")
            one = property_of(walker.comparison.old, old, name)
            # Whether what is not declared is refused is for the new owner to say.
            one = evolve(one, owner=new)
            walker.comparison.judge(
                part, PairKind.PROPERTY, one, None, f"{where}.{name}", (old.properties[name][1], None)
            )
    for name in came:
        if name not in names.values():
            part = _flowing(walker, scope, (1, new.properties[name]), f"{where}.{name}")
            one = property_of(walker.comparison.new, new, name)
            one = evolve(one, owner=old)
            walker.comparison.judge(
                part, PairKind.PROPERTY, None, one, f"{where}.{name}", (None, new.properties[name][1])
            )
            # Under this name there could be what fits the schema for other properties.
            if isinstance(others := old.get("additionalProperties"), Mapping):
                places = (others, old.pointer_of("additionalProperties")), new.properties[name]
                walker.walk(part, *places, f"{where}.{name}", as_text=as_text)


def _inherited(walker: "SchemaWalker", side: int, schema: Schema, names: list[str]) -> set[str]:
    """Which of some properties a schema has by what it combines."""
    held = schema.get("allOf")
    if not names or not isinstance(held, Subschemas):
        return set()
    return set(names) & merge_all_of(walker.documents[side], schema, list(held)).properties.keys()


def _flowing(walker: "SchemaWalker", scope: Scope, side: tuple[int, tuple[Any, str]], where: str) -> Scope:
    """The scope for a property: another one where it is only read, or only written."""
    number, (node, pointer) = side
    for keyword, flow in (("readOnly", Propagation.READ_ONLY), ("writeOnly", Propagation.WRITE_ONLY)):
        if _says(walker, number, node, pointer, keyword):
            return walker.comparison.scope_below(scope, (flow, id(scope), pointer), where, flow)[0]
    return scope


def _says(walker: "SchemaWalker", side: int, node: Any, pointer: str, keyword: str) -> bool:
    if isinstance(node, Mapping) and "$ref" not in node and "allOf" not in node:
        return node.get(keyword) is True
    return resolve_ref(walker.documents[side], walker.documents[side].schema(node, pointer)).get(keyword) is True
