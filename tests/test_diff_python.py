"""What a change of the contract does to the package: both sides are generated, and callers' names are compared."""

from pathlib import Path
from typing import Any

import pytest

from scripts.codegen import loading
from scripts.codegen.contract import OPENAPI_YAML
from scripts.specdiff import sources
from scripts.specdiff.python_api import changes

CASES: dict[str, Any] = loading.load(Path(__file__).with_name("diff_python.yaml")).document
CONTRACT = OPENAPI_YAML.read_text("utf-8")


@pytest.mark.parametrize("name", CASES)
def test_names_that_change(name: str, tmp_path: Path) -> None:
    """Each change is named as a caller writes it, once, and judged."""
    text = CONTRACT
    for old, new in CASES[name]["edits"]:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = tmp_path / "openapi.yaml"
    path.write_text(text, "utf-8")

    found, note = changes(sources.read(str(OPENAPI_YAML)), sources.read(str(path)))

    assert None is note
    assert CASES[name]["finds"] == [[one.impact, one.name, one.text] for one in found]


def test_contract_without_package(tmp_path: Path) -> None:
    """What no package can be made of is not compared, and the reason is one line with its place."""
    path = tmp_path / "openapi.yaml"
    path.write_text(CONTRACT.replace("x-retry: safe", "x-retry: perhaps"), "utf-8")

    found, note = changes(sources.read(str(OPENAPI_YAML)), sources.read(str(path)))

    assert ((), True) == (found, note is not None)
    assert note is not None
    assert f"no package can be made of {path}:" in note
    assert ": operation-has-retry: say x-retry" in note
    assert "\n" not in note
    assert ":1:1:" not in note
