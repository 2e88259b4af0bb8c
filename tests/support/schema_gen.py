"""What stands where in a drawn schema and its components, what can be judged, and how version 3.0 spells it."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

Node = dict[str, Any]
Path = tuple[str | int, ...]

TEXTS = ("a", "ab", "abc", "bbb", "xyz", "2024-02-29")
TYPES = ("string", "integer", "number", "boolean", "object", "array")
# Where schemas stand in a schema: alone, in an array, and by name.
ALONE = (
    *("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"),
    *("unevaluatedProperties", "unevaluatedItems"),
)
LISTED = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "dependentSchemas")
# Of these, what speaks of something in the value.
_INSIDE = {"items", "additionalProperties", "contains", "unevaluatedProperties", "unevaluatedItems", "prefixItems"}
_INSIDE |= {"properties", "patternProperties", "propertyNames"}
# What version 3.0 has no word for.
_ONLY_31 = (
    *("patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "prefixItems", "contains"),
    *("minContains", "maxContains", "if", "then", "else", "unevaluatedProperties", "unevaluatedItems"),
)


def places(node: Any, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every schema in a schema, with the way to it; the schema itself first."""
    if not isinstance(node, dict):
        return
    yield path, node
    for keyword in ALONE:
        yield from places(node.get(keyword), (*path, keyword))
    for keyword in LISTED:
        for index, one in enumerate(node.get(keyword, ())):
            yield from places(one, (*path, keyword, index))
    for keyword in NAMED:
        for name, one in node.get(keyword, {}).items():
            yield from places(one, (*path, keyword, name))


def targets(world: Node, *, in_place: bool = False) -> set[str]:
    """The components that the schema of a world reaches; `in_place`, those that speak of the same value as itself."""
    found: set[str] = set()
    waiting: list[Any] = [world["schema"]]
    while waiting:
        for path, node in places(waiting.pop()):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in found and not (in_place and _INSIDE.intersection(path)):
                found.add(name)
                waiting.append(world["components"][name])
    return found


def is_founded(world: Node) -> bool:
    """Whether no component says that a value is what it is: such a schema means nothing, and judges do not end."""
    components = world["components"]
    return not any(
        name in targets({"schema": one, "components": components}, in_place=True) for name, one in components.items()
    )


def is_told_apart(world: Node) -> bool:
    """Whether no value fits two branches of a `oneOf`, by their types or constant tags.

    Where some do, a branch that admits more refuses what fits another one, too. Nobody means that, and a comparison
    that spoke of it at each change of one of several similar objects would be read by nobody.
    """
    reached = [world["schema"], *(world["components"][name] for name in targets(world))]
    for node in (node for root in reached for _, node in places(root) if "oneOf" in node):
        seen: set[str] = set()
        for branch in node["oneOf"]:
            while "$ref" in branch:
                branch = world["components"][branch["$ref"].rpartition("/")[2]]
            kinds = branch.get("type", (*TYPES, "null"))
            marks = {*([kinds] if isinstance(kinds, str) else kinds)} | ({"null"} if branch.get("nullable") else set())
            marks = {"number" if mark == "integer" else mark for mark in marks}
            tag = branch.get("properties", {}).get("kind", {})
            values = [tag["const"]] if "const" in tag else tag.get("enum", ())
            if "kind" in branch.get("required", ()) and len(values) == 1:
                marks = {f"{mark} {values[0]}" if mark == "object" else mark for mark in marks}
            elif "object" in marks:
                marks |= {f"object {text}" for text in TEXTS}
            if seen & marks:
                return False
            seen |= marks
    return True


def in_30(node: Any) -> Any:
    """A schema of version 3.1 as one of version 3.0, without what that has no word for."""
    if not isinstance(node, dict):
        return node
    node = deepcopy(node)
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    for keyword in _ONLY_31:
        node.pop(keyword, None)
    kinds = node.get("type")
    if isinstance(kinds, list):
        left = [kind for kind in kinds if kind != "null"] or ["boolean"]
        node["type"] = left[0]
        if len(left) < len(kinds):
            node["nullable"] = True
    if node.get("type") == "null":
        node = {"type": "boolean"}
    if "const" in node:
        node["enum"] = [node.pop("const")]
    # By the letter null must be listed, too. Few know, and mean null by `nullable` alone; so does the comparison.
    if node.get("nullable") and "enum" in node and None not in node["enum"]:
        node["enum"] = [*node["enum"], None]
    for keyword, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if flag in node:
            node[keyword], node[flag] = node[flag], True
    for keyword in ALONE:
        if keyword in node:
            node[keyword] = in_30(node[keyword])
    if node.get("items") is False:
        node["items"] = {}
    for keyword in LISTED:
        if keyword in node:
            node[keyword] = [in_30(one) for one in node[keyword]]
    if "properties" in node:
        node["properties"] = {name: in_30(one) for name, one in node["properties"].items()}
    return node
