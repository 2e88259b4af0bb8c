"""Proves that no value matches two schemas, for example two alternatives of `oneOf`."""

from itertools import product
from typing import Any

from attrs import define, field

from scripts.specdiff.engine.acceptance import BOUNDS, is_within, kinds
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.facts import Facts, Node, Nodes, admits_null, flattened
from scripts.specdiff.engine.formats import DISTINCT

LONGEST_SPLIT = 12
"""The largest number of alternatives that a proof looks at one by one."""
_MOST_STEPS = 100
_DEPTH = 12
_RANGES = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)


@define
class Exclusion:
    """Proofs that schemas exclude each other. A missing proof says nothing."""

    _facts: dict[Any, Facts] = field(factory=dict)
    _found: dict[Any, bool] = field(factory=dict)
    _tags: dict[Any, dict[str, frozenset[str]]] = field(factory=dict)
    _steps: int = 0

    def facts(self, nodes: Nodes) -> Facts:
        """The facts about the values that all schemas accept."""
        key = tuple(node.key for node in nodes)
        if key not in self._facts:
            self._facts[key] = Facts(flattened(nodes))
        return self._facts[key]

    def excludes(self, one: Node, other: Node) -> bool:
        """Whether certainly no value matches both schemas."""
        first, second = self._tags_of(one), self._tags_of(other)
        if any(name in second and values.isdisjoint(second[name]) for name, values in first.items()):
            return not may_be_null(one, other)
        return not may_be_null(one, other) and self.disjoint((one,), (other,))

    def _tags_of(self, node: Node) -> dict[str, frozenset[str]]:
        """The listed values of the required properties of an object, which tell most alternatives apart."""
        if node.key not in self._tags:
            facts, found = self.facts((node,)), {}
            for name in facts.required if facts.types == {"object"} else ():
                values = self.facts(facts.property(name) or ()).enum
                if values and not may_be_null(*(facts.property(name) or ())):
                    found[name] = frozenset(map(canonical_json, values))
            self._tags[node.key] = found
        return self._tags[node.key]

    def disjoint(self, one: Nodes, other: Nodes, depth: int = 0) -> bool:
        """Whether no value apart from null matches all schemas of both lists."""
        key = tuple(node.key for node in one), tuple(node.key for node in other)
        if key not in self._found:
            self._found[key] = self._are_disjoint(one, other, depth)
        return self._found[key]

    def _are_disjoint(self, one: Nodes, other: Nodes, depth: int) -> bool:
        self._steps = 0 if depth == 0 else self._steps + 1
        if self._steps > _MOST_STEPS or depth > _DEPTH:
            return False
        whole = self.facts((*one, *other))
        if whole.is_impossible:
            return True
        if whole.enum is not None and all(whole.accept(value) is False for value in whole.enum):
            return True
        if any(
            _exclude(self.facts(first), self.facts(second), whole) for first, second in ((one, other), (other, one))
        ):
            return True
        if whole.types == {"object"}:
            properties = [
                [self.facts(nodes).property(name) for nodes in (one, other)] for name in sorted(whole.required)
            ]
            if any(None in sides for sides in properties):
                return True
            # Most alternatives differ in a constant, so properties with listed values come first.
            properties.sort(key=lambda sides: not all(self.facts(nodes or ()).enum for nodes in sides))
            for first, second in properties:
                if first and second and self.disjoint(first, second, depth + 1) and not may_be_null(*first, *second):
                    return True
        return any(self._by_alternatives(nodes, rest, depth) for nodes, rest in ((one, other), (other, one)))

    def _by_alternatives(self, nodes: Nodes, others: Nodes, depth: int) -> bool:
        for keyword in ("anyOf", "oneOf"):
            for node, _ in self.facts(nodes).values_of(keyword):
                members = node.members(keyword)
                if len(members) <= LONGEST_SPLIT and all(
                    self.disjoint((member,), others, depth + 1) for member in members
                ):
                    return True
        return False


def exclusions(document: ComparedDocument) -> Exclusion:
    """The proofs about alternatives of a document that exclude each other. Rules and other proofs share them."""
    if document.exclusions is None:
        document.exclusions = Exclusion()
    found: Exclusion = document.exclusions
    return found


def may_be_null(*nodes: Node) -> bool:
    """Whether all schemas may accept null."""
    return all(admits_null(node) is not False for node in nodes)


def _exclude(one: Facts, other: Facts, whole: Facts) -> bool:
    """Whether the bounds or formats of two schemas exclude each other."""
    for low, high in _RANGES:
        if whole.types <= kinds([BOUNDS[low][1]]):
            least, most = one.bound(low), other.bound(high)
            if least is not None and most is not None and not is_within(most, -1, least.value):
                return True
    if whole.types == {"string"}:
        formats = [{value for _, value in side.values_of("format")} & DISTINCT for side in (one, other)]
        return any(first != second for first, second in product(*formats))
    return False
