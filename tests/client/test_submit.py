"""Submitted requests are checked before anything is sent, and are one batch, whatever happens on the way."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType as Proxy
from typing import Any

import pytest
import yaml

from openai_batch_client import errors
from openai_batch_client._runtime.clock import Clock
from openai_batch_client.api.batch import create_batch
from openai_batch_client.models import BatchRequestInput
from tests.support.hostile_server import hostile, json_answer, recipe
from tests.support.sampling import IS_DEEP
from tests.support.twin import Twin, through_both_libraries
from tests.support.untidy_server import Habits, SharedClock, UntidyServer, client_of, untidy
from tests.support.waiting import wait_until

# The hypothesis profile that the weekly run uses.
FAULTS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("input_faults.yaml").read_text("utf-8"))
ENDPOINT = "/v1/responses"
KEYED: dict[str, Any] = {"endpoint": ENDPOINT, "idempotency_key": "nightly"}
ONLY_UPLOADED = ("POST", "/v1/files")


def line(number: int, **fields: Any) -> dict[str, Any]:
    """A line of an input file."""
    body = {"input": f"Frage {number}\u2028ä\n"}
    return {"custom_id": f"request-{number}", "method": "POST", "url": ENDPOINT, "body": body, **fields}


def lines_of(content: bytes) -> list[Any]:
    """The documents in a JSON Lines file."""
    return [json.loads(text) for text in content.split(b"\n") if text.strip()]


def uploaded(body: bytes) -> tuple[str, bytes]:
    """The name and the content of the file in the body of an upload."""
    pattern = (
        rb'name="purpose"\r\n\r\nbatch\r\n.*filename="([^"]*)"\r\nContent-Type: application/jsonl\r\n\r\n(.*)\r\n--'
    )
    found = re.search(pattern, body, re.DOTALL)
    assert found is not None
    return found[1].decode(), found[2]


class AnyPath:
    """A path that is neither a text nor a pathlib.Path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)


@pytest.fixture
def server() -> Iterator[UntidyServer]:
    """A tidy service, whose clock is that of the clients."""
    with untidy(SharedClock()) as server:
        yield server


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an input file have three lines and 600 bytes."""
    small = create_batch.INPUT_FILE._replace(max_lines=3, max_bytes=600)
    monkeypatch.setattr(create_batch, "INPUT_FILE", small)


KINDS: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "mappings": lambda lines: lines,
    "other mappings": lambda lines: [Proxy({**each, "body": Proxy(each["body"])}) for each in lines],
    "a generator": iter,
    "models": lambda lines: [BatchRequestInput.from_dict(each) for each in lines],
    "pairs": lambda lines: {each["custom_id"]: each["body"] for each in lines}.items(),
}


@pytest.mark.parametrize("kind", KINDS)
@through_both_libraries
def test_kinds_of_requests(twin: Twin, server: UntidyServer, kind: str) -> None:
    """Mappings, models and pairs, in a list or a generator, are the same lines and the same batch."""
    lines = [line(number) for number in range(3)]
    with client_of(server, twin) as api:
        batch = twin.run(api.submit_batch(KINDS[kind](lines), **KEYED))
        again = twin.run(api.submit_batch(lines, **KEYED))

    name, content = uploaded(server.uploads[0])
    assert ("requests.jsonl", lines) == (name, lines_of(content))
    assert "\u2028" in content.decode()
    assert ("file-uploaded-1", ENDPOINT, "24h") == (batch.input_file_id, batch.endpoint, batch.completion_window)
    assert (batch.id, 1, 1) == (again.id, len(server.uploads), server.posts)


@pytest.mark.parametrize(
    ("end", "last"), [("\n", "\n"), ("\r\n", "\r\n"), ("\n", ""), ("\n\n", "\n\n\n"), ("\n \t\r\n", "")]
)
def test_files(twin: Twin, server: UntidyServer, tmp_path: Path, end: str, last: str) -> None:
    """A file is uploaded as it is, whatever its line ends and blank lines, and whatever kind of path names it."""
    path = tmp_path / "my \ud8ff.requests".encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    content = (end.join(json.dumps(line(number), ensure_ascii=False) for number in range(3)) + last).encode()
    path.write_bytes(content)
    with client_of(server, twin) as api:
        batches = [twin.run(api.submit_batch(kind(path), **KEYED)) for kind in (str, Path, AnyPath)]
        assert 1 == len({batch.id for batch in batches})
        parts = twin.run(api.submit_batches(path, endpoint=ENDPOINT))

    name, sent = uploaded(server.uploads[0])
    assert (content, True) == (sent, name.startswith("my ") and name.endswith(".requests.jsonl"))
    assert [line(number) for number in range(3)] == lines_of(uploaded(server.uploads[1])[1])
    assert [batch.id for batch in parts] == [server.created[1].document["id"]]


def test_pipe(twin: Twin, server: UntidyServer, tmp_path: Path) -> None:
    """A pipe, which can be read once, is uploaded."""
    os.mkfifo(tmp_path / "pipe")
    text = json.dumps(line(1)) + "\n"
    threading.Thread(target=(tmp_path / "pipe").write_text, args=(text,), daemon=True).start()
    server.upload_faults = ["502"]
    with client_of(server, twin) as api:
        twin.run(api.submit_batch(tmp_path / "pipe", **KEYED))
    assert text.replace(" ", "").encode() == uploaded(server.uploads[0])[1].replace(b" ", b"")


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case["line"][:100])
def test_fault(twin: Twin, server: UntidyServer, tmp_path: Path, case: dict[str, Any]) -> None:
    """A line that cannot be a request is named with its number and its fault, and nothing is sent."""
    text = case["line"].replace("<deep>", "[" * 100_000)
    first = json.dumps(line(1, custom_id="first"))
    path = tmp_path / "requests.jsonl"
    path.write_bytes(f"\n{first}\n{text}\n".encode().replace(b"<byte ff>", b"\xff"))
    given: list[Any] = [path]
    if case.get("only") != "file":
        given.append([None, json.loads(first), json.loads(text)][1:])
    with client_of(server, twin) as api:
        for method in (api.submit_batch, api.submit_batches):
            for requests in given:
                number = 3 if requests is path else 2
                expected = rf"The requests are not valid: line {number}: {re.escape(case['fault'])}"
                with pytest.raises(ValueError, match=expected) as caught:
                    twin.run(method(requests, **KEYED))
                assert str(caught.value).isprintable()
                assert str(caught.value).endswith(" Nothing was sent.")
    assert [] == server.requests


CIRCLE: dict[str, Any] = {}
CIRCLE["self"] = CIRCLE


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), b"bytes", {(1, 2): 3}, CIRCLE, float("inf")], ids=lambda value: repr(value)[:7]
)
def test_value_that_is_not_json(twin: Twin, server: UntidyServer, value: Any) -> None:
    """A value that JSON does not have is a fault of its line, and nothing is sent."""
    with (
        client_of(server, twin) as api,
        pytest.raises(ValueError, match=r"The requests are not valid: line 2: it is not JSON"),
    ):
        twin.run(api.submit_batch([line(1), line(2, body={"input": value})], **KEYED))
    assert [] == server.requests


@pytest.mark.parametrize("method", ["submit_batch", "submit_batches"])
@pytest.mark.parametrize("is_file", [False, True])
def test_first_ten_faults(twin: Twin, server: UntidyServer, tmp_path: Path, method: str, is_file: bool) -> None:
    """The message has the first ten faults of all lines, also if no line is tidy."""
    requests: Any = [line(number, method="PUT") for number in range(1, 21)]
    if is_file:
        path = tmp_path / "requests.jsonl"
        path.write_text("\n".join(map(json.dumps, requests)))
        requests = path
    with (
        client_of(server, twin) as api,
        pytest.raises(ValueError, match=r"line 1: .*line 10: .* more") as caught,
    ):
        twin.run(getattr(api, method)(requests, **KEYED))
    assert "line 11" not in str(caught.value)
    assert [] == server.requests


@pytest.mark.usefixtures("small_files")
def test_faults_of_later_parts(twin: Twin, server: UntidyServer) -> None:
    """One message has the faults of all parts, and no part is sent."""
    requests = [line(number, **({"method": "PUT"} if number % 5 == 0 else {})) for number in range(1, 21)]
    with client_of(server, twin) as api, pytest.raises(ValueError, match=r"line 5: .*line 10: .*line 20: "):
        twin.run(api.submit_batches(requests, **KEYED))
    assert [] == server.requests


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize(
    ("requests", "fault"),
    [
        ([], "there are no requests"),
        ([line(number) for number in range(4)], "4 lines are more than 3"),
        ([line(1, body={"input": "x" * 300}), line(2, body={"input": "x" * 300})], "bytes are more than 600"),
        ([line(1, body={"input": "x" * 600})], "line 1: it has 6.. bytes, and a file has at most 600"),
    ],
)
def test_limits(twin: Twin, server: UntidyServer, tmp_path: Path, requests: list[Any], fault: str) -> None:
    """Too many lines or bytes, or none, are a ValueError, and nothing is sent."""
    path = tmp_path / "requests.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in requests))
    with client_of(server, twin) as api:
        with pytest.raises(ValueError, match=fault):
            twin.run(api.submit_batch(iter(requests), **KEYED))
        with pytest.raises(ValueError, match=fault if "line 1" not in fault else "bytes are more than 600"):
            twin.run(api.submit_batch(path, **KEYED))
    assert [] == server.requests


def test_file_that_cannot_be_read(twin: Twin, server: UntidyServer, tmp_path: Path) -> None:
    """A folder or a missing file is an OSError, and nothing is sent."""
    with client_of(server, twin) as api:
        for method in (api.submit_batch, api.submit_batches):
            for path in (tmp_path, tmp_path / "missing", ""):
                with pytest.raises(OSError, match=r"Errno"):
                    twin.run(method(path, **KEYED))
    assert [] == server.requests


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "longer": lambda content: content + b"{}\n",
    "shorter": lambda content: content[:-10],
    "other": lambda content: content[:-5] + b"xxxxx",
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("stage", ["check", "upload"])
@pytest.mark.parametrize("key", [None, "nightly"])
def test_file_that_changes(
    twin: Twin, server: UntidyServer, tmp_path: Path, change: str, stage: str, key: str | None
) -> None:
    """A file that changes after the check or during the upload is not used for a batch."""
    path = tmp_path / "requests.jsonl"
    path.write_text("".join(json.dumps(line(number, body={"input": "x" * 1000})) + "\n" for number in range(3000)))

    def progress(event: Any) -> None:
        if event.stage == stage and event.done in (3000, 65_536):
            path.write_bytes(CHANGES[change](path.read_bytes()))

    with client_of(server, twin) as api, pytest.raises((ValueError, errors.BatchAPIError), match=r"changed|line 3001"):
        twin.run(api.submit_batch(path, endpoint=ENDPOINT, idempotency_key=key, on_progress=progress))
    assert [] == server.created


@pytest.mark.parametrize("fault", ["502", "429", "dropped", "closed", "408"])
@pytest.mark.parametrize("key", [None, "nightly"])
def test_upload_that_fails(twin: Twin, server: UntidyServer, fault: str, key: str | None) -> None:
    """An upload that fails is repeated from the beginning, and one batch is created."""
    server.upload_faults = [fault, fault]
    requests = [line(number, body={"input": "x" * 1000}) for number in range(100)]
    seen: list[Any] = []
    with client_of(server, twin) as api:
        twin.run(api.submit_batch(requests, endpoint=ENDPOINT, idempotency_key=key, on_progress=seen.append))

    content = uploaded(server.uploads[0])[1]
    assert requests == lines_of(content)
    assert (1, 1, 3) == (len(server.uploads), server.posts, server.requests.count(ONLY_UPLOADED))
    assert [("check", 100, None), ("upload", len(content), len(content))] == [seen[0], seen[-1]]


def test_upload_that_always_fails(twin: Twin, server: UntidyServer) -> None:
    """An upload that fails longer than the retry budget raises the last failure, and nothing is created."""
    server.upload_faults = ["502"] * 100
    with client_of(server, twin) as api:
        for options in (KEYED, {"endpoint": ENDPOINT}):
            with pytest.raises(errors.ServerError, match="POST /files: status 502"):
                twin.run(api.submit_batch([line(1)], **options))
            before = server.requests.count(ONLY_UPLOADED)
            with pytest.raises(errors.ServerError):
                twin.run(api.submit_batch([line(1)], **options, retry_budget=0))
            assert 1 == server.requests.count(ONLY_UPLOADED) - before
    assert [] == server.created


def test_time_of_an_upload_is_not_counted(twin: Twin, server: UntidyServer) -> None:
    """An upload that breaks after more time than the retry budget is repeated."""
    server.upload_faults = ["dropped", "502"]

    def progress(event: Any) -> None:
        if event.stage == "upload":
            server.clock.sleep(300)

    with client_of(server, twin, retry_budget=20) as api:
        twin.run(api.submit_batch([line(1)], **KEYED, on_progress=progress))
    assert 1 == len(server.created)


@pytest.mark.parametrize("key", [None, "nightly"])
def test_wrong_api_key(twin: Twin, key: str | None) -> None:
    """A wrong API key is an AuthenticationError, and nothing is repeated."""
    refusal = json_answer({"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}, 401)
    with (
        hostile(refusal) as server,
        twin.connected(server.url, retry_budget=60) as api,
        pytest.raises(errors.AuthenticationError, match="Incorrect API key"),
    ):
        twin.run(api.submit_batch([line(1)], endpoint=ENDPOINT, idempotency_key=key))
    assert 1 == len(server.received)


@pytest.mark.parametrize("answer", ["{}", '{"id": ""}', '{"id": 1}', "[]", "null", "<html>"])
def test_upload_without_an_id(twin: Twin, answer: str) -> None:
    """An answer to an upload that has no id is an UnexpectedResponseError, and no batch is created."""
    with (
        hostile(recipe({"text": answer})) as server,
        twin.connected(server.url) as api,
        pytest.raises(errors.UnexpectedResponseError, match="POST /files"),
    ):
        twin.run(api.submit_batch([line(1)], endpoint=ENDPOINT))
    assert [ONLY_UPLOADED] == server.requests()


def test_conflict(twin: Twin, server: UntidyServer) -> None:
    """The key with other lines, another endpoint or other arguments is a conflict, and nothing is uploaded."""
    others: list[tuple[list[Any], dict[str, Any]]] = [
        ([line(1), line(2)], {}),
        ([line(1, body={"input": "other"})], {}),
        ([line(1, url="/v1/embeddings")], {"endpoint": "/v1/embeddings"}),
        ([line(1)], {"completion_window": "48h"}),
        ([line(1)], {"metadata": {"a": "b"}}),
    ]
    with client_of(server, twin) as api:
        batch = twin.run(api.submit_batch([line(1)], **KEYED))
        for requests, arguments in others:
            with pytest.raises(errors.IdempotencyConflictError) as caught:
                twin.run(api.submit_batch(requests, **{**KEYED, **arguments}))
            assert batch.id == caught.value.batch.id
    assert (1, 1) == (len(server.uploads), server.posts)


def test_failure_of_on_progress(twin: Twin, server: UntidyServer) -> None:
    """An exception of on_progress reaches the caller as it is, and the upload is not repeated."""

    def fail(event: Any) -> None:
        if event.stage == "upload":
            raise ZeroDivisionError

    with client_of(server, twin) as api:
        for key in (None, "nightly"):
            with pytest.raises(ZeroDivisionError):
                twin.run(api.submit_batch([line(1)], endpoint=ENDPOINT, idempotency_key=key, on_progress=fail))
    assert ([], True) == (server.created, server.requests.count(ONLY_UPLOADED) <= 2)


def test_async_on_progress(twin: Twin, server: UntidyServer) -> None:
    """An async on_progress is a TypeError, and nothing is sent."""

    async def progress(_: object) -> None: ...

    with client_of(server, twin) as api:
        for method in (api.submit_batch, api.submit_batches):
            with pytest.raises(TypeError, match="on_progress"):
                twin.run(method([line(1)], **KEYED, on_progress=progress))
    assert [] == server.requests


@pytest.mark.parametrize("fault", ["ok", "400", "interruption", "generator"])
def test_temporary_file(
    twin: Twin, server: UntidyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The temporary file has no name and is closed after a success, a failure and an interruption."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    server.upload_faults = [fault] if fault == "400" else []
    sizes: list[int] = []

    def open_files() -> list[Path]:
        targets = []
        for link in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                targets.append(link.readlink())
        return [target for target in targets if target.is_relative_to(tmp_path)]

    def progress(event: Any) -> None:
        if event.stage == "upload":
            sizes.append(len(open_files()))
            assert [] == [*tmp_path.iterdir()]
            if fault == "interruption":
                raise KeyboardInterrupt

    def requests() -> Iterator[dict[str, Any]]:
        yield from (line(number) for number in range(2000))
        if fault == "generator":
            raise ZeroDivisionError

    with client_of(server, twin) as api, suppress(errors.BadRequestError, KeyboardInterrupt, ZeroDivisionError):
        twin.run(api.submit_batch(requests(), **KEYED, on_progress=progress))
    assert ([], []) == (open_files(), [*tmp_path.iterdir()])
    assert {1} == {*sizes} if fault != "generator" else not sizes
    assert int(fault == "ok") == len(server.created)


@pytest.mark.usefixtures("small_files")
def test_many_requests(twin: Twin, server: UntidyServer) -> None:
    """More lines or bytes than a file may have are several batches with keys of their own, in order."""
    requests = [line(number) for number in range(6)] + [line(6, body={"input": "x" * 450}), line(7)]
    with client_of(server, twin) as api:
        batches = twin.run(api.submit_batches(iter(requests), **KEYED))
        again = twin.run(api.submit_batches(requests, **KEYED))

    assert [f"nightly/{number}" for number in range(1, 5)] == [batch.metadata["idempotency_key"] for batch in batches]
    contents = [uploaded(body)[1] for body in server.uploads]
    assert requests == [each for content in contents for each in lines_of(content)]
    assert all(len(content) <= 600 and len(lines_of(content)) <= 3 for content in contents)
    assert [batch.id for batch in batches] == [batch.id for batch in again]
    assert (4, 4) == (len(server.uploads), server.posts)


@pytest.mark.usefixtures("small_files")
def test_many_requests_resume(twin: Twin, server: UntidyServer) -> None:
    """A second call goes on with the part that failed. Other lines are a conflict with the first part that differs."""
    requests = [line(number) for number in range(9)]
    server.upload_faults = ["ok", "400"]
    with client_of(server, twin) as api:
        with pytest.raises(errors.BadRequestError):
            twin.run(api.submit_batches(requests, **KEYED))
        assert 1 == len(server.created)
        batches = twin.run(api.submit_batches(requests, **KEYED))
        with pytest.raises(errors.IdempotencyConflictError, match="nightly/2"):
            twin.run(api.submit_batches([*requests[:-4], *requests[-2:]], **KEYED))
    assert [row.document["id"] for row in server.created] == [batch.id for batch in batches]
    assert requests == [each for body in server.uploads for each in lines_of(uploaded(body)[1])]


def test_no_requests_for_several_batches(twin: Twin, server: UntidyServer) -> None:
    """No requests are no batches, such as the remaining requests of a batch that succeeded."""
    with client_of(server, twin) as api:
        assert [] == twin.run(api.submit_batches(iter([]), **KEYED))
    assert [] == server.requests


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize("key", ["", "x" * 511, "x" * 510])
def test_key_without_room_for_the_part(twin: Twin, server: UntidyServer, key: str) -> None:
    """A key that is too long for the last part is refused before the first part is created."""
    with client_of(server, twin) as api, pytest.raises(ValueError, match="idempotency_key"):
        twin.run(api.submit_batches([line(number) for number in range(40)], endpoint=ENDPOINT, idempotency_key=key))
    assert [] == server.requests


PROGRAM = """
import asyncio, json, sys
from openai_batch_client import AsyncBatchAPI, BatchAPI

title, url, count, options = json.loads(sys.argv[1])

def requests():
    for number in range(count):
        yield f"request-{number}", {"input": f"Question {number}"}

async def submit():
    async with AsyncBatchAPI(api_key="sk-test", base_url=url) as api:
        return await api.submit_batch(requests(), **options)

if title:
    batch = asyncio.run(submit())
else:
    with BatchAPI(api_key="sk-test", base_url=url) as api:
        batch = api.submit_batch(requests(), **options)
print(batch.id)
"""
MOMENTS: dict[str, Callable[[UntidyServer], object]] = {
    "before the upload": lambda server: server.requests,
    "during the upload": lambda server: ONLY_UPLOADED in server.requests,
    "after the upload": lambda server: server.uploads,
    "during the create request": lambda server: server.posts,
    "as the answer is sent": lambda server: server.answered,
    "in the look after the answer": lambda server: server.posts and server.requests[-1][0] == "GET",
}


def start(server: UntidyServer, prefix: str, folder: Path, count: int = 3000) -> subprocess.Popen[str]:
    """Start a process that submits requests and prints the id of the batch."""
    argument = json.dumps([prefix, server.url, count, {**KEYED, "settling_time": 2}])
    environment = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, argument], stdout=subprocess.PIPE, text=True, env=environment
    )


def printed(process: subprocess.Popen[str]) -> str:
    """Wait for a process and return what it printed."""
    output, _ = process.communicate(timeout=60)
    assert 0 == process.returncode
    return output.strip()


def test_killed_and_started_again(tmp_path: Path) -> None:
    """A program that is killed at any moment and started again has one batch, and leaves no file behind."""

    def run(prefix: str, moment: Callable[[UntidyServer], object]) -> Sequence[Any]:
        with untidy(Clock(), Habits(commit=0.5)) as server:
            with start(server, prefix, tmp_path) as process:
                wait_until(lambda: moment(server))
                process.kill()
            result = printed(start(server, prefix, tmp_path))
        return [result, *(row.document["id"] for row in server.created)]

    prefixes = ("", "Async")
    runs = [(prefix, moment) for moment in MOMENTS.values() for prefix in prefixes]
    # Both clients take the same steps. Only the weekly run tests all moments with both.
    runs = runs if IS_DEEP else [run for number, run in enumerate(runs) if number % 4 in (0, 3)]
    with ThreadPoolExecutor(len(runs)) as pool:
        ends = [*pool.map(lambda each: run(*each), runs)]

    assert [] == [(*where, end) for where, end in zip(runs, ends, strict=True) if len(end) != 2 or end[0] != end[1]]
    assert [] == [*tmp_path.iterdir()]


def test_another_process_finds_the_batch(twin: Twin, tmp_path: Path, server: UntidyServer) -> None:
    """The same lines have the same digest in another process, which uploads nothing."""
    with client_of(server, twin) as api:
        requests = [(f"request-{number}", {"input": f"Question {number}"}) for number in range(3)]
        batch = twin.run(api.submit_batch(requests, **KEYED))
    assert batch.id == printed(start(server, "", tmp_path, count=3))
    assert 1 == len(server.uploads)
