"""With faults of every kind injected, no batch is lost or created twice."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from openai_batch_client import AsyncBatchAPI, Batch, BatchAPIError
from scripts.batch_server.clock import ServerClock
from scripts.batch_server.fault_injection import FAULTS, FaultInjector
from scripts.batch_server.file_store import StoredFile
from scripts.batch_server.running import RunningServer, running
from tests.support.sampling import IS_DEEP
from tests.support.twin import SkippingClock, Twin, through_both_libraries

# The weekly run makes 1,000 creates. Each create looks at the list, so that the time grows with the square.
CREATES = {"httpx": 1000 if IS_DEEP else 60, "httpx2": 1000 if IS_DEEP else 30}
CONCURRENCY = 16
LINE = b'{"custom_id": "1", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "x"}}\n'


@pytest.fixture
def chaos() -> Iterator[tuple[RunningServer, FaultInjector]]:
    """A real server; a fault is injected into one fifth of the exchanges."""
    injectors: list[FaultInjector] = []

    def wrap(app: Any) -> FaultInjector:
        injectors.append(FaultInjector(app, share=0.2, seed=7))
        return injectors[0]

    with running(clock=ServerClock(), validate_responses=False, wrap=wrap) as server:
        server.store.files.by_id["file-1"] = StoredFile("file-1", "in.jsonl", "batch", 0, LINE)
        yield server, injectors[0]


def create_all(
    server: RunningServer, twin: Twin, arguments: Callable[[int], dict[str, Any]]
) -> list[Batch | BatchAPIError]:
    """Send create requests concurrently and return the batch or the error of each."""
    # The client's own HTTP client is one of httpx.
    http_client = None if twin.http is httpx else twin.http_client(verify=False)
    # On a busy machine many attempts take too long. The clock skips the delays between them, so that no budget ends.
    options: dict[str, Any] = {"timeout": twin.http.Timeout(1.0), "retry_budget": 1e6, "http_client": http_client}
    numbers = range(CREATES[twin.http.__name__])

    def body(number: int) -> dict[str, Any]:
        common = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}
        return common | {"metadata": {"number": str(number)}} | arguments(number)

    async def create_async(api: AsyncBatchAPI) -> list[Batch | BatchAPIError]:
        semaphore = asyncio.Semaphore(CONCURRENCY)

        async def create_one(number: int) -> Batch | BatchAPIError:
            async with semaphore:
                try:
                    return await api.create_batch(**body(number))
                except BatchAPIError as error:
                    return error

        return await asyncio.gather(*map(create_one, numbers))

    with twin.connected(server.url, api_key=server.key, **options) as api:
        api._clock = SkippingClock()
        if twin.prefix:
            results: list[Batch | BatchAPIError] = twin.run(create_async(api))
        else:
            with ThreadPoolExecutor(CONCURRENCY) as pool:
                results = [*pool.map(lambda number: twin.ended(api, "create_batch", body(number)), numbers)]
    if http_client is not None:
        twin.run(http_client.aclose() if twin.prefix else http_client.close())
    return results


@through_both_libraries
def test_idempotency_keys_create_exactly_one_batch_each(chaos: tuple[RunningServer, FaultInjector], twin: Twin) -> None:
    """With idempotency keys, each create makes and returns exactly one batch, although every kind of fault occurs."""
    server, injector = chaos
    results = create_all(server, twin, lambda number: {"idempotency_key": f"key-{number}", "settling_time": 0.2})

    assert [] == [repr(result) for result in results if not isinstance(result, Batch)]
    assert [str(number) for number in range(len(results))] == [
        (result.metadata or {}).get("number") for result in results if isinstance(result, Batch)
    ]
    assert (
        len(results) == len(server.store.batches) == len({result.id for result in results if isinstance(result, Batch)})
    )
    assert {fault.name for fault in FAULTS} == injector.counts.keys()


@through_both_libraries
def test_creates_without_key_are_never_doubled(chaos: tuple[RunningServer, FaultInjector], twin: Twin) -> None:
    """Without a key, no create makes two batches, and each create returns its own batch or raises."""
    server, _ = chaos
    results = create_all(server, twin, lambda _: {})
    batches = [result for result in results if isinstance(result, Batch)]
    batches_per_create = Counter((batch.request["metadata"] or {})["number"] for batch in server.store.batches.objects)

    assert {1} == set(batches_per_create.values())
    assert all(
        str(number) == (result.metadata or {}).get("number")
        for number, result in enumerate(results)
        if isinstance(result, Batch)
    )
    assert len(batches) <= len(server.store.batches) <= len(results)
    # Every other exception means that the server did not create the batch.
    for number, result in enumerate(results):
        if isinstance(result, BatchAPIError) and type(result).__name__ != "CreateOutcomeUnknownError":
            assert str(number) not in batches_per_create
