"""httpx without a client library: the baseline of the other peers."""

import json
from collections.abc import Callable
from typing import Any

import httpx

HEADERS = {"Authorization": "Bearer sk-local"}


def retrieve(url: str) -> Callable[[], object]:
    client = httpx.Client(headers=HEADERS)
    return lambda: client.get(f"{url}/batches/batch_0").json()


def page(url: str) -> Callable[[], object]:
    client = httpx.Client(headers=HEADERS)
    return lambda: client.get(f"{url}/batches", params={"limit": 100}).json()


def concurrent(url: str) -> Callable[[], object]:
    """Retrieve as many batches at once as the first path segment of the URL says."""
    import asyncio

    total = int(url.split("/")[-2])
    runner = asyncio.Runner()

    async def create_client() -> httpx.AsyncClient:
        return httpx.AsyncClient(headers=HEADERS, timeout=60)

    client = runner.run(create_client())

    async def retrieve_one(number: int) -> Any:
        return (await client.get(f"{url}/batches/batch_{number}")).json()

    async def retrieve_all() -> None:
        await asyncio.gather(*(retrieve_one(number) for number in range(total)))

    return lambda: runner.run(retrieve_all())


def build(url: str) -> Callable[[], object]:
    content = httpx.get(f"{url}/batches/batch_0").content
    return lambda: json.loads(content)
