"""The async client works under trio as under asyncio. Unclosed connections fail these tests, as all warnings do."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from typing import Any

import anyio
import httpx
import httpx2
import pytest
import trio
import trio.testing
from starlette.types import Receive, Scope, Send

from openai_batch_client import AsyncBatchAPI, Batch, errors
from openai_batch_client._runtime.clock import Clock
from scripts.batch_server.clock import ServerClock
from scripts.batch_server.running import RunningServer, running, serving
from tests.support.example_calls import AnyFile
from tests.support.twin import SkippingClock
from tests.support.untidy_server import CREATE, Habits, SharedClock, UntidyServer, untidy

KEYED = {**CREATE, "idempotency_key": "nightly"}


class SteppingClock(SkippingClock):
    """The time that the client sleeps passes for the server, too."""

    def __init__(self, server: ServerClock) -> None:
        super().__init__()
        self._server = server

    async def sleep_async(self, seconds: float) -> None:
        await super().sleep_async(seconds)
        self._server.step(seconds)


def _run_in_asyncio(function: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(function())


def client_of(server: UntidyServer, **options: Any) -> AsyncBatchAPI:
    """A client of an untidy server, with the server's clock and its own HTTP client."""
    api = AsyncBatchAPI(api_key="sk-test", base_url=server.url, **options)
    api._clock = server.clock
    return api


async def gather(count: int, call: Callable[[], Awaitable[Any]]) -> list[Any]:
    """The results of concurrent calls, in the order in which they end."""
    results: list[Any] = []

    async def collect() -> None:
        results.append(await call())

    async with trio.open_nursery() as nursery:
        for _ in range(count):
            nursery.start_soon(collect)
    return results


@pytest.mark.parametrize("library", [None, httpx, httpx2], ids=lambda library: getattr(library, "__name__", "own"))
def test_every_method(library: Any) -> None:
    """Every method does under trio what it says, through its own HTTP client and through one of the caller."""
    clock = ServerClock(0)

    async def use(server: RunningServer) -> None:
        async with (
            library.AsyncClient() if library else nullcontext() as http_client,
            AsyncBatchAPI(api_key=server.key, base_url=server.url, http_client=http_client) as api,
        ):
            api._clock = SteppingClock(clock)
            created = [await api.create_batch(**KEYED, settling_time=10), await api.create_batch(**CREATE)]
            ids = [batch.id for batch in created]
            found = await api.find_batch(idempotency_key="nightly")
            assert found is not None
            assert ids[0] == found.id
            assert ids[0] == (await api.retrieve_batch(ids[0])).id
            assert {*ids} == {batch.id for batch in (await api.list_batches(limit=100)).data}
            assert {*ids} == {batch.id async for batch in api.iter_batches()}
            assert "completed" == (await api.wait_for_batch(ids[0], timeout=86400)).status
            assert {*ids} == {batch.id async for batch in api.wait_for_batches(ids, timeout=86400)}
            third = await api.create_batch(**CREATE)
            cancelled = await api.cancel_batch(third.id, wait=True, timeout=86400)
            assert (third.id, "cancelled") == (cancelled.id, cancelled.status)
            with pytest.raises(errors.NotFoundError):
                await api.retrieve_batch("batch_unknown")

    with running(clock=clock) as server:
        server.store.files.by_id = AnyFile()
        trio.run(use, server)


@pytest.mark.parametrize("fault", ["ok", "dropped", "undone 500"])
def test_tasks_share_a_request(fault: str) -> None:
    """Eight tasks with one key get the batch of one create request; after a failure, of one leader."""

    async def create() -> list[Batch]:
        async with client_of(server) as api:
            return await gather(8, partial(api.create_batch, **KEYED))

    with untidy(SharedClock(), faults=[fault]) as server:
        server.on_create = lambda _: time.sleep(0.2)
        batches = trio.run(create)

    assert [server.created[0].document["id"]] * 8 == [batch.id for batch in batches]
    assert (1, 2 if fault == "undone 500" else 1) == (len(server.created), server.posts)


@pytest.mark.parametrize("runs", [[trio.run, _run_in_asyncio], [_run_in_asyncio, trio.run]])
def test_event_loops_share_a_request(runs: list[Any]) -> None:
    """Tasks of trio and of asyncio, in two threads, get the batch of one create request."""

    async def create() -> str:
        with anyio.fail_after(20):
            async with client_of(server) as api:
                return (await api.create_batch(**KEYED)).id

    def start_second(_: int) -> None:
        threads.append(pool.submit(runs[1], create))
        time.sleep(0.3)

    with untidy(Clock()) as server, ThreadPoolExecutor(2) as pool:
        server.on_create = start_second
        threads = [pool.submit(runs[0], create)]
        threads[0].result()
        ids = [thread.result() for thread in threads]

    assert (1, [server.created[0].document["id"]] * 2) == (server.posts, ids)


def test_cancelled_create() -> None:
    """A create that is cancelled while it is pending has a note with its key. A waiting task finds the batch."""
    notes: list[str] = []

    async def lead(api: AsyncBatchAPI) -> None:
        with trio.move_on_after(0.5) as scope:
            try:
                await api.create_batch(**KEYED)
            except trio.Cancelled as error:
                notes.extend(error.__notes__)
                raise
        assert scope.cancelled_caught

    async def create() -> Batch:
        async with client_of(server) as api, trio.open_nursery() as nursery:
            nursery.start_soon(lead, api)
            await trio.testing.wait_all_tasks_blocked()
            return await api.create_batch(**KEYED)

    with untidy(SharedClock(), Habits(commit=2), ["held"]) as server:
        batch = trio.run(create)
        server.release.set()

    assert ([batch.id], 1) == ([row.document["id"] for row in server.created], server.posts)
    assert 1 == len(notes)
    assert "nightly" in notes[0]


def test_cancelled_wait() -> None:
    """A wait that is cancelled ends at once, and the client can be used further."""

    async def wait() -> Batch:
        async with client_of(server) as api:
            with trio.move_on_after(0.2) as scope:
                await api.wait_for_batch(server.ids()[0], timeout=60, min_delay=50)
            assert scope.cancelled_caught
            return await api.retrieve_batch(server.ids()[0])

    with untidy(Clock()) as server:
        assert server.ids()[0] == trio.run(wait).id


def test_total_time() -> None:
    """A response that arrives slowly ends after the total time, although each part arrives in time."""

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for left in reversed(range(12)):
            await send({"type": "http.response.body", "body": b" ", "more_body": left > 0})
            await asyncio.sleep(0.05)

    async def create(url: str) -> None:
        async with AsyncBatchAPI(api_key="sk-test", base_url=url, timeout=0.3) as api:
            await api.create_batch(**CREATE)

    with serving(app) as port, pytest.raises(errors.CreateOutcomeUnknownError) as caught:
        trio.run(create, f"http://127.0.0.1:{port}")

    assert isinstance(caught.value.__cause__, errors.APITimeoutError)


def test_many_calls_at_once() -> None:
    """200 concurrent calls, twice as many as there are connections, return their batches."""

    async def retrieve() -> list[Batch]:
        async with client_of(server) as api:
            return await gather(200, partial(api.retrieve_batch, server.ids()[0]))

    with untidy(Clock()) as server:
        assert [server.ids()[0]] * 200 == [batch.id for batch in trio.run(retrieve)]


@pytest.mark.parametrize("runs", [[trio.run] * 3, [_run_in_asyncio] * 3, [trio.run, _run_in_asyncio, trio.run]])
def test_runs_in_succession(runs: list[Any]) -> None:
    """A client that is closed in one event loop is closed there only, and can be used in the next event loop."""

    async def retrieve() -> str:
        async with api:
            batch = await api.retrieve_batch(server.ids()[0])
        with pytest.raises(errors.ClientStateError, match="the client is closed"):
            await api.retrieve_batch(batch.id)
        return batch.id

    with untidy(Clock()) as server:
        api = client_of(server)
        assert [server.ids()[0]] * 3 == [run(retrieve) for run in runs]
