"""A lie that is planted in openapi.yaml alone makes the tests fail. tests/project/lies.py tries all lies."""

from pathlib import Path

import pytest

from scripts.openapi.contract import OPENAPI_YAML
from tests.project import lies

SAMPLE = lies.lies()[:3]


@pytest.mark.parametrize("lie", SAMPLE, ids=lambda lie: lie.description.replace(" ", "-"))
def test_lie_is_noticed(lie: lies.Lie, tmp_path: Path) -> None:
    """A test of the exchanges or of the contract fails."""
    reason = lies.notice(lie, tmp_path)

    assert reason is not None
    assert reason.startswith("FAILED tests/")


def test_failure_of_regenerate_is_not_a_notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing tool does not count as a notice, because it has nothing to do with the lie."""
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(RuntimeError, match="does not work: scripts/regenerate needs ruff"):
        lies.notice(SAMPLE[0], tmp_path)


def test_entries_fit_the_contract() -> None:
    """Each entry changes openapi.yaml, and there are at least twenty entries."""
    text = OPENAPI_YAML.read_text("utf-8")

    assert len(lies.lies()) >= 20
    assert [] == [lie.description for lie in lies.lies() if lie.told(text) == text]
    with pytest.raises(ValueError, match="has no text 'no such text'"):
        lies.Lie("wrong", (("no such text", ""),)).told(text)
