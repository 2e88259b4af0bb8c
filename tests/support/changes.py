"""Changes of a drawn schema. Each change has a name and affects a single place of the schema."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from random import Random
from typing import Any

from tests.support.schema_gen import TEXTS, TYPES, Node, places, targets
from tests.support.schemas import (
    BOUNDS,
    COMPONENTS,
    FORMATS,
    NAME_PATTERNS,
    NAMES,
    NUMBERS,
    PATTERNS,
    bound,
    schema,
    tagged,
    typed,
)

# A change gets a random generator, a subschema to modify and the whole world. It returns True if it modified the
# subschema, or a replacement for the subschema. A false result means that the change does not apply.
Change = Callable[[Random, Node, Node], "Node | bool | None"]
CHANGES: dict[str, Change] = {}


def changed(rnd: Random, world: Node, among: Mapping[str, Change]) -> tuple[str, Node] | None:
    """Apply a random change to a copy of a world; return its name and the copy, or None if no attempt applied."""
    for _ in range(12):
        name = rnd.choice(list(among))
        new = deepcopy(world)
        every = [(new, "schema", *path) for path, _ in places(new["schema"])]
        reached = [(key, new["components"][key]) for key in sorted(targets(new))]
        every += [(new, "components", key, *path) for key, one in reached for path, _ in places(one)]
        # Under `not` and `if`, the diff does not resolve references, so it reports these rewrites as changes.
        if name in ("extract", "inline"):
            every = [place for place in every if not {"not", "if"}.intersection(place[2:])]
        for root, *path in rnd.sample(every, min(len(every), 8)):
            holder: Any = root
            for step in path[:-1]:
                holder = holder[step]
            found = among[name](rnd, holder[path[-1]], new)
            if found:
                if isinstance(found, dict):
                    holder[path[-1]] = found
                if new != world or among is not CHANGES:
                    return name, new
                break
    return None


def named(name: str, into: dict[str, Change] = CHANGES) -> Callable[[Change], Change]:
    """Register a change under a name."""

    def register(change: Change) -> Change:
        into[name] = change
        return change

    return register


def types(node: Node) -> set[str]:
    """The types in the keyword `type` of a schema."""
    said = node.get("type", ())
    return {said} if isinstance(said, str) else set(said)


def _set(keyword: str, kind: str, values: tuple[Any, ...], rnd: Random, node: Node, _world: Node) -> bool:
    if keyword in node or kind not in types(node) or {"enum", "const"} & node.keys():
        return False
    node[keyword] = deepcopy(rnd.choice(values)) if values else bound(rnd, keyword)
    return True


def _drop(keyword: str, _rnd: Random, node: Node, _world: Node) -> bool:
    return node.pop(keyword, None) is not None


def _change(keyword: str, values: tuple[Any, ...], rnd: Random, node: Node, _world: Node) -> bool:
    if keyword not in node:
        return False
    node[keyword] = deepcopy(rnd.choice(values))
    return True


def _move(keyword: str, by: int, _rnd: Random, node: Node, _world: Node) -> bool:
    if keyword not in node or node[keyword] + by < 0:
        return False
    node[keyword] = node[keyword] + by if keyword != "multipleOf" else node[keyword] * (2 if by > 0 else 1) + (by < 0)
    return True


_VALUED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "pattern": ("string", PATTERNS),
    "format": ("string", FORMATS),
    "uniqueItems": ("array", (True,)),
    "propertyNames": ("object", (*({"pattern": one} for one in NAME_PATTERNS), {"maxLength": 4}, {"maxLength": 3})),
    "contains": ("array", ({"type": "string"}, {"type": "integer"}, {"const": "a"}, {})),
    "not": ("string", ({"const": "a"}, {"maxLength": 1})),
    "items": ("array", ({"type": "string"}, {"type": ["integer", "string"]}, {"type": "object"}, {}, False)),
    "patternProperties": ("object", ({"^x-": {"type": "string"}}, {"^[a-z]+$": {"type": "integer"}}, {"^x-": {}})),
    "additionalProperties": ("object", (False, {"type": "string"}, {"type": "integer"}, True)),
    "unevaluatedProperties": ("object", (False, {"type": "string"})),
    "dependentRequired": ("object", ({"id": ["name"]}, {"id": ["name", "size"]}, {"note": ["id"]})),
    "dependentSchemas": ("object", ({"id": {"required": ["name"]}}, {"note": {"maxProperties": 2}})),
    "required": ("object", (["id"], ["id", "name"], ["note"])),
    "enum": ("string", (["a", "ab"], ["a", "ab", "xyz"], ["abc"])),
    "const": ("string", ("a", "ab", "xyz")),
    "if": ("object", ({"required": ["id"]}, {"required": ["note"]})),
    "then": ("object", ({"required": ["name"]}, {"required": ["size"]}, {"maxProperties": 2})),
    "else": ("object", ({"required": ["name"]}, {"required": ["size"]})),
}
for _keyword, (_kind, _values) in _VALUED.items():
    CHANGES[f"set {_keyword}"] = partial(_set, _keyword, _kind, _values)
    CHANGES[f"drop {_keyword}"] = partial(_drop, _keyword)
    CHANGES[f"change {_keyword}"] = partial(_change, _keyword, _values)
for _kind, _keywords in (*BOUNDS.items(), ("array", ("minContains", "maxContains"))):
    for _keyword in _keywords:
        CHANGES[f"set {_keyword} of {_kind}"] = partial(_set, _keyword, _kind, ())
        CHANGES[f"drop {_keyword}"] = partial(_drop, _keyword)
        CHANGES[f"raise {_keyword}"] = partial(_move, _keyword, 1)
        CHANGES[f"lower {_keyword}"] = partial(_move, _keyword, -1)


@named("widen type")
def _widen_type(rnd: Random, node: Node, _world: Node) -> bool:
    more = [kind for kind in TYPES if kind not in types(node)]
    if "type" in node and more:
        node["type"] = [*sorted(types(node)), rnd.choice(more)]
    return "type" in node


@named("narrow type")
def _narrow_type(rnd: Random, node: Node, _world: Node) -> bool:
    if len(types(node)) > 1:
        node["type"] = rnd.sample(sorted(types(node)), len(types(node)) - 1)
        return True
    return False


@named("change type")
def _change_type(rnd: Random, node: Node, _world: Node) -> Node | None:
    return typed(rnd, rnd.choice(TYPES)) if "type" in node else None


@named("drop type")
def _drop_type(_rnd: Random, node: Node, _world: Node) -> bool:
    return node.pop("type", None) is not None


@named("integer and number")
def _numeric(_rnd: Random, node: Node, _world: Node) -> bool:
    swapped = {"integer": "number", "number": "integer"}
    kind = node.get("type")
    if isinstance(kind, str) and kind in swapped:
        node["type"] = swapped[kind]
        return True
    return False


@named("toggle null")
def _toggle_null(_rnd: Random, node: Node, _world: Node) -> Node | bool:
    if "type" not in node or "const" in node:
        return {"anyOf": [deepcopy(node), {"type": "null"}]}
    kinds = types(node) ^ {"null"}
    if not kinds:
        return False
    node["type"] = sorted(kinds) if len(kinds) > 1 else kinds.pop()
    if "enum" in node:
        node["enum"] = [one for one in node["enum"] if one is not None] + ([None] if "null" in kinds else [])
    return True


@named("grow enum")
def _grow_enum(rnd: Random, node: Node, _world: Node) -> bool:
    if "enum" in node:
        values = NUMBERS if isinstance(node["enum"][0], int) else TEXTS
        node["enum"] = [*node["enum"], *(one for one in rnd.sample(values, 2) if one not in node["enum"])]
    return "enum" in node


@named("shrink enum")
def _shrink_enum(rnd: Random, node: Node, _world: Node) -> bool:
    if len(node.get("enum", ())) > 1:
        node["enum"].pop(rnd.randrange(len(node["enum"])))
    return "enum" in node


def _holds(node: Node) -> bool:
    return "properties" in node or node.get("type") == "object"


@named("add property")
def _add_property(rnd: Random, node: Node, _world: Node) -> bool:
    left = [name for name in NAMES if name not in node.get("properties", {})]
    if _holds(node) and left:
        node.setdefault("properties", {})[rnd.choice(left)] = schema(rnd, 0)
        return True
    return False


@named("add required property")
def _add_required(rnd: Random, node: Node, world: Node) -> bool:
    if _add_property(rnd, node, world):
        node["required"] = [*node.get("required", ()), list(node["properties"])[-1]]
        return True
    return False


@named("remove property")
def _remove_property(rnd: Random, node: Node, _world: Node) -> bool:
    if node.get("properties"):
        name = rnd.choice(list(node["properties"]))
        del node["properties"][name]
        if "required" in node:
            node["required"] = [one for one in node["required"] if one != name]
        return True
    return False


@named("rename property")
def _rename_property(rnd: Random, node: Node, _world: Node) -> bool:
    left = [name for name in NAMES if name not in node.get("properties", {})]
    if node.get("properties") and left:
        name, other = rnd.choice(list(node["properties"])), rnd.choice(left)
        node["properties"] = {other if key == name else key: one for key, one in node["properties"].items()}
        node["required"] = [other if one == name else one for one in node.get("required", ())]
        return True
    return False


@named("toggle required")
def _toggle_required(rnd: Random, node: Node, _world: Node) -> bool:
    if node.get("properties"):
        node["required"] = sorted({*node.get("required", ())} ^ {rnd.choice(list(node["properties"]))})
        return True
    return False


@named("add position")
def _add_position(rnd: Random, node: Node, _world: Node) -> bool:
    if node.get("type") == "array":
        node["prefixItems"] = [*node.get("prefixItems", ()), schema(rnd, 0)]
        return True
    return False


@named("remove position")
def _remove_position(_rnd: Random, node: Node, _world: Node) -> bool:
    return bool(node.get("prefixItems")) and node["prefixItems"].pop() is not None


@named("add alternative")
def _add_alternative(rnd: Random, node: Node, _world: Node) -> bool:
    keyword = next((one for one in ("anyOf", "oneOf", "allOf") if one in node), None)
    if keyword is not None:
        more = rnd.choice((schema(rnd, 0), tagged(rnd, rnd.choice(TEXTS))))
        node[keyword].insert(rnd.randrange(len(node[keyword]) + 1), more)
    return keyword is not None


@named("remove alternative")
def _remove_alternative(rnd: Random, node: Node, _world: Node) -> bool:
    keyword = next((one for one in ("anyOf", "oneOf", "allOf") if len(node.get(one, ())) > 1), None)
    if keyword is not None:
        node[keyword].pop(rnd.randrange(len(node[keyword])))
    return keyword is not None


@named("anyOf and oneOf")
def _exclude(_rnd: Random, node: Node, _world: Node) -> bool:
    keyword = next((one for one in ("anyOf", "oneOf") if one in node), None)
    if keyword is not None:
        node["oneOf" if keyword == "anyOf" else "anyOf"] = node.pop(keyword)
    return keyword is not None


@named("wrap with another")
def _wrap(rnd: Random, node: Node, _world: Node) -> Node:
    return {rnd.choice(("anyOf", "oneOf", "allOf")): [deepcopy(node), schema(rnd, 0)]}


@named("unwrap")
def _unwrap(rnd: Random, node: Node, _world: Node) -> Node | None:
    keyword = next((one for one in ("anyOf", "oneOf", "allOf") if one in node), None)
    return deepcopy(rnd.choice(node[keyword])) if keyword else None


@named("refer elsewhere")
def _refer(rnd: Random, node: Node, _world: Node) -> bool:
    if "$ref" in node:
        node["$ref"] = f"#/components/schemas/{rnd.choice(COMPONENTS)}"
    return "$ref" in node


@named("constrain beside a reference")
def _beside(rnd: Random, node: Node, _world: Node) -> Node | None:
    return {"allOf": [deepcopy(node), schema(rnd, 0)]} if "$ref" in node else None


@named("become something else")
def _replace(rnd: Random, _node: Node, _world: Node) -> Node:
    return schema(rnd, 1)
