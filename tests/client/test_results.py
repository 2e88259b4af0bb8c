"""The results of a batch are all lines of its files, once and in order, or an exception says that some are missing."""

import asyncio
import gc
import json
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import trio
import yaml

from openai_batch_client import AsyncBatchAPI, Batch, BatchAPI, errors, failure, outcome
from openai_batch_client.models import BatchRequestInput
from tests.support.batches import BATCH
from tests.support.hostile_server import HostileServer, hostile
from tests.support.stored_files import TEXT, StoredFiles, output_file, result_line
from tests.support.twin import SkippingClock, Twin

FOLDER = Path(__file__).parent
CUTS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "cut_downloads.yaml").read_text("utf-8"))
LINES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "result_lines.yaml").read_text("utf-8"))
COUNTS = {"total": 40, "completed": 40, "failed": 0}
IDS = [f"request-{number}" for number in range(40)]
EXPIRED = {"status": "expired", "output_file_id": "file-o", "error_file_id": "file-e"}


def batch_of(**fields: Any) -> Batch:
    """A completed batch with an output file. `fields` replace its fields."""
    document = {**BATCH, "status": "completed", "output_file_id": "file-o", "request_counts": COUNTS, **fields}
    return Batch.from_dict(document)


def request_line(custom_id: str) -> dict[str, Any]:
    """A line of an input file."""
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/responses", "body": {"input": TEXT}}


@contextmanager
def serving(contents: dict[str, bytes], **plans: Any) -> Iterator[tuple[HostileServer, StoredFiles]]:
    """Run a server of stored files."""
    files = StoredFiles(contents, **plans)
    with hostile(answering=files) as server:
        files.places = {
            "<here>": server.origin,
            "<host>": server.origin.partition("//")[2],
            "<size>": str(len(contents.get("file-o", b""))),
        }
        yield server, files


@contextmanager
def client(twin: Twin, server: HostileServer, **options: Any) -> Iterator[Any]:
    """A client with retries, whose pauses take no time."""
    with twin.connected(server.url, **{"retry_budget": 60, **options}) as api:
        api._clock = SkippingClock()
        yield api


def read(twin: Twin, contents: dict[str, bytes], batch: Batch, **arguments: Any) -> list[Any]:
    """The results of a batch whose files have these contents."""
    with serving(contents) as (server, _), client(twin, server) as api:
        results: list[Any] = twin.run(api.iter_results(batch, **arguments))
        return results


@pytest.mark.parametrize("case", CUTS, ids=lambda case: case["name"])
def test_cut_download(twin: Twin, case: dict[str, Any]) -> None:
    """A download that is cut ends with all lines, once and in order, or with the exception of the data."""
    content = output_file(40)
    plans = [json.loads(json.dumps(plan).replace("<size>", str(len(content)))) for plan in case["plans"]]
    fields = {"request_counts": case["counts"]} if "counts" in case else {}
    results: list[Any] = []
    ended, message = "whole", ""
    with serving({"file-o": content}, plans=plans) as (server, _), client(twin, server) as api:
        try:
            twin.run(api.iter_results(batch_of(**fields)), results)
        except errors.BatchAPIError as error:
            ended, message = type(error).__name__, str(error)

    assert case["ends"] == ended
    assert case.get("says", "") in message
    answered = [result.custom_id for result in results if result.ok]
    assert IDS[: len(answered)] == answered
    assert all(result.body == {"text": TEXT} for result in results if result.ok)
    # Only a cut that cannot be noticed at once leaves a part of a line.
    assert len(results) - len(answered) <= ("end of the file" in case.get("says", ""))
    assert ended != "whole" or (40, 40) == (len(results), results[-1].line)
    if "requests" in case:
        assert case["requests"] == len(server.received)
    assert all(["identity"] == request.values("accept-encoding") for request in server.received)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\r\n \n"])
def test_chunk_boundaries(twin: Twin, size: int, end: bytes) -> None:
    """Boundaries of chunks inside characters and line ends change nothing. Blank lines are no results."""
    content = output_file(3).replace(b"\n", end).removesuffix(end)
    plan = {"framing": "chunked", "chunk": size}
    with serving({"file-o": content}, plans=[plan]) as (server, _), client(twin, server) as api:
        results = twin.run(api.iter_results(batch_of()))

    lines_between = end.count(b"\n")
    assert [(id_, {"text": TEXT}) for id_ in IDS[:3]] == [(result.custom_id, result.body) for result in results]
    assert [1, 1 + lines_between, 1 + 2 * lines_between] == [result.line for result in results]


@pytest.mark.parametrize("case", LINES, ids=lambda case: case["name"])
def test_line(twin: Twin, case: dict[str, Any]) -> None:
    """A line is read as the data says, and the next line is read, too."""
    text = case.get("text", json.dumps(case.get("line"))).replace("<deep>", "[" * 100_000)
    line = text.replace("<digits>", '{"custom_id": 1%s}' % ("0" * 5000)).encode("latin-1")
    results = read(twin, {"file-o": line + b"\n" + result_line("next")}, batch_of())

    result, expected = results[0], {"body": None, "status_code": None, "request_id": None, "retryable": None}
    expected |= case["result"]
    assert expected == {name: getattr(result, name) for name in expected}
    assert case.get("error") == (result.error and [result.error.code, result.error.message])
    assert ("error" not in case, 1) == (result.ok, result.line)
    assert ["next"] == [result.custom_id for result in results[1:]]


def test_output_file_and_then_error_file(twin: Twin) -> None:
    """The lines of the output file come before those of the error file."""
    contents = {"file-o": output_file(2), "file-e": result_line("bad", response={"status_code": 400, "body": None})}
    results = read(twin, contents, batch_of(error_file_id="file-e"))

    assert [("request-0", True, 1), ("request-1", True, 2), ("bad", False, 1)] == [
        (result.custom_id, result.ok, result.line) for result in results
    ]


@pytest.mark.parametrize("fields", [{"output_file_id": ""}, {"output_file_id": None, "error_file_id": ""}])
def test_batch_without_files(twin: Twin, fields: dict[str, Any]) -> None:
    """An empty id or null means that there is no file. Nothing is sent."""
    with serving({}) as (server, _), client(twin, server) as api:
        assert [] == twin.run(api.iter_results(batch_of(**fields)))
    assert [] == server.received


def test_output_file_that_may_be_cut_before_a_whole_error_file(twin: Twin) -> None:
    """If the service does not state the length of the first file, the results are counted after the second file."""
    plans = [{"framing": "close", "cut": len(output_file(30))}, {}]
    contents = {"file-o": output_file(39), "file-e": result_line("request-39")}
    results: list[Any] = []
    with (
        serving(contents, plans=plans) as (server, _),
        client(twin, server) as api,
        pytest.raises(errors.BatchAPIError, match="31 of 40 results"),
    ):
        twin.run(api.iter_results(batch_of(error_file_id="file-e")), results)
    assert 31 == len(results)


@pytest.mark.parametrize("status", ["validating", "in_progress", "finalizing", "cancelling", "paused"])
def test_batch_that_is_not_final(twin: Twin, status: str) -> None:
    """A batch without a final status is a ValueError at the call, and nothing is sent."""
    with serving({}) as (server, _), client(twin, server) as api:
        for method in (api.iter_results, api.remaining_requests):
            with pytest.raises(ValueError, match="Nothing was sent"):
                method(batch_of(status=status))
    assert [] == server.received


@pytest.mark.parametrize(
    ("status", "code"), [("expired", "batch_expired"), ("cancelled", "batch_cancelled"), ("completed", "no_result")]
)
def test_missing_results(twin: Twin, tmp_path: Path, status: str, code: str) -> None:
    """A request in neither file is a result that says why, whether requests are passed or read from the service."""
    lines = [request_line(custom_id) for custom_id in IDS[:4]]
    input_file = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    path = tmp_path / "requests.jsonl"
    path.write_bytes(b"\n" + input_file.removesuffix(b"\n"))
    contents = {"file-1": input_file, "file-o": result_line(IDS[2]), "file-e": result_line(IDS[0])}
    batch = batch_of(status=status, error_file_id="file-e")
    models = [BatchRequestInput.from_dict(line) for line in lines]
    pairs = ((line["custom_id"], line["body"]) for line in lines)
    given: list[Any] = [lines, iter(lines), models, pairs, path, str(path), AnyPath(path)]
    calls: list[dict[str, Any]] = [{"with_missing": True}, *({"requests": requests} for requests in given)]
    for arguments in calls:
        results = read(twin, contents, batch, **arguments)
        assert [IDS[2], IDS[0], IDS[1], IDS[3]] == [result.custom_id for result in results]
        assert [None, None, code, code] == [result.error and result.error.code for result in results]
        assert [(None, True)] * 2 == [(result.line, result.retryable) for result in results[2:]]


class AnyPath:
    """A path that is neither a text nor a pathlib.Path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)


def test_remaining_requests(twin: Twin, tmp_path: Path) -> None:
    """The remaining requests are the same objects that were passed, or the lines of the input file."""
    lines = [request_line(custom_id) for custom_id in IDS[:5]]
    input_file = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    (tmp_path / "requests.jsonl").write_bytes(input_file)
    contents = {
        "file-1": input_file,
        "file-o": result_line(IDS[0]) + result_line(IDS[1], response={"status_code": 429, "body": None}),
        "file-e": result_line(IDS[2], response={"status_code": 400, "body": None})
        + result_line(IDS[3], response=None, error={"code": "batch_expired", "message": "late"}),
    }
    models = [BatchRequestInput.from_dict(line) for line in lines]
    with serving(contents) as (server, _), client(twin, server) as api:
        for given in (lines, models):
            left = twin.run(api.remaining_requests(batch_of(**EXPIRED), requests=iter(given)))
            assert [id(given[number]) for number in (1, 3, 4)] == [id(request) for request in left]
        for arguments in ({}, {"requests": tmp_path / "requests.jsonl"}):
            left = twin.run(api.remaining_requests(batch_of(**EXPIRED), **arguments))
            assert [lines[number] for number in (1, 3, 4)] == left


@pytest.mark.parametrize(("code", "count"), [("token_limit_exceeded", 2), ("odd_code", 2), ("invalid_json_line", 0)])
def test_remaining_requests_of_a_rejected_file(twin: Twin, code: str, count: int) -> None:
    """All requests of a rejected file remain, unless the same file would be rejected again."""
    fields = {"status": "failed", "output_file_id": None, "errors": {"data": [{"code": code, "message": "No"}]}}
    lines = [request_line(custom_id) for custom_id in IDS[:2]]
    with serving({}) as (server, _), client(twin, server) as api:
        assert lines[:count] == twin.run(api.remaining_requests(batch_of(**fields), requests=lines))
    assert [] == server.received


def test_requests_that_cannot_be_read(twin: Twin, tmp_path: Path) -> None:
    """A path without a file is an OSError at the call. A batch without an input file is a ValueError."""
    batch = batch_of(input_file_id=None)
    with serving({"file-o": b""}) as (server, _), client(twin, server) as api:
        for method in (api.iter_results, api.remaining_requests):
            with pytest.raises(OSError, match="No such file"):
                method(batch, requests=tmp_path / "missing")
        for iteration in (api.iter_results(batch, with_missing=True), api.remaining_requests(batch)):
            with pytest.raises(ValueError, match=r"Pass the requests\. Nothing was sent"):
                twin.run(iteration)
        assert [] == server.received
        (tmp_path / "requests.jsonl").write_text("{}\n{")
        with pytest.raises(ValueError, match="line 2 of the requests is not JSON"):
            twin.run(api.iter_results(batch, requests=tmp_path / "requests.jsonl"))


def test_pauses_of_the_caller_are_not_counted(twin: Twin) -> None:
    """A download is resumed, even if the caller needs more time for a result than the retry budget."""
    plans = [{"cut": 3000, "piece": 1000}, {"cut": 0}, {}]
    with serving({"file-o": output_file(40)}, plans=plans) as (server, _), client(twin, server) as api:
        results = []
        iteration = api.iter_results(batch_of())

        async def collect() -> None:
            async for result in iteration:
                results.append(result.custom_id)
                api._clock.skipped += 600

        if twin.prefix:
            twin.run(collect())
        else:
            for result in iteration:
                results.append(result.custom_id)
                api._clock.skipped += 600
    assert IDS == results


def test_error_file_that_is_cut_at_once(twin: Twin) -> None:
    """The retry budget of the error file begins with the error file, not with the output file."""
    plans = [{}, {"cut": 0}, {}]
    contents = {"file-o": output_file(39), "file-e": result_line("request-39")}
    with serving(contents, plans=plans) as (server, _), client(twin, server) as api:
        clock = api._clock

        def progress(_: object) -> None:
            clock.skipped += 600

        results = twin.run(api.iter_results(batch_of(error_file_id="file-e"), on_progress=progress))
    assert IDS == [result.custom_id for result in results]


def test_no_resumption_without_a_retry_budget(twin: Twin) -> None:
    """Without a retry budget, a cut download raises, after the lines that arrived."""
    results: list[Any] = []
    with (
        serving({"file-o": output_file(40)}, plans=[{"cut": 1000}, {}]) as (server, _),
        client(twin, server, retry_budget=0) as api,
        pytest.raises(errors.APIConnectionError),
    ):
        twin.run(api.iter_results(batch_of()), results)
    assert IDS[: len(results)] == [result.custom_id for result in results]
    assert 1 == len(server.received)


@pytest.mark.parametrize("given", [False, True])
def test_redirect_to_another_origin(twin: Twin, given: bool) -> None:
    """A file at another origin is read without the key, secret headers, auth, cookies and extra headers."""
    content = output_file(40)
    with (
        serving({"file-o": content}, plans=[{"cut": 1000}, {}]) as (other, _),
        hostile() as server,
    ):
        target = f"{other.url}/files/file-o/content?signature=a%2Bb"
        files = StoredFiles({"file-o": content}, [{"recipe": {"status": 302, "headers": [f"Location: {target}"]}}])
        server.answering = files
        options: dict[str, Any] = {"headers": {"X-Secret": "s"}, "organization": "org", "query": {"q": "secret"}}
        http_client = twin.http_client(cookies={"a": "secret"}, auth=("me", "secret")) if given else None
        if given:
            options |= {"http_client": http_client, "auth": twin.http.BasicAuth("me", "secret")}
        with client(twin, server, **options) as api:
            results = twin.run(api.iter_results(batch_of(), extra_headers={"X-Call": "secret"}))
        if http_client is not None:
            twin.run(http_client.aclose() if twin.prefix else http_client.close())

    assert IDS == [result.custom_id for result in results]
    assert 2 == len(other.received) == len(server.received)
    for request in other.received:
        assert request.target.endswith("?signature=a%2Bb")
        names = {name for name, _ in request.headers}
        assert names <= {"host", "accept", "accept-encoding", "connection", "user-agent", "range"}
    assert all(["secret"] == request.values("x-call") for request in server.received)
    assert [["bytes=1000-"]] == [request.values("range") for request in other.received[1:]]


def test_redirect_back_from_another_origin(twin: Twin) -> None:
    """A request that was redirected to another origin stays without credentials, even back at the first origin."""
    redirect = "recipe"
    with hostile() as other, hostile() as server:
        back = {redirect: {"status": 302, "headers": [f"Location: {server.url}/files/back/content"]}}
        other.answering = StoredFiles({"file-o": b""}, [back])
        away = {redirect: {"status": 307, "headers": [f"Location: {other.url}/files/file-o/content"]}}
        server.answering = StoredFiles({"file-o": b"", "back": output_file(40)}, [away, {}])
        with client(twin, server) as api:
            results = twin.run(api.iter_results(batch_of()))
    assert IDS == [result.custom_id for result in results]
    assert [["Bearer sk-test"], []] == [request.values("authorization") for request in server.received]


def test_id_instead_of_a_batch(twin: Twin) -> None:
    """Methods and functions that read a batch say so if they get its id."""
    api = twin.api(lambda _: httpx.Response(500))
    functions: list[Any] = [api.iter_results, api.remaining_requests, outcome, failure]
    for function in functions:
        with pytest.raises(TypeError, match=r"batch must be a Batch, got str\. Retrieve"):
            function("batch_1")
    assert [] == twin.sent


def test_progress(twin: Twin) -> None:
    """on_progress receives the bytes, which end with the size of the file. An async function is a TypeError."""
    content = output_file(40)
    seen: list[Any] = []

    async def progress(_: object) -> None: ...

    with serving({"file-o": content}, plans=[{"cut": 1000}, {}]) as (server, _), client(twin, server) as api:
        twin.run(api.iter_results(batch_of(), on_progress=seen.append))
        with pytest.raises(TypeError, match="on_progress"):
            api.iter_results(batch_of(), on_progress=progress)
    assert ("download", len(content), len(content)) == seen[-1]
    assert sorted(seen) == seen


@pytest.mark.parametrize("ending", ["break", "raise", "close"])
@pytest.mark.parametrize("twin", ["sync", "async", "async-httpx2"], indirect=True)
def test_iteration_that_ends_early(twin: Twin, ending: str) -> None:
    """An iteration that the caller leaves closes its connection, and nothing is left for the garbage collector."""
    content = output_file(2000)
    plan = {"framing": "chunked", "pause": 0.001, "piece": 5000}

    async def leave(api: Any) -> None:
        iteration = api.iter_results(batch_of())
        async with aclosing(iteration):
            async for result in iteration:
                assert "request-0" == result.custom_id
                if ending == "raise":
                    raise ZeroDivisionError
                break

    def leave_sync(api: Any) -> None:
        iteration = api.iter_results(batch_of())
        for result in iteration:
            assert "request-0" == result.custom_id
            if ending == "raise":
                raise ZeroDivisionError
            break
        iteration.close()

    with serving({"file-o": content}, plans=[plan]) as (server, _):
        http_client = twin.http_client()
        with client(twin, server, http_client=http_client) as api:
            for _ in range(3):
                try:
                    twin.run(leave(api)) if twin.prefix else leave_sync(api)
                except ZeroDivisionError:
                    assert "raise" == ending
            pool = http_client._transport._pool
            assert [] == [connection for connection in pool.connections if not connection.is_idle()]
        gc.collect()
        twin.run(http_client.aclose() if twin.prefix else http_client.close())


def test_iteration_that_is_left_open(twin: Twin) -> None:
    """An iteration without `aclosing` that is left by break is closed when its event loop or frame goes on."""
    with serving({"file-o": output_file(2000)}, plans=[{"pause": 0.001, "piece": 5000}]) as (server, _):

        async def leave() -> None:
            async with AsyncBatchAPI(api_key="sk-test", base_url=server.url) as api:
                async for _ in api.iter_results(batch_of()):
                    break

        if twin.prefix:
            asyncio.run(leave())
        else:
            with BatchAPI(api_key="sk-test", base_url=server.url) as api:
                for _ in api.iter_results(batch_of()):
                    break
        gc.collect()
    assert 1 == len(server.received)


@pytest.mark.parametrize("library", [None, httpx, httpx2], ids=lambda library: getattr(library, "__name__", "own"))
def test_iteration_that_ends_early_under_trio(library: Any) -> None:
    """An iteration and a stream that the caller leaves give no warning under trio."""

    async def leave(url: str) -> None:
        http_client = library.AsyncClient() if library else None
        async with AsyncBatchAPI(api_key="sk-test", base_url=url, http_client=http_client) as api:
            results: Any = api.iter_results(batch_of())
            async with aclosing(results):
                async for _ in results:
                    break
            async with api.stream("GET", "/files/file-o/content") as response:
                async for _chunk in response.chunks:
                    break
        if http_client is not None:
            await http_client.aclose()

    plan = {"framing": "chunked", "pause": 0.001, "piece": 5000}
    with serving({"file-o": output_file(2000)}, plans=[plan]) as (server, _):
        trio.run(leave, server.url)
    gc.collect()
    assert 2 == len(server.received)
