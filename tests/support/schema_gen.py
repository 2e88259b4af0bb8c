"""Finds the subschemas of a drawn schema, rejects schemas that values cannot judge, and converts to OpenAPI 3.0."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

Node = dict[str, Any]
Path = tuple[str | int, ...]

TEXTS = ("a", "ab", "abc", "bbb", "xyz", "2024-02-29")
TYPES = ("string", "integer", "number", "boolean", "object", "array")
# The keywords whose value is a schema, a list of schemas, or a dictionary of schemas.
SINGLE = (
    *("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"),
    *("unevaluatedProperties", "unevaluatedItems"),
)
LISTED = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "dependentSchemas")
# The keywords whose schemas apply to a part of the value, not to the value itself.
_INSIDE = {"items", "additionalProperties", "contains", "unevaluatedProperties", "unevaluatedItems", "prefixItems"}
_INSIDE |= {"properties", "patternProperties", "propertyNames"}
# The keywords that OpenAPI 3.0 does not have.
_ONLY_31 = (
    *("patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "prefixItems", "contains"),
    *("minContains", "maxContains", "if", "then", "else", "unevaluatedProperties", "unevaluatedItems"),
)


def places(node: Any, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield a schema and all of its subschemas, each with its path."""
    if not isinstance(node, dict):
        return
    yield path, node
    for keyword in SINGLE:
        yield from places(node.get(keyword), (*path, keyword))
    for keyword in LISTED:
        for index, one in enumerate(node.get(keyword, ())):
            yield from places(one, (*path, keyword, index))
    for keyword in NAMED:
        for name, one in node.get(keyword, {}).items():
            yield from places(one, (*path, keyword, name))


def targets(world: Node, *, in_place: bool = False) -> set[str]:
    """The names of the components that the schema of a world references, also indirectly.

    With `in_place`, only the components that apply to the same value as the schema.
    """
    found: set[str] = set()
    waiting: list[Any] = [world["schema"]]
    while waiting:
        for path, node in places(waiting.pop()):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in found and not (in_place and _INSIDE.intersection(path)):
                found.add(name)
                waiting.append(world["components"][name])
    return found


def is_well_defined(world: Node) -> bool:
    """Whether no component references itself in place. Such a schema is undefined, and validators do not terminate."""
    components = world["components"]
    return not any(
        name in targets({"schema": one, "components": components}, in_place=True) for name, one in components.items()
    )


def has_disjoint_branches(world: Node) -> bool:
    """Whether the branches of each `oneOf` differ in their types or constant tags, so that no value fits two branches.

    If a value fits two branches after a branch was widened, `oneOf` rejects the value. Authors rarely intend this,
    and the diff does not report it.
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
    """Convert a schema from OpenAPI 3.1 to 3.0, without the keywords that 3.0 does not have."""
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
    # The specification requires null in the enum, too. Most authors set only `nullable`, and the diff accepts that.
    if node.get("nullable") and "enum" in node and None not in node["enum"]:
        node["enum"] = [*node["enum"], None]
    for keyword, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if flag in node:
            node[keyword], node[flag] = node[flag], True
    for keyword in SINGLE:
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
