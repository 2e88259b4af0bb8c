"""The comparison with the published contract reports undeclared differences, and declarations without a difference."""

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.openapi.contract import OPENAPI_YAML, Contract
from tests.project import origin
from tests.project.origin import Declaration

Edit = Callable[[dict[str, Any]], Any]
# Changes of the published contract, and the beginning of the message about each.
MOVED: dict[str, tuple[Edit, str]] = {
    "field": (
        lambda document: document["components"]["schemas"]["Batch"]["properties"].update(cost={"type": "number"}),
        "not declared: POST /batches 200.cost is None in openapi.yaml, and 'property'",
    ),
    "enum": (
        lambda document: document["components"]["schemas"]["BatchStatus"]["enum"].append("paused"),
        "not declared: POST /batches 200.status: enum is ",
    ),
    "required": (
        lambda document: document["components"]["schemas"]["CreateBatchRequest"]["required"].append("metadata"),
        "not declared: POST /batches body.metadata: required is None in openapi.yaml, and True",
    ),
    "parameter": (
        lambda document: document["paths"]["/batches"]["get"]["parameters"].pop(0),
        "not declared: GET /batches after: in is 'query' in openapi.yaml, and None",
    ),
    "response": (
        lambda document: document["paths"]["/batches"]["get"]["responses"].update({"202": {"description": "Later."}}),
        "not declared: GET /batches 202 is None in openapi.yaml, and 'response'",
    ),
    "operation": (
        lambda document: document["paths"].pop("/batches/{batch_id}/cancel"),
        "not declared: POST /batches/{batch_id}/cancel is 'operation' in openapi.yaml, and None",
    ),
}  # fmt: skip


def problems(tmp_path: Path, edit: Edit, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The output for a published contract that is ours with an edit."""
    document = copy.deepcopy(dict(Contract.load().document))
    edit(document)
    path = tmp_path / "published.yaml.gz"
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    assert 1 == origin.main([str(path)])
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("name", MOVED)
def test_undeclared_difference(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A change of the published contract is reported with the values of both sides."""
    edit, message = MOVED[name]

    assert [line for line in problems(tmp_path, edit, capsys) if line.startswith(message)]


def test_declaration_without_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If the published contract adopts our side, each declared pattern is reported, and no difference."""
    *lines, total = problems(tmp_path, lambda _: None, capsys)

    patterns = [pattern for declaration in origin.declarations() for pattern in declaration.facts]
    assert [f"declared in origin.yaml, but there is no such difference: {pattern}" for pattern in patterns] == lines
    assert f"0 differences, {len(patterns)} problems." == total


def test_every_comment_has_an_entry() -> None:
    """Each comment "Differs" has an entry with facts, and each entry has a comment or a reason."""
    declared = origin.declarations()

    assert [] == origin.check([], [Declaration(each.differs, each.reason, ()) for each in declared], origin.comments())
    assert all(each.facts and bool(each.differs) != bool(each.reason) for each in declared)
    without = [each for each in declared if not each.differs]
    assert len(origin.comments()) == len(origin.check([], without, origin.comments())) - sum(
        len(each.facts) for each in without
    )
    assert OPENAPI_YAML.read_text("utf-8").count("# Differs: ") == len(origin.comments())


@pytest.mark.parametrize("content", [b"\x1f\x8b not gzip", b"a: [", None], ids=["gzip", "yaml", "missing"])
def test_unreadable_contract(content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be read gives a sentence and the exit code 2."""
    path = tmp_path / "published.yaml.gz"
    if content is not None:
        path.write_bytes(content)

    assert 2 == origin.main([str(path)])
    assert "the published contract cannot be read: " in capsys.readouterr().err
