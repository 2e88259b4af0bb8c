"""The structure of bundles: subschemas, reachable components, and the spelling of OpenAPI 3.0."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

Node = dict[str, Any]
Path = tuple[str | int, ...]

TEXTS = ("a", "ab", "abc", "bbb", "xyz", "2024-02-29")
TYPES = ("string", "integer", "number", "boolean", "object", "array")
# Keywords whose value is a schema, an array of schemas, or a map of schemas.
ALONE = (
    *("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"),
    *("unevaluatedProperties", "unevaluatedItems"),
)
LISTED = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "dependentSchemas")
# The ones that apply to a part of the value instead of the value itself.
_INSIDE = {"items", "additionalProperties", "contains", "unevaluatedProperties", "unevaluatedItems", "prefixItems"}
_INSIDE |= {"properties", "patternProperties", "propertyNames"}
# Keywords that OpenAPI 3.0 does not have.
_ONLY_31 = (
    *("patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "prefixItems", "contains"),
    *("minContains", "maxContains", "if", "then", "else", "unevaluatedProperties", "unevaluatedItems"),
)


def subschemas(node: Any, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield a schema and all schemas in it, each with its path."""
    if not isinstance(node, dict):
        return
    yield path, node
    for keyword in ALONE:
        yield from subschemas(node.get(keyword), (*path, keyword))
    for keyword in LISTED:
        for index, one in enumerate(node.get(keyword, ())):
            yield from subschemas(one, (*path, keyword, index))
    for keyword in NAMED:
        for name, one in node.get(keyword, {}).items():
            yield from subschemas(one, (*path, keyword, name))


def reachable_components(bundle: Node, *, in_place: bool = False) -> set[str]:
    """Return the components that a bundle's schema reaches; with `in_place`, those that apply to the same value."""
    found: set[str] = set()
    waiting: list[Any] = [bundle["schema"]]
    while waiting:
        for path, node in subschemas(waiting.pop()):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in found and not (in_place and _INSIDE.intersection(path)):
                found.add(name)
                waiting.append(bundle["components"][name])
    return found


def is_well_founded(bundle: Node) -> bool:
    """Whether no component applies to the same value as itself; validators do not terminate on such a component."""
    components = bundle["components"]
    return not any(
        name in reachable_components({"schema": one, "components": components}, in_place=True)
        for name, one in components.items()
    )


def has_disjoint_alternatives(bundle: Node) -> bool:
    """Whether the alternatives of each `oneOf` differ in their types or constants, so that no value fits two of them.

    If alternatives overlap, one that admits more values makes `oneOf` refuse values of another one. The diff does not
    report this for each change of an alternative, because authors rarely intend overlaps.
    """
    reached = [bundle["schema"], *(bundle["components"][name] for name in reachable_components(bundle))]
    for node in (node for root in reached for _, node in subschemas(root) if "oneOf" in node):
        seen: set[str] = set()
        for branch in node["oneOf"]:
            while "$ref" in branch:
                branch = bundle["components"][branch["$ref"].rpartition("/")[2]]
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


def as_version_30(node: Any) -> Any:
    """Rewrite a schema of version 3.1 for version 3.0, without keywords that 3.0 does not have."""
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
    # Strictly, the enum must list null, too. Authors rely on `nullable` alone, and so does the diff.
    if node.get("nullable") and "enum" in node and None not in node["enum"]:
        node["enum"] = [*node["enum"], None]
    for keyword, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if flag in node:
            node[keyword], node[flag] = node[flag], True
    for keyword in ALONE:
        if keyword in node:
            node[keyword] = as_version_30(node[keyword])
    if node.get("items") is False:
        node["items"] = {}
    for keyword in LISTED:
        if keyword in node:
            node[keyword] = [as_version_30(one) for one in node[keyword]]
    if "properties" in node:
        node["properties"] = {name: as_version_30(one) for name, one in node["properties"].items()}
    return node
