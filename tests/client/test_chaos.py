"""Among faults of every kind, no batch is lost and none is created twice."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from openai_batch_client import AsyncBatchAPI, Batch, BatchAPI, BatchAPIError
from openai_batch_client._runtime.clock import Clock
from scripts.batch_server.batch_store import StoredFile
from scripts.batch_server.clock import ServerClock
from scripts.batch_server.fault_injection import FAULTS, FaultInjector
from scripts.batch_server.running import RunningServer, running

CREATES = 1000
AT_ONCE = 16
LINE = b'{"custom_id": "1", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "x"}}\n'


class Hasty(Clock):
    """Real time without the waiting between attempts."""

    def sleep(self, seconds: float) -> None:
        pass

    async def sleep_async(self, seconds: float) -> None:
        pass


@pytest.fixture
def chaos() -> Iterator[tuple[RunningServer, FaultInjector]]:
    """A real server of which a fifth of the exchanges goes wrong."""
    between: list[FaultInjector] = []

    def wrap(app: Any) -> FaultInjector:
        between.append(FaultInjector(app, share=0.2, seed=1))
        return between[0]

    with running(clock=ServerClock(), validate_responses=False, wrap=wrap) as server:
        server.store.files["file-1"] = StoredFile("file-1", "in.jsonl", "batch", 0, LINE)
        yield server, between[0]


def create_all(
    server: RunningServer, twin: str, arguments: Callable[[int], dict[str, Any]]
) -> list[Batch | BatchAPIError]:
    """What came of each of so many creates, several at a time."""
    options: dict[str, Any] = {"api_key": server.key, "base_url": server.url, "timeout": 0.4, "retry_budget": 120}

    def body(number: int) -> dict[str, Any]:
        made = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}
        return made | {"metadata": {"number": str(number)}} | arguments(number)

    async def create_async() -> list[Batch | BatchAPIError]:
        turns = asyncio.Semaphore(AT_ONCE)
        async with AsyncBatchAPI(**options) as api:
            api._clock = Hasty()

            async def one(number: int) -> Batch | BatchAPIError:
                async with turns:
                    try:
                        return await api.create_batch(**body(number))
                    except BatchAPIError as error:
                        return error

            return await asyncio.gather(*map(one, range(CREATES)))

    def create(api: BatchAPI, number: int) -> Batch | BatchAPIError:
        try:
            return api.create_batch(**body(number))
        except BatchAPIError as error:
            return error

    if twin == "async":
        return asyncio.run(create_async())
    with BatchAPI(**options) as api, ThreadPoolExecutor(AT_ONCE) as pool:
        api._clock = Hasty()
        return list(pool.map(lambda number: create(api, number), range(CREATES)))


@pytest.mark.parametrize("twin", ["sync", "async"])
def test_with_keys_exactly_one_each(chaos: tuple[RunningServer, FaultInjector], twin: str) -> None:
    """With keys: as many batches as creates, each create returned its own, and every kind of fault occurred."""
    server, faulty = chaos
    results = create_all(server, twin, lambda number: {"idempotency_key": f"key-{number}"})

    assert [] == [repr(result) for result in results if not isinstance(result, Batch)]
    assert [str(number) for number in range(CREATES)] == [
        (result.metadata or {}).get("number") for result in results if isinstance(result, Batch)
    ]
    assert CREATES == len(server.store) == len({result.id for result in results if isinstance(result, Batch)})
    assert {fault.name for fault in FAULTS} == faulty.counts.keys()


@pytest.mark.parametrize("twin", ["sync", "async"])
def test_without_keys_never_more_than_asked_for(chaos: tuple[RunningServer, FaultInjector], twin: str) -> None:
    """Without keys: no create made two, and each returned its batch or raised."""
    server, _ = chaos
    results = create_all(server, twin, lambda _: {})
    batches = [result for result in results if isinstance(result, Batch)]
    made = Counter((batch.request["metadata"] or {})["number"] for batch in server.store._batches)

    assert {1} == set(made.values())
    assert all(
        str(number) == (result.metadata or {}).get("number")
        for number, result in enumerate(results)
        if isinstance(result, Batch)
    )
    assert len(batches) <= len(server.store) <= CREATES
    # What raised is either unknown, or was surely not done.
    for number, result in enumerate(results):
        if isinstance(result, BatchAPIError) and type(result).__name__ != "CreateOutcomeUnknownError":
            assert str(number) not in made
