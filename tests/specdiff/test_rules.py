"""Each rule of the diff finds what its case file says, nothing else, and says where; the catalogue is complete."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from attrs import evolve

from scripts.openapi.contract import ROOT
from scripts.specdiff.catalogue import RULES
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.effects import Effect, Verdict
from scripts.specdiff.engine.pairs import Change, Pair, Rule
from scripts.specdiff.findings import DiffResult, Finding, compare
from tests.support.cases import FOLDER, TODAY, Example, document, examples, rewrites

FILES = sorted(FOLDER.glob("*.yaml"))
CASES = {path.stem: list(examples(path)) for path in FILES}
# What is said of a subject in another way than by a participle in -ed.
_STATES = {"set", "became", "wrong", "earlier", "later", "unknown"}
_EXAMPLES = [(example, direction) for case in CASES.values() for example in case for direction in example.directions]
_REWRITES = list(rewrites())


def _case(check: Callable[..., None]) -> Callable[..., None]:
    decorated: Callable[..., None] = pytest.mark.parametrize("rule", CASES)(check)
    return decorated


def _said(found: Iterable[Finding]) -> list[tuple[str, str, str]]:
    return sorted((one.text, one.verdict.value, one.python.value) for one in found)


def _apart(comparison: DiffResult, rule: str) -> tuple[list[Finding], list[str]]:
    """The findings of a rule, and the ids of the others."""
    own = [finding for finding in comparison.findings if finding.id == rule]
    return own, sorted(finding.id for finding in comparison.findings if finding.id != rule)


def test_every_rule_has_a_case() -> None:
    """The case files are the rules, neither more nor fewer."""

    assert sorted(RULES) == sorted(CASES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule_is_described(rule: Rule) -> None:
    """A rule says what changed, then who notices, and where it can break somebody what to do instead."""
    summary, _, rest = rule.page.partition("\n")

    assert re.fullmatch(r"[A-Z].*\.", summary)
    assert rest.startswith("\n")
    assert not rest.startswith("\n\n")
    assert re.match(r"[A-Z].*", rest.strip())
    assert isinstance(rule.effect, Effect)
    if Verdict.BREAKING in (rule.effect.request, rule.effect.response):
        assert re.search(r"^Instead: .*", rest, re.MULTILINE)


@pytest.mark.parametrize("rule", RULES)
def test_id_says_what_happened(rule: str) -> None:
    """An id is a subject and what became of it."""
    words = rule.split("-")

    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule)
    assert any(word.endswith("ed") or word in _STATES for word in words)


@_case
def test_case(rule: str) -> None:
    """In each example of a case, in both directions, exactly that is found which the case names."""
    for example in CASES[rule]:
        for direction in example.directions:
            own, others = _apart(example.compared(direction), rule)
            wanted = [(text, example.verdicts[direction], example.impacts[direction]) for text in example.finds]

            assert (sorted(wanted), sorted(example.beside)) == (_said(own), others), (direction, example)
            assert example.where is None or {example.where} == {finding.label for finding in own}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda schema: {"type": "object", "required": ["to"], "properties": {"to": {"properties": {"of": schema}}}},
        lambda schema: {"type": "array", "prefixItems": [schema]},
        lambda schema: {"type": "array", "contains": schema},
        lambda schema: {"type": "object", "patternProperties": {"^x_": schema}},
        lambda schema: {"allOf": [schema]},
        lambda schema: {"allOf": [{"anyOf": [schema]}]},
        lambda schema: {"if": {"required": ["kind"]}, "then": schema},
    ],
    ids=["property", "position", "contained", "named", "combined", "alternative", "conditional"],
)
def test_found_wherever_a_schema_stands(wrap: Callable[[Any], Any]) -> None:
    """A change of a schema is found alike wherever the schema stands, and where it is a component."""
    for example in (case[0] for case in CASES.values() if case[0].place == "schema"):
        for moved in (
            evolve(example, old=wrap(example.old), new=wrap(example.new)),
            evolve(example, place="schemas", old={"Order": example.old}, new={"Order": example.new}),
        ):
            assert _said(example.compared("request").findings) == _said(moved.compared("request").findings), moved


@_case
def test_nothing_changes_by_itself(rule: str) -> None:
    """What is compared with itself differs in nothing."""
    for example in CASES[rule]:
        for direction in example.directions:
            for side in example.documents(direction):
                assert () == compare(side, side, RULES.values(), today=TODAY).findings


@_case
def test_there_and_back(rule: str) -> None:
    """A change that is found is found when it is taken back, too."""
    for example in CASES[rule]:
        for direction in example.directions:
            old, new = example.documents(direction)
            back = compare(new, old, RULES.values(), today=TODAY).findings

            assert example.one_way or bool(example.compared(direction).findings) == bool(back), example


@_case
def test_finding_leads_to_its_place(rule: str) -> None:
    """The lines of a finding are where its pointer leads, on each side that has something there."""
    for example in CASES[rule]:
        for direction in example.directions:
            for finding in (comparison := example.compared(direction)).findings:
                _check_place(comparison.old, comparison.new, finding)


def _check_place(old: ComparedDocument, new: ComparedDocument, finding: Finding) -> None:
    sides = [(old, finding.old_line), (new, finding.new_line)]

    assert any(line is not None for _, line in sides)
    for side, line in sides:
        assert line is None or 1 <= line <= json.dumps(side.data, indent=1).count("\n") + 1
    side, line = sides[1] if finding.new_line is not None else sides[0]
    assert side.line(finding.pointer) == line
    *_, last = finding.pointer.split("/")
    holder = side.find(finding.pointer.rpartition("/")[0])
    # A place that is not there, as that of a keyword which went, is shown by what held it.
    if isinstance(holder, dict) and last.replace("~1", "/").replace("~0", "~") in holder:
        text = json.dumps(side.data, indent=1).splitlines()[(line or 0) - 1]
        assert text.strip().startswith(json.dumps(last.replace("~1", "/").replace("~0", "~")))


def test_place_of_a_keyword() -> None:
    """A finding about a keyword leads to that keyword, in the old and in the new document."""
    example = CASES["bound-tightened"][0]
    (finding,) = example.compared("request").findings
    lines = [json.dumps(side.data, indent=1).splitlines() for side in example.documents("request")]

    assert '"maximum": 100' == lines[0][(finding.old_line or 0) - 1].strip()
    assert '"maximum": 50' == lines[1][(finding.new_line or 0) - 1].strip()


def test_place_of_what_came_or_went() -> None:
    """A finding about what only one side has leads there, and to no line of the other side."""
    (came,) = CASES["property-added"][0].compared("response").findings
    (went,) = CASES["property-removed"][0].compared("response").findings

    assert (None, True) == (came.old_line, came.new_line is not None)
    assert (True, None) == (went.old_line is not None, went.new_line)


@_case
def test_fingerprints_are_unique(rule: str) -> None:
    """No two findings of a comparison have the same fingerprint."""
    for example in CASES[rule]:
        for direction in example.directions:
            prints = [finding.fingerprint for finding in example.compared(direction).findings]

            assert len(prints) == len(set(prints))


def test_fingerprints_survive_another_wording() -> None:
    """Fingerprints do not depend on the messages of the rules."""
    reworded = [_reworded(rule) for rule in RULES.values()]
    for example, direction in _EXAMPLES:
        after = compare(*example.documents(direction), reworded, today=TODAY)

        assert _prints(example.compared(direction)) == _prints(after)


def _reworded(rule: Rule) -> Rule:
    def check(pair: Pair[Any]) -> Iterable[Change]:
        return [evolve(change, text=f"{rule.id} {change.subject}") for change in rule.check(pair)]

    return evolve(rule, check=check)


def _prints(comparison: DiffResult) -> list[str]:
    return sorted(finding.fingerprint for finding in comparison.findings)


@_case
def test_fingerprints_outlive_edits_elsewhere(rule: str) -> None:
    """Fingerprints are the same when keys are reordered and another operation is there."""
    for example in CASES[rule]:
        for direction in example.directions:
            old, new = example.documents(direction)
            before = {finding.fingerprint for finding in example.compared(direction).findings}
            moved = [document(_elsewhere(side.data), side.name) for side in (old, new)]
            after = {
                finding.fingerprint for finding in compare(moved[0], moved[1], RULES.values(), today=TODAY).findings
            }

            assert before == after


def _elsewhere(data: Any) -> dict[str, Any]:
    """A document that says the same in another order, and has one more operation."""
    other = {"get": {"operationId": "listCarriers", "security": [], "servers": [{"url": "/"}]}}
    paths = {"/aaa-carriers": other, **_reordered(data.get("paths") or {})}
    return {"paths": paths, **{key: _reordered(value) for key, value in reversed(data.items()) if key != "paths"}}


def _reordered(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _reordered(value) for key, value in reversed(node.items())}
    return [_reordered(item) for item in node] if isinstance(node, list) else node


@_case
def test_findings_are_sorted(rule: str) -> None:
    """The worst findings come first, and equals as they stand in the document."""
    ranks = list(Verdict)
    for example in CASES[rule]:
        for direction in example.directions:
            found = example.compared(direction).findings
            keys = [(ranks.index(one.verdict), one.new_line or one.old_line) for one in found]

            assert sorted(keys) == keys


def everything() -> str:
    """All findings of all examples, in order."""
    found = [example.compared(direction).findings for example, direction in _EXAMPLES]
    return "\n".join(f"{one.id} {one.message} {one.fingerprint} {one.operations}" for some in found for one in some)


def test_a_run_is_like_the_next() -> None:
    """Neither a second run nor another order of hashes changes anything."""
    here = everything()
    command = "from tests.specdiff.test_rules import everything; import sys; sys.stdout.write(everything())"
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "PYTHONPATH": os.pathsep.join(sys.path)}
    there = subprocess.run(
        [sys.executable, "-c", command],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    assert here == everything()
    assert here == there.stdout


@pytest.mark.parametrize("rewrite", _REWRITES, ids=[one.why for one in _REWRITES])
def test_rewrite_finds_nothing(rewrite: Example) -> None:
    """What says the same in other words differs in nothing, there and back."""
    for direction in rewrite.directions:
        old, new = rewrite.documents(direction)

        assert [] == [finding.message for finding in compare(old, new, RULES.values(), today=TODAY).findings]
        assert [] == [finding.message for finding in compare(new, old, RULES.values(), today=TODAY).findings]
