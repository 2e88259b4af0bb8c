"""Proves that one schema accepts all values that another schema accepts.

A proof is certain; a missing proof says nothing. The search splits a schema into its alternatives and types, and then
looks at each keyword of the wider schema.
"""

from collections.abc import Callable, Container
from itertools import product
from typing import Any

from attrs import define, evolve, field

from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below

from .acceptance import BOUNDS, accepts, accepts_by_itself, is_false, is_multiple, is_trivial, is_within, kinds, matches
from .canonical import canonical
from .canonical_json import canonical_json
from .document import ComparedDocument
from .facts import Evaluated, Facts, Node, admits_null, as_meant, evaluated_by, flattened
from .formats import DISTINCT, OF_ALL_NUMBERS, OF_NUMBERS, WIDER
from .schema import Bound, RawSchema, is_constraint

_Nodes = tuple[Node, ...]
_STEPS = 1_000
_EXCLUSIONS = 100
_DEPTH = 60
_LONGEST_SPLIT = 12


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
    _facts: dict[Any, Facts] = field(factory=dict)
    _proved: dict[Any, bool] = field(factory=dict)
    _excluded: dict[Any, bool] = field(factory=dict)
    _texts: dict[Any, str] = field(factory=dict)
    _tags: dict[Any, dict[str, frozenset[str]]] = field(factory=dict)
    _lenient: set[Any] = field(factory=set)
    was_lenient: bool = False
    """Whether the last proof relied on properties that nothing describes."""
    _steps: int = 0
    _exclusions: int = 0
    _depth: int = 0
    _strict: int = 0
    """How many alternatives, exclusions and conditions contain the current goal."""

    def includes(self, wide: Node, narrow: Node) -> bool:
        """Whether `wide` certainly accepts every value that `narrow` accepts."""
        self._steps, self._strict, self.was_lenient = 0, 0, False
        try:
            return self._all((narrow,), wide, is_first=True)
        except _OutOfSteps:
            return False

    def excludes(self, one: Node, other: Node) -> bool:
        """Whether certainly no value matches both schemas."""
        first, second = self._tags_of(one), self._tags_of(other)
        if any(name in second and values.isdisjoint(second[name]) for name, values in first.items()):
            return not _may_be_null(one, other)
        self._steps, self._strict = 0, 1
        try:
            return not _may_be_null(one, other) and self._disjoint((one,), (other,))
        except _OutOfSteps:
            return False

    def _tags_of(self, node: Node) -> dict[str, frozenset[str]]:
        """The listed values of the required properties of an object, which tell most alternatives apart."""
        if node.key not in self._tags:
            facts, found = self._of((node,)), {}
            for name in facts.required if facts.types == {"object"} else ():
                values = self._of(facts.property(name) or ()).enum
                if values and not _may_be_null(*(facts.property(name) or ())):
                    found[name] = frozenset(map(canonical_json, values))
            self._tags[node.key] = found
        return self._tags[node.key]

    def _of(self, nodes: _Nodes) -> Facts:
        key = tuple(node.key for node in nodes)
        if key not in self._facts:
            self._facts[key] = Facts(flattened(nodes))
        return self._facts[key]

    def _in_place(self, narrow: _Nodes, wide: Node) -> bool:
        """Whether `wide` accepts all values apart from null. The outer schema decides about null."""
        return self._all(narrow, wide, with_null=False)

    def _all(self, narrow: _Nodes, wide: Node, *, is_first: bool = False, with_null: bool = True) -> bool:
        """Whether `wide` accepts all values that all of `narrow` accept."""
        if is_trivial(wide.schema):
            return True
        if any(node.schema is wide.schema for node in narrow):
            return True
        if not is_first and any(self._is_assumed(node, wide) for node in self._of(narrow).nodes):
            return True
        if with_null and not self._strict:
            narrow = as_meant(narrow)
        key = tuple(node.key for node in narrow), wide.key, self._strict > 0, with_null
        if key in self._proved:
            self.was_lenient |= key in self._lenient
            # An unfinished proof may use itself for the properties and items of a value.
            return self._proved[key]
        self._steps += 1
        if self._steps > _STEPS or self._depth > _DEPTH:
            raise _OutOfSteps
        self._proved[key] = True
        self._depth += 1
        try:
            facts = self._of(narrow)
            is_null_refused = with_null and _may_be_null(*narrow) and admits_null(wide) is not True
            found = not is_null_refused and self._without_null(facts, narrow, wide)
        except _OutOfSteps:
            self._proved[key] = False
            raise
        finally:
            self._depth -= 1
        self._proved[key] = found
        if self.was_lenient:
            self._lenient.add(key)
        return found

    def _is_assumed(self, narrow: Node, wide: Node) -> bool:
        pairs = [(narrow.schema.pointer, wide.schema.pointer)]
        is_null_lost = narrow.schema.nullable and not wide.schema.nullable
        if narrow.schema.ref and wide.schema.ref and not wide.schema.constrains and not is_null_lost:
            pairs.append((narrow.schema.ref, wide.schema.ref))
        return any(pair in self.assumed for pair in pairs)

    def _without_null(self, facts: Facts, narrow: _Nodes, wide: Node) -> bool:
        if facts.is_impossible:
            return True
        schema = wide.schema
        targets = [wide.member((wide.document.find(schema.ref), schema.ref))] if schema.ref else []
        return self._part(facts, wide) and all(
            self._in_place(narrow, one) for one in (*targets, *wide.members("allOf"))
        )

    def _part(self, facts: Facts, part: Node, splits: int = 0) -> bool:
        """Whether a schema, apart from its references and `allOf`, accepts all values; null is not considered."""
        if facts.is_impossible:
            return True
        if facts.enum is not None and not _has_mistake(part):
            return all(accepts_by_itself(part.document, part.schema, value) is True for value in facts.enum)
        if self._keywords(facts, part):
            return True
        self._strict += 1
        try:
            return splits < 3 and self._split(facts, part, splits)
        finally:
            self._strict -= 1

    def _split(self, facts: Facts, part: Node, splits: int) -> bool:
        """Whether a schema accepts all values of each alternative, or of each type."""
        for keyword in ("anyOf", "oneOf"):
            for node, _ in facts.values_of(keyword):
                members = node.members(keyword)
                rest = tuple(other for other in facts.nodes if other is not node)
                own = Node(node.document, _without(node, keyword), node.types)
                if len(members) <= _LONGEST_SPLIT and all(
                    self._part(Facts(flattened((own, *rest, member))), part, splits + 1) for member in members
                ):
                    return True
        for node, _ in facts.values_of("if"):
            if self._by_condition(facts, node, part, splits):
                return True
        if len(facts.types) > 1 and facts.types != {"integer", "fraction"}:
            several = [
                facts.types & {"integer", "fraction"},
                *({kind} for kind in sorted(facts.types - {"integer", "fraction"})),
            ]
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
        own = Node(node.document, _without(node, "if"), node.types)
        rest = (own, *(other for other in facts.nodes if other is not node))
        condition = condition_of(node)
        cases = [(condition, *node.members("then")), tuple(node.members("else"))]
        if self._in_place(rest, condition):
            del cases[1]
        elif self._disjoint(rest, (condition,)):
            del cases[0]
        return all(self._part(Facts(flattened((*rest, *case))), part, splits + 1) for case in cases)

    def _text(self, node: Node) -> str:
        """A text that is the same for equivalent schemas."""
        if node.schema.ref in self.shared and not node.schema.constrains and not node.schema.nullable:
            return node.schema.ref or ""
        if node.key not in self._texts:
            self._texts[node.key] = canonical(node.document, self._raw(node), self.shared)
        return self._texts[node.key]

    @staticmethod
    def _raw(node: Node) -> RawSchema:
        return node.document.find(node.schema.pointer), node.schema.pointer

    def _keywords(self, facts: Facts, part: Node) -> bool:
        self._steps += 1
        if self._steps > _STEPS:
            raise _OutOfSteps
        schema = part.schema
        if schema.types and not facts.types <= kinds(schema.types):
            return False
        if schema.properties and "object" in facts.types and not self._properties(facts, part):
            return False
        for keyword, value in schema.keywords.items():
            if keyword == "type" or not is_constraint(keyword) or self._has_same(facts, keyword, value):
                continue
            check = _CHECKS.get(keyword)
            if check is not None and not check(self, facts, part, value):
                return False
        return True

    def _has_same(self, facts: Facts, keyword: str, value: Any) -> bool:
        """Whether the values also satisfy an equal keyword that judges them alone."""
        if keyword in _DEPENDENT:
            return False
        return any(found is value for _, found in facts.values_of(keyword))

    def _included(self, narrow: _Nodes | None, wide: Node) -> bool:
        """Whether the value of a property or item is included; None means that there is no such value."""
        return narrow is None or self._all(narrow, wide)

    def _is_ignored(self, nodes: _Nodes | None) -> bool:
        if not self.ignored or nodes is None:
            return False
        return any(node.schema.get(self.ignored) is True for node in self._of(nodes).nodes)

    # Keywords of all types.

    def _enum(self, facts: Facts, _part: Node, value: Any) -> bool:
        return facts.types == {"boolean"} and {True, False} <= {one for one in value if isinstance(one, bool)}

    def _not(self, facts: Facts, part: Node, value: Any) -> bool:
        excluded = part.member((value, part.schema.pointer_of("not")))
        if value in ({}, True):
            return False
        if self._disjoint(facts.nodes, (excluded,)):
            return True
        return any(
            self._in_place((excluded,), node.member((other, node.schema.pointer_of("not"))))
            for node, other in facts.values_of("not")
        )

    def _any_of(self, facts: Facts, part: Node, _value: Any) -> bool:
        for node, _ in facts.values_of("anyOf"):
            kept, removed, _added = self._matched(node.members("anyOf"), part.members("anyOf"))
            if kept and not removed:
                return True
        return any(self._in_place(facts.nodes, member) for member in part.members("anyOf"))

    def _one_of(self, facts: Facts, part: Node, _value: Any) -> bool:
        members = part.members("oneOf")
        for node, _ in facts.values_of("oneOf"):
            kept, removed, added = self._matched(node.members("oneOf"), members)
            if kept and not removed:
                # A value matches one of the kept alternatives, as before, and must match none of the added ones.
                proofs = exclusions(part.document)
                return all(proofs.excludes(one, other) for other in added for one in kept)
        return len(members) <= _LONGEST_SPLIT and any(
            self._in_place(facts.nodes, member)
            and all(self._disjoint(facts.nodes, (other,)) for other in members if other is not member)
            for member in members
        )

    def _matched(self, old: list[Node], new: list[Node]) -> tuple[list[Node], list[Node], list[Node]]:
        """The kept new, the removed old and the added new alternatives, of which all kept ones are equal."""
        left = [(self._text(node), node) for node in new]
        kept, removed = [], []
        for node in old:
            same = next((entry for entry in left if entry[0] == self._text(node)), None)
            if same is None:
                removed.append(node)
            else:
                kept.append(same[1])
                left.remove(same)
        return kept, removed, [node for _, node in left]

    def _if(self, facts: Facts, part: Node, value: Any) -> bool:
        condition = part.member((value, part.schema.pointer_of("if")))
        branches = {
            key: part.member((part.schema.get(key), part.schema.pointer_of(key)))
            for key in ("then", "else")
            if key in part.schema.keywords
        }
        then, otherwise = branches.get("then"), branches.get("else")
        for node, other in facts.values_of("if"):
            if self._text(node.member((other, node.schema.pointer_of("if")))) == self._text(condition):
                sides = [node.members(key) for key in ("then", "else")]
                if then is None or self._in_place((*facts.nodes, condition_of(node), *sides[0]), then):
                    return otherwise is None or self._in_place((*facts.nodes, *sides[1]), otherwise)
        if then is not None and not (
            self._in_place((*facts.nodes, condition), then) or self._disjoint(facts.nodes, (condition,))
        ):
            return False
        return otherwise is None or self._in_place(facts.nodes, otherwise) or self._in_place(facts.nodes, condition)

    def _same(self, facts: Facts, keyword: str, value: Any) -> bool:
        return any(canonical_json(other) == canonical_json(value) for _, other in facts.values_of(keyword))

    # Numbers and strings.

    def _bound(self, keyword: str, facts: Facts, part: Node, value: Bound) -> bool:
        sign, kind = BOUNDS[keyword]
        if _is_without_effect(facts, part, kinds([kind])):
            return True
        bound = facts.bound(keyword)
        if bound is None:
            return False
        return is_within(value, sign, bound.value) or (bound.value == value.value and bound.is_exclusive)

    def _multiple_of(self, facts: Facts, _part: Node, value: Any) -> bool:
        if not facts.types & {"integer", "fraction"} or (value == 1 and "fraction" not in facts.types):
            return True
        return any(is_multiple(other, value) is True for _, other in facts.values_of("multipleOf"))

    def _pattern(self, facts: Facts, _part: Node, value: Any) -> bool:
        return "string" not in facts.types or self._same(facts, "pattern", value)

    def _format(self, facts: Facts, part: Node, value: Any) -> bool:
        types = frozenset(["integer", "fraction"] if value in OF_NUMBERS else ["string"])
        if _is_without_effect(facts, part, types) or value in OF_ALL_NUMBERS:
            return True
        return any(other == value or (other, value) in WIDER for _, other in facts.values_of("format"))

    def _content(self, keyword: str, facts: Facts, value: Any) -> bool:
        return "string" not in facts.types or self._same(facts, keyword, value)

    # Objects.

    def _required(self, facts: Facts, part: Node, value: Any) -> bool:
        if "object" not in facts.types:
            return True
        whole = self._of((part,))
        present = {name for name in facts.required if not self._is_ignored(facts.property(name))}
        return all(self._is_ignored(whole.property(name)) for name in value - present)

    def _properties(self, facts: Facts, part: Node) -> bool:
        for name, raw in part.schema.properties.items():
            wide, narrow = part.member(raw), facts.property(name)
            if self._is_ignored(narrow) or self._is_ignored((wide,)):
                continue
            # No message has a property that nothing describes, unless the property is forbidden now.
            if narrow == () and not self._strict and not self._of((wide,)).is_impossible:
                self.was_lenient = True
                continue
            if not self._included(narrow, wide):
                return False
        return True

    def _pattern_properties(self, facts: Facts, part: Node, value: Any) -> bool:
        if "object" not in facts.types:
            return True
        for pattern, raw in as_map(value).items():
            wide = part.member((raw, below(part.schema.pointer_of("patternProperties"), pattern)))
            named = [facts.property(name) for name in facts.names if matches(pattern, name) is not False]
            same = facts.patterns.get(pattern)
            others = [nodes for other, nodes in facts.patterns.items() if other != pattern]
            rest = facts.others if same is None else None
            if same is not None:
                others = [(*same, *nodes) for nodes in others] + [same]
            if not all(self._included(nodes, wide) for nodes in (*named, *others, rest)):
                return False
        return True

    def _additional_properties(self, facts: Facts, part: Node, value: Any) -> bool:
        own = Evaluated(
            frozenset(part.schema.properties), frozenset(as_map(part.schema.get("patternProperties"))), True, False
        )
        wide = part.member((value, part.schema.pointer_of("additionalProperties")))
        return "object" not in facts.types or self._undeclared(facts, own, wide)

    def _unevaluated_properties(self, facts: Facts, part: Node, value: Any) -> bool:
        if "object" not in facts.types:
            return True
        evaluated = evaluated_by(part)
        wide = part.member((value, part.schema.pointer_of("unevaluatedProperties")))
        if evaluated.is_open and evaluated.is_exact:
            return True
        if evaluated.is_exact:
            return self._undeclared(facts, evaluated, wide)
        return any(self._text(node) == self._text(part) for node in facts.nodes)

    def _undeclared(self, facts: Facts, declared: Evaluated, wide: Node) -> bool:
        """Whether `wide` accepts all properties except the declared ones."""
        closed = facts.evaluated
        names = facts.names | (closed.names if closed else set())
        named = [facts.property(name) for name in sorted(names) if not declared.names_property(name)]
        patterns = [nodes for pattern, nodes in facts.patterns.items() if pattern not in declared.patterns]
        if closed and (closed.patterns - declared.patterns or closed.is_open):
            return False
        return all(self._included(nodes, wide) for nodes in (*named, *patterns, facts.others))

    def _property_names(self, facts: Facts, part: Node, value: Any) -> bool:
        wide = part.member((value, part.schema.pointer_of("propertyNames")))
        if "object" not in facts.types:
            return True
        if any(
            self._all((node.member((other, node.schema.pointer_of("propertyNames"))),), wide)
            for node, other in facts.values_of("propertyNames")
        ):
            return True
        is_finite = facts.others is None and not facts.patterns
        return is_finite and all(accepts(part.document, self._raw(wide), name) is True for name in facts.names)

    def _dependent_required(self, facts: Facts, _part: Node, value: Any) -> bool:
        if "object" not in facts.types:
            return True
        known = [as_map(other) for _, other in facts.values_of("dependentRequired")]
        for name, wanted in as_map(value).items():
            given = facts.required.union(*(map(str, as_list(one.get(name))) for one in known))
            if facts.property(name) is not None and not set(map(str, as_list(wanted))) <= given | {name}:
                return False
        return True

    def _dependent_schemas(self, facts: Facts, part: Node, value: Any) -> bool:
        if "object" not in facts.types:
            return True
        for name, raw in as_map(value).items():
            wide = part.member((raw, below(part.schema.pointer_of("dependentSchemas"), name)))
            given = [
                node.member((as_map(other)[name], below(node.schema.pointer_of("dependentSchemas"), name)))
                for node, other in facts.values_of("dependentSchemas")
                if name in as_map(other)
            ]
            if facts.property(name) is not None and not self._in_place((*facts.nodes, *given), wide):
                return False
        return True

    # Arrays.

    def _items(self, facts: Facts, part: Node, value: Any) -> bool:
        if "array" not in facts.types:
            return True
        wide = part.member((value, part.schema.pointer_of("items")))
        first = len(as_list(part.schema.get("prefixItems")))
        last = max((len(as_list(prefix)) for _, prefix in facts.values_of("prefixItems")), default=0)
        return all(self._position(facts, index, wide) for index in range(first, max(first, last) + 1))

    def _prefix_items(self, facts: Facts, part: Node, _value: Any) -> bool:
        members = part.members("prefixItems")
        return "array" not in facts.types or all(self._position(facts, index, one) for index, one in enumerate(members))

    def _position(self, facts: Facts, index: int, wide: Node) -> bool:
        maximum = facts.bound("maxItems")
        if maximum is not None and maximum.value <= index:
            return True
        nodes = facts.position(index)
        return any(is_false(node.schema) for node in flattened(nodes)) or self._all(nodes, wide)

    def _contains(self, facts: Facts, part: Node, value: Any) -> bool:
        if "array" not in facts.types:
            return True
        wide = part.member((value, part.schema.pointer_of("contains")))
        least = part.schema.get("minContains", Bound(1)).value
        most = part.schema.get("maxContains")
        if least == 0 and most is None:
            return True
        for node, other in facts.values_of("contains"):
            narrow = node.member((other, node.schema.pointer_of("contains")))
            limit = node.schema.get("maxContains")
            if node.schema.get("minContains", Bound(1)).value >= least and self._all((narrow,), wide):
                if most is None:
                    return True
                if limit is not None and limit.value <= most.value and self._all((wide,), narrow):
                    return True
        return False

    def _unique_items(self, facts: Facts, _part: Node, _value: Any) -> bool:
        maximum = facts.bound("maxItems")
        is_short = maximum is not None and maximum.value <= 1
        return (
            "array" not in facts.types or is_short or any(value is True for _, value in facts.values_of("uniqueItems"))
        )

    def _unevaluated_items(self, facts: Facts, part: Node, _value: Any) -> bool:
        return "array" not in facts.types or any(self._text(node) == self._text(part) for node in facts.nodes)

    # Exclusion.

    def _disjoint(self, one: _Nodes, other: _Nodes, depth: int = 0) -> bool:
        """Whether no value apart from null matches all schemas of both lists."""
        key = tuple(node.key for node in one), tuple(node.key for node in other)
        if key not in self._excluded:
            self._excluded[key] = self._are_disjoint(one, other, depth)
        return self._excluded[key]

    def _are_disjoint(self, one: _Nodes, other: _Nodes, depth: int) -> bool:
        self._exclusions = 0 if depth == 0 else self._exclusions + 1
        if self._exclusions > _EXCLUSIONS or depth > 12:
            return False
        whole = self._of((*one, *other))
        if whole.is_impossible:
            return True
        if whole.enum is not None and all(whole.accept(value) is False for value in whole.enum):
            return True
        if any(_exclude(self._of(first), self._of(second), whole) for first, second in ((one, other), (other, one))):
            return True
        if whole.types == {"object"}:
            properties = [[self._of(nodes).property(name) for nodes in (one, other)] for name in sorted(whole.required)]
            if any(None in sides for sides in properties):
                return True
            # Most alternatives differ in a constant, so properties with listed values come first.
            properties.sort(key=lambda sides: not all(self._of(nodes or ()).enum for nodes in sides))
            for first, second in properties:
                if (
                    first
                    and second
                    and self._disjoint(first, second, depth + 1)
                    and self._forbids_null([first, second])
                ):
                    return True
        return any(self._disjoint_by_alternatives(nodes, rest, depth) for nodes, rest in ((one, other), (other, one)))

    def _forbids_null(self, sides: list[_Nodes | None]) -> bool:
        return not _may_be_null(*(node for nodes in sides for node in nodes or ()))

    def _disjoint_by_alternatives(self, nodes: _Nodes, others: _Nodes, depth: int) -> bool:
        for keyword in ("anyOf", "oneOf"):
            for node, _ in self._of(nodes).values_of(keyword):
                members = node.members(keyword)
                if len(members) <= _LONGEST_SPLIT and all(
                    self._disjoint((member,), others, depth + 1) for member in members
                ):
                    return True
        return False


def _is_without_effect(facts: Facts, part: Node, types: frozenset[str]) -> bool:
    """Whether a keyword for some types has no effect on the values.

    If the schema of the keyword excludes these types, its author made a mistake, and the rules judge the keyword.
    """
    return not facts.types & types and bool(kinds(part.schema.types) & types)


def _has_mistake(part: Node) -> bool:
    """Whether a schema has a bound for other types than its own."""
    return any(not kinds([BOUNDS[key][1]]) & kinds(part.schema.types) for key in BOUNDS if key in part.schema.keywords)


def exclusions(document: ComparedDocument) -> Inclusion:
    """The proofs about alternatives of a document that exclude each other. Rules and other proofs share them."""
    if document.exclusions is None:
        document.exclusions = Inclusion()
    found: Inclusion = document.exclusions
    return found


def _may_be_null(*nodes: Node) -> bool:
    return all(admits_null(node) is not False for node in nodes)


def condition_of(node: Node) -> Node:
    """The schema of `if`."""
    return node.member((node.schema.get("if"), node.schema.pointer_of("if")))


def _exclude(one: Facts, other: Facts, whole: Facts) -> bool:
    """Whether the bounds or formats of two schemas exclude each other."""
    for low, high in (
        ("minimum", "maximum"),
        ("minLength", "maxLength"),
        ("minItems", "maxItems"),
        ("minProperties", "maxProperties"),
    ):
        if whole.types <= kinds([BOUNDS[low][1]]):
            least, most = one.bound(low), other.bound(high)
            if least is not None and most is not None and not is_within(most, -1, least.value):
                return True
    if whole.types == {"string"}:
        formats = [{value for _, value in side.values_of("format")} & DISTINCT for side in (one, other)]
        return any(first != second for first, second in product(*formats))
    return False


def _without(node: Node, keyword: str) -> Any:
    schema = node.schema
    keywords = {key: value for key, value in schema.keywords.items() if key not in (keyword, "allOf")}
    return evolve(schema, keywords=keywords, ref=None, pointer=f"{schema.pointer}#{keyword}")


# Keywords whose meaning depends on other keywords of the same schema.
_DEPENDENT = {
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "items",
    "contains",
    "if",
    "required",
}
_DEPENDENT |= {
    "not",
    "anyOf",
    "oneOf",
    "prefixItems",
    "patternProperties",
    "propertyNames",
    "dependentSchemas",
    "contentSchema",
}

_Check = Callable[[Inclusion, Facts, Node, Any], bool]


def _strictly(check: _Check) -> _Check:
    """The check with no assumption about undeclared properties, which may distinguish alternatives."""

    def checked(self: Inclusion, facts: Facts, part: Node, value: Any) -> bool:
        self._strict += 1
        try:
            return check(self, facts, part, value)
        finally:
            self._strict -= 1

    return checked


def _bound_check(keyword: str) -> _Check:
    return lambda self, facts, part, value: self._bound(keyword, facts, part, value)


def _content_check(keyword: str) -> _Check:
    return lambda self, facts, _part, value: self._content(keyword, facts, value)


_CHECKS: dict[str, _Check] = {
    "enum": Inclusion._enum,
    "not": _strictly(Inclusion._not),
    "anyOf": _strictly(Inclusion._any_of),
    "oneOf": _strictly(Inclusion._one_of),
    "if": Inclusion._if,
    **{keyword: _bound_check(keyword) for keyword in BOUNDS},
    "multipleOf": Inclusion._multiple_of,
    "pattern": Inclusion._pattern,
    "format": Inclusion._format,
    **{keyword: _content_check(keyword) for keyword in ("contentEncoding", "contentMediaType", "contentSchema")},
    "required": Inclusion._required,
    "patternProperties": Inclusion._pattern_properties,
    "additionalProperties": Inclusion._additional_properties,
    "unevaluatedProperties": Inclusion._unevaluated_properties,
    "propertyNames": Inclusion._property_names,
    "dependentRequired": Inclusion._dependent_required,
    "dependentSchemas": Inclusion._dependent_schemas,
    "items": Inclusion._items,
    "prefixItems": Inclusion._prefix_items,
    "contains": Inclusion._contains,
    "uniqueItems": Inclusion._unique_items,
    "unevaluatedItems": Inclusion._unevaluated_items,
    "$ref": lambda self, facts, _part, value: self._same(facts, "$ref", value),
    "$dynamicRef": lambda self, facts, _part, value: self._same(facts, "$dynamicRef", value),
}
"""The checks by keyword. Other keywords are annotations, or another keyword judges them."""
