"""Reads schemas as their authors mean them, where JSON Schema admits more values than a sender would use."""

import re
from collections.abc import Iterator
from typing import Any

from scripts.openapi.document import as_map

from .view import IGNORED, Node


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and all objects in it, without the targets of references."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def declared_names(schema: Node) -> frozenset[str]:
    """The names of all properties that a schema admits and declares at any depth."""
    declared = (as_map(node.get("properties")).items() for node in _nodes(schema))
    return frozenset(name for items in declared for name, member in items if member is not False)


def with_stated_types(schema: Node) -> Node:
    """The schema as its author means it: `properties` describe objects, and messages lack ignored properties."""
    if not isinstance(schema, dict):
        return schema
    stated = dict(schema)
    if "properties" in schema:
        stated.setdefault("type", "object")
        declared = as_map(schema["properties"]).items()
        stated["properties"] = {
            key: False if member is IGNORED else with_stated_types(member) for key, member in declared
        }
    for keyword in ("items", "additionalProperties", "contains", "then", "else"):
        if keyword in schema:
            stated[keyword] = with_stated_types(schema[keyword])
    for keyword in ("prefixItems", "allOf", "anyOf", "oneOf"):
        if keyword in schema:
            stated[keyword] = [with_stated_types(member) for member in schema[keyword]]
    if "patternProperties" in schema:
        named = as_map(schema["patternProperties"]).items()
        stated["patternProperties"] = {key: with_stated_types(member) for key, member in named}
    return stated


def governed_names(schema: Node, names: frozenset[str]) -> frozenset[str]:
    """The names of undeclared properties that a schema or its `allOf` expects, as keys of a map or by a pattern."""
    members = [schema, *schema.get("allOf", ())] if isinstance(schema, dict) else []
    nodes = [member for member in members if isinstance(member, dict)]
    if any(as_map(node.get("additionalProperties")) for node in nodes):
        return names
    patterns = [pattern for node in nodes for pattern in as_map(node.get("patternProperties"))]
    return frozenset(name for name in names if any(_matches(pattern, name) for pattern in patterns))


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def uses(value: Any, names: frozenset[str]) -> bool:
    if isinstance(value, dict):
        return any(key in names or uses(inner, names) for key, inner in value.items())
    return isinstance(value, list) and any(uses(inner, names) for inner in value)
