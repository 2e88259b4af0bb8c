"""Checks the verdicts of whole comparisons on argued cases: each case states its expected verdict and the reason."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from scripts.openapi.contract import ROOT
from scripts.openapi.loading import load
from scripts.specdiff.engine.effects import Verdict
from scripts.specdiff.findings import Finding
from tests.support.cases import PLACES, Example

_FOLDER = ROOT / "tests" / "specdiff" / "argued"
_KEYS = {"why", "in", "versions", "old", "new", "most", "refused", "appears", "request", "response", "verdict", "found"}
_RANKS = list(Verdict)


@frozen
class _Argued:
    """A pair of fragments in one direction, with the expected verdict of the comparison."""

    id: str
    why: str
    example: Example
    direction: str
    expected: str
    found: str
    """The verdict of the rules and proofs, if only the search for values finds the expected verdict."""
    most: int | None
    """The number of findings that the comparison may have at most, apart from changed texts."""


def _argued(path: Path) -> Iterator[_Argued]:
    for group in load(path).document:
        for number, case in enumerate(group["cases"], 1):
            assert not case.keys() - _KEYS, case
            place = case.get("in", "schema")
            versions = tuple(case.get("versions", group.get("versions", ("3.1.0", "3.1.0"))))
            example = Example("", place, case["old"], case["new"], versions=versions, why=case["why"])
            for direction in PLACES[place]:
                name = f"{path.stem}: {group['class']} {number} {direction}"
                yield _Argued(
                    name,
                    case["why"],
                    example,
                    direction,
                    case[direction],
                    case.get("found", {}).get(direction, case[direction]),
                    case.get("most"),
                )


CASES = [case for path in sorted(_FOLDER.glob("*.yaml")) for case in _argued(path)]


def outcome(findings: tuple[Finding, ...]) -> str:
    """The worst verdict of the findings; none if there are no findings, or only texts changed."""
    worst = min((finding.verdict for finding in findings), key=_RANKS.index, default=Verdict.DOCUMENTATION)
    return "none" if worst is Verdict.DOCUMENTATION else worst.value


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_verdict(case: _Argued) -> None:
    """The comparison has the expected verdict, and not more findings than the change deserves."""
    findings = case.example.compared(case.direction).findings
    listed = [finding.message for finding in findings]

    verdict = outcome(findings)
    # Whether a change without effect has a finding is a question of taste.
    assert verdict == case.found or {verdict, case.found} == {"safe", "none"}, (case.why, listed)
    assert case.most is None or len(listed) <= case.most, (case.why, listed)


def _values() -> Iterator[Any]:
    for path in sorted(_FOLDER.glob("*.yaml")):
        for group in load(path).document:
            for case in group["cases"]:
                for key, admitting, refusing in (("refused", "old", "new"), ("appears", "new", "old")):
                    if key in case:
                        yield pytest.param(case[key], case[admitting], case[refusing], id=f"{case['why']} {key}")


@pytest.mark.parametrize(("value", "admitting", "refusing"), list(_values()))
def test_value(value: Any, admitting: Any, refusing: Any) -> None:
    """A validator admits the value of a case on one side, and refuses the value on the other side."""
    checker = Draft202012Validator.FORMAT_CHECKER

    assert Draft202012Validator(admitting, format_checker=checker).is_valid(value)
    assert not Draft202012Validator(refusing, format_checker=checker).is_valid(value)
