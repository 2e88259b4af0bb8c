"""Recorded exchanges have the form of tests/exchanges/, and contain no secret, whatever the service answers."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from openai_batch_client import BatchAPI, BatchAPIError
from scripts.batch_server import demo, recording
from scripts.batch_server.recording import Recorder
from scripts.openapi.contract import Contract
from scripts.openapi.loading import load
from tests.support import exchange_files
from tests.support.batches import BATCH, CREATE
from tests.support.exchange_files import Exchange
from tests.support.hostile_server import HostileServer, hostile, json_answer, recipe
from tests.support.twin import Twin

SECRETS = {
    "<key>": "sk-proj-T0pS3cretK3yOfTheAccount",
    "<batch>": "batch_69251f0c7d2e8190bb41c3a5d6e7f809",
    "<file>": "file-Ab3dEf6hIjK9mNoPqRsTuV",
    "<org>": "org-Qm4xWv7tLs2pZk9r",
    "<prompt>": "Summarize the confidential merger of Globex",
    "<customer>": "AcmeHoldings",
}
CASES: list[dict[str, Any]] = load(Path(__file__).with_name("hostile_recordings.yaml")).document


def filled(value: Any) -> Any:
    """The value with the secrets in the places of their names."""
    text = json.dumps(value)
    for name, secret in SECRETS.items():
        text = text.replace(name, secret)
    return json.loads(text)


@contextmanager
def recorded(folder: Path, server: HostileServer) -> Iterator[Any]:
    """A client whose exchanges are recorded."""
    recorder = Recorder(folder, Contract.load(), BatchAPI, base_url=server.url, key=SECRETS["<key>"], is_live=True)
    with recorder.http_client(print) as http_client:
        yield BatchAPI(api_key=SECRETS["<key>"], base_url=server.url, retry_budget=0, http_client=http_client)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def words(text: str) -> set[str]:
    """The words of a text that occur by chance in no other text."""
    return {word for word in text.split() if len(word) >= 6}


@pytest.mark.parametrize("twin", ["sync"], indirect=True)
@pytest.mark.parametrize("case", CASES, ids=[case["why"].rstrip(".").replace(" ", "-") for case in CASES])
def test_hostile_answer(case: Mapping[str, Any], twin: Twin, tmp_path: Path) -> None:
    """The file of an answer has no secret, keeps harmless parts, and is a complete exchange."""
    (call,) = filled(case["call"]).items()
    with hostile(recipe(case["answer"], SECRETS)) as server, recorded(tmp_path, server) as api, suppress(BatchAPIError):
        getattr(api, call[0])(**call[1])

    (path,) = files(tmp_path)
    text = path.read_text("utf-8")
    assert [] == [word for secret in SECRETS.values() for word in words(secret) if word.lower() in text.lower()]
    assert [] == [kept for kept in case["kept"] if kept not in text]
    assert text.isascii()
    exchange_files.check(Exchange.load(path), twin)


@pytest.mark.parametrize("twin", ["sync"], indirect=True)
def test_ids_stay_equal(twin: Twin, tmp_path: Path) -> None:
    """An id has the same replacement in requests, responses and paths of all files. Each state has one file."""
    batches = [{**BATCH, "id": f"batch_69251f0c7d2e8190bb41c3a5d6e7f80{number}"} for number in range(3)]
    page = {"object": "list", "data": batches, "first_id": batches[0]["id"], "has_more": False}
    answers = [*batches[:2], *batches[:1], {**batches[1], "status": "completed"}, page]
    with hostile(*map(json_answer, answers)) as server, recorded(tmp_path, server) as api:
        for _ in range(2):
            api.create_batch(**CREATE, idempotency_key=None)
        for number in range(2):
            api.retrieve_batch(batches[number]["id"])
        api.list_batches()

    found = {path.relative_to(tmp_path).as_posix(): Exchange.load(path) for path in files(tmp_path)}
    assert [
        "create_batch/live-validating.yaml",
        "list_batches/live-200.yaml",
        "retrieve_batch/live-completed.yaml",
        "retrieve_batch/live-validating.yaml",
    ] == [*found]
    created, listed, completed, polled = found.values()
    # The third batch was not created by the recording client.
    ids = [batch["id"] for batch in listed.response["body"]["data"]]
    assert [created.response["body"]["id"], completed.response["body"]["id"]] == ids
    assert f"/batches/{ids[0]}" == polled.request["path"]
    assert ids[0] == polled.call["batch_id"] == listed.response["body"]["first_id"]
    assert created.request["body"]["input_file_id"] == created.response["body"]["input_file_id"] != "file-1"
    for path in files(tmp_path):
        exchange_files.check(Exchange.load(path), twin)


def test_idempotency_values_are_replaced(tmp_path: Path) -> None:
    """The metadata of a create with a key has the names of the key and the stamp, and other values."""
    with hostile() as server, recorded(tmp_path, server) as api:
        api.create_batch(**CREATE, idempotency_key="nightly-AcmeHoldings", restartable=False)

    metadata = Exchange.load(tmp_path / "create_batch" / "live-validating.yaml").call["metadata"]
    assert {"idempotency_key", "idempotency_stamp"} == metadata.keys()
    (sent,) = [json.loads(request.body)["metadata"] for request in server.received if request.method == "POST"]
    assert set() == set(sent.values()) & set(metadata.values())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--record"], "expected one argument"),
        (["--record", "full"], "full is not empty; name an empty folder, or one that does not exist"),
        (["--record", "file"], "file is not a folder"),
        (["--record", "file/below"], "file is not a folder"),
        (["--record", "dangling"], "dangling is not a folder"),
        (["--recrod", "new"], "unrecognized arguments"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_wrong_folder(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong argument gives a sentence and exit code 2, before anything is sent or written."""
    monkeypatch.chdir(tmp_path)
    Path("full").mkdir()
    Path("full", "note.txt").touch()
    Path("file").touch()
    Path("dangling").symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(SystemExit, match="2"):
        demo.main(arguments)
    assert message in capsys.readouterr().err
    assert before == sorted(tmp_path.rglob("*"))


def test_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C while a file is written leaves the complete files, and no part of a file."""
    replace = Path.replace

    def interrupted(path: Path, target: Path) -> Path:
        if len(files(tmp_path)) == 2:
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with hostile() as server, recorded(tmp_path, server) as api:
        api.create_batch(**CREATE)
        with pytest.raises(KeyboardInterrupt):
            api.retrieve_batch("batch_1")

    assert [tmp_path / "create_batch" / "live-validating.yaml"] == files(tmp_path)
    assert "Wrote 1 exchanges" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("recipe_of_answer", "reason"),
    [
        ({"encodings": ["gzip"], "headers": ["content-encoding: gzip"]}, "the body is compressed"),
        ({"spaces": recording.MAX_BYTES}, "larger than 256 KiB"),
    ],
    ids=["compressed", "large"],
)
def test_not_recorded(
    recipe_of_answer: dict[str, Any], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The call succeeds, and the end of the recording says which answer has no file."""
    with (
        hostile(recipe(recipe_of_answer)) as server,
        pytest.raises(ValueError, match="some answers were not recorded"),
        recorded(tmp_path, server) as api,
    ):
        assert "batch_1" == api.retrieve_batch("batch_1").id

    assert [] == files(tmp_path)
    assert reason in capsys.readouterr().out


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """If a file cannot be written, the create is not repeated, and the end of the recording says why."""

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with hostile() as server, pytest.raises(ValueError, match="not recorded"), recorded(tmp_path, server) as api:
        assert "batch_1" == api.create_batch(**CREATE).id

    assert 1 == len(server.received)
    assert "No space left on device" in capsys.readouterr().out
