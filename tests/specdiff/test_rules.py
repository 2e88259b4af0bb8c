"""Tests the rules of the diff with a case file for each rule."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from attrs import evolve

from scripts.openapi.contract import ROOT
from scripts.specdiff.catalogue import RULES
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.effects import Effect, PythonEffect, Verdict
from scripts.specdiff.engine.pairs import Change, Pair, PairKind, Rule
from scripts.specdiff.findings import DiffResult, Finding, compare
from scripts.specdiff.witness.proof import prove
from tests.support.cases import FOLDER, TODAY, Example, document, examples, rewrites
from tests.support.sampling import IS_DEEP

FILES = sorted(FOLDER.glob("*.yaml"))
CASES = {path.stem: list(examples(path)) for path in FILES}
# Words that state a result without a participle in -ed.
_STATES = {"set", "found", "became", "wrong", "earlier", "later", "unknown"}
_EXAMPLES = [(example, direction) for case in CASES.values() for example in case for direction in example.directions]
_REWRITES = list(rewrites())
SCHEMA_EXAMPLES = [case[0] for case in CASES.values() if case[0].place == "schema"]


def _case(check: Callable[..., None]) -> Callable[..., None]:
    decorated: Callable[..., None] = pytest.mark.parametrize("rule", CASES)(check)
    return decorated


def _summaries(found: Iterable[Finding]) -> list[tuple[str, str, str]]:
    return sorted((one.text, one.verdict.value, one.python.value) for one in found)


def _apart(comparison: DiffResult, rule: str) -> tuple[list[Finding], list[str]]:
    """Return the findings of a rule, and the ids of the other findings."""
    own = [finding for finding in comparison.findings if finding.id == rule]
    return own, sorted(finding.id for finding in comparison.findings if finding.id != rule)


def test_every_rule_has_a_case() -> None:
    """There is exactly one case file for each rule."""

    assert sorted(RULES) == sorted(CASES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule_is_described(rule: Rule) -> None:
    """The page of a rule names the change and who notices it; pages of breaking rules name an alternative."""
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
    """An id consists of a subject and its change."""
    words = rule.split("-")

    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule)
    assert any(word.endswith("ed") or word in _STATES for word in words)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule_accepts_the_sides_of_its_kinds(rule: Rule) -> None:
    """The annotation of a rule's pair names the type of the sides that pairs of its kinds have."""
    (annotation,) = get_args(get_type_hints(rule.check)["pair"])
    side = get_origin(annotation) or (object if annotation is Any else annotation)

    assert {side} == {get_origin(kind.side) or kind.side for kind in rule.kinds}


def test_sides_are_of_their_kinds() -> None:
    """All pairs in all examples have sides of the type that their kind names."""
    judged = set()

    def check(pair: Pair[Any]) -> Iterable[Change]:
        judged.add(pair.kind)
        assert all(side is None or isinstance(side, pair.kind.side) for side in pair.sides), pair
        return ()

    spy = Rule("side-checked", tuple(PairKind), Effect.ADDS, PythonEffect.NOTHING, check)
    for example, direction in _EXAMPLES:
        compare(*example.documents(direction), [spy], today=TODAY)

    assert set(PairKind) == judged


@_case
def test_case(rule: str) -> None:
    """Each example of a case has exactly the findings that the case names, in all directions."""
    for example in CASES[rule]:
        for direction in example.directions:
            own, others = _apart(example.compared(direction), rule)
            wanted = [
                (text, example.verdicts[direction], example.impacts[direction]) for text in example.finds[direction]
            ]

            assert (sorted(wanted), sorted(example.beside)) == (_summaries(own), others), (direction, example)
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
        lambda schema: {"if": {"maxProperties": 99}, "then": schema},
    ],
    ids=["property", "position", "contained", "named", "combined", "alternative", "conditional"],
)
def test_schema_changes_are_found_everywhere(wrap: Callable[[Any], Any]) -> None:
    """A change of a schema has the same findings at every place."""
    for example in SCHEMA_EXAMPLES:
        _check_moved(example, evolve(example, old=wrap(example.old), new=wrap(example.new)))


def test_schema_changes_are_found_in_components() -> None:
    """A change of a schema has the same findings in a component."""
    for example in SCHEMA_EXAMPLES:
        old, new = {"Order": example.old}, {"Order": example.new}
        _check_moved(example, evolve(example, place="schemas", old=old, new=new))


def _check_moved(example: Example, moved: Example) -> None:
    # The search for values does not follow the conventions of the rules inside of conditions.
    found = [finding for finding in moved.compared("request").findings if finding.id != "counterexample-found"]
    assert _summaries(example.compared("request").findings) == _summaries(found), moved


@_case
def test_identical_documents_have_no_findings(rule: str) -> None:
    """The comparison of a document with itself has no findings."""
    for example in CASES[rule]:
        for direction in example.directions:
            for side in example.documents(direction):
                found = {finding.id for finding in compare(side, side, RULES.values(), today=TODAY).findings}
                # A file that was not read may differ.
                assert found <= {"reference-not-followed"}


@_case
def test_reverse_change_has_findings(rule: str) -> None:
    """The reverse of a change with findings has findings, too."""
    for example in CASES[rule]:
        for direction in example.directions:
            old, new = example.documents(direction)
            back = compare(new, old, RULES.values(), today=TODAY).findings

            assert example.one_way or bool(example.compared(direction).findings) == bool(back), example


@_case
def test_lines_and_pointers_agree(rule: str) -> None:
    """The line of a finding is the line of the node at its pointer."""
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
    # A removed keyword has the line of the object that contained it.
    if isinstance(holder, dict) and last.replace("~1", "/").replace("~0", "~") in holder:
        text = json.dumps(side.data, indent=1).splitlines()[(line or 0) - 1]
        assert text.strip().startswith(json.dumps(last.replace("~1", "/").replace("~0", "~")))


def test_place_of_a_keyword() -> None:
    """A finding about a keyword has the lines of that keyword in both documents."""
    example = CASES["bound-tightened"][0]
    (finding,) = example.compared("request").findings
    lines = [json.dumps(side.data, indent=1).splitlines() for side in example.documents("request")]

    assert '"maximum": 100' == lines[0][(finding.old_line or 0) - 1].strip()
    assert '"maximum": 50' == lines[1][(finding.new_line or 0) - 1].strip()


def test_place_of_an_added_or_removed_part() -> None:
    """A finding about an added or removed part has a line in one document only."""
    (added,) = CASES["property-added"][0].compared("response").findings
    (removed,) = CASES["property-removed"][0].compared("response").findings

    assert (None, True) == (added.old_line, added.new_line is not None)
    assert (True, None) == (removed.old_line is not None, removed.new_line)


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
        after = prove(compare(*example.documents(direction), reworded, today=TODAY))

        assert _prints(example.compared(direction)) == _prints(after)


def _reworded(rule: Rule) -> Rule:
    def check(pair: Pair[Any]) -> Iterable[Change]:
        return [evolve(change, text=f"{rule.id} {change.subject}") for change in rule.check(pair)]

    return evolve(rule, check=check)


def _prints(comparison: DiffResult) -> list[str]:
    return sorted(finding.fingerprint for finding in comparison.findings)


@_case
def test_fingerprints_survive_other_edits(rule: str) -> None:
    """Fingerprints do not depend on the order of keys, nor on other operations."""
    for example in CASES[rule]:
        for direction in example.directions:
            old, new = example.documents(direction)
            before = {finding.fingerprint for finding in example.compared(direction).findings}
            moved = [document(_rearranged(side.data), side.name) for side in (old, new)]
            after = {
                finding.fingerprint
                for finding in prove(compare(moved[0], moved[1], RULES.values(), today=TODAY)).findings
            }

            assert before == after


def _rearranged(data: Any) -> dict[str, Any]:
    """Reverse the order of all keys, and add an operation."""
    other = {"get": {"operationId": "listCarriers", "security": [], "servers": [{"url": "/"}]}}
    paths = {"/aaa-carriers": other, **_reordered(data.get("paths") or {})}
    return {"paths": paths, **{key: _reordered(value) for key, value in reversed(data.items()) if key != "paths"}}


def _reordered(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _reordered(value) for key, value in reversed(node.items())}
    return [_reordered(item) for item in node] if isinstance(node, list) else node


@_case
def test_findings_are_sorted(rule: str) -> None:
    """Findings are sorted by verdict, then by line."""
    ranks = list(Verdict)
    for example in CASES[rule]:
        for direction in example.directions:
            found = example.compared(direction).findings
            keys = [(ranks.index(one.verdict), one.new_line or one.old_line) for one in found]

            assert sorted(keys) == keys


def everything(share: int) -> str:
    """Return all findings of each `share`th example as text."""
    found = [example.compared(direction).findings for example, direction in _EXAMPLES[::share]]
    return "\n".join(f"{one.id} {one.message} {one.fingerprint} {one.operations}" for some in found for one in some)


def test_findings_are_deterministic() -> None:
    """A second run has the same findings in the same order, even with other hashes."""
    share = 1 if IS_DEEP else 3
    here = everything(share)
    command = f"from tests.specdiff.test_rules import everything; import sys; sys.stdout.write(everything({share}))"
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "PYTHONPATH": os.pathsep.join(sys.path)}
    there = subprocess.run(
        [sys.executable, "-c", command],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )

    assert here == everything(share)
    assert here == there.stdout


@pytest.mark.parametrize("rewrite", _REWRITES, ids=[one.why for one in _REWRITES])
def test_rewrite_has_no_findings(rewrite: Example) -> None:
    """Equivalent documents have no findings, in either direction."""
    for direction in rewrite.directions:
        old, new = rewrite.documents(direction)

        assert [] == [finding.message for finding in compare(old, new, RULES.values(), today=TODAY).findings]
        assert [] == [finding.message for finding in compare(new, old, RULES.values(), today=TODAY).findings]
