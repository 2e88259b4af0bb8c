"""Each rule of scripts/regenerate refuses its violations at the right place, and accepts their neighbours."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scripts.codegen import __main__ as command
from scripts.codegen.checks.kinds import TABLE, verdict
from scripts.codegen.checks.validation import RULES, validate
from scripts.codegen.package import PACKAGE
from scripts.codegen.rendering.generator import generate
from scripts.codegen.views.python_types import LATE_RULES, UnsupportedError
from scripts.openapi.contract import ROOT, Contract
from scripts.openapi.loading import load
from tests.support.contract_edits import edited
from tests.support.sampling import sample

VIOLATIONS: dict[str, list[dict[str, Any]]] = load(Path(__file__).with_name("violations.yaml")).document
CASES = [(rule, case) for rule, cases in VIOLATIONS.items() for case in cases]
# Violations that are found without a rule of the catalogue.
WITHOUT_RULE = {"openapi", "cycle", "combinations", *LATE_RULES}
# Words of the generator, and of Python's representation of objects.
INTERNAL: tuple[str, ...] = ("Failed validating", "Unevaluated", "given schemas", "\n", "Unable to parse", "Traceback")
INTERNAL += ("object at 0x", "<class", "UntrustedString", "PropertyError", "ParseError")


def refusals(document: dict[str, Any], folder: Path) -> list[tuple[str, str, str]]:
    """The rules, places and messages with which a contract is refused; empty if a package is generated."""
    contract = Contract(document, folder / "openapi.yaml")
    if violations := validate(contract):
        return [(each.rule, each.pointer, each.message) for each in violations]
    try:
        generate(contract, folder / "generated", post_hooks=[])
    except UnsupportedError as error:
        return [(error.rule, error.pointer, str(error))]
    return []


@pytest.mark.parametrize(("rule", "case"), CASES, ids=[f"{rule}-{number}" for number, (rule, _) in enumerate(CASES)])
def test_violation_is_refused(rule: str, case: dict[str, Any], tmp_path: Path) -> None:
    """The rule refuses the edit at its place. The message says the problem without words of the generator."""
    found = refusals(edited(case["edit"]), tmp_path)
    place = case.get("at", next(iter(case["edit"])))
    messages = [message for name, pointer, message in found if (name, pointer) == (rule, place)]

    assert messages, found
    assert any(case.get("says", "") in message for message in messages), messages
    assert [] == [word for word in INTERNAL for _, _, message in found if word in message]


def test_all_rules_have_a_violation() -> None:
    """Each rule has a violation in violations.yaml."""
    assert RULES.keys() | WITHOUT_RULE == VIOLATIONS.keys()


def test_place_and_message_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints file, line and column, the rule and the message, for rules of both kinds."""
    for rule in ("name-is-free", "keyword-is-supported"):
        case = VIOLATIONS[rule][0]
        spec = tmp_path / "openapi.yaml"
        spec.write_text(json.dumps(edited(case["edit"]), indent=1), "utf-8")
        line, column = load(spec).place(next(iter(case["edit"])))

        assert 1 == command.main(["--spec", str(spec), "--output", str(tmp_path / "generated")])
        (message,) = capsys.readouterr().err.splitlines()[1:]
        assert message.startswith(f"{spec}:{line}:{column}: {rule}: ")
        assert line > 1


def test_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """--rules lists every rule with its requirement."""
    assert 0 == command.main(["--rules"])
    assert [*RULES, *LATE_RULES] == [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()]


ACCEPTED: list[dict[str, Any]] = load(Path(__file__).with_name("accepted.yaml")).document


# A contract that is accepted is generated, which takes seconds.
@pytest.mark.parametrize("number", sample(range(len(ACCEPTED)), 6))
def test_neighbour_is_accepted(number: int, tmp_path: Path) -> None:
    """An edit that is close to a violation is accepted."""
    assert [] == refusals(edited(ACCEPTED[number]), tmp_path)


@pytest.mark.parametrize("value", [{}, {"type": "string"}], ids=["any", "text"])
def test_optional_null_needs_no_unused_import(value: dict[str, Any], tmp_path: Path) -> None:
    """ruff, which refuses an unused import, formats the package of a request with an optional null beside any value."""
    nullable = {"anyOf": [value, {"type": "null"}], "description": "A."}
    document = edited({"/components/schemas/CreateBatchRequest/properties/metadata": nullable})
    document["paths"]["/batches"]["post"].pop("x-create-once")

    generate(Contract(document, tmp_path / "openapi.yaml"), tmp_path / "generated")

    methods = tmp_path.joinpath("generated", PACKAGE, "api", "batch", "__init__.py").read_text("utf-8")
    assert (value != {}) == bool(re.search(r"import UNSET, Unset$", methods, re.MULTILINE))
    assert " = UNSET," in methods


# The schema of the page size, and the page size of the methods that iterate.
PAGE_SIZES = [
    ({"type": "integer", "maximum": 50.0}, 50),
    ({"type": "integer", "minimum": 1, "exclusiveMaximum": 21}, 20),
    ({"$ref": "#/components/schemas/Size"}, 30),
    ({"allOf": [{"type": "integer"}, {"maximum": 40}]}, 40),
    ({"type": "integer", "enum": [10, 25]}, 25),
    ({"type": "integer", "minimum": 200}, 200),
]


@pytest.mark.parametrize(("schema", "size"), sample(PAGE_SIZES, 3), ids=lambda each: str(each).replace(" ", ""))
def test_page_size_is_allowed(schema: dict[str, Any], size: int, tmp_path: Path) -> None:
    """The methods that iterate ask for the largest page that the contract allows."""
    limit = "/paths/~1batches/get/parameters/1"
    document = edited({f"{limit}/schema": schema, "/components/schemas/Size": {"type": "integer", "maximum": 30}})
    document["components"]["schemas"]["Size"]["description"] = "A size."
    del document["paths"]["/batches"]["get"]["parameters"][1]["example"]

    assert [] == refusals(document, tmp_path)
    methods = tmp_path.joinpath("generated", PACKAGE, "api", "batch", "__init__.py").read_text("utf-8")
    assert f"page_size: int = {size}," in methods


def supported_keywords() -> list[str]:
    """The rows of the table of keywords in CONTRIBUTING."""
    rows = []
    for kind, keywords in TABLE.items():
        by_verdict: dict[str, list[str]] = {word: [] for word in ("used", "annotation", "bound", "refused")}
        for keyword in keywords:
            by_verdict[verdict(kind, keyword)[0]].append(f"`{keyword}`")
        rows.append(f"| {kind} | {' | '.join(', '.join(names) or '-' for names in by_verdict.values())} |")
    return rows


def test_table_in_contributing() -> None:
    """The table of keywords in CONTRIBUTING equals keywords.yaml."""
    text = ROOT.joinpath(".github", "CONTRIBUTING.md").read_text("utf-8")
    _, _, section = text.partition("| object | used |")
    rows = section.partition("\n\n")[0].splitlines()[2:]

    assert supported_keywords() == rows
