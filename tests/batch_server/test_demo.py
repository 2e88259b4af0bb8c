"""scripts/demo runs against the embedded server, and asks before it uses a real service."""

import pytest

from scripts.batch_server import demo


def test_tour(capsys: pytest.CaptureFixture[str]) -> None:
    """The demo submits, waits, reads results, cancels, prints the faults of requests, and lists batches."""
    assert 0 == demo.main([])

    output = capsys.readouterr().out
    for text in (
        "Submitted 500 requests",
        "partial: 498 answers and 2 errors",
        "request-1: 200 Answer",
        "request-3: 404 The model 'unknown-model' does not exist.",
        "it is cancelling",
        "requests have no answer and may be sent again",
        "line 2: custom_id 'request-1' occurs twice",
        "line 3: custom_id must be a string that is not empty",
    ):
        assert text in output
    assert ["cancelled", "completed"] == [line.split()[1] for line in output.splitlines()[-2:]]


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
