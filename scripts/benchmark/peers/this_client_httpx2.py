"""The client of this project, with the HTTP client of httpx2."""

from collections.abc import Callable

import httpx2

from openai_batch_client import BatchAPI


def retrieve(url: str) -> Callable[[], object]:
    api = BatchAPI(base_url=url, api_key="sk-local", http_client=httpx2.Client())
    return lambda: api.retrieve_batch("batch_0")


def page(url: str) -> Callable[[], object]:
    api = BatchAPI(base_url=url, api_key="sk-local", http_client=httpx2.Client())
    return lambda: api.list_batches(limit=100)


def concurrent(url: str) -> Callable[[], object]:
    """Retrieve as many batches at once as the first path segment of the URL says."""
    import asyncio

    from openai_batch_client import AsyncBatchAPI

    total = int(url.split("/")[-2])
    runner = asyncio.Runner()

    async def create_client() -> AsyncBatchAPI:
        return AsyncBatchAPI(base_url=url, api_key="sk-local", http_client=httpx2.AsyncClient(timeout=60))

    api = runner.run(create_client())

    async def retrieve_all() -> None:
        await asyncio.gather(*(api.retrieve_batch(f"batch_{number}") for number in range(total)))

    return lambda: runner.run(retrieve_all())
