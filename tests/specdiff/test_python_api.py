"""Changes of the contract and the resulting changes of the package's public names."""

import re
from pathlib import Path
from typing import Any

import pytest

from scripts.openapi import loading
from scripts.openapi.contract import OPENAPI_YAML
from scripts.specdiff import sources
from scripts.specdiff.catalogue import RULES
from scripts.specdiff.engine.effects import Impact
from scripts.specdiff.findings import compare
from scripts.specdiff.python.api import changes
from tests.support.sampling import sample

CASES: dict[str, Any] = loading.load(Path(__file__).with_name("python_api.yaml")).document
CONTRACT = OPENAPI_YAML.read_text("utf-8")


@pytest.mark.parametrize("name", sample(list(CASES), 4))
def test_names_that_change(name: str, tmp_path: Path) -> None:
    """Each change is reported once, with its impact and the name that callers use."""
    text = CONTRACT
    for old, new in CASES[name]["edits"]:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = tmp_path / "openapi.yaml"
    path.write_text(text, "utf-8")

    found, note = changes(sources.read(str(OPENAPI_YAML)), sources.read(str(path)))

    assert None is note
    assert CASES[name]["finds"] == [[one.impact, one.name, one.text] for one in found]


LIFECYCLE = r"      x-lifecycle:\n(        .*\n)+      x-final-statuses: .*\n"
CREATE_ONCE = r"      x-create-once:\n(        .*\n)+"
PAGINATION = r"      x-pagination:\n(        .*\n)+"
UPLOAD = r"          x-file:\n(            .*\n)+"
TARGET = r"      x-lifecycle: \{ towards: .*\n"


@pytest.mark.parametrize(
    ("name", "patterns"),
    [
        ("x-lifecycle", [CREATE_ONCE, TARGET]),
        ("x-lifecycle", [CREATE_ONCE, TARGET, LIFECYCLE]),
        ("x-create-once", [CREATE_ONCE]),
        ("x-pagination", [CREATE_ONCE, PAGINATION]),
        ("x-file", [UPLOAD]),
    ],
    ids=["target", "lifecycle", "create-once", "pagination", "file"],
)
def test_extension_gone_and_back(name: str, patterns: list[str], tmp_path: Path) -> None:
    """Removing an extension breaks Python and adding it is safe, both in the findings and in the compared packages."""
    text = CONTRACT
    for pattern in patterns:
        text, count = re.subn(pattern, "", text)
        assert 1 == count
    path = tmp_path / "openapi.yaml"
    path.write_text(text, "utf-8")
    whole, less = sources.read(str(OPENAPI_YAML)), sources.read(str(path))

    for old, new, impact, word in ((whole, less, Impact.BREAKING, "removed"), (less, whole, Impact.SAFE, "added")):
        found, note = changes(old, new)
        assert None is note
        assert impact is min((one.impact for one in found), key=list(Impact).index)
        assert {(impact, f"{name} {word}")} <= {
            (one.python, one.text) for one in compare(old, new, RULES.values()).findings
        }


def test_contract_without_package(tmp_path: Path) -> None:
    """If no package can be generated, Python is not compared; the reason is one line with its place."""
    path = tmp_path / "openapi.yaml"
    path.write_text(CONTRACT.replace("x-retry: safe", "x-retry: perhaps"), "utf-8")

    found, note = changes(sources.read(str(OPENAPI_YAML)), sources.read(str(path)))

    assert ((), True) == (found, note is not None)
    assert note is not None
    assert f"no package can be generated from {path}:" in note
    assert ": operation-has-retry: x-retry is safe or unless-received" in note
    assert "\n" not in note
    assert ":1:1:" not in note
