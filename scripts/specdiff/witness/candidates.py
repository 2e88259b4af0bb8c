"""Draws candidate values near the difference of two schemas: bounds, enums, examples, types, properties, branches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any

from attrs import define, field

from scripts.openapi.document import as_list, as_map

from .atoms import EVERY_KIND, as_text, atoms, distinct
from .texts import matching
from .view import Node

Follow = Callable[[str], Node]
"""A function that returns the target of a `$ref`."""

_MOST_PARTS = 200
_MOST_SIMPLE = 4
_FEW = 12
_DEEPEST = 6
_MOST_ITEMS = 2_000


def has_references(text: str) -> bool:
    """Whether a schema, given as JSON text, may contain references."""
    return '"$ref"' in text


@define
class Candidates:
    """Draws values from the schemas of one document."""

    follow: Follow
    admits: Callable[[Node, str, Any], bool]
    """Whether a schema of the document, given also as JSON text, admits a value."""
    common: dict[str, list[Any]] = field(factory=dict, repr=False)
    """The simplest values of schemas without references, which are the same in all documents."""
    _simplest: dict[str, list[Any]] = field(factory=dict)
    _texts: dict[int, tuple[Node, str]] = field(factory=dict)
    """Each schema with its JSON text, by the `id` of the schema."""

    def parts(self, schema: Node, *, branches: bool = True) -> list[Mapping[str, Any]]:
        """The schemas that judge the same value as a schema: the targets of references, the members, and `branches`."""
        found: list[Mapping[str, Any]] = []
        waiting: list[Any] = [schema]
        seen: set[int] = set()
        while waiting and len(found) < _MOST_PARTS:
            node = waiting.pop(0)
            if not isinstance(node, dict) or id(node) in seen:
                continue
            seen.add(id(node))
            found.append(node)
            if "$ref" in node:
                waiting.append(self.follow(node["$ref"]))
            waiting += node.get("allOf", ())
            if branches:
                waiting += branches_of(node)
            waiting += [node[keyword] for keyword in ("not", "if", "then", "else") if keyword in node]
            waiting += as_map(node.get("dependentSchemas")).values()
        return found

    def _text(self, schema: Node) -> str:
        if id(schema) not in self._texts:
            self._texts[id(schema)] = schema, as_text(schema)
        return self._texts[id(schema)][1]

    def simplest(self, schema: Node, depth: int = 0) -> list[Any]:
        """A few of the shortest values that a schema admits."""
        if depth > _DEEPEST:
            return []
        if isinstance(schema, dict) and schema.keys() == {"$ref"}:
            schema = self.follow(schema["$ref"])
        # Equal schemas at several places have the same values.
        key = self._text(schema)
        known = self._simplest
        if not has_references(key):
            # Such a schema is not recursive, so its depth is limited anyway.
            known, depth = self.common, 0
        if key not in known:
            # A schema that contains itself has no values until its simplest ones are known.
            known[key] = []
            drawn = distinct(self.drawn(schema, depth + 1))
            known[key] = list(islice((value for value in drawn if self.admits(schema, key, value)), _MOST_SIMPLE))
        return known[key]

    def drawn(self, schema: Node, depth: int = 0) -> Iterator[Any]:
        """Yield values that a schema may admit."""
        parts = self.parts(schema, branches=False)
        yield from atoms(parts)
        yield from self._arrays(parts, depth)
        yield from self.objects(parts, {}, depth)
        branches = [value for part in parts for branch in branches_of(part) for value in self.simplest(branch, depth)]
        yield from branches
        if branches and (base := next(self.objects(parts, {}, depth), None)):
            yield from ({**base, **value} for value in branches if isinstance(value, dict))

    def _arrays(self, parts: list[Mapping[str, Any]], depth: int) -> Iterator[Any]:
        schemas = [part[keyword] for part in parts for keyword in ("items", "contains") if keyword in part]
        positions = [part["prefixItems"] for part in parts if "prefixItems" in part]
        bounds = [part.get(keyword) for part in parts for keyword in ("minItems", "maxItems", "minContains")]
        if not (schemas or positions or any(bounds) or any("uniqueItems" in part for part in parts)):
            return
        sizes = {1, 2, *(size + step for size in bounds if isinstance(size, int) for step in (-1, 0, 1))}
        items = distinct(value for schema in schemas for value in self.simplest(schema, depth)) or [0, 1]
        for size in sorted(size for size in sizes if 0 < size <= _MOST_ITEMS):
            yield from ([item] * size for item in (items[:3] if size > 2 else [*items, *EVERY_KIND]))
            yield [items[index % len(items)] for index in range(size)]
        yield from ([first, second] for first in items[:4] for second in items[:4])
        firsts = [[(self.simplest(schema, depth) or [None])[0] for schema in prefix] for prefix in positions]
        for first in firsts:
            yield from (first[: size + 1] for size in range(len(first)))
            yield from ([*first, item] for item in (*items[:3], *EVERY_KIND))

    def objects(
        self, parts: list[Mapping[str, Any]], further: Mapping[str, list[Any]], depth: int, spare: Sequence[str] = ()
    ) -> Iterator[Any]:
        """Yield objects: a minimal one, and variations of it.

        Args:
            parts: The schemas that judge the object.
            further: More values of properties, which are varied first.
            depth: The depth of the object in other values.
            spare: The names of undeclared properties.
        """
        declared: dict[str, list[Node]] = {}
        for part in parts:
            for key, member in as_map(part.get("properties")).items():
                declared.setdefault(key, []).append(member)
        required = [str(key) for part in parts for key in as_list(part.get("required"))]
        names = list(dict.fromkeys([*further, *required, *declared]))
        if not names and not any(_is_of_objects(part) for part in parts):
            return
        needed = self._certain(parts[0])
        # In a large object, only a few of the properties without differences are varied.
        varied = names[: len(further) + _FEW]
        values = {
            key: self._property_values(declared.get(key, []), depth)
            for key in {**dict.fromkeys(needed), **dict.fromkeys(varied)}
        }
        base = {key: values[key][0] for key in needed if values[key]}
        yield base
        for key in varied:
            if key in base:
                yield {other: value for other, value in base.items() if other != key}
            for value in distinct([*further.get(key, ()), *values[key]]):
                yield {**base, key: value}
        # All properties together, which schemas such as `not` may refuse.
        yield {**base, **{key: values[key][0] for key in varied if values[key]}}
        for more in _dependent(parts, values):
            yield {**base, **more}
        undeclared = next(name for name in _undeclared() if name not in declared and name not in spare)
        for key in dict.fromkeys([*spare, *_names(parts), undeclared]):
            yield from ({**base, key: value} for value in EVERY_KIND)
        sizes = [part.get(keyword) for part in parts for keyword in ("minProperties", "maxProperties")]
        for size in {size + step for size in sizes if isinstance(size, int) for step in (-1, 0, 1)}:
            if len(base) < size <= _MOST_ITEMS:
                rest = [key for key in varied if key not in base and values[key]]
                more = {key: values[key][0] for key in rest[: size - len(base)]}
                made = {f"a{index}": 0 for index in range(size - len(base) - len(more))}
                yield {**base, **more, **made}

    def _property_values(self, schemas: list[Node], depth: int) -> list[Any]:
        if not schemas:
            return [0, "a", None]
        if len(schemas) == 1:
            return self.simplest(schemas[0], depth)
        drawn = [value for schema in schemas for value in self.simplest(schema, depth)]
        common = [value for value in drawn if all(self.admits(schema, self._text(schema), value) for schema in schemas)]
        return distinct(common or drawn)

    def _certain(self, schema: Node | Mapping[str, Any], depth: int = 0) -> list[str]:
        """The properties that a schema requires with its references and its `allOf`, without branches."""
        node = as_map(schema)
        found = [str(key) for key in as_list(node.get("required"))]
        if depth < _DEEPEST:
            members = [*as_list(node.get("allOf")), *([self.follow(node["$ref"])] if "$ref" in node else ())]
            found += [key for member in members for key in self._certain(member, depth + 1)]
        return found


def _names(parts: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield names of properties that keywords other than `properties` mention."""
    for part in parts:
        for pattern in as_map(part.get("patternProperties")):
            yield from matching(pattern)[:2]
        if isinstance(part.get("propertyNames"), Mapping):
            yield from (text for text in atoms([part["propertyNames"]]) if isinstance(text, str))
        yield from as_map(part.get("dependentSchemas"))


def branches_of(node: Mapping[str, Any]) -> list[Node]:
    return [*node.get("anyOf", ()), *node.get("oneOf", ())]


def _undeclared() -> Iterator[str]:
    """Yield short names, of which a schema declares few."""
    for size in count(1):
        yield from (letter * size for letter in "abcdefghijklmnopqrstuvwxyz")


def _dependent(parts: list[Mapping[str, Any]], values: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield properties that depend on each other: all of them, all without one, and with other values."""
    for part in parts:
        for key, needed in as_map(part.get("dependentRequired")).items():
            every = {name: (values.get(name) or [0])[0] for name in (key, *map(str, as_list(needed)))}
            yield every
            yield from ({name: value for name, value in every.items() if name != missing} for missing in every)
        for key, schema in as_map(part.get("dependentSchemas")).items():
            for name in as_map(as_map(schema).get("properties")):
                yield from ({key: first, name: value} for first in values.get(key) or [0] for value in EVERY_KIND)


def _is_of_objects(part: Mapping[str, Any]) -> bool:
    keywords = ("additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties")
    return any(keyword in part for keyword in (*keywords, "dependentRequired", "dependentSchemas"))
