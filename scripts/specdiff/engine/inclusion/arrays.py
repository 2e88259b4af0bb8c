"""Checks of keywords about arrays."""

from typing import Any

from scripts.openapi.document import as_list
from scripts.specdiff.engine.acceptance import is_false
from scripts.specdiff.engine.facts import Facts, Node, flattened
from scripts.specdiff.engine.schema import Bound

from .goals import Checks, Goals


def _items(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
    if "array" not in facts.types:
        return True
    wide = part.member((value, part.schema.pointer_of("items")))
    first = len(as_list(part.schema.get("prefixItems")))
    last = max((len(as_list(prefix)) for _, prefix in facts.values_of("prefixItems")), default=0)
    return all(_position(goals, facts, index, wide) for index in range(first, max(first, last) + 1))


def _prefix_items(goals: Goals, facts: Facts, part: Node, _value: Any) -> bool:
    members = part.members("prefixItems")
    return "array" not in facts.types or all(_position(goals, facts, index, one) for index, one in enumerate(members))


def _position(goals: Goals, facts: Facts, index: int, wide: Node) -> bool:
    maximum = facts.bound("maxItems")
    if maximum is not None and maximum.value <= index:
        return True
    nodes = facts.position(index)
    return any(is_false(node.schema) for node in flattened(nodes)) or goals.includes_all(nodes, wide)


def _contains(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
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
        if node.schema.get("minContains", Bound(1)).value >= least and goals.includes_all((narrow,), wide):
            if most is None:
                return True
            if limit is not None and limit.value <= most.value and goals.includes_all((wide,), narrow):
                return True
    return False


def _unique_items(_goals: Goals, facts: Facts, _part: Node, _value: Any) -> bool:
    maximum = facts.bound("maxItems")
    is_short = maximum is not None and maximum.value <= 1
    return "array" not in facts.types or is_short or any(value is True for _, value in facts.values_of("uniqueItems"))


def _unevaluated_items(goals: Goals, facts: Facts, part: Node, _value: Any) -> bool:
    return "array" not in facts.types or any(goals.text(node) == goals.text(part) for node in facts.nodes)


CHECKS: Checks = {
    "items": _items,
    "prefixItems": _prefix_items,
    "contains": _contains,
    "uniqueItems": _unique_items,
    "unevaluatedItems": _unevaluated_items,
}
