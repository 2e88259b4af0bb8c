"""A hostile contract is refused with a clear message, or generated with its payload inert and never executed."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from scripts.codegen import __main__ as command
from scripts.codegen.checks.validation import validate
from scripts.openapi import loading
from scripts.openapi.contract import OPENAPI_YAML, Contract
from scripts.openapi.pointers import below, find, keys
from scripts.openapi.walk import walk
from tests.support.contract_edits import edited
from tests.support.sampling import sample

SPEC = loading.load(Path(__file__).with_name("hostile.yaml")).document
BOMB = "c0: &c0 [x, x]\n" + "".join(f"c{n}: &c{n} [*c{n - 1}, *c{n - 1}]\n" for n in range(1, 30))
EMPTY = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {}\ncomponents: {schemas: {A: "
# Each case generates a package. A sample has all payloads, because their number and the share have no common factor.
SHARE = 19
CASES = sample([(place, name) for place in SPEC["places"] for name in SPEC["payloads"]], SHARE)
CODE_PLACES = ("version", "server", "tag", "operation", "parameter", "default", "enum", "const", "property", "token")
# Payloads that resemble code. The templates and the output checks must stop them even without the rules.
WITHOUT_RULES = sample(
    [
        (place, name)
        for place in (*CODE_PLACES, "upload-path", "purpose", "content-path", "unique")
        for name in ("triple-quotes", "newline", "traversal")
    ],
    SHARE,
)


def poisoned(places: list[str], payload: str) -> dict[str, Any]:
    """Return the project's contract with a payload at the given places."""
    document = edited({place: payload for place in places if not place.endswith("~")})
    for place in places:
        if place.endswith("~"):
            _rename(document, place.removesuffix("~"), payload)
    return document


def _rename(document: dict[str, Any], pointer: str, name: str) -> None:
    """Rename the key at a pointer, and the references to it."""
    *_, last = keys(pointer)
    name = f"/{name}" if last.startswith("/") else name
    parent = pointer.rpartition("/")[0]
    holder: Any = find(document, parent)
    renamed = {name if key == last else key: value for key, value in holder.items()}
    holder.clear()
    holder.update(renamed)
    _replace_references(document, f"#{pointer}", f"#{below(parent, name)}")


def _replace_references(node: Any, old: str, new: str) -> None:
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        if isinstance(value, dict) and value.get("$ref") == old:
            value["$ref"] = new
        _replace_references(value, old, new)


@pytest.mark.parametrize(("place", "name"), CASES, ids=["-".join(case) for case in CASES])
def test_payload_is_inert(
    place: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A payload is refused with file, line and reason, or is generated and imported without effect."""
    spec, code = generate(place, name, tmp_path, monkeypatch)

    stderr = capsys.readouterr().err
    assert code in (0, 1)
    assert (code == 1) == bool(stderr)
    assert code == 0 or all(
        line.startswith(f"{spec}:") and line.split(":")[1].isdigit() for line in stderr.splitlines()[1:]
    )


@pytest.mark.parametrize(("place", "name"), WITHOUT_RULES, ids=["-".join(case) for case in WITHOUT_RULES])
def test_payload_is_inert_without_rules(place: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rules, a payload becomes plain text, or the output checks refuse it."""
    monkeypatch.setattr(command, "validate", lambda _: [])
    generate(place, name, tmp_path, monkeypatch)


def generate(place: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, int]:
    """Generate from a contract with a payload, check for side effects, and return contract and exit code."""
    monkeypatch.chdir(tmp_path)
    spec, output = tmp_path / "openapi.yaml", tmp_path / "out" / "generated"
    spec.write_text(json.dumps(poisoned(SPEC["places"][place], SPEC["payloads"][name])), "utf-8")

    code = command.main(["--spec", str(spec), "--output", str(output)])

    assert {"openapi.yaml", "out"} == {path.name for path in tmp_path.iterdir()}
    assert [] == list(tmp_path.rglob("CANARY"))
    assert ["generated"][: 1 - code] == [path.name for path in tmp_path.joinpath("out").iterdir()]
    return spec, code


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "after the expansion of aliases"),
        ("a: &a [*a]\n", "alias"),
        ("[" * 600 + "]" * 600, "deep"),
        ("a: 1\na: 2\n", ":2:1: the key 'a' is a duplicate"),
        ("a: [\n", "not YAML"),
        ("", "empty"),
        ("- 1\n", "not an object"),
        ("a: !!python/object/apply:os.system ['touch CANARY']\n", "is not supported"),
        (EMPTY + "{$ref: '#/components/schemas/A'}}}", "cannot be resolved"),
        (EMPTY + "{$ref: 'file:///etc/passwd'}}}", "cannot be resolved"),
        (EMPTY + "{anyOf: [{$ref: '#/components/schemas/A'}]}}}", "the schema is a part of itself"),
        (EMPTY + "{type: {b: c}}}}", "this is not a valid JSON Schema"),
        (EMPTY + "true}}", "a schema must be an object"),
    ],
    ids=["bomb", "alias-circle", "nesting", "key-twice", "broken", "empty", "list", "python-tag", "circle", "file",
         "recursion", "type", "boolean"],
)  # fmt: skip
def test_document_is_refused(text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid or too expensive document is refused with file and line."""
    spec = tmp_path / "openapi.yaml"
    spec.write_text(text, "utf-8")

    assert 1 == command.main(["--spec", str(spec), "--output", str(tmp_path / "generated")])
    stderr = capsys.readouterr().err
    assert message in stderr
    assert f"{spec}:" in stderr
    assert [spec] == list(tmp_path.iterdir())


def pathological_pattern(document: dict[str, Any]) -> None:
    """A pattern for which the search in the example takes years."""
    parameter = document["paths"]["/batches"]["get"]["parameters"][0]
    parameter["schema"]["pattern"], parameter["example"] = "^(a+)+$", "a" * 60 + "b"


def doubled(keyword: str, levels: int = 40) -> Callable[[dict[str, Any]], None]:
    """Schemas that each combine the next one with itself."""

    def edit(document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        for level in range(levels):
            schemas[f"Level{level}"] = {keyword: [{"$ref": f"#/components/schemas/Level{level + 1}"}] * 2}
        schemas[f"Level{levels}"] = {"type": "object"}

    return edit


def chain(document: dict[str, Any]) -> None:
    """Schemas that each contain the next one."""
    schemas = document["components"]["schemas"]
    for level in range(3_000):
        schemas[f"Level{level}"] = {"properties": {"next": {"$ref": f"#/components/schemas/Level{level + 1}"}}}
    schemas["Level3000"] = {"type": "object"}


def without_components(document: dict[str, Any]) -> None:
    """An empty contract, which is valid as OpenAPI."""
    document["paths"] = {}
    del document["components"], document["tags"]


# The exception can also be raised in a destructor, where Python swallows it. Then it is raised again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (pathological_pattern, "the rule example-is-valid takes more than 2 seconds; simplify this part"),
        (doubled("allOf"), "combinations: allOf, anyOf and oneOf unfold into more than 50,000 schemas here"),
        (doubled("oneOf"), "combinations: allOf, anyOf and oneOf unfold into more than 50,000 schemas here"),
        (doubled("anyOf"), "combinations: allOf, anyOf and oneOf unfold into more than 50,000 schemas here"),
        (chain, ""),
        (without_components, "the contract has no operations"),
    ],
    ids=["pattern", "allOf", "oneOf", "anyOf", "chain", "no-components"],
)
def test_expensive_contract_is_refused(
    edit: Callable[[dict[str, Any]], None], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A contract whose checks take too long is refused with file, line and remedy, and changes nothing."""
    spec, output = tmp_path / "openapi.yaml", tmp_path / "generated"
    document = poisoned([], "")
    edit(document)
    spec.write_text(json.dumps(document, indent=1), "utf-8")
    output.mkdir()

    for arguments in ([], ["--check"]):
        options = ["--spec", str(spec), "--output", str(output), "--time-limit", "2"]
        assert 1 == command.main([*arguments, *options])
        stderr = capsys.readouterr().err
        assert re.search(rf"^{spec}:\d+:\d+: ", stderr, re.MULTILINE)
        assert message in stderr
    assert [output, spec] == sorted(tmp_path.rglob("*"))


@pytest.mark.parametrize("seed", sample(range(40), SHARE + 1))
def test_random_edit(seed: int) -> None:
    """The rules accept or refuse a random edit of the contract, with a message and without a crash."""
    chance = random.Random(seed)
    document = poisoned([], "")
    places = [(node, key) for _, node, _ in walk(document) for key in node]
    node, key = chance.choice(places)
    cast(dict[str, Any], node)[key] = chance.choice(
        [None, True, 0, "", "text", "x\ny", [], [1], [None], {}, {"a": {}}, {"type": "object"}]
    )

    violations = validate(Contract(document, OPENAPI_YAML))

    assert [] == [violation for violation in violations if not violation.message or not violation.rule]


def test_huge_enum(tmp_path: Path) -> None:
    """An enum with thousands of values is generated completely."""
    document = poisoned([], "")
    values = [f"value-{number}" for number in range(2_000)]
    document["components"]["schemas"]["BatchEndpoint"]["enum"] += values
    spec, output = tmp_path / "openapi.yaml", tmp_path / "generated"
    spec.write_text(json.dumps(document), "utf-8")

    assert 0 == command.main(["--spec", str(spec), "--output", str(output)])
    text = output.joinpath("openai_batch_client", "models", "batch_endpoint.py").read_text("utf-8")
    assert [] == [value for value in values if f'"{value}"' not in text]


def test_huge_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that exceeds the size limit is refused."""
    monkeypatch.setattr(loading, "MAX_BYTES", 100)

    assert 1 == command.main(["--output", str(tmp_path / "generated")])
    assert "larger than" in capsys.readouterr().err
