"""What is known about all values of several schemas that apply together."""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property, reduce
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
    schema_of_position,
    schemas_of_property,
)
from .document import ComparedDocument
from .formats import RANGES
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

    @property
    def raw(self) -> RawSchema:
        """The schema as written."""
        return self.document.find(self.schema.pointer), self.schema.pointer

    def member(self, raw: RawSchema) -> "Node":
        """A subschema as a node."""
        return Node(self.document, self.document.schema(*raw))

    def members(self, keyword: str) -> list["Node"]:
        """The subschemas of a keyword as nodes."""
        return [self.member(raw) for raw in self.schema.subschemas(keyword)]

    def stating(self, keyword: str, value: Any, pointer: str) -> "Node":
        """A schema that has only one keyword, which no document contains in this form."""
        schema = Schema(f"{pointer}#{keyword}", {keyword: value}, {keyword: pointer})
        return Node(self.document, schema)


Nodes = tuple[Node, ...]
"""Schemas that apply together."""


def flattened(nodes: Iterable[Node]) -> Nodes:
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

    nodes: Nodes

    def values_of(self, keyword: str) -> Iterator[tuple[Node, Any]]:
        """Yield the values of a keyword with their schemas."""
        for node in self.nodes:
            if keyword in node.schema.keywords:
                yield node, node.schema.keywords[keyword]

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that a value can have."""
        found = TYPES.intersection(*(kinds(node.schema.types) & node.types for node in self.nodes))
        return found - {"fraction"} if "fraction" in found and _is_integer(self.step) else found

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
        found = [accepts(node.document, node.raw, value) for node in self.nodes]
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
        """The properties that must be present, also because other properties are present."""
        found: frozenset[str] = frozenset().union(*(node.schema.required for node in self.nodes))
        dependent = [as_map(value) for _, value in self.values_of("dependentRequired")]
        while (
            more := {str(name) for one in dependent for key in found & one.keys() for name in as_list(one[key])} - found
        ):
            found |= more
        return found

    @cached_property
    def step(self) -> Fraction | None:
        """The number of which all numbers are multiples."""
        try:
            steps = [Fraction(str(value)) for _, value in self.values_of("multipleOf")]
        except (ValueError, ZeroDivisionError):
            return None
        return reduce(_common_multiple, steps) if steps and min(steps) > 0 else None

    def bound(self, keyword: str) -> Bound | None:
        """The strictest bound, also one that follows from other keywords."""
        sign = BOUNDS[keyword][0]
        bounds = [value for _, value in self.values_of(keyword)]
        if keyword in ("minimum", "maximum"):
            formats = [RANGES[value] for _, value in self.values_of("format") if value in RANGES]
            bounds += [Bound(limits[sign < 0]) for limits in formats]
        if keyword == "minProperties" and self.required:
            bounds.append(Bound(len(self.required)))
        if keyword == "maxItems":
            bounds += [
                Bound(len(as_list(node.schema.get("prefixItems"))))
                for node, items in self.values_of("items")
                if items is False
            ]
        return max(bounds, key=lambda bound: (bound.value * sign, bound.is_exclusive), default=None)

    def property(self, name: str) -> Nodes | None:
        """The schemas that apply to a property; None if the property cannot be present."""
        found = []
        for node in self.nodes:
            found += [node.member(raw) for raw in schemas_of_property(node.schema, name)]
        found += [node for node, evaluated in self._unevaluated if not evaluated.names_property(name)]
        evaluated = self.evaluated
        if (evaluated is not None and not evaluated.names_property(name)) or not self._may_be_named(name):
            return None
        flat = Facts(flattened(found))
        return None if any(is_false(node.schema) for node in flat.nodes) else tuple(found)

    @cached_property
    def names(self) -> set[str]:
        """The names of the declared properties."""
        return {name for node in self.nodes for name in node.schema.properties} | (self._listed or set())

    @cached_property
    def _names_of_properties(self) -> "Facts | None":
        """The facts about the names of properties."""
        found = [
            node.member((value, node.schema.pointer_of("propertyNames")))
            for node, value in self.values_of("propertyNames")
        ]
        return Facts(flattened(found)) if found else None

    @cached_property
    def _listed(self) -> set[str] | None:
        """All possible names of properties, if they are listed."""
        names = self._names_of_properties.enum if self._names_of_properties else None
        return None if names is None else {name for name in names if isinstance(name, str)}

    def _may_be_named(self, name: str) -> bool:
        return self._names_of_properties is None or self._names_of_properties.accept(name) is not False

    @cached_property
    def _unevaluated(self) -> list[tuple[Node, "Evaluated"]]:
        """The schemas of properties that other keywords do not describe, where the described properties are certain."""
        return [
            (node.member((value, node.schema.pointer_of("unevaluatedProperties"))), evaluated)
            for node, value in self.values_of("unevaluatedProperties")
            if value is not False and (evaluated := evaluated_by(node)).is_exact
        ]

    @cached_property
    def patterns(self) -> dict[str, Nodes]:
        """The schemas of the name patterns, by pattern."""
        found: dict[str, Nodes] = {}
        for node, patterns in self.values_of("patternProperties"):
            for pattern, raw in as_map(patterns).items():
                pointer = below(node.schema.pointer_of("patternProperties"), pattern)
                found[pattern] = (*found.get(pattern, ()), node.member((raw, pointer)))
        return found

    @cached_property
    def others(self) -> Nodes | None:
        """The schemas that apply to undeclared properties; None if there can be none."""
        if self.evaluated is not None or self._listed is not None:
            return None
        found = [node for node, evaluated in self._unevaluated if not evaluated.is_open]
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

    def position(self, index: int) -> Nodes:
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


def _common_multiple(one: Fraction, other: Fraction) -> Fraction:
    numerator = math.lcm(one.numerator * other.denominator, other.numerator * one.denominator)
    return Fraction(numerator, one.denominator * other.denominator)


def _is_integer(number: Fraction | None) -> bool:
    return number is not None and number.denominator == 1


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


_OBJECT = frozenset(["object"])


def as_meant(nodes: Nodes) -> Nodes:
    """The schemas, restricted to objects if they have properties but no type.

    Formally, such a schema accepts all other types. Its author means an object.
    """
    flat = [node.schema for node in flattened(nodes)]
    is_typed = any(schema.types or schema.keywords.keys() & {"enum", "anyOf", "oneOf", "if"} for schema in flat)
    if is_typed or not any(schema.properties for schema in flat):
        return nodes
    return tuple(node._replace(types=_OBJECT) for node in nodes)


def admits_null(node: Node) -> bool | None:
    """Whether a schema accepts null; None if this cannot be decided."""
    schema = node.schema
    if schema.nullable:
        return True
    if node.types != TYPES or (schema.types and "null" not in schema.types):
        return False
    if "enum" in schema.keywords and None not in schema.keywords["enum"]:
        return False
    raw: Any = node.document.find(schema.pointer), schema.pointer
    return accepts(node.document, raw, None)
