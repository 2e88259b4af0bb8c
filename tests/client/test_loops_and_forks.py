"""Clients work in any event loop, in any process and after a fork, or say why not before anything is sent."""

import asyncio
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import trio

from openai_batch_client import AsyncBatchAPI, BatchAPI, errors
from scripts.openapi.contract import ROOT
from tests.support.batches import BATCH, CREATE
from tests.support.hostile_server import Answer, HostileServer, Received, dripping, hostile, json_answer, tidy
from tests.support.twin import Twin

CALLS: dict[str, Callable[[Any], Any]] = {
    "create_batch": lambda api: api.create_batch(**CREATE),
    "create_batch with a key": lambda api: api.create_batch(**CREATE, idempotency_key="job-1"),
    "retrieve_batch": lambda api: api.retrieve_batch("batch_1"),
    "cancel_batch": lambda api: api.cancel_batch("batch_1"),
    "cancel_batch and wait": lambda api: api.cancel_batch("batch_1", wait=True, timeout=9),
    "list_batches": lambda api: api.list_batches(),
    "iter_batches": lambda api: api.iter_batches(),
    "wait_for_batch": lambda api: api.wait_for_batch("batch_1", timeout=9),
    "wait_for_batches": lambda api: api.wait_for_batches(["batch_1", "batch_2", "batch_3"], timeout=9),
    "find_batch": lambda api: api.find_batch(idempotency_key="job-1"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    """The server of all tests."""
    with hostile() as server:
        yield server


@pytest.fixture(autouse=True)
def _own_requests_and_garbage(server: HostileServer) -> Iterator[None]:
    """Begin each test without requests, and collect its connections before the next test."""
    server.received.clear()
    server.answering = tidy
    yield
    gc.collect()


# A client cannot close the connections of an event loop that has ended. Python closes them, and warns.
UNCLOSED = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


def connect(server: HostileServer, **options: Any) -> AsyncBatchAPI:
    """An async client of the server."""
    return AsyncBatchAPI(api_key="sk-test", base_url=server.url, retry_budget=0, **options)


# Closed clients


@pytest.mark.parametrize("given", [False, True], ids=["own HTTP client", "given HTTP client"])
@pytest.mark.parametrize("used", [False, True], ids=["unused", "used"])
def test_closed_client(twin: Twin, server: HostileServer, given: bool, used: bool) -> None:
    """Each method of a closed client raises ClientStateError, which says how to go on, and sends nothing."""
    http_client = twin.http_client() if given else None
    with twin.connected(server.url, http_client=http_client, retry_budget=60) as api:
        api._clock = twin.clock
        if used:
            twin.run(api.retrieve_batch("batch_1"))
        if isinstance(http_client, httpx.AsyncClient):
            twin.run(http_client.aclose())
        elif http_client is not None:
            http_client.close()
        else:
            twin.run(api.close())
        server.received.clear()
        for call in CALLS.values():
            with pytest.raises(errors.ClientStateError, match=r"closed.*[Mm]ake another client.*Nothing was sent"):
                twin.run(call(api))
    assert [] == server.received
    assert [] == twin.clock.slept


def test_close_twice(twin: Twin, server: HostileServer) -> None:
    """A client can be closed twice, also without a request before."""
    for requests in (0, 1):
        with twin.connected(server.url) as api:
            for _ in range(requests):
                twin.run(api.retrieve_batch("batch_1"))
            twin.run(api.close())
            twin.run(api.close())


# Event loops


@UNCLOSED
def test_successive_event_loops(server: HostileServer) -> None:
    """An AsyncBatchAPI works in one event loop after the other."""
    api = connect(server)

    async def use(number: int) -> list[str]:
        ids = [f"batch_{number}_{each}" for each in range(5)]
        batches = await asyncio.gather(*[api.retrieve_batch(item_id) for item_id in ids])
        assert ids == [batch.id for batch in batches]
        return ids

    for number in range(4):
        assert asyncio.run(use(number))

    async def end() -> None:
        await use(9)
        await api.close()

    asyncio.run(end())


def open_files() -> int:
    """The number of open files and sockets of this process, after the collection of garbage."""
    gc.collect()
    return len([*Path("/proc/self/fd").iterdir()])


@UNCLOSED
def test_use_after_a_loop_that_was_not_closed_properly(server: HostileServer) -> None:
    """Connections of an event loop that ended during a request do not disturb the next event loop."""
    api = connect(server)
    slow = dripping(b" " * 1_000, 0.1, whole=b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    server.answering = lambda request: slow if request.last_segment == "slow" else tidy(request)

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await api.retrieve_batch("slow")

    async def use() -> None:
        assert "batch_1" == (await api.retrieve_batch("batch_1")).id

    asyncio.run(give_up())
    asyncio.run(use())

    async def end() -> None:
        await api.close()

    asyncio.run(end())


@UNCLOSED
def test_parallel_event_loops(server: HostileServer) -> None:
    """Event loops in several threads can share an AsyncBatchAPI: each call returns its own response."""
    api = connect(server)
    ready = threading.Barrier(4)

    async def use(number: int) -> int:
        ready.wait(30)
        for turn in range(5):
            ids = [f"batch_{number}_{turn}_{each}" for each in range(8)]
            batches = await asyncio.gather(*[api.retrieve_batch(item_id) for item_id in ids])
            assert ids == [batch.id for batch in batches]
        return number

    with ThreadPoolExecutor(4) as pool:
        assert [0, 1, 2, 3] == [*pool.map(lambda number: asyncio.run(use(number)), range(4))]
    assert 4 * 5 * 8 == len(server.received)


def in_asyncio(function: Callable[[], Awaitable[Any]]) -> Any:
    """Run an async function in a new asyncio event loop."""

    async def run() -> Any:
        return await function()

    return asyncio.run(run())


@pytest.mark.parametrize("run", [in_asyncio, trio.run], ids=["asyncio", "trio"])
def test_all_methods_in_a_new_event_loop(server: HostileServer, run: Callable[[Callable[[], Any]], Any]) -> None:
    """All methods, also those that pause and retry, work under asyncio and trio."""
    busy = [json_answer({"error": {"message": "busy"}}, 503), json_answer({**BATCH, "status": "in_progress"})]
    polls: list[str] = []

    def answer(request: Received) -> Answer:
        if request.method == "GET" and request.last_segment == "batch_1" and len(polls) < len(busy):
            polls.append(request.target)
            return busy[len(polls) - 1]
        if request.method == "GET" and request.last_segment != "batches":
            return json_answer({**BATCH, "id": request.last_segment, "status": "completed"})
        return tidy(request)

    async def use() -> None:
        async with connect(server) as api:
            waited = await api.wait_for_batch("batch_1", timeout=30, min_delay=0.01, max_delay=0.02)
            assert "completed" == waited.status
            ids = [f"batch_{number}" for number in range(4)]
            assert ids == sorted([each.id async for each in api.wait_for_batches(ids, timeout=30)])
            assert [] == [each async for each in api.iter_batches()]
            assert CREATE["endpoint"] == (await CALLS["create_batch"](api)).endpoint
            assert await api.find_batch(idempotency_key="job-1") is None
            assert "batch_3" == (await api.cancel_batch("batch_3")).id
        with pytest.raises(errors.ClientStateError):
            await api.retrieve_batch("batch_1")

    server.answering = answer
    run(use)
    assert 2 == len(polls)


@pytest.mark.parametrize("run", [in_asyncio, trio.run], ids=["asyncio", "trio"])
def test_total_time_in_a_new_event_loop(server: HostileServer, run: Callable[[Callable[[], Any]], Any]) -> None:
    """The total time of an attempt ends it under asyncio and trio, and async functions of the caller are awaited."""
    slow = dripping(b" " * 1_000, 0.05, whole=b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    server.answering = lambda request: slow if request.last_segment == "slow" else tidy(request)

    async def key() -> str:
        return "sk-later"

    async def use() -> None:
        async with AsyncBatchAPI(api_key=key, base_url=server.url, retry_budget=0) as api:
            assert "batch_1" == (await api.retrieve_batch("batch_1")).id
            with pytest.raises(errors.APITimeoutError):
                await api.retrieve_batch("slow", timeout=0.3)

    run(use)
    assert ["Bearer sk-later"] == server.received[0].values("authorization")


def test_one_key_in_several_tasks_of_trio(server: HostileServer) -> None:
    """Tasks of trio that use the same key at the same time create one batch."""
    ids: list[str] = []

    async def create(api: AsyncBatchAPI) -> None:
        ids.append((await CALLS["create_batch with a key"](api)).id)

    async def use() -> None:
        async with connect(server) as api, trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(create, api)

    trio.run(use)
    assert 3 == len(ids)
    assert 1 == [request.method for request in server.received].count("POST")


def test_cancellation_under_trio(server: HostileServer) -> None:
    """A cancelled scope of trio ends a request at once, and the client works afterwards."""
    slow = dripping(b" " * 1_000, 0.05, whole=b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    server.answering = lambda request: slow if request.last_segment == "slow" else tidy(request)

    async def use() -> None:
        async with connect(server) as api:
            with trio.move_on_after(0.2) as scope:
                await api.retrieve_batch("slow")
            assert scope.cancelled_caught
            assert "batch_1" == (await api.retrieve_batch("batch_1")).id

    trio.run(use)


async def awaited(value: Any) -> Any:
    """The result of a coroutine, or the items of an async generator."""
    return [item async for item in value] if hasattr(value, "__aiter__") else await value


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_given_http_client_in_another_event_loop(server: HostileServer, library: Any) -> None:
    """A given http_client belongs to the event loop of its first use. In another, nothing is sent."""
    http_client = library.AsyncClient()
    api = connect(server, http_client=http_client)

    async def use() -> None:
        await api.retrieve_batch("batch_1")

    async def use_again() -> None:
        for call in CALLS.values():
            with pytest.raises(errors.ClientStateError, match=r"event loop.*Nothing was sent"):
                await awaited(call(api))

    with asyncio.Runner() as first:
        first.run(use())
        first.run(use())
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, use_again()).result()
        assert 2 == len(server.received)
        first.run(use())
        first.run(http_client.aclose())


def test_sync_client_in_threads_and_loops(server: HostileServer) -> None:
    """BatchAPI can be used in threads, and inside an event loop."""
    with BatchAPI(api_key="sk-test", base_url=server.url) as api:

        async def use() -> str:
            return str(api.retrieve_batch("batch_1").id)

        assert "batch_1" == asyncio.run(use())
        ids = [f"batch_{number}" for number in range(100)]
        with ThreadPoolExecutor(8) as pool:
            assert ids == [batch.id for batch in pool.map(api.retrieve_batch, ids)]


# Forks

FORKED = """
import os, sys
import httpx
from openai_batch_client import BatchAPI, errors

url, mode = sys.argv[1:]
http_client = httpx.Client() if mode == "given" else None
api = BatchAPI(api_key="sk-test", base_url=url, retry_budget=0, http_client=http_client)
api.retrieve_batch("first")

def use(name):
    wrong = 0
    for number in range(40):
        item_id = f"{name}-{number}"
        wrong += api.retrieve_batch(item_id).id != item_id
    return wrong

def use_in_child(name):
    if mode != "given":
        return use(name)
    try:
        api.retrieve_batch("must-not-be-sent")
    except errors.ClientStateError as error:
        return 0 if "process" in str(error) and "Nothing was sent" in str(error) else 1
    return 2

children = []
for name in ("a", "b"):
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = use_in_child(name)
            if mode == "closed in the child":
                api.close()
        finally:
            os._exit(code)
    children.append(child)
codes = [use("parent")]
codes += [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
codes.append(use("parent-again"))
print(codes)
"""


@pytest.mark.parametrize("mode", ["own", "closed in the child", "given"])
def test_forks(server: HostileServer, mode: str) -> None:
    """After a fork, each process has its own connections. A given http_client is refused in the child."""
    program = [sys.executable, "-c", FORKED, server.url, mode]
    ended = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert "[0, 0, 0, 0]" == ended.stdout.strip(), ended.stderr[-2_000:]
    names = [request.last_segment.partition("-")[0] for request in server.received]
    assert "must" not in names
    assert (0 if mode == "given" else 40) == names.count("a") == names.count("b")
    assert 80 == names.count("parent")


FORKED_LOOPS = """
import asyncio, os, sys
from openai_batch_client import AsyncBatchAPI

api = AsyncBatchAPI(api_key="sk-test", base_url=sys.argv[1], retry_budget=0)

async def use(name):
    for number in range(20):
        item_id = f"{name}-{number}"
        assert (await api.retrieve_batch(item_id)).id == item_id

asyncio.run(use("parent"))
child = os.fork()
if child == 0:
    code = 1
    try:
        asyncio.run(use("child"))
        code = 0
    finally:
        os._exit(code)
asyncio.run(use("parent"))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_fork_between_event_loops(server: HostileServer) -> None:
    """An AsyncBatchAPI works in a child process, too."""
    program = [sys.executable, "-c", FORKED_LOOPS, server.url]
    ended = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert "0" == ended.stdout.strip(), ended.stderr[-2_000:]
    assert 60 == len(server.received)


@UNCLOSED
def test_open_connections_of_ended_loops(server: HostileServer) -> None:
    """Many event loops in a row do not leave open connections behind."""
    api = connect(server)

    async def use(item_id: str) -> None:
        assert item_id == (await api.retrieve_batch(item_id)).id

    asyncio.run(use("batch_1"))
    before = open_files()
    for number in range(20):
        asyncio.run(use(f"batch_{number}"))
    # The server's side of each connection is open in this process, too, until its thread has run.
    end = time.monotonic() + 10
    while open_files() - before > 10 and time.monotonic() < end:
        time.sleep(0.05)
    assert open_files() - before <= 10
    asyncio.run(api.close())
