"""What is known about all values of several schemas that apply together."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from attrs import frozen

from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below

from .acceptance import (
    BOUNDS,
    TYPES,
    accepts,
    is_false,
    kind_of,
    kinds,
    matches,
    means_object,
    schema_of_position,
    schemas_of_property,
)
from .document import ComparedDocument
from .schema import Bound, RawSchema, Schema

_LONGEST_CHAIN = 50


class Node(NamedTuple):
    """A schema of a document. `types` restricts it to some of its types."""

    document: ComparedDocument
    schema: Schema
    types: frozenset[str] = TYPES

    @property
    def key(self) -> Any:
        return id(self.document), self.schema.pointer, self.types

    def member(self, raw: RawSchema) -> "Node":
        """A subschema as a node."""
        return Node(self.document, self.document.schema(*raw))

    def members(self, keyword: str) -> list["Node"]:
        """The subschemas of a keyword as nodes."""
        return [self.member(raw) for raw in self.schema.subschemas(keyword)]


def flattened(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The nodes with the targets of their references and the members of their `allOf`."""
    found: dict[Any, Node] = {}
    waiting = list(nodes)[::-1]
    while waiting and len(found) < _LONGEST_CHAIN:
        node = waiting.pop()
        if node.key not in found:
            found[node.key] = node
            if node.schema.ref:
                waiting.append(node.member((node.document.find(node.schema.ref), node.schema.ref)))
            waiting += node.members("allOf")
    return tuple(found.values())


@frozen(slots=False)
class Facts:
    """The facts about the values, apart from null, that all schemas in a flattened list accept."""

    nodes: tuple[Node, ...]

    def values_of(self, keyword: str) -> Iterator[tuple[Node, Any]]:
        """Yield the values of a keyword with their schemas."""
        for node in self.nodes:
            if keyword in node.schema.keywords:
                yield node, node.schema.keywords[keyword]

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that a value can have."""
        return TYPES.intersection(*(_kinds(node.schema) & node.types for node in self.nodes))

    @cached_property
    def enum(self) -> list[Any] | None:
        """All values apart from null, if they are listed."""
        listed = [values for _, values in self.values_of("enum")]
        if not listed:
            return None
        shortest = [value for value in min(listed, key=len) if value is not None]
        if shortest and not any(kind_of(value) in self.types for value in shortest):
            # The author made a mistake, so the rules judge the values.
            return shortest
        return [value for value in shortest if self.accept(value) is not False]

    def accept(self, value: Any) -> bool | None:
        """Whether all schemas accept a value."""
        found = [
            accepts(node.document, (node.document.find(node.schema.pointer), node.schema.pointer), value)
            for node in self.nodes
        ]
        return False if False in found else None if None in found else True

    @cached_property
    def is_impossible(self) -> bool:
        """Whether no value apart from null can satisfy the schemas."""
        if not self.types or any(is_false(node.schema) for node in self.nodes) or self.enum == []:
            return True
        if self.types != {"object"} or self.others is not None:
            return False
        return any(self.property(name) is None for name in self.required)

    @cached_property
    def required(self) -> frozenset[str]:
        return frozenset().union(*(node.schema.required for node in self.nodes))

    def bound(self, keyword: str) -> Bound | None:
        """The strictest bound, also one that follows from other keywords."""
        sign = BOUNDS[keyword][0]
        bounds = [value for _, value in self.values_of(keyword)]
        if keyword == "minProperties" and self.required:
            bounds.append(Bound(len(self.required)))
        if keyword == "maxItems":
            bounds += [
                Bound(len(as_list(node.schema.get("prefixItems"))))
                for node, items in self.values_of("items")
                if items is False
            ]
        return max(bounds, key=lambda bound: (bound.value * sign, bound.is_exclusive), default=None)

    def property(self, name: str) -> tuple[Node, ...] | None:
        """The schemas that apply to a property; None if the property cannot be present."""
        found = []
        for node in self.nodes:
            found += [node.member(raw) for raw in schemas_of_property(node.schema, name)]
        evaluated = self.evaluated
        if evaluated is not None and not evaluated.names_property(name):
            return None
        flat = Facts(flattened(found))
        return None if any(is_false(node.schema) for node in flat.nodes) else tuple(found)

    @cached_property
    def names(self) -> set[str]:
        """The names of the declared properties."""
        return {name for node in self.nodes for name in node.schema.properties}

    @cached_property
    def patterns(self) -> dict[str, tuple[Node, ...]]:
        """The schemas of the name patterns, by pattern."""
        found: dict[str, tuple[Node, ...]] = {}
        for node, patterns in self.values_of("patternProperties"):
            for pattern, raw in as_map(patterns).items():
                pointer = below(node.schema.pointer_of("patternProperties"), pattern)
                found[pattern] = (*found.get(pattern, ()), node.member((raw, pointer)))
        return found

    @cached_property
    def others(self) -> tuple[Node, ...] | None:
        """The schemas that apply to undeclared properties; None if there can be none."""
        if self.evaluated is not None:
            return None
        found = []
        for node, value in self.values_of("additionalProperties"):
            found.append(node.member((value, node.schema.pointer_of("additionalProperties"))))
        return None if any(is_false(node.schema) for node in found) else tuple(found)

    @cached_property
    def evaluated(self) -> "Evaluated | None":
        """The names that `unevaluatedProperties: false` leaves; None if the keyword does not close the object."""
        for node, value in self.values_of("unevaluatedProperties"):
            if value is False:
                return evaluated_by(node)
        return None

    def position(self, index: int) -> tuple[Node, ...]:
        """The schemas that apply to the item at a position."""
        raws = ((node, schema_of_position(node.schema, index)) for node in self.nodes)
        return tuple(node.member(raw) for node, raw in raws if raw)


@frozen
class Evaluated:
    """The properties that a schema and the schemas in it describe, and whether only simple keywords describe them."""

    names: frozenset[str]
    patterns: frozenset[str]
    is_exact: bool
    is_open: bool
    """Whether a schema describes all properties by `additionalProperties`."""

    def names_property(self, name: str) -> bool:
        return (
            self.is_open or name in self.names or any(matches(pattern, name) is not False for pattern in self.patterns)
        )


_SOMETIMES = ("anyOf", "oneOf", "if", "then", "else")


def evaluated_by(node: Node) -> Evaluated:
    """The properties that a schema, its references and the schemas for the same value evaluate."""
    names: set[str] = set()
    patterns: set[str] = set()
    is_exact, is_open = True, False
    waiting, seen = [node], set()
    while waiting:
        part = waiting.pop()
        if part.key in seen:
            continue
        seen.add(part.key)
        for found in flattened([part]):
            schema = found.schema
            names |= schema.properties.keys()
            patterns |= as_map(schema.get("patternProperties")).keys()
            is_open |= "additionalProperties" in schema.keywords
            for keyword in _SOMETIMES:
                if keyword in schema.keywords:
                    is_exact = False
                    waiting += found.members(keyword)
            for name, raw in as_map(schema.get("dependentSchemas")).items():
                is_exact = False
                waiting.append(found.member((raw, below(schema.pointer_of("dependentSchemas"), name))))
    return Evaluated(frozenset(names), frozenset(patterns), is_exact, is_open)


def _kinds(schema: Schema) -> frozenset[str]:
    return _OBJECT if means_object(schema) else kinds(schema.types)


_OBJECT = frozenset(["object"])


def admits_null(node: Node) -> bool | None:
    """Whether a schema accepts null; None if this cannot be decided."""
    schema = node.schema
    if schema.nullable:
        return True
    if means_object(schema) or (schema.types and "null" not in schema.types):
        return False
    if "enum" in schema.keywords and None not in schema.keywords["enum"]:
        return False
    raw: Any = node.document.find(schema.pointer), schema.pointer
    return accepts(node.document, raw, None)
