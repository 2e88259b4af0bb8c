"""The client stays light: lazy imports, little work per request and response, and no overload of httpx's pool."""

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
import httpx
import pytest
from msgspec import json as msgspec_json
from starlette.types import Receive, Scope, Send

import openai_batch_client
from openai_batch_client import AsyncBatchAPI, models
from openai_batch_client._runtime import async_client, reading
from openai_batch_client.api.batch import list_batches
from scripts.batch_server.running import serving
from scripts.benchmark.server import batch
from scripts.openapi.contract import ROOT
from tests.support.damages import DAMAGES
from tests.support.twin import Twin
from tests.support.wire import Wire

HEAVY = {"asyncio", "attr", "dateutil", "httpx", "msgspec"}


def heavy_imports(program: str) -> set[str]:
    """Run a program and return the heavy packages that it imported."""
    text = f"import sys; sys.path.insert(0, {str(ROOT / 'generated')!r}); {program}; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-I", "-c", text], check=True, capture_output=True, text=True)
    return HEAVY & set(ended.stdout.split())


def test_import_loads_nothing_heavy() -> None:
    """Importing the package imports no heavy package; the sync client imports neither asyncio nor dateutil."""
    assert set() == heavy_imports("import openai_batch_client")
    assert set() == {"asyncio", "dateutil"} & heavy_imports("from openai_batch_client import BatchAPI")


def test_first_call_loads_only_its_own_modules() -> None:
    """The first call loads neither the models of other operations nor the modules for paging, waiting and creating."""
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
def test_annotations_resolve(twin: str) -> None:
    """typing.get_type_hints returns classes, not strings, for every method."""
    kind = getattr(openai_batch_client, twin)
    methods = [value for name, value in vars(kind).items() if name[0] != "_"]

    assert methods
    assert all(typing.get_type_hints(method) for method in methods)
    assert models.Batch is typing.get_type_hints(kind.create_batch)["return"]
    assert models.BatchEndpoint == typing.get_type_hints(kind.create_batch)["endpoint"]


@pytest.mark.parametrize("package", [openai_batch_client, models], ids=lambda package: str(package.__name__))
def test_lazy_exports(package: Any) -> None:
    """Every name in `__all__` can be imported and is listed by dir(); an unknown name raises ImportError."""
    program = f"from {package.__name__} import *; print(*sorted(n for n in globals() if n[0] != '_'))"
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT)
    exported = [name for name in package.__all__ if name[0] != "_"]

    assert sorted(exported) == ended.stdout.split()
    assert set(package.__all__) <= set(dir(package))
    assert all(getattr(package, name) is getattr(package, name) for name in exported)
    assert not hasattr(package, "BatchAIP")
    with pytest.raises(ImportError, match="BatchAIP"):
        exec(f"from {package.__name__} import BatchAIP")


@pytest.mark.parametrize("module", ["api", "client", "errors", "models", "types"])
def test_modules_are_attributes(module: str) -> None:
    """The package's modules are attributes of the package without an import of the module."""
    program = f"import openai_batch_client; print(openai_batch_client.{module}.__name__)"
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT)

    assert f"openai_batch_client.{module}" == ended.stdout.strip()
    assert importlib.import_module(f"openai_batch_client.{module}") is getattr(openai_batch_client, module)


def test_from_dict_does_not_modify_its_argument() -> None:
    """from_dict does not modify the caller's document, and a later change of the model does not change it either."""
    errors = {"object": "list", "data": [{"code": "empty_file"}]}
    document = {**batch(), "errors": errors, "extra": 1}
    page = {"object": "list", "data": [document], "has_more": False}
    before = json.dumps(page)
    read = models.ListBatchesResponse.from_dict(page).data[0]
    read.additional_properties["more"] = 2

    assert before == json.dumps(page)
    assert {"extra": 1, "more": 2} == read.additional_properties
    assert {} == models.Batch.from_dict(batch()).additional_properties


def test_lazy_additional_properties() -> None:
    """Models are equal, copied and printed alike, whether or not additional_properties was accessed before."""
    accessed, untouched = (models.Batch.from_dict(batch()) for _ in range(2))
    assert {} == accessed.additional_properties
    copies = [
        copy.copy(untouched),
        copy.deepcopy(untouched),
        pickle.loads(pickle.dumps(untouched)),
        attrs.evolve(untouched),
    ]

    assert [accessed] * 4 == copies
    assert (repr(accessed), accessed.to_dict(), attrs.asdict(accessed)) == (
        repr(untouched),
        untouched.to_dict(),
        attrs.asdict(untouched),
    )
    untouched.additional_properties["more"] = 1
    assert accessed != untouched
    assert {} == copies[1].additional_properties
    assert 1 == untouched.to_dict()["more"]


def test_consume_empties_lists_while_parsing() -> None:
    """consume=True empties the lists of a document while their items are parsed, to save memory."""
    page = {"object": "list", "data": [batch(), batch()], "has_more": False}
    request = list_batches.request()

    assert 2 == len(request.read(page, reading.ReadOptions(consume=True)).data)
    assert [] == page["data"]


def test_absent_and_null_are_equal() -> None:
    """A model is the same whether the server omits a key or sends null."""
    document = {**batch(), "extra": 1}
    bare = {key: value for key, value in document.items() if value is not None}
    assert bare.keys() < document.keys()

    assert models.Batch.from_dict(document) == models.Batch.from_dict(bare)
    assert {"extra": 1} == models.Batch.from_dict(bare).additional_properties


@pytest.mark.parametrize("kind", DAMAGES)
def test_speed_extra_parses_alike(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """msgspec and json accept the same bodies and return the same documents."""
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


def test_speed_extra_is_imported_when_it_pays() -> None:
    """A short program does not import msgspec. Long documents, and many short ones, import it."""
    program = "from openai_batch_client._runtime.reading import MSGSPEC_PAYS_AFTER as n, read_json as read; "

    assert set() == {"msgspec"} & heavy_imports(program + "read(b'[1]' + b' ' * (n // 2))")
    assert {"msgspec"} == {"msgspec"} & heavy_imports(program + "read(b'[1]' + b' ' * n)")
    assert {"msgspec"} == {"msgspec"} & heavy_imports(program + "[read(b'[1]' + b' ' * (n // 9)) for _ in range(9)]")


def test_given_http_client_sends_the_same_requests(twin: Twin, wire: Wire) -> None:
    """An HTTP client of the caller sends the same requests as the built-in HTTP client, with a rotating key too."""
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


def test_concurrent_requests_are_limited_to_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1,000 concurrent requests, httpx handles at most MAX_CONNECTIONS at a time, and all succeed."""
    document = batch()
    body = json.dumps(document).encode()

    async def app(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})

    async def send_thousand(url: str) -> tuple[int, int]:
        async with AsyncBatchAPI(base_url=url, api_key="sk-test") as api:
            active = peak = 0
            original = httpx.AsyncClient.send

            async def counted(*arguments: Any, **options: Any) -> Any:
                nonlocal active, peak
                active += 1
                peak = max(peak, active)
                try:
                    return await original(*arguments, **options)
                finally:
                    active -= 1

            monkeypatch.setattr(httpx.AsyncClient, "send", counted)
            batches = await asyncio.gather(*(api.retrieve_batch(document["id"]) for _ in range(1000)))
            return len(batches), peak

    with serving(app) as port:
        assert (1000, async_client.MAX_CONNECTIONS) == asyncio.run(send_thousand(f"http://127.0.0.1:{port}"))
