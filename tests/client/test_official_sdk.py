"""The official SDK and this client send the same requests and return the same data."""

import inspect
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import openai
import pytest
from attrs import define, field
from starlette.types import ASGIApp, Receive, Scope, Send

from openai_batch_client import APIStatusError
from scripts.batch_server.clock import ServerClock
from scripts.batch_server.exchange import without_nulls
from scripts.batch_server.running import RunningServer, running
from scripts.openapi.contract import Contract, ContractOperation
from tests.support.example_calls import AnyFile, calls
from tests.support.twin import Tally, Twin

CONTRACT = Contract.load()
BATCHES = 1_000
HEADERS = ("authorization", "accept")


@define
class Recorder:
    """An ASGI wrapper that records each request."""

    app: ASGIApp
    requests: list[dict[str, Any]] = field(factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""

        async def recording_receive() -> Any:
            nonlocal body
            message = await receive()
            body += message.get("body", b"")
            return message

        await self.app(scope, recording_receive, send)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        compared = {name: headers.get(name) for name in (*HEADERS, *(("content-type",) if body else ()))}
        query = sorted(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        document = json.loads(body) if body else None
        self.requests.append(
            {
                "method": scope["method"],
                "path": scope["raw_path"],
                "query": query,
                "body": document,
                "headers": compared,
            }
        )


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[RunningServer, Recorder]]:
    """Run a server with reproducible ids; yield the server and the recorder of its requests."""
    numbers = iter(range(10_000_000))
    monkeypatch.setattr("secrets.token_hex", lambda size: f"{next(numbers):0{2 * size}x}")
    recorders: list[Recorder] = []

    def wrap(app: ASGIApp) -> ASGIApp:
        recorders.append(Recorder(app))
        return recorders[0]

    with running(clock=ServerClock(0, start=1_764_012_488), wrap=wrap) as server:
        server.store.files.by_id = AnyFile()
        yield server, recorders[0]


def sequence() -> list[tuple[ContractOperation, dict[str, Any]]]:
    """The calls made through both clients. The first call creates the batch whose id the later calls use."""
    operations = sorted(CONTRACT.operations, key=lambda operation: "x-create-once" not in operation.document)
    batch_id = f"batch_{1:032x}"
    return [(operation, arguments) for operation in operations for arguments in calls(operation, batch_id)]


def called(method: Any, operation: Any, arguments: dict[str, Any]) -> Any:
    """Call a method of the SDK. Arguments that only openapi.yaml knows are passed as extra fields."""
    known = inspect.signature(method).parameters.keys()
    extra = {name: value for name, value in arguments.items() if name not in known}
    place = "extra_body" if operation.request_schema else "extra_query"
    return method(**{name: arguments[name] for name in arguments.keys() & known}, **({place: extra} if extra else {}))


def test_same_requests_and_data(twin: Twin, monkeypatch: pytest.MonkeyPatch, judged: Any) -> None:
    """Both clients send the same requests and return the same data, with and without optional arguments."""
    tally: Tally = judged("openai", "calls that are the same through both clients")
    with recorded(monkeypatch) as (server, theirs), openai.OpenAI(base_url=server.url, api_key=server.key) as sdk:
        expected = []
        for operation, arguments in sequence():
            # The SDK calls createBatch `batches.create`.
            verb = operation.name.partition("_")[0]
            expected.append(called(getattr(sdk.batches, verb), operation, arguments).to_dict(mode="json"))
            server.clock.step(2)
    with recorded(monkeypatch) as (server, ours), twin.connected(server.url, api_key=server.key) as api:
        given = []
        for operation, arguments in sequence():
            given.append(twin.call(api, operation.name, arguments).to_dict())
            server.clock.step(2)
    assert theirs.requests == ours.requests
    assert [without_nulls(document) for document in expected] == given
    tally.cases = len(given)
    assert {operation.id for operation, _ in sequence()} == {operation.id for operation in CONTRACT.operations}


def test_same_pages(twin: Twin, monkeypatch: pytest.MonkeyPatch, judged: Any) -> None:
    """Both clients page through 1,000 batches with the same requests and return the same batches in the same order."""
    tally: Tally = judged("openai", "batches that both clients return while paging")
    request = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}
    with recorded(monkeypatch) as (server, theirs), openai.OpenAI(base_url=server.url, api_key=server.key) as sdk:
        for _ in range(BATCHES):
            server.store.batches.create(request)
        expected = [without_nulls(batch.to_dict(mode="json")) for batch in sdk.batches.list(limit=100)]
    with recorded(monkeypatch) as (server, ours), twin.connected(server.url, api_key=server.key) as api:
        for _ in range(BATCHES):
            server.store.batches.create(request)
        given = [batch.to_dict() for batch in twin.run(api.iter_batches(page_size=100))]
    assert theirs.requests == ours.requests
    assert expected == given
    tally.cases = len(given)
    assert tally.cases == BATCHES


def test_same_errors(twin: Twin, monkeypatch: pytest.MonkeyPatch, judged: Any) -> None:
    """Both clients raise an error with the same class name, code, param, type and status."""
    tally: Tally = judged("openai", "errors that are the same in both clients")
    retrieve = next(operation for operation in CONTRACT.operations if operation.name.startswith("retrieve"))
    (parameter,) = (parameter["name"] for parameter in retrieve.parameters)
    for key, arguments in (("sk-wrong", {parameter: "x"}), ("sk-local", {parameter: "none"})):
        with recorded(monkeypatch) as (server, _):
            with (
                openai.OpenAI(base_url=server.url, api_key=key, max_retries=0) as sdk,
                pytest.raises(openai.APIStatusError) as theirs,
            ):
                sdk.batches.retrieve(*arguments.values())
            with (
                twin.connected(server.url, api_key=key) as api,
                pytest.raises(APIStatusError) as ours,
            ):
                twin.call(api, retrieve.name, arguments)
        assert type(theirs.value).__name__ == type(ours.value).__name__
        for name in ("code", "param", "type"):
            assert getattr(theirs.value, name) == getattr(ours.value, name)
        assert theirs.value.request_id
        assert ours.value.request_id
        assert theirs.value.status_code == ours.value.status
        tally.cases += 1


def test_files() -> None:
    """The official SDK can upload files to the embedded server and download files from it."""
    rows = [
        {"custom_id": f"r-{n}", "method": "POST", "url": "/v1/embeddings", "body": {"model": "m", "input": str(n)}}
        for n in range(5)
    ]
    content = "\n".join(map(json.dumps, rows)).encode()
    with running(clock=ServerClock(0)) as server, openai.OpenAI(base_url=server.url, api_key=server.key) as sdk:
        file_id = sdk.files.create(file=("in.jsonl", content), purpose="batch").id
        batch = sdk.batches.create(input_file_id=file_id, endpoint="/v1/embeddings", completion_window="24h")
        server.clock.step(3600)
        done = sdk.batches.retrieve(batch.id)
        assert done.output_file_id is not None
        answers = [json.loads(row) for row in sdk.files.content(done.output_file_id).text.splitlines()]

    assert [f"r-{n}" for n in range(5)] == [answer["custom_id"] for answer in answers]
