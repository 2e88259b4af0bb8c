"""The official SDK."""

from collections.abc import Callable

from openai import OpenAI


def retrieve(url: str) -> Callable[[], object]:
    client = OpenAI(base_url=url, api_key="sk-local")
    return lambda: client.batches.retrieve("batch_0")


def page(url: str) -> Callable[[], object]:
    client = OpenAI(base_url=url, api_key="sk-local")
    return lambda: client.batches.list(limit=100)


def concurrent(url: str) -> Callable[[], object]:
    """Retrieve as many batches at once as the first path segment of the URL says."""
    import asyncio

    from openai import AsyncOpenAI

    total = int(url.split("/")[-2])
    runner = asyncio.Runner()

    async def create_client() -> AsyncOpenAI:
        return AsyncOpenAI(base_url=url, api_key="sk-local")

    client = runner.run(create_client())

    async def retrieve_all() -> None:
        await asyncio.gather(*(client.batches.retrieve(f"batch_{number}") for number in range(total)))

    return lambda: runner.run(retrieve_all())
