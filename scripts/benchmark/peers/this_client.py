"""The client of this project."""

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
    """Retrieve as many batches at once as the first path segment of the URL says."""
    import asyncio

    from openai_batch_client import AsyncBatchAPI

    total = int(url.split("/")[-2])
    runner = asyncio.Runner()

    async def create_client() -> AsyncBatchAPI:
        return AsyncBatchAPI(base_url=url, api_key="sk-local")

    api = runner.run(create_client())

    async def retrieve_all() -> None:
        await asyncio.gather(*(api.retrieve_batch(f"batch_{number}") for number in range(total)))

    return lambda: runner.run(retrieve_all())


def build(url: str) -> Callable[[], object]:
    import httpx

    from openai_batch_client import Batch

    document = httpx.get(f"{url}/batches/batch_0").json()
    return lambda: Batch.from_dict(document)


def submit(url: str) -> Callable[[], object]:
    """Submit 5,000 requests as a batch."""
    api = BatchAPI(base_url=url, api_key="sk-local")
    requests = [(f"request-{number}", {"model": "gpt-5", "input": "x" * 1000}) for number in range(5000)]
    return lambda: api.submit_batch(requests, endpoint="/v1/responses")


def results(url: str) -> Callable[[], object]:
    """Iterate over 5,000 results, and return their number."""
    api = BatchAPI(base_url=url, api_key="sk-local")
    batch = api.retrieve_batch("batch_0")
    batch.request_counts = None
    batch.error_file_id = None
    return lambda: sum(1 for _ in api.iter_results(batch))


def iterate(url: str) -> Callable[[], object]:
    """Iterate over the whole list, and return the number of batches."""
    api = BatchAPI(base_url=url, api_key="sk-local")
    return lambda: sum(1 for _ in api.iter_batches())


def wait(url: str) -> Callable[[], object]:
    """Wait for 5,000 batches, none of which becomes final, and return the number of requests per poll."""
    from unittest.mock import patch

    import httpx

    from openai_batch_client import WaitTimeoutError

    ids = [f"batch_{number:032d}" for number in range(5000)]
    requests: list[object] = []
    sleeps: list[float] = []
    http_client = httpx.Client(event_hooks={"request": [requests.append]}, timeout=60)
    api = BatchAPI(base_url=url, api_key="sk-local", http_client=http_client)

    def run() -> int:
        requests.clear()
        sleeps.clear()
        # Without the sleeps between two polls, only the requests take time.
        with patch("time.sleep", sleeps.append), suppress(WaitTimeoutError):
            for _ in api.wait_for_batches(ids, timeout=3, min_delay=0.1, max_delay=0.1):
                raise AssertionError("no batch is final")
        return -(-len(requests) // (len(sleeps) + 1))

    return run
