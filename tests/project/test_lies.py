"""A lie that is planted in openapi.yaml alone makes the tests fail. tests/project/lies.py tries all lies."""

import subprocess
from pathlib import Path

import pytest

from scripts.openapi.contract import OPENAPI_YAML
from tests.project import lies
from tests.support import project_copy

SAMPLE = lies.lies()[:3]


@pytest.mark.parametrize("lie", SAMPLE, ids=lambda lie: lie.description.replace(" ", "-"))
def test_lie_is_noticed(lie: lies.Lie, tmp_path: Path) -> None:
    """A test of the exchanges or of the contract fails."""
    reason = lies.notice(lie, tmp_path)

    assert reason is not None
    assert reason.startswith("FAILED tests/")


@pytest.mark.parametrize(
    ("reason", "is_noticed"),
    [("/copy/openapi.yaml:7:3: a field has no type (rule)", True), ("scripts/regenerate needs ruff", False)],
    ids=["refusal", "failure"],
)
def test_regenerate_fails(reason: str, is_noticed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal of the contract is a notice. Any other failure has nothing to do with the lie, and ends the run."""
    stderr = f"scripts/regenerate: nothing was generated from /copy/openapi.yaml:\n{reason}\n"
    failed = subprocess.CompletedProcess[str]([], 1, "", stderr)
    monkeypatch.setattr(project_copy, "copied", lambda folder: folder)
    monkeypatch.setattr(project_copy, "run", lambda *_: failed)

    if is_noticed:
        assert f"scripts/regenerate: {reason}" == lies.notice(SAMPLE[0], tmp_path)
    else:
        with pytest.raises(RuntimeError, match=r"(?s)does not work: .*needs ruff"):
            lies.notice(SAMPLE[0], tmp_path)


def test_entries_fit_the_contract() -> None:
    """Each entry changes openapi.yaml, and there are at least twenty entries."""
    text = OPENAPI_YAML.read_text("utf-8")

    assert len(lies.lies()) >= 20
    assert [] == [lie.description for lie in lies.lies() if lie.told(text) == text]
    with pytest.raises(ValueError, match="has no text 'no such text'"):
        lies.Lie("wrong", (("no such text", ""),)).told(text)
