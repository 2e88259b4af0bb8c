"""What the comparison of contracts calls safe is safe for every value that is tried, by the judgement of others.

Schemas are drawn and changed at one place. Then values are drawn, and a validator that knows nothing of the comparison
tells which of them the old and the new schema admit.
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
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.effects import Effect, Verdict
from scripts.specdiff.findings import Finding, compare
from scripts.specdiff.rules import RULES
from tests.support.changes import CHANGES, changed
from tests.support.instances import Sampler
from tests.support.rewrites import REWRITES
from tests.support.schema_gen import Node, has_disjoint_branches, in_30, is_well_defined
from tests.support.schemas import FORMATS, any_world, world
from tests.support.twin import Tally

_VERSIONS = ("3.0.4", "3.1.1")
# So many pairs for each version; 300 examples are too few to meet every change.
_PAIRS = settings.default.max_examples * 5 if settings.default else 0
# Drawn as a whole: hypothesis would repeat itself in each of hundreds of small choices.
_RANDOM = st.randoms(use_true_random=True)
_VALUES = 12
_FORMATS = FormatChecker(formats=FORMATS)
_SIDES = ("request", "response")
# These speak of the names of classes, which are no matter of values.
_OF_NAMES = {"schemas-removed", "schema-renamed", "reference-changed"}


def _document(drawn: Node, version: str, side: str) -> ComparedDocument:
    """A document with one operation, that takes or gives what a schema admits."""
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
    components = {name: in_30(one) for name, one in drawn["components"].items()}
    return {"schema": in_30(drawn["schema"]), "components": components}


def _judge(drawn: Node, version: str) -> Any:
    validator = Draft202012Validator if version.startswith("3.1") else OAS30Validator
    written = {"allOf": [drawn["schema"]], "components": {"schemas": drawn["components"]}}
    return validator(written, format_checker=_FORMATS)


@frozen
class _Judged:
    """One comparison of a pair in one direction, and what the validator says of it."""

    change: str
    verdict: Verdict
    fitting: int
    """How many of the values that were tried the one side admits that has to be understood by the other."""
    refuted: tuple[Any, ...]
    """Those of them that the other side does not admit."""
    old: Node
    new: Node
    side: str


def _judged(rnd: Random, version: str) -> Iterator[_Judged]:
    """A drawn schema and a change of it, in a request and in a response."""
    before = world(rnd)
    found = changed(rnd, before, CHANGES)
    if found is None:
        return
    change, after = found
    old, new = _spelled(before, version), _spelled(after, version)
    if old == new:
        return
    for side in _SIDES:
        findings = _found(old, new, side, version)
        if not all(is_well_defined(one) and has_disjoint_branches(one) for one in (old, new)):
            continue
        # Callers wrote requests by the old contract, and read responses by it.
        source, target = (old, new) if side == "request" else (new, old)
        admits, understands = _judge(source, version), _judge(target, version)
        fitting = [value for value in Sampler(Random(0), source).draw(_VALUES) if admits.is_valid(value)]
        refuted = tuple(value for value in fitting if not understands.is_valid(value))
        verdict = min((one.verdict for one in findings), key=list(Verdict).index, default=Verdict.DOCUMENTATION)
        yield _Judged(change, verdict, len(fitting), refuted, old, new, side)


_SAFE = (Verdict.SAFE, Verdict.DOCUMENTATION)


@pytest.mark.parametrize("version", _VERSIONS)
def test_what_is_called_safe_is_safe(version: str, judged: Callable[[str, str], Tally]) -> None:
    """A request that the old schema admits fits the new one, and a response of the new one the old, if called safe."""
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
    # So that there was something to refute.
    assert {"verdicts": True, "safe": True, "values": True, "kinds": True, "breaking": True} == {
        "verdicts": tally.cases >= 1.1 * _PAIRS,
        "safe": seen["safe"] >= _PAIRS / 3,
        "values": seen["safe with values"] >= _PAIRS / 6,
        "kinds": len([change for change in safe if safe[change]]) >= min(_PAIRS / 40, 60 if "3.1" in version else 30),
        "breaking": seen["breaking with witness"] >= _PAIRS / 10,
    }, (seen, tally.cases)


# Of each: what it would be if somebody took one effect for another.
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


@pytest.mark.parametrize("rule", _WRONG)
def test_a_wrong_effect_is_refuted(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a rule stated the wrong effect, a value would tell."""
    monkeypatch.setitem(RULES, rule, evolve(RULES[rule], effect=_WRONG[rule]))
    drawn = (one for seed in range(3_000) for one in _judged(Random(seed), "3.1.1"))
    assert any(one.verdict in _SAFE and one.refuted for one in drawn)


@settings(max_examples=_PAIRS // 3)
@given(_RANDOM)
def test_rewrites_find_nothing(rnd: Random) -> None:
    """What means the same in other words is no change, nor is a document against itself, or as of another version."""
    old = world(rnd)
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
    """Two schemas with much or nothing in common are compared, either way, even if they refer to themselves."""
    old = new = any_world(rnd)
    for _ in range(3):
        found = changed(rnd, new, CHANGES)
        new = found[1] if found else new
    for one, other in ((old, new), (new, old), (old, any_world(rnd))):
        assert all(finding.message for side in _SIDES for finding in _found(one, other, side, "3.1.1"))
