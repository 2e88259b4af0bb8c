"""Proves that one schema accepts all values that another schema accepts.

A proof is certain; a missing proof says nothing. The search splits a schema into its alternatives and types, and then
looks at each keyword of the wider schema.
"""

from collections.abc import Container
from typing import Any

from attrs import define, evolve, field

from scripts.specdiff.engine.acceptance import BOUNDS, accepts_by_itself, is_trivial, kinds
from scripts.specdiff.engine.canonical import canonical
from scripts.specdiff.engine.facts import Facts, Node, Nodes, admits_null, as_meant, flattened
from scripts.specdiff.engine.schema import Schema, is_constraint

from . import arrays, combinations, objects, values
from .combinations import condition_of
from .exclusion import LONGEST_SPLIT, Exclusion, may_be_null
from .goals import Checks

_STEPS = 1_000
_DEPTH = 60
_SPLITS = 3
_NUMBERS = frozenset(["integer", "fraction"])
_CHECKS: Checks = {**values.CHECKS, **combinations.CHECKS, **objects.CHECKS, **arrays.CHECKS}
"""The checks by keyword. Other keywords are annotations, or another keyword judges them."""
_DEPENDENT = frozenset(
    [
        *("additionalProperties", "unevaluatedProperties", "unevaluatedItems", "items", "prefixItems", "contains"),
        *("not", "anyOf", "oneOf", "if", "required", "patternProperties", "propertyNames", "dependentSchemas"),
        "contentSchema",
    ]
)
"""Keywords whose meaning depends on other keywords of the same schema, or on the place of the schema."""


class _OutOfSteps(Exception):
    """A proof needs more steps than it is worth."""


@define
class Inclusion:
    """Proofs for the schemas of two documents in one direction of messages."""

    shared: frozenset[str] = frozenset()
    """The pointers of the components that both documents have, and that are compared on their own."""
    assumed: Container[tuple[str, str]] = frozenset()
    """Pairs of pointers, narrow and wide, whose inclusion is proved elsewhere."""
    ignored: str = ""
    """The flag of properties that messages do not contain: readOnly, writeOnly or nothing."""
    was_lenient: bool = False
    """Whether the last proof relied on properties that nothing describes."""
    strict: int = 0
    """How many alternatives, exclusions and conditions contain the current goal."""
    _exclusion: Exclusion = field(factory=Exclusion)
    _proved: dict[Any, bool] = field(factory=dict)
    _open: set[Any] = field(factory=set)
    """The goals that are not finished."""
    _trail: list[Any] = field(factory=list)
    """The goals that were proved, in order."""
    _is_conditional: bool = False
    """Whether an unfinished goal was used."""
    _texts: dict[Any, str] = field(factory=dict)
    _lenient: set[Any] = field(factory=set)
    _steps: int = 0
    _depth: int = 0

    def includes(self, wide: Node, narrow: Node) -> bool:
        """Whether `wide` certainly accepts every value that `narrow` accepts."""
        self._steps, self.strict, self.was_lenient, self._is_conditional = 0, 0, False, False
        self._trail.clear()
        try:
            return self._all((narrow,), wide, with_null=True)
        except _OutOfSteps:
            return False

    def includes_all(self, narrow: Nodes, wide: Node) -> bool:
        """Whether `wide` accepts all values that all of `narrow` accept."""
        return self._is_obvious(narrow, wide) or self._all(narrow, wide, with_null=True)

    def in_place(self, narrow: Nodes, wide: Node) -> bool:
        """Whether `wide` accepts all values apart from null. The outer schema decides about null."""
        return self._is_obvious(narrow, wide) or self._all(narrow, wide, with_null=False)

    def disjoint(self, one: Nodes, other: Nodes) -> bool:
        """Whether no value apart from null matches all schemas of both lists."""
        return self._exclusion.disjoint(one, other)

    def facts(self, nodes: Nodes) -> Facts:
        """The facts about the values that all schemas accept."""
        return self._exclusion.facts(nodes)

    def text(self, node: Node) -> str:
        """A text that is the same for equivalent schemas."""
        if node.schema.ref in self.shared and not node.schema.constrains and not node.schema.nullable:
            return node.schema.ref or ""
        if node.key not in self._texts:
            self._texts[node.key] = canonical(node.document, node.raw, self.shared)
        return self._texts[node.key]

    def is_ignored(self, nodes: Nodes | None) -> bool:
        """Whether messages do not contain the property with these schemas."""
        if not self.ignored or nodes is None:
            return False
        return any(node.schema.get(self.ignored) is True for node in self.facts(nodes).nodes)

    def _is_obvious(self, narrow: Nodes, wide: Node) -> bool:
        return is_trivial(wide.schema) or any(self._is_assumed(node, wide) for node in self.facts(narrow).nodes)

    def _is_assumed(self, narrow: Node, wide: Node) -> bool:
        if (narrow.schema.pointer, wide.schema.pointer) in self.assumed:
            return True
        is_null_lost = narrow.schema.nullable and not wide.schema.nullable
        if not narrow.schema.ref or not wide.schema.ref or wide.schema.constrains or is_null_lost:
            return False
        return (narrow.schema.ref, wide.schema.ref) in self.assumed

    def _all(self, narrow: Nodes, wide: Node, *, with_null: bool) -> bool:
        if is_trivial(wide.schema) or any(node.schema is wide.schema for node in narrow):
            return True
        if with_null and not self.strict:
            narrow = as_meant(narrow)
        key = tuple(node.key for node in narrow), wide.key, self.strict > 0, with_null
        if key in self._proved:
            self.was_lenient |= key in self._lenient
            # An unfinished proof may use itself for the properties and items of a value.
            self._is_conditional |= key in self._open
            return self._proved[key]
        self._steps += 1
        if self._steps > _STEPS or self._depth > _DEPTH:
            raise _OutOfSteps
        start = len(self._trail)
        self._proved[key] = True
        self._open.add(key)
        self._depth += 1
        found = False
        try:
            is_null_refused = with_null and may_be_null(*narrow) and admits_null(wide) is not True
            found = not is_null_refused and self._without_null(self.facts(narrow), narrow, wide)
        finally:
            self._depth -= 1
            self._open.discard(key)
            self._proved[key] = found
            self._trail.append(key)
            if not found and self._is_conditional:
                # The goals that were proved meanwhile may rely on this goal.
                for proved in self._trail[start:]:
                    if self._proved.get(proved):
                        del self._proved[proved]
        if self.was_lenient:
            self._lenient.add(key)
        return found

    def _without_null(self, facts: Facts, narrow: Nodes, wide: Node) -> bool:
        if facts.is_impossible:
            return True
        schema = wide.schema
        targets = [wide.member((wide.document.find(schema.ref), schema.ref))] if schema.ref else []
        return self._part(facts, wide) and all(self.in_place(narrow, one) for one in (*targets, *wide.members("allOf")))

    def _part(self, facts: Facts, part: Node, splits: int = 0) -> bool:
        """Whether a schema, apart from its references and `allOf`, accepts all values; null is not considered."""
        if facts.is_impossible:
            return True
        if facts.enum is not None and not _has_mistake(part):
            return all(accepts_by_itself(part.document, part.schema, value) is True for value in facts.enum)
        if self._keywords(facts, part):
            return True
        self.strict += 1
        try:
            return splits < _SPLITS and self._split(facts, part, splits)
        finally:
            self.strict -= 1

    def _keywords(self, facts: Facts, part: Node) -> bool:
        self._steps += 1
        if self._steps > _STEPS:
            raise _OutOfSteps
        schema = part.schema
        if schema.types and not facts.types <= kinds(schema.types):
            return False
        if schema.properties and "object" in facts.types and not objects.includes_properties(self, facts, part):
            return False
        for keyword, value in schema.keywords.items():
            if keyword == "type" or not is_constraint(keyword) or _has_same(facts, keyword, value):
                continue
            check = _CHECKS.get(keyword)
            if check is not None and not check(self, facts, part, value):
                return False
        return True

    def _split(self, facts: Facts, part: Node, splits: int) -> bool:
        """Whether a schema accepts all values of each alternative, or of each type."""
        for keyword in ("anyOf", "oneOf"):
            for node, _ in facts.values_of(keyword):
                members = node.members(keyword)
                rest = _others(facts, node, keyword)
                if len(members) <= LONGEST_SPLIT and all(
                    self._part(Facts(flattened((*rest, member))), part, splits + 1) for member in members
                ):
                    return True
        for node, _ in facts.values_of("if"):
            if self._by_condition(facts, node, part, splits):
                return True
        for node, value in facts.values_of("not"):
            # No values are left if the schema excludes all of them.
            if self.in_place(_others(facts, node, "not"), node.member((value, node.schema.pointer_of("not")))):
                return True
        if len(facts.types) > 1 and facts.types != _NUMBERS:
            several = [facts.types & _NUMBERS, *({kind} for kind in sorted(facts.types - _NUMBERS))]
            return all(
                self._part(
                    Facts(tuple(node._replace(types=node.types & types) for node in facts.nodes)), part, splits + 1
                )
                for types in several
                if types
            )
        return False

    def _by_condition(self, facts: Facts, node: Node, part: Node, splits: int) -> bool:
        """Whether `part` accepts the values that meet the condition of a schema, and the values that do not."""
        rest = _others(facts, node, "if")
        condition = condition_of(node)
        excluded = node.stating("not", node.schema.get("if"), node.schema.pointer_of("if"))
        cases = [(condition, *node.members("then")), (excluded, *node.members("else"))]
        if self.in_place(rest, condition):
            del cases[1]
        elif self.disjoint(rest, (condition,)):
            del cases[0]
        return all(self._part(Facts(flattened((*rest, *case))), part, splits + 1) for case in cases)


def _has_same(facts: Facts, keyword: str, value: Any) -> bool:
    """Whether the values also satisfy an equal keyword that judges them alone."""
    return keyword not in _DEPENDENT and any(found is value for _, found in facts.values_of(keyword))


def _has_mistake(part: Node) -> bool:
    """Whether a schema has a bound for other types than its own."""
    return any(not kinds([BOUNDS[key][1]]) & kinds(part.schema.types) for key in BOUNDS if key in part.schema.keywords)


def _others(facts: Facts, node: Node, keyword: str) -> Nodes:
    """The schemas of facts, of which one lacks a keyword."""
    schema = node.schema
    keywords = {key: value for key, value in schema.keywords.items() if key not in (keyword, "allOf")}
    own: Schema = evolve(schema, keywords=keywords, ref=None, pointer=f"{schema.pointer}#{keyword}")
    return (node._replace(schema=own), *(other for other in facts.nodes if other is not node))
