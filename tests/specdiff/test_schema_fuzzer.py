"""Checks the verdicts on generated schema changes with an independent JSON Schema validator.

Each test generates a schema, changes it at one place, and generates instances. The validator decides which instances
the old and the new schema admit. See tests/support/README.md.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from openapi_schema_validator import OAS30Validator

from scripts.openapi.loading import Loaded
from scripts.specdiff.catalogue import RULES
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.effects import Effect, Verdict
from scripts.specdiff.engine.proofs import Proofs
from scripts.specdiff.findings import Finding, compare
from tests.support.sampling import sample
from tests.support.schema_fuzzer.changes import CHANGES, changed
from tests.support.schema_fuzzer.instances import InstanceSampler
from tests.support.schema_fuzzer.rewrites import REWRITES
from tests.support.schema_fuzzer.schemas import FORMATS, any_bundle, bundle
from tests.support.schema_fuzzer.tree import Node, as_version_30, has_disjoint_alternatives, is_well_founded
from tests.support.twin import Tally

_VERSIONS = ("3.0.4", "3.1.1")
# Pairs per version of OpenAPI; 300 would be too few to meet every change.
_PAIRS = settings.default.max_examples * 5 if settings.default else 0
# One random generator per example, because hypothesis is slow with hundreds of small choices.
_RANDOM = st.randoms(use_true_random=True)
_VALUES = 12
_FORMATS = FormatChecker(formats=FORMATS)
_SIDES = ("request", "response")
# Rules about the names of classes, which do not affect the admitted values.
_OF_NAMES = {"schemas-removed", "schema-renamed", "reference-changed"}


def _document(drawn: Node, version: str, side: str) -> ComparedDocument:
    """Build a document with one operation that has the schema in its request or response."""
    content = {"application/json": {"schema": drawn["schema"]}}
    response: Node = {"description": "It was done."}
    operation: Node = {"operationId": "send", "responses": {"200": response}}
    (operation.setdefault("requestBody", {}) if side == "request" else response)["content"] = content
    paths = {"/things": {"post": operation}}
    info = {"title": "Things", "version": "1"}
    components = {"schemas": drawn["components"]}
    return ComparedDocument.of(
        Loaded({"openapi": version, "info": info, "paths": paths, "components": components}, "drawn", {})
    )


def _found(old: Node, new: Node, side: str, *versions: str) -> tuple[Finding, ...]:
    return compare(_document(old, versions[0], side), _document(new, versions[-1], side), RULES.values()).findings


def _spelled(drawn: Node, version: str) -> Node:
    if version.startswith("3.1"):
        return drawn
    components = {name: as_version_30(one) for name, one in drawn["components"].items()}
    return {"schema": as_version_30(drawn["schema"]), "components": components}


def _judge(drawn: Node, version: str) -> Any:
    validator = Draft202012Validator if version.startswith("3.1") else OAS30Validator
    written = {"allOf": [drawn["schema"]], "components": {"schemas": drawn["components"]}}
    return validator(written, format_checker=_FORMATS)


@frozen
class _Judged:
    """The comparison of a pair in one direction, with the results of the validator."""

    change: str
    verdict: Verdict
    fitting: int
    """The number of instances that are valid on the writing side."""
    refuted: tuple[Any, ...]
    """The ones of these that are invalid on the reading side."""
    old: Node
    new: Node
    side: str


def _judged(rnd: Random, version: str) -> Iterator[_Judged]:
    """Compare a generated schema with a changed one, in a request and in a response."""
    before = bundle(rnd)
    found = changed(rnd, before, CHANGES)
    if found is None:
        return
    change, after = found
    old, new = _spelled(before, version), _spelled(after, version)
    if old == new:
        return
    for side in _SIDES:
        findings = _found(old, new, side, version)
        if not all(is_well_founded(one) and has_disjoint_alternatives(one) for one in (old, new)):
            continue
        # Callers of the old contract write requests and read responses.
        source, target = (old, new) if side == "request" else (new, old)
        admits, understands = _judge(source, version), _judge(target, version)
        fitting = [value for value in InstanceSampler(Random(0), source).draw(_VALUES) if admits.is_valid(value)]
        refuted = tuple(value for value in fitting if not understands.is_valid(value))
        verdict = min((one.verdict for one in findings), key=list(Verdict).index, default=Verdict.DOCUMENTATION)
        yield _Judged(change, verdict, len(fitting), refuted, old, new, side)


_SAFE = (Verdict.SAFE, Verdict.DOCUMENTATION)


@pytest.mark.parametrize("version", _VERSIONS)
def test_safe_changes_refute_no_instance(version: str, judged: Callable[[str, str], Tally]) -> None:
    """After a safe change, old requests are valid for the new schema, and new responses for the old schema."""
    tally = judged("jsonschema", f"verdicts on changed schemas of OpenAPI {version}")
    seen: Counter[str] = Counter()
    safe: Counter[str] = Counter()

    @settings(max_examples=_PAIRS)
    @given(_RANDOM)
    def judge(rnd: Random) -> None:
        for one in _judged(rnd, version):
            tally.cases += 1
            if one.verdict in _SAFE:
                assert () == one.refuted, f"{one.change} in a {one.side}: {one.old} became {one.new}"
                seen["safe"] += 1
                seen["safe with values"] += one.fitting >= 3
                safe[one.change] += one.fitting > 0
            elif one.fitting:
                seen[one.verdict] += 1
                seen[f"{one.verdict} with witness"] += bool(one.refuted)

    judge()
    tally.matter += f", {seen['safe']} safe, {seen['breaking']} breaking"
    tally.matter += f" ({seen['breaking with witness'] / max(seen['breaking'], 1):.0%} with a value that breaks)"
    # The test is only meaningful with enough verdicts, instances and kinds of changes.
    assert {"verdicts": True, "safe": True, "values": True, "kinds": True, "breaking": True} == {
        "verdicts": tally.cases >= 1.1 * _PAIRS,
        "safe": seen["safe"] >= _PAIRS / 3,
        "values": seen["safe with values"] >= _PAIRS / 6,
        "kinds": len([change for change in safe if safe[change]]) >= min(_PAIRS / 40, 60 if "3.1" in version else 30),
        "breaking": seen["breaking with witness"] >= _PAIRS / 10,
    }, (seen, tally.cases)


# Wrong effects by rule.
_WRONG = {
    "bound-tightened": Effect.WIDENS,
    "bound-set": Effect.WIDENS,
    "bound-dropped": Effect.NARROWS,
    "enum-value-removed": Effect.ADDS,
    "enum-value-added": Effect.ADDS,
    "type-widened": Effect.NARROWS,
    "type-narrowed": Effect.WIDENS,
    "property-became-required": Effect.WIDENS,
    "property-became-optional": Effect.NARROWS,
    "required-property-added": Effect.ADDS,
    "became-nullable": Effect.NARROWS,
    "contents-constrained": Effect.WIDENS,
    "alternative-removed": Effect.WIDENS,
}


@pytest.mark.parametrize("rule", sample(list(_WRONG), 4))
def test_a_wrong_effect_is_refuted(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a rule had a wrong effect, an instance would refute the verdict."""
    # A proof would correct most of the wrong verdicts.
    monkeypatch.setattr(Proofs, "apply", lambda _: None)
    monkeypatch.setitem(RULES, rule, evolve(RULES[rule], effect=_WRONG[rule]))
    drawn = (one for seed in range(3_000) for one in _judged(Random(seed), "3.1.1"))
    assert any(one.verdict in _SAFE and one.refuted for one in drawn)


@settings(max_examples=_PAIRS // 3)
@given(_RANDOM)
def test_rewrites_have_no_findings(rnd: Random) -> None:
    """Equivalent schemas have no findings, nor has a document compared with itself or as another version."""
    old = bundle(rnd)
    found = changed(rnd, old, REWRITES)
    rewritten = [("nothing", old), *([found] if found else ())]
    spoken = [
        (change, side, finding.message)
        for change, new in rewritten
        for side in _SIDES
        for pair in ((old, new), (new, old))
        for finding in _found(*pair, side, "3.1.1")
        if finding.id not in _OF_NAMES
    ]
    assert [] == spoken, (old, found)
    plain = _spelled(old, "3.0.4")
    assert [] == [finding.message for side in _SIDES for finding in _found(plain, plain, side, "3.0.4")]


@settings(max_examples=_PAIRS // 3)
@given(_RANDOM)
def test_a_comparison_never_fails(rnd: Random) -> None:
    """Any two schemas can be compared, even if components refer to themselves."""
    old = new = any_bundle(rnd)
    for _ in range(3):
        found = changed(rnd, new, CHANGES)
        new = found[1] if found else new
    for one, other in ((old, new), (new, old), (old, any_bundle(rnd))):
        assert all(finding.message for side in _SIDES for finding in _found(one, other, side, "3.1.1"))
