"""Draws a schema and the components that it references, as people write them in OpenAPI documents.

A world is a dictionary with `schema` and `components`. Names, numbers and patterns are from short lists, so that a
change of a schema often affects the drawn values.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.support.schema_gen import TEXTS, TYPES, Node, is_well_defined

# Undeclared properties never have these names, see instances.py.
NAMES = ("id", "name", "size", "note", "kind", "owner")
COMPONENTS = ("Pet", "Owner", "Label")
NUMBERS = (0, 1, 2, 3, 5, 8)
PATTERNS = ("^a", "b$", "^[a-z]+$", "^.{2,4}$")
FORMATS = ("date", "uuid", "ipv4")
NAME_PATTERNS = ("^x-", "^[a-z]+$")
# The keywords for bounds of each type.
BOUNDS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def world(rnd: Random) -> Node:
    """Draw a schema and its components, without a component that is only a reference to itself."""
    while not is_well_defined(drawn := any_world(rnd)):
        pass
    return drawn


def any_world(rnd: Random) -> Node:
    """Draw a schema and its components, which may reference themselves without a property or item between."""
    return {
        "schema": schema(rnd, 3),
        "components": {name: _objects(rnd, 2) if rnd.random() < 0.6 else schema(rnd, 2) for name in COMPONENTS},
    }


def schema(rnd: Random, depth: int = 1) -> Node:
    """Draw a schema of any kind. `depth` limits its nesting approximately."""
    kinds: list[tuple[int, Callable[[Random, int], Node]]] = [(4, _strings), (3, _numbers), (1, _simple)]
    if depth > 0:
        kinds += [(7, _objects), (4, _arrays), (4, _references), (2, _alternatives), (2, _exclusives)]
        kinds += [(2, _combinations), (1, _negations), (1, _conditions), (1, _several)]
    _, make = rnd.choices(kinds, [weight for weight, _ in kinds])[0]
    return make(rnd, depth - 1)


def typed(rnd: Random, kind: str, depth: int = 0) -> Node:
    """Draw a schema of one type."""
    makers = {"object": _objects, "array": _arrays, "string": _strings, "boolean": _simple}
    made = makers.get(kind, _numbers)(rnd, depth)
    return made | {"type": kind} if kind in ("integer", "number", "boolean") else made


def maybe(rnd: Random, chance: float) -> bool:
    return rnd.random() < chance


def _nullable(rnd: Random, node: Node) -> Node:
    if maybe(rnd, 0.12):
        node["type"] = [node["type"], "null"]
        if "enum" in node:
            node["enum"] = [*node["enum"], None]
    return node


def _strings(rnd: Random, _depth: int) -> Node:
    node: Node = {"type": "string"}
    match rnd.randrange(6):
        case 0 | 1:
            node["enum"] = rnd.sample(TEXTS, rnd.randint(1, 3))
        case 2:
            return {"type": "string", "const": rnd.choice(TEXTS)}
        case 3:
            node["pattern"] = rnd.choice(PATTERNS)
        case 4:
            bounded(rnd, node, 0.7)
            if maybe(rnd, 0.2):
                node["format"] = rnd.choice(FORMATS)
    return _nullable(rnd, node)


def _numbers(rnd: Random, _depth: int) -> Node:
    node: Node = {"type": rnd.choice(("integer", "number"))}
    if maybe(rnd, 0.15):
        node["enum"] = rnd.sample(NUMBERS, 2)
    else:
        bounded(rnd, node, 0.25)
    return _nullable(rnd, node)


def _simple(rnd: Random, _depth: int) -> Node:
    return rnd.choice(({"type": "boolean"}, {"type": "boolean"}, {}, {"type": "string"}))


def bounded(rnd: Random, node: Node, chance: float) -> None:
    """Add bounds to a schema of one type, each with the probability `chance`."""
    for keyword in BOUNDS[node["type"]]:
        if maybe(rnd, chance):
            node[keyword] = bound(rnd, keyword)


def bound(rnd: Random, keyword: str) -> Any:
    """Draw a value for a bound. Lower bounds are at most 2 and upper bounds at least 2, so that values can fit both."""
    if keyword == "multipleOf":
        return rnd.choice((1, 2, 3, 4))
    return rnd.randint(0, 2) if "in" in keyword and "ax" not in keyword else rnd.randint(2, 5)


def _objects(rnd: Random, depth: int) -> Node:
    names = rnd.sample(NAMES, rnd.randint(0, 3))
    node: Node = {"type": "object", "properties": {name: schema(rnd, depth) for name in names}}
    if required := [name for name in names if maybe(rnd, 0.4)]:
        node["required"] = required
    match rnd.randrange(12):
        case 0 | 1 | 2:
            node["additionalProperties"] = False
        case 3 | 4:
            node["additionalProperties"] = schema(rnd, 0)
        case 5:
            node["patternProperties"] = {rnd.choice(NAME_PATTERNS): schema(rnd, 0)}
        case 6:
            node["propertyNames"] = {"pattern": rnd.choice(NAME_PATTERNS)} if maybe(rnd, 0.5) else {"maxLength": 4}
        case 7 if len(names) > 1:
            node["dependentRequired"] = {names[0]: [names[1]]}
        case 8:
            bounded(rnd, node, 0.5)
    return node if maybe(rnd, 0.93) or not names else {key: value for key, value in node.items() if key != "type"}


def _arrays(rnd: Random, depth: int) -> Node:
    node: Node = {"type": "array", "items": schema(rnd, depth)}
    match rnd.randrange(8):
        case 0:
            node["prefixItems"] = [schema(rnd, 0) for _ in range(rnd.randint(1, 2))]
            if maybe(rnd, 0.3):
                node["items"] = False
        case 1:
            node["contains"] = schema(rnd, 0)
            if maybe(rnd, 0.3):
                node[rnd.choice(("minContains", "maxContains"))] = rnd.randint(1, 2)
        case 2:
            node["uniqueItems"] = True
        case 3 | 4:
            bounded(rnd, node, 0.6)
    return _nullable(rnd, node)


def _references(rnd: Random, _depth: int) -> Node:
    return {"$ref": f"#/components/schemas/{rnd.choice(COMPONENTS)}"}


def _several(rnd: Random, _depth: int) -> Node:
    return {"type": rnd.sample((*TYPES, "null"), 2)}


def tagged(rnd: Random, tag: str, depth: int = 0) -> Node:
    """Draw an object schema that requires the property `kind` with a constant value."""
    node = _objects(rnd, depth) | {"type": "object"}
    node["properties"]["kind"] = {"const": tag}
    node["required"] = sorted({*node.get("required", ()), "kind"})
    return node


def _branches(rnd: Random, depth: int) -> list[Node]:
    """Draw alternatives that differ in their types or in a constant property."""
    count = rnd.randint(2, 3)
    if maybe(rnd, 0.4):
        return [tagged(rnd, tag, depth) for tag in rnd.sample(TEXTS, count)]
    kinds = rnd.sample(("string", "integer", "boolean", "object", "array", "null"), count)
    return [{"type": "null"} if kind == "null" else typed(rnd, kind, depth) for kind in kinds]


def _alternatives(rnd: Random, depth: int) -> Node:
    return {"anyOf": _branches(rnd, depth) if maybe(rnd, 0.6) else [schema(rnd, depth) for _ in range(2)]}


def _exclusives(rnd: Random, depth: int) -> Node:
    return {"oneOf": _branches(rnd, depth) if maybe(rnd, 0.85) else [schema(rnd, depth) for _ in range(2)]}


def _combinations(rnd: Random, depth: int) -> Node:
    parts = [_references(rnd, 0) if maybe(rnd, 0.5) else _objects(rnd, depth), _objects(rnd, depth)]
    for part in parts:
        if part.get("additionalProperties") is False and maybe(rnd, 0.7):
            del part["additionalProperties"]
    return {"allOf": parts} | ({"description": "Both."} if maybe(rnd, 0.3) else {})


def _negations(rnd: Random, depth: int) -> Node:
    return schema(rnd, depth) | {"not": _references(rnd, 0) if maybe(rnd, 0.3) else _strings(rnd, 0)}


def _conditions(rnd: Random, depth: int) -> Node:
    node = _objects(rnd, depth)
    condition = _references(rnd, 0) if maybe(rnd, 0.3) else schema(rnd, 0)
    node["if"] = {"properties": {rnd.choice(NAMES): condition}}
    node["then"] = {"required": rnd.sample(NAMES, 1)}
    return node | ({"else": {"required": rnd.sample(NAMES, 1)}} if maybe(rnd, 0.5) else {})
