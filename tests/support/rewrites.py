"""Changes of a drawn schema that keep its meaning. The diff must not report them."""

from copy import deepcopy
from random import Random
from typing import Any

from tests.support.changes import Change, named, types
from tests.support.schema_gen import Node

REWRITES: dict[str, Change] = {}


@named("wrap one", REWRITES)
def _wrap_one(rnd: Random, node: Node, _world: Node) -> Node | None:
    return (
        {rnd.choice(("anyOf", "oneOf", "allOf")): [deepcopy(node)]}
        if types(node) - {"null"} or "$ref" in node
        else None
    )


@named("reorder", REWRITES)
def _reorder(rnd: Random, node: Node, _world: Node) -> Node:
    copy = {key: deepcopy(node[key]) for key in rnd.sample(list(node), len(node))}
    for keyword in ("required", "enum", "allOf", "anyOf", "oneOf"):
        if keyword in copy:
            rnd.shuffle(copy[keyword])
    if "properties" in copy:
        copy["properties"] = dict(rnd.sample(list(copy["properties"].items()), len(copy["properties"])))
    return copy


@named("type as list", REWRITES)
def _type_as_list(_rnd: Random, node: Node, _world: Node) -> bool:
    if isinstance(node.get("type"), str):
        node["type"] = [node["type"]]
        return True
    return False


@named("constant as enum", REWRITES)
def _const_as_enum(_rnd: Random, node: Node, _world: Node) -> bool:
    if "const" in node:
        node["enum"] = [node.pop("const")]
    return "enum" in node


@named("null as alternative", REWRITES)
def _null_apart(rnd: Random, node: Node, _world: Node) -> Node | None:
    kinds = types(node) - {"null"}
    if "null" not in types(node) or not kinds or (None in node.get("enum", ()) and len(node["enum"]) == 1):
        return None
    inner = deepcopy(node) | {"type": sorted(kinds) if len(kinds) > 1 else kinds.pop()}
    if "enum" in inner:
        inner["enum"] = [one for one in inner["enum"] if one is not None]
    return {rnd.choice(("anyOf", "oneOf")): [inner, {"type": "null"}]}


@named("keyword without effect", REWRITES)
def _no_effect(_rnd: Random, node: Node, _world: Node) -> bool:
    keywords: dict[str, tuple[str, Any]]
    keywords = {"string": ("minLength", 0), "array": ("uniqueItems", False), "object": ("additionalProperties", True)}
    keyword, value = keywords.get(str(node.get("type")), ("required", []))
    if not node or {keyword, "$ref", "enum", "const"} & node.keys():
        return False
    node[keyword] = value
    return True


@named("bound of integers", REWRITES)
def _whole_bound(_rnd: Random, node: Node, _world: Node) -> bool:
    for keyword, other, by in (("minimum", "exclusiveMinimum", -1), ("maximum", "exclusiveMaximum", 1)):
        if node.get("type") == "integer" and keyword in node and other not in node:
            node[other] = node.pop(keyword) + by
            return True
    return False


@named("extract", REWRITES)
def _extract(_rnd: Random, node: Node, world: Node) -> Node | None:
    if "Extracted" in world["components"] or types(node) == {"null"}:
        return None
    world["components"]["Extracted"] = deepcopy(node)
    return {"$ref": "#/components/schemas/Extracted"}


@named("inline", REWRITES)
def _inline(_rnd: Random, node: Node, world: Node) -> Node | None:
    # Keywords beside a reference would have to be combined with the component.
    component: Node | None = world["components"].get(str(node.get("$ref")).rpartition("/")[2])
    return deepcopy(component) if len(node) == 1 else None
