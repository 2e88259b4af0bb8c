"""What the client leaves undone: importing what is not used, merging what is always the same, crowding httpx's pool."""

import asyncio
import copy
import importlib
import json
import pickle
import random
import subprocess
import sys
import typing
from typing import Any

import attrs
import pytest
from msgspec import json as msgspec_json
from starlette.types import Receive, Scope, Send

import openai_batch_client
from openai_batch_client import AsyncBatchAPI, models
from openai_batch_client._runtime import client, reading
from openai_batch_client.api.batch import list_batches
from scripts.batch_server.running import serving
from scripts.benchmark.server import batch
from scripts.openapi.contract import ROOT
from tests.support.damages import DAMAGES
from tests.support.twin import Twin
from tests.support.wire import Wire

HEAVY = {"asyncio", "attr", "dateutil", "httpx", "msgspec"}


def loaded(program: str) -> set[str]:
    """Which of the heavy packages a program has loaded at its end."""
    text = f"import sys; sys.path.insert(0, {str(ROOT / 'generated')!r}); {program}; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-I", "-c", text], check=True, capture_output=True, text=True)
    return HEAVY & set(ended.stdout.split())


def test_import_loads_nothing_heavy() -> None:
    """Importing the package loads nothing else; the sync client needs neither asyncio nor dateutil."""
    assert set() == loaded("import openai_batch_client")
    assert set() == {"asyncio", "dateutil"} & loaded("from openai_batch_client import BatchAPI")


def test_a_call_loads_what_it_needs() -> None:
    """Neither other operations' models nor what takes several requests are loaded for the first call."""
    program = (
        "import sys; from openai_batch_client.api.batch import BatchAPI, retrieve_batch;"
        "retrieve_batch.request('batch_1'); print(*sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT)
    own = {name.removeprefix("openai_batch_client.") for name in ended.stdout.split() if "openai_batch_client" in name}

    assert {"models.batch", "models.batch_usage", "api.batch.create_batch"} <= own
    assert set() == own & {
        *(
            "_runtime.batch",
            "_runtime.creating",
            "_runtime.dates",
            "_runtime.paging",
            "_runtime.polling",
            "_runtime.waiting",
        ),
        *("models.create_batch_request", "models.list_batches_response", "models.batch_endpoint"),
    }


@pytest.mark.parametrize("twin", ["BatchAPI", "AsyncBatchAPI"])
def test_annotations_are_found(twin: str) -> None:
    """Whoever asks at run time for the types of a method gets classes, not text."""
    kind = getattr(openai_batch_client, twin)
    methods = [value for name, value in vars(kind).items() if name[0] != "_"]

    assert methods
    assert all(typing.get_type_hints(method) for method in methods)
    assert models.Batch is typing.get_type_hints(kind.create_batch)["return"]
    assert models.BatchEndpoint == typing.get_type_hints(kind.create_batch)["endpoint"]


@pytest.mark.parametrize("package", [openai_batch_client, models], ids=lambda package: str(package.__name__))
def test_lazy_names_are_all_there(package: Any) -> None:
    """Every name that is offered is found, listed and the same in its own module; others are missing as usual."""
    program = f"from {package.__name__} import *; print(*sorted(n for n in globals() if n[0] != '_'))"
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT)
    offered = [name for name in package.__all__ if name[0] != "_"]

    assert sorted(offered) == ended.stdout.split()
    assert set(package.__all__) <= set(dir(package))
    assert all(getattr(package, name) is getattr(package, name) for name in offered)
    assert not hasattr(package, "BatchAIP")
    with pytest.raises(ImportError, match="BatchAIP"):
        exec(f"from {package.__name__} import BatchAIP")


@pytest.mark.parametrize("module", ["api", "client", "errors", "models", "types"])
def test_modules_are_attributes(module: str) -> None:
    """The package's own modules are found without being imported first."""
    program = f"import openai_batch_client; print(openai_batch_client.{module}.__name__)"
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT)

    assert f"openai_batch_client.{module}" == ended.stdout.strip()
    assert importlib.import_module(f"openai_batch_client.{module}") is getattr(openai_batch_client, module)


def test_reading_changes_nothing() -> None:
    """What a caller gives to be read stays as it was, and what is read shares no maps that would change with it."""
    errors = {"object": "list", "data": [{"code": "empty_file"}]}
    document = {**batch(), "errors": errors, "extra": 1}
    page = {"object": "list", "data": [document], "has_more": False}
    before = json.dumps(page)
    read = models.ListBatchesResponse.from_dict(page).data[0]
    read.additional_properties["more"] = 2

    assert before == json.dumps(page)
    assert {"extra": 1, "more": 2} == read.additional_properties
    assert {} == models.Batch.from_dict(batch()).additional_properties


def test_additional_properties_are_there_when_asked_for() -> None:
    """Whether somebody has looked at them or not makes no difference to what a model is."""
    seen, unseen = (models.Batch.from_dict(batch()) for _ in range(2))
    assert {} == seen.additional_properties
    copies = [copy.copy(unseen), copy.deepcopy(unseen), pickle.loads(pickle.dumps(unseen)), attrs.evolve(unseen)]

    assert [seen] * 4 == copies
    assert (repr(seen), seen.to_dict(), attrs.asdict(seen)) == (repr(unseen), unseen.to_dict(), attrs.asdict(unseen))
    unseen.additional_properties["more"] = 1
    assert seen != unseen
    assert {} == copies[1].additional_properties
    assert 1 == unseen.to_dict()["more"]


def test_a_page_is_let_go_while_it_is_read() -> None:
    """Of a document that nobody else holds, no list is kept beside the models that came of it."""
    page = {"object": "list", "data": [batch(), batch()], "has_more": False}
    request = list_batches.request()

    assert 2 == len(request.read(page, reading.ReadOptions(consume=True)).data)
    assert [] == page["data"]


def test_absent_and_null_are_read_alike() -> None:
    """Whether a server leaves keys out or sends them as null makes no difference to what is read."""
    document = {**batch(), "extra": 1}
    bare = {key: value for key, value in document.items() if value is not None}
    assert bare.keys() < document.keys()

    assert models.Batch.from_dict(document) == models.Batch.from_dict(bare)
    assert {"extra": 1} == models.Batch.from_dict(bare).additional_properties


@pytest.mark.parametrize("kind", DAMAGES)
def test_speed_extra_reads_the_same(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With msgspec and without it the same bodies are JSON, and the same documents come of them."""
    for seed in range(50):
        content = DAMAGES[kind](json.loads(json.dumps(batch())), random.Random(seed)).content
        results = []
        for loads in (json.loads, msgspec_json.decode):
            monkeypatch.setattr(reading, "loads", loads)
            try:
                results.append(repr(reading.read_json(content)))
            except (ValueError, RecursionError) as error:
                results.append(type(error).__mro__[-4].__name__)

        assert results[0] == results[1]


def test_own_connections_say_the_same(twin: Twin, wire: Wire) -> None:
    """A client of our own and one that is given send the same headers, those of a changing key included."""
    keys = iter(f"sk-{number}" for number in range(9))
    options: dict[str, Any] = {"api_key": lambda: next(keys), "organization": "org-1", "headers": {"X-Team": "night"}}
    given: Any = twin.http_client()
    for http_client in (None, given):
        with twin.connected(wire.url, http_client=http_client, **options) as api:
            twin.ended(api, "list_batches", {})
            twin.ended(api, "list_batches", {"after": "b&a=1 ä%2F/?#+", "limit": 0})
    twin.run(given.aclose() if twin.prefix else given.close())
    sent = [dict(message.headers) for message in wire.received[-4:]]
    targets = [message.target for message in wire.received[-4:]]

    assert [f"Bearer sk-{number}" for number in range(4)] == [headers.pop("authorization") for headers in sent]
    assert [sent[0]] * 4 == sent
    assert targets[:2] == targets[2:]
    assert ("org-1", "night") == (sent[0]["openai-organization"], sent[0]["x-team"])


def test_no_more_are_let_in_than_there_are_connections() -> None:
    """Of a thousand requests at a time, the pool of httpx sees as many as it has connections; all are answered."""
    body = json.dumps(batch()).encode()

    async def app(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})

    async def thousand(url: str) -> tuple[int, int]:
        async with AsyncBatchAPI(base_url=url, api_key="sk-test") as api:
            inside = most = 0
            usual = api._http.send

            async def counted(*arguments: Any, **options: Any) -> Any:
                nonlocal inside, most
                inside += 1
                most = max(most, inside)
                try:
                    return await usual(*arguments, **options)
                finally:
                    inside -= 1

            api._http.send = counted  # type: ignore[method-assign]
            got = await asyncio.gather(*(api.retrieve_batch("batch_1") for _ in range(1000)))
            return len(got), most

    with serving(app) as port:
        assert (1000, client.MAX_CONNECTIONS) == asyncio.run(thousand(f"http://127.0.0.1:{port}"))
