"""This client."""

from collections.abc import Callable
from contextlib import suppress

from openai_batch_client import BatchAPI


def retrieve(url: str) -> Callable[[], object]:
    api = BatchAPI(base_url=url, api_key="sk-local")
    return lambda: api.retrieve_batch("batch_0")


def page(url: str) -> Callable[[], object]:
    api = BatchAPI(base_url=url, api_key="sk-local")
    return lambda: api.list_batches(limit=100)


def concurrent(url: str) -> Callable[[], object]:
    """As many at a time as the list is long."""
    import asyncio

    from openai_batch_client import AsyncBatchAPI

    total = int(url.split("/")[-2])
    runner = asyncio.Runner()

    async def make() -> AsyncBatchAPI:
        return AsyncBatchAPI(base_url=url, api_key="sk-local")

    api = runner.run(make())

    async def all_of_them() -> None:
        await asyncio.gather(*(api.retrieve_batch(f"batch_{number}") for number in range(total)))

    return lambda: runner.run(all_of_them())


def build(url: str) -> Callable[[], object]:
    import httpx

    from openai_batch_client import Batch

    document = httpx.get(f"{url}/batches/batch_0").json()
    return lambda: Batch.from_dict(document)


def walk(url: str) -> Callable[[], object]:
    """How many batches the whole list gave."""
    api = BatchAPI(base_url=url, api_key="sk-local")
    return lambda: sum(1 for _ in api.iter_batches())


def wait(url: str) -> Callable[[], object]:
    """How many requests a round of waiting took, with 5,000 batches of which none ends."""
    from unittest.mock import patch

    import httpx

    from openai_batch_client import WaitTimeoutError

    ids = [f"batch_{number:032d}" for number in range(5000)]
    requests: list[object] = []
    rounds: list[float] = []
    http_client = httpx.Client(event_hooks={"request": [requests.append]}, timeout=60)
    api = BatchAPI(base_url=url, api_key="sk-local", http_client=http_client)

    def act() -> int:
        requests.clear()
        rounds.clear()
        # The client sleeps between two rounds; here it does not, so that time passes by looking alone.
        with patch("time.sleep", rounds.append), suppress(WaitTimeoutError):
            for _ in api.wait_for_batches(ids, timeout=3, min_delay=0.1, max_delay=0.1):
                raise AssertionError("none of them has ended")
        return -(-len(requests) // (len(rounds) + 1))

    return act
