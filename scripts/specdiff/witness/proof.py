"""Proves the findings of a comparison by values, and finds changes that no rule noticed.

A value that proves a change counts more than the verdict of a rule. If no value is found, the verdict stands.
"""

import json
from collections.abc import Iterator
from typing import Any

from attrs import evolve

from scripts.openapi.pointers import keys
from scripts.openapi.time_limit import working_on
from scripts.specdiff.engine.effects import Direction, Effect, Impact, Verdict, verdict
from scripts.specdiff.engine.pairs import Place
from scripts.specdiff.engine.reach import Scope
from scripts.specdiff.findings import DiffResult, Finding, Witness, fingerprint, order, origin, verdict_of
from scripts.specdiff.reasons import quoted
from scripts.specdiff.rules.counterexamples import counterexample_found

from .search import Search

_CALM = (Verdict.SAFE, Verdict.DOCUMENTATION)
_SHOWN = 120
_LARGEST = 5_000
_SHARED = frozenset(["anyOf", "oneOf", "not", "if", "then", "else", "contains", "dependentSchemas"])
_SIDES = {Direction.REQUEST: (False,), Direction.RESPONSE: (True,), Direction.BOTH: (False, True)}


def prove(result: DiffResult) -> DiffResult:
    """Return the result with witnesses, and with a finding for each refused value that no other finding explains."""
    search = Search(result.old, result.new)
    findings = [_proved(search, finding) for finding in result.findings]
    findings += _unnoticed(search, result, findings)
    return evolve(result, findings=tuple(sorted(findings, key=order)))


def _proved(search: Search, finding: Finding) -> Finding:
    if finding.place is None or finding.verdict in _CALM:
        return finding
    working_on(f"the search for a value that proves the change of {finding.label}", finding.pointer)
    for is_response in _sides(finding):
        # Where a rule cannot tell, values with undeclared properties do not count.
        expected = search.contradictions(finding.place, is_response=is_response)
        for value in search.values(finding.place, finding.pointers, is_response=is_response):
            if _is_beside_the_point(finding, value, is_response):
                continue
            if finding.effect is Effect.UNSETTLES and value not in expected:
                continue
            witness = _witness(finding.place, finding.label, value, is_response, is_excluded=finding.is_excluded)
            proved = evolve(finding, witness=witness)
            if finding.verdict is Verdict.RISKY and finding.effect is Effect.UNSETTLES and not is_response:
                # The rule cannot tell whether requests are refused, and the value shows it.
                return evolve(proved, verdict=Verdict.BREAKING)
            return _decided(proved, value, is_response) if finding.verdict is Verdict.UNKNOWN else proved
    return finding


def _decided(finding: Finding, value: Any, is_response: bool) -> Finding:
    """Replace a finding with an unknown effect, since a value shows the effect."""
    rule, direction = counterexample_found, _direction(is_response)
    return evolve(
        finding,
        id=rule.id,
        verdict=verdict(rule.effect, direction),
        text=_text(value, is_response),
        fingerprint=fingerprint(rule.id, finding.label, str(direction), value, None),
        subject=str(direction),
        effect=rule.effect,
    )


def _direction(is_response: bool) -> Direction:
    return Direction.RESPONSE if is_response else Direction.REQUEST


def _text(value: Any, is_response: bool) -> str:
    written = shown(value).replace("`", "")
    return f"responses may now contain {written}" if is_response else f"requests with {written} are now refused"


def _sides(finding: Finding) -> list[bool]:
    """Whether the message is a response, for each direction; first the direction to which the verdict is due."""

    def is_milder(is_response: bool) -> bool:
        return verdict(finding.effect, _direction(is_response)) is not finding.verdict

    # A message must not match an excluded schema, so both directions count.
    return [True, False] if finding.is_excluded else sorted(_SIDES.get(finding.direction, ()), key=is_milder)


def _is_beside_the_point(finding: Finding, value: Any, is_response: bool) -> bool:
    """Whether a value in a response contains a property that the document no longer declares.

    Such a value is possible, because the document admits unknown properties. But nobody should expect it.
    """
    old, _ = finding.pointers
    removed = old is not None and "/properties/" in old and finding.new_line is None
    return bool(removed and is_response and isinstance(value, dict) and _name(old) in value)


def _name(pointer: str | None) -> str:
    return (pointer or "").rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _witness(place: Place, label: str, value: Any, is_response: bool, *, is_excluded: bool = False) -> Witness:
    text = json.dumps(value, ensure_ascii=False)
    where = f" as `{quoted(place.label)}`" if place.label != label else ""
    done = "was not sent before and may now be sent." if is_response else "was accepted and is now refused."
    if is_excluded:
        where = f" as `{quoted(place.label)}`, which is below `not`,"
        done = "did not match before and now matches." if is_response else "matched before and no longer matches."
    return Witness(text if len(text) <= _LARGEST else None, f"{shown(value)}{where} {done}")


def shown(value: Any) -> str:
    """A value as JSON between backticks, or a description of a long value."""
    text = json.dumps(value, ensure_ascii=False).replace("`", r"\u0060")
    if len(text) <= _SHOWN:
        return f"`{text}`"
    if isinstance(value, str):
        return f"a text of {len(value):,} characters"
    if isinstance(value, list):
        return (
            f"an array of {len(value):,} items, such as {shown(value[0])}"
            if len(value) > 1
            else f"`{text[:_SHOWN]}...`"
        )
    return f"`{text[:_SHOWN]}...`"


def _unnoticed(search: Search, result: DiffResult, findings: list[Finding]) -> Iterator[Finding]:
    """Yield a finding for each place where a value is refused, although all findings there are calm."""
    comparison = result.comparison
    if comparison is None:
        return
    explained: tuple[set[str], set[str]] = (set(), set())
    for scope in comparison.scopes.values():
        for rule, pair, _ in scope.changes:
            if pair.place is not None and verdict_of(rule, scope) not in _CALM:
                _explain(explained, pair.place)
    for finding in findings:
        if finding.verdict not in _CALM:
            for pointers, pointer in zip(explained, finding.pointers, strict=True):
                pointers.update(_with_ancestors(pointer))
    # Inner places come first, because the search is closer to the change there.
    for scope, place in reversed(comparison.places):
        is_excluded = scope.excluded_requests or scope.excluded_responses
        if is_excluded or place.old in explained[0] or place.new in explained[1] or _depends_on_others(place):
            continue
        for is_response in _SIDES.get(scope.direction, ()):
            if values := search.contradictions(place, is_response=is_response):
                yield _finding(result, scope, place, values[0], is_response)
                _explain(explained, place)
                break


def _explain(explained: tuple[set[str], set[str]], place: Place) -> None:
    for pointers, pointer in zip(explained, (place.old, place.new), strict=True):
        pointers.update(_with_ancestors(pointer))


def _with_ancestors(pointer: str | None) -> Iterator[str]:
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


def _depends_on_others(place: Place) -> bool:
    """Whether a place is inside of an alternative or a condition, so that its schema does not judge values alone."""
    return any(not _SHARED.isdisjoint(keys(pointer or "")) for pointer in (place.old, place.new))


def _finding(result: DiffResult, scope: Scope, place: Place, value: Any, is_response: bool) -> Finding:
    rule = counterexample_found
    names = tuple(name for name in result.comparison.names(scope.operations) if name) if result.comparison else ()
    direction = _direction(is_response)
    old_file, old_line = origin(result.old, place.old)
    new_file, new_line = origin(result.new, place.new)
    return Finding(
        rule.id,
        verdict(rule.effect, direction),
        Impact.NONE,
        place.label,
        _text(value, is_response),
        names,
        direction,
        place.new or place.old or "",
        None,
        None,
        old_line,
        new_line,
        fingerprint(rule.id, place.label, str(direction), value, None),
        str(direction),
        witness=_witness(place, place.label, value, is_response),
        place=place,
        pointers=(place.old, place.new),
        effect=rule.effect,
        old_file=old_file,
        new_file=new_file,
    )
