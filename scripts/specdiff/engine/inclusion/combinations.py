"""Checks of keywords that combine schemas for the same value: alternatives, exclusions and conditions."""

from typing import Any

from scripts.specdiff.engine.facts import Facts, Node

from .exclusion import LONGEST_SPLIT, exclusions
from .goals import Check, Checks, Goals


def _not(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
    excluded = part.member((value, part.schema.pointer_of("not")))
    if value in ({}, True):
        return False
    if goals.disjoint(facts.nodes, (excluded,)):
        return True
    return any(
        goals.in_place((excluded,), node.member((other, node.schema.pointer_of("not"))))
        for node, other in facts.values_of("not")
    )


def _any_of(goals: Goals, facts: Facts, part: Node, _value: Any) -> bool:
    for node, _ in facts.values_of("anyOf"):
        kept, removed, _added = _matched(goals, node.members("anyOf"), part.members("anyOf"))
        if kept and not removed:
            return True
    return any(goals.in_place(facts.nodes, member) for member in part.members("anyOf"))


def _one_of(goals: Goals, facts: Facts, part: Node, _value: Any) -> bool:
    members = part.members("oneOf")
    for node, _ in facts.values_of("oneOf"):
        kept, removed, added = _matched(goals, node.members("oneOf"), members)
        if kept and not removed:
            # A value matches one of the kept alternatives, as before, and must match none of the added ones.
            proofs = exclusions(part.document)
            return all(proofs.excludes(one, other) for other in added for one in kept)
    return len(members) <= LONGEST_SPLIT and any(
        goals.in_place(facts.nodes, member)
        and all(goals.disjoint(facts.nodes, (other,)) for other in members if other is not member)
        for member in members
    )


def _matched(goals: Goals, old: list[Node], new: list[Node]) -> tuple[list[Node], list[Node], list[Node]]:
    """The kept new, the removed old and the added new alternatives, of which all kept ones are equal."""
    left = [(goals.text(node), node) for node in new]
    kept, removed = [], []
    for node in old:
        same = next((entry for entry in left if entry[0] == goals.text(node)), None)
        if same is None:
            removed.append(node)
        else:
            kept.append(same[1])
            left.remove(same)
    return kept, removed, [node for _, node in left]


def _if(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
    condition = part.member((value, part.schema.pointer_of("if")))
    branches = {
        key: part.member((part.schema.get(key), part.schema.pointer_of(key)))
        for key in ("then", "else")
        if key in part.schema.keywords
    }
    then, otherwise = branches.get("then"), branches.get("else")
    for node, other in facts.values_of("if"):
        if goals.text(node.member((other, node.schema.pointer_of("if")))) == goals.text(condition):
            sides = [node.members(key) for key in ("then", "else")]
            if then is None or goals.in_place((*facts.nodes, condition_of(node), *sides[0]), then):
                return otherwise is None or goals.in_place((*facts.nodes, *sides[1]), otherwise)
    if then is not None and not (
        goals.in_place((*facts.nodes, condition), then) or goals.disjoint(facts.nodes, (condition,))
    ):
        return False
    return otherwise is None or goals.in_place(facts.nodes, otherwise) or goals.in_place(facts.nodes, condition)


def condition_of(node: Node) -> Node:
    """The schema of `if`."""
    return node.member((node.schema.get("if"), node.schema.pointer_of("if")))


def _strictly(check: Check) -> Check:
    """The check with no assumption about undeclared properties, which may distinguish alternatives."""

    def checked(goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
        goals.strict += 1
        try:
            return check(goals, facts, part, value)
        finally:
            goals.strict -= 1

    return checked


CHECKS: Checks = {"not": _strictly(_not), "anyOf": _strictly(_any_of), "oneOf": _strictly(_one_of), "if": _if}
