"""scripts/demo runs against the embedded server, and asks before it uses a real service."""

from pathlib import Path

import pytest

from scripts.batch_server import demo
from tests.support import exchange_files
from tests.support.exchange_files import Exchange
from tests.support.twin import Twin


@pytest.mark.parametrize("twin", ["sync"], indirect=True)
def test_tour(twin: Twin, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The demo submits, waits, reads results, cancels, prints the faults of requests, lists batches, and records."""
    assert 0 == demo.main(["--record", str(tmp_path / "recorded")])

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
    rows = [line.split() for line in output.partition("The list of batches\n")[2].splitlines()[1:3]]
    assert ["cancelled", "completed"] == [row[1] for row in rows]
    check_recorded(tmp_path / "recorded", twin, [row[0] for row in rows])


def check_recorded(folder: Path, twin: Twin, ids: list[str]) -> None:
    """The files are exchanges of all four operations, without the key, ids, prompts and metadata of the tour."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    text = "\n".join(path.read_text("utf-8") for path in paths)

    assert {operation.name for operation in exchange_files.CONTRACT.operations} == {path.parent.name for path in paths}
    assert {"cancelled", "completed"} <= {path.stem.removeprefix("local-") for path in paths}
    secrets = ["sk-local", *ids, "demo", "job:", "request-1", "Say the", "in words", "unknown-model", demo.MODEL]
    assert [] == [secret for secret in secrets if secret in text]
    for path in paths:
        exchange_files.check(Exchange.load(path), twin)


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
