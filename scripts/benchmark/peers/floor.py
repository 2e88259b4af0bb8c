"""Raw httpx: what a call costs before anyone makes it convenient."""

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
    """As many at a time as the list is long."""
    import asyncio

    total = int(url.split("/")[-2])
    runner = asyncio.Runner()

    async def make() -> httpx.AsyncClient:
        return httpx.AsyncClient(headers=HEADERS, timeout=60)

    client = runner.run(make())

    async def one(number: int) -> Any:
        return (await client.get(f"{url}/batches/batch_{number}")).json()

    async def all_of_them() -> None:
        await asyncio.gather(*(one(number) for number in range(total)))

    return lambda: runner.run(all_of_them())


def build(url: str) -> Callable[[], object]:
    content = httpx.get(f"{url}/batches/batch_0").content
    return lambda: json.loads(content)
