"""Checks of keywords about numbers, strings and constants."""

from typing import Any

from scripts.specdiff.engine.acceptance import BOUNDS, is_multiple, is_within, kinds
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.facts import Facts, Node
from scripts.specdiff.engine.formats import OF_ALL_NUMBERS, OF_NUMBERS, RANGES, WIDER
from scripts.specdiff.engine.schema import Bound

from .goals import Check, Checks, Goals


def _enum(_goals: Goals, facts: Facts, _part: Node, value: Any) -> bool:
    return facts.types == {"boolean"} and {True, False} <= {one for one in value if isinstance(one, bool)}


def _bound(keyword: str, facts: Facts, part: Node, value: Bound) -> bool:
    sign, kind = BOUNDS[keyword]
    if _is_without_effect(facts, part, kinds([kind])):
        return True
    bound = facts.bound(keyword)
    if bound is None:
        return False
    return is_within(value, sign, bound.value) or (bound.value == value.value and bound.is_exclusive)


def _multiple_of(_goals: Goals, facts: Facts, _part: Node, value: Any) -> bool:
    if not facts.types & {"integer", "fraction"} or (value == 1 and "fraction" not in facts.types):
        return True
    step = facts.step
    return step is not None and is_multiple(step, value) is True


def _pattern(_goals: Goals, facts: Facts, _part: Node, value: Any) -> bool:
    return "string" not in facts.types or _same(facts, "pattern", value)


def _format(_goals: Goals, facts: Facts, part: Node, value: Any) -> bool:
    types = frozenset(["integer", "fraction"] if value in OF_NUMBERS else ["string"])
    if _is_without_effect(facts, part, types) or value in OF_ALL_NUMBERS:
        return True
    if any(other == value or (other, value) in WIDER for _, other in facts.values_of("format")):
        return True
    if value not in RANGES or "fraction" in facts.types:
        return False
    low, high = facts.bound("minimum"), facts.bound("maximum")
    return low is not None and high is not None and RANGES[value][0] <= low.value and high.value <= RANGES[value][1]


def _same(facts: Facts, keyword: str, value: Any) -> bool:
    return any(canonical_json(other) == canonical_json(value) for _, other in facts.values_of(keyword))


def _is_without_effect(facts: Facts, part: Node, types: frozenset[str]) -> bool:
    """Whether a keyword for some types has no effect on the values.

    If the schema of the keyword excludes these types, its author made a mistake, and the rules judge the keyword.
    """
    return not facts.types & types and bool(kinds(part.schema.types) & types)


def _bound_check(keyword: str) -> Check:
    return lambda _goals, facts, part, value: _bound(keyword, facts, part, value)


def _content_check(keyword: str) -> Check:
    return lambda _goals, facts, _part, value: "string" not in facts.types or _same(facts, keyword, value)


def _reference_check(keyword: str) -> Check:
    return lambda _goals, facts, _part, value: _same(facts, keyword, value)


CHECKS: Checks = {
    "enum": _enum,
    **{keyword: _bound_check(keyword) for keyword in BOUNDS},
    "multipleOf": _multiple_of,
    "pattern": _pattern,
    "format": _format,
    **{keyword: _content_check(keyword) for keyword in ("contentEncoding", "contentMediaType", "contentSchema")},
    # References that were not followed.
    **{keyword: _reference_check(keyword) for keyword in ("$ref", "$dynamicRef")},
}
