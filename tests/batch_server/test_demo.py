"""The tour for newcomers."""

import pytest

from scripts.batch_server import demo


def test_tour(capsys: pytest.CaptureFixture[str]) -> None:
    """It uploads, waits, downloads, cancels, shows line errors and lists, against the embedded server."""
    assert 0 == demo.main([])

    shown = capsys.readouterr().out
    for words in (
        "Uploaded 500 requests",
        "498 answers in file-",
        "2 failures in file-",
        "it is cancelling",
        "line 2: invalid_json_line",
        "line 3: duplicate_custom_id",
        "line 4: url_mismatch",
    ):
        assert words in shown
    assert ["failed", "cancelled", "completed"] == [line.split()[1] for line in shown.splitlines()[-3:]]


@pytest.mark.parametrize("answer", ["n", "", EOFError(), KeyboardInterrupt()], ids=repr)
def test_live_asks_first(
    answer: str | BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a yes nothing is sent to a real service."""

    def say(*_: object) -> str:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    monkeypatch.setattr(demo.console, "input", say)

    assert demo.main(["--live"]) in (1, 130)
    assert "sk-real" not in capsys.readouterr().out


def test_live_without_key(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key the tour of a real service says what to set."""
    assert 1 == demo.main(["--live"])
    assert "OPENAI_API_KEY" in capsys.readouterr().out
