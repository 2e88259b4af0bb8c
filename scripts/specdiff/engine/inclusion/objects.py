"""Checks of keywords about objects."""

from typing import Any

from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below
from scripts.specdiff.engine.acceptance import accepts, matches
from scripts.specdiff.engine.facts import Evaluated, Facts, Node, Nodes, evaluated_by

from .goals import Checks, Goals


def _included(goals: Goals, narrow: Nodes | None, wide: Node) -> bool:
    """Whether the value of a property or item is included; None means that there is no such value."""
    return narrow is None or goals.includes_all(narrow, wide)


def _required(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
    if "object" not in facts.types:
        return True
    whole = goals.facts((part,))
    present = {name for name in facts.required if not goals.is_ignored(facts.property(name))}
    return all(goals.is_ignored(whole.property(name)) for name in value - present)


def includes_properties(goals: Goals, facts: Facts, part: Node) -> bool:
    for name, raw in part.schema.properties.items():
        wide, narrow = part.member(raw), facts.property(name)
        if goals.is_ignored(narrow) or goals.is_ignored((wide,)):
            continue
        # No message has a property that nothing describes, unless the property is forbidden now.
        if narrow == () and not goals.strict and not goals.facts((wide,)).is_impossible:
            goals.was_lenient = True
            continue
        if not _included(goals, narrow, wide):
            return False
    return True


def _pattern_properties(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
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
        if not all(_included(goals, nodes, wide) for nodes in (*named, *others, rest)):
            return False
    return True


def _additional_properties(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
    own = Evaluated(
        frozenset(part.schema.properties), frozenset(as_map(part.schema.get("patternProperties"))), True, False
    )
    wide = part.member((value, part.schema.pointer_of("additionalProperties")))
    return "object" not in facts.types or _undeclared(goals, facts, own, wide)


def _unevaluated_properties(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
    if "object" not in facts.types:
        return True
    evaluated = evaluated_by(part)
    wide = part.member((value, part.schema.pointer_of("unevaluatedProperties")))
    if evaluated.is_open and evaluated.is_exact:
        return True
    if evaluated.is_exact:
        return _undeclared(goals, facts, evaluated, wide)
    return any(goals.text(node) == goals.text(part) for node in facts.nodes)


def _undeclared(goals: Goals, facts: Facts, declared: Evaluated, wide: Node) -> bool:
    """Whether `wide` accepts all properties except the declared ones."""
    closed = facts.evaluated
    names = facts.names | (closed.names if closed else set())
    named = [facts.property(name) for name in sorted(names) if not declared.names_property(name)]
    patterns = [nodes for pattern, nodes in facts.patterns.items() if pattern not in declared.patterns]
    if closed and (closed.patterns - declared.patterns or closed.is_open):
        return False
    return all(_included(goals, nodes, wide) for nodes in (*named, *patterns, facts.others))


def _property_names(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
    wide = part.member((value, part.schema.pointer_of("propertyNames")))
    if "object" not in facts.types:
        return True
    if any(
        goals.includes_all((node.member((other, node.schema.pointer_of("propertyNames"))),), wide)
        for node, other in facts.values_of("propertyNames")
    ):
        return True
    is_finite = facts.others is None and not facts.patterns
    return is_finite and all(accepts(part.document, wide.raw, name) is True for name in facts.names)


def _dependent_required(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
    for name, wanted in as_map(value).items() if "object" in facts.types else ():
        pointer = below(part.schema.pointer_of("dependentRequired"), name)
        wide = part.stating("required", frozenset(map(str, as_list(wanted))), pointer)
        if facts.property(name) is not None and not goals.in_place((*facts.nodes, _having(part, name)), wide):
            return False
    return True


def _dependent_schemas(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
    for name, raw in as_map(value).items() if "object" in facts.types else ():
        wide = part.member((raw, below(part.schema.pointer_of("dependentSchemas"), name)))
        given = [
            node.member((as_map(other)[name], below(node.schema.pointer_of("dependentSchemas"), name)))
            for node, other in facts.values_of("dependentSchemas")
            if name in as_map(other)
        ]
        if facts.property(name) is not None and not goals.in_place((*facts.nodes, _having(part, name), *given), wide):
            return False
    return True


def _having(node: Node, name: str) -> Node:
    """A schema of the objects that have a property."""
    required = node.stating("required", frozenset([name]), below(node.schema.pointer, name))
    return required._replace(types=frozenset(["object"]))


CHECKS: Checks = {
    "required": _required,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "unevaluatedProperties": _unevaluated_properties,
    "propertyNames": _property_names,
    "dependentRequired": _dependent_required,
    "dependentSchemas": _dependent_schemas,
}
