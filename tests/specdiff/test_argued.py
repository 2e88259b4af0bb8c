"""Checks the verdicts of whole comparisons on argued cases: each case states its expected verdict and the reason."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from scripts.openapi.loading import load
from scripts.specdiff.engine.effects import Verdict
from scripts.specdiff.findings import Finding
from tests.support.argued import FOLDER, Argued, argued

_RANKS = list(Verdict)


CASES = argued()


def outcome(findings: tuple[Finding, ...]) -> str:
    """The worst verdict of the findings; none if there are no findings, or only texts changed."""
    worst = min((finding.verdict for finding in findings), key=_RANKS.index, default=Verdict.DOCUMENTATION)
    return "none" if worst is Verdict.DOCUMENTATION else worst.value


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_verdict(case: Argued) -> None:
    """The comparison has the expected verdict, and not more findings than the change deserves."""
    findings = case.example.compared(case.direction).findings
    listed = [finding.message for finding in findings]

    verdict = outcome(findings)
    # Whether a change without effect has a finding is a question of taste.
    assert verdict in (case.expected, case.found) or {verdict, case.expected} == {"safe", "none"}, (case.why, listed)
    assert case.most is None or len(listed) <= case.most, (case.why, listed)


def _values() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.yaml")):
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
