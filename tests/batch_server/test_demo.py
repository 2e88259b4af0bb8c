"""scripts/demo runs against the embedded server, and asks before it uses a real service."""

import pytest

from scripts.batch_server import demo


def test_tour(capsys: pytest.CaptureFixture[str]) -> None:
    """The demo uploads, waits, downloads, cancels, prints the errors of lines, and lists batches."""
    assert 0 == demo.main([])

    output = capsys.readouterr().out
    for text in (
        "Uploaded 500 requests",
        "498 responses in file-",
        "2 errors in file-",
        "it is cancelling",
        "line 2: invalid_json_line",
        "line 3: duplicate_custom_id",
        "line 4: url_mismatch",
    ):
        assert text in output
    assert ["failed", "cancelled", "completed"] == [line.split()[1] for line in output.splitlines()[-3:]]


@pytest.mark.parametrize("answer", ["n", "", EOFError(), KeyboardInterrupt()], ids=repr)
def test_live_asks_first(
    answer: str | BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the answer y, nothing is sent to a real service."""

    def respond(*_: object) -> str:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    monkeypatch.setattr(demo.console, "input", respond)

    assert demo.main(["--live"]) in (1, 130)
    assert "sk-real" not in capsys.readouterr().out


def test_live_without_key(capsys: pytest.CaptureFixture[str]) -> None:
    """Without an API key, the demo of a real service names the environment variable."""
    assert 1 == demo.main(["--live"])
    assert "OPENAI_API_KEY" in capsys.readouterr().out
