"""Checks the witnesses of findings with another validator: one document admits the value, and the other refuses it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_schema_validator import OAS30Validator

from scripts.specdiff.catalogue import RULES
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.effects import Verdict
from scripts.specdiff.findings import DiffResult, Finding, compare
from scripts.specdiff.reasons import UNPROVEN
from scripts.specdiff.witness.proof import prove, shown
from scripts.specdiff.witness.texts import FORMATS, matching
from scripts.specdiff.witness.validation import readings
from tests.support.argued import argued
from tests.support.cases import FOLDER, TODAY, document, examples
from tests.support.sampling import sample

_FORMATS = Draft202012Validator.FORMAT_CHECKER
# Keywords that depend on the direction, and formats and encodings that the other validator does not know.
_NOT_JUDGED = re.compile(r"readOnly|writeOnly|duration|int32|float|byte|base64|base32|uri|iri|hostname|\$files")


def _accepts(side: ComparedDocument, pointer: str | None, value: Any) -> bool:
    """Whether the other validator accepts a value at a pointer of a document."""
    if pointer is None:
        return True
    schema = {"$ref": f"#{pointer.replace('%', '%25')}", **{k: v for k, v in side.data.items() if k != "$ref"}}
    validator = OAS30Validator if side.is_30 else Draft202012Validator
    return bool(validator(schema, format_checker=_FORMATS).is_valid(value))


def _check(result: DiffResult) -> None:
    text = json.dumps([result.old.data, result.new.data], default=str)
    for finding in result.findings:
        witness, place = finding.witness, finding.place
        assert (witness is not None) == (finding.verdict in (Verdict.BREAKING, Verdict.RISKY)), finding
        if witness is None or place is None or finding.verdict is not Verdict.BREAKING:
            continue
        assert witness.sentence != UNPROVEN, finding.message
        is_move = result.old.is_30 != result.new.is_30
        if witness.value is None or _NOT_JUDGED.search(text) or finding.is_excluded or is_move:
            continue
        value = json.loads(witness.value)
        values = readings(value) if place.as_text else [value]
        old = any(_accepts(result.old, place.old, one) for one in values)
        new = any(_accepts(result.new, place.new, one) for one in values)
        assert {old, new} == {True, False}, (finding.message, witness)
        assert ("is now refused" in witness.sentence) == old, (finding.message, witness)


@pytest.mark.parametrize("path", sample(sorted(FOLDER.glob("*.yaml")), 3), ids=lambda path: path.stem)
def test_witnesses_of_rules(path: Path) -> None:
    """Each breaking finding about values has a value that the other validator confirms, or a reason of its own."""
    for example in examples(path):
        for direction in example.directions:
            _check(example.compared(direction))


@pytest.mark.parametrize("name", sorted({case.id.partition(":")[0] for case in argued()}))
def test_witnesses_of_argued_cases(name: str) -> None:
    """The same holds for the argued cases."""
    # An odd share has requests and responses.
    for case in sample([case for case in argued() if case.id.startswith(f"{name}:")], 5):
        _check(case.example.compared(case.direction))


def _schemas(schema: Any, **components: Any) -> ComparedDocument:
    operation = {
        "operationId": "send",
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "Done.", "content": {"application/json": {"schema": schema}}}},
    }
    content = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"post": operation}},
    }
    return document({**content, "components": {"schemas": components}}, "drawn")


def _proved(old: ComparedDocument, new: ComparedDocument) -> list[Finding]:
    return [
        one
        for one in prove(compare(old, new, RULES.values(), today=TODAY)).findings
        if one.verdict in (Verdict.BREAKING, Verdict.RISKY)
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ({"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}, "`0` was accepted and is now refused."),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, '`"b"` was not sent before and may now be sent.'),
        (
            {"type": "string", "maxLength": 20_000},
            {"type": "string", "maxLength": 30_000},
            "a text of 20,001 characters was not sent before and may now be sent.",
        ),
        (
            {"type": "string", "pattern": "^[a-c]{2}-\\d$"},
            {"type": "string", "pattern": "^x[a-c]-\\d$"},
            '`"aa-0"` was accepted and is now refused.',
        ),
    ],
    ids=["bound", "enum", "long", "pattern"],
)
def test_shortest(old: Any, new: Any, sentence: str) -> None:
    """The witness is the shortest value, and a long value is described."""
    assert sentence in [one.witness.sentence for one in _proved(_schemas(old), _schemas(new)) if one.witness]


def test_each_finding_has_its_own_witness() -> None:
    """A value proves its finding, not another change of the same object."""
    old = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    new = {**old, "required": ["a", "b"], "maxProperties": 2}
    values = {one.id: one.witness.value for one in _proved(_schemas(old), _schemas(new)) if one.witness}

    assert {
        "property-became-required": '{"a": ""}',
        "bound-set": '{"a": "", "c": null, "d": 0}',
    }.keys() == values.keys()
    assert '{"a": ""}' == values["property-became-required"]
    assert 3 == len(json.loads(values["bound-set"] or "{}"))


@pytest.mark.parametrize(
    ("schema", "components"),
    [
        ({"$ref": "#/components/schemas/A"}, {"A": {"$ref": "#/components/schemas/A"}}),
        (
            {"$ref": "#/components/schemas/A"},
            {"A": {"required": ["a"], "properties": {"a": {"$ref": "#/components/schemas/A"}}}},
        ),
        ({"type": "strng"}, {}),
        ({"pattern": "["}, {}),
        ({"enum": [float("inf"), 1e400]}, {}),
        ({"minLength": 10**30, "minItems": 10**30, "multipleOf": 0}, {}),
        ({"required": 1, "properties": [], "allOf": {}, "items": []}, {}),
    ],
    ids=["itself", "endless", "type", "pattern", "infinite", "huge", "malformed"],
)
def test_odd_schemas(schema: Any, components: Any) -> None:
    """The search ends without an error, whatever a document contains."""
    for other in ({"type": "string"}, {**schema, "maxLength": 5, "maxProperties": 1}):
        _check_ends(_schemas(schema, **components), _schemas(other, **components))


def _check_ends(*sides: ComparedDocument) -> None:
    for old, new in (sides, sides[::-1]):
        prove(compare(old, new, RULES.values(), today=TODAY))


def test_backticks() -> None:
    """A value contains no backtick, because backticks surround it in the sentence."""
    assert r'`"a\u0060b"`' == shown("a`b")


_PATTERNS = [
    "^batch_[0-9a-f]{4,}$",
    "a|bc",
    "^[^a-z]+$",
    r"^\w+@\w+\.\w{2,3}$",
    "^(x(y|z)?)*-$",
    r"^\s?\d{3}$",
    "[",
    "(?=a)",
]


@pytest.mark.parametrize("pattern", _PATTERNS)
def test_matching(pattern: str) -> None:
    """The first text for a pattern matches it."""
    texts = matching(pattern)

    assert texts or pattern == "["
    assert pattern == "(?=a)" or all(re.search(pattern, text) for text in texts[:1])


@given(st.text("ab01[](){}*+?|^$\\.,-", max_size=12))
def test_matching_ends(pattern: str) -> None:
    """Texts for random patterns are few and short."""
    assert len(matching(pattern)) <= 6
    assert all(len(text) <= 300 for text in matching(pattern))


@pytest.mark.parametrize("name", sorted(set(FORMATS) & set(_FORMATS.checkers)))
def test_formats(name: str) -> None:
    """One text of each format is valid."""
    assert any(_FORMATS.conforms(text, name) for text in FORMATS[name])
