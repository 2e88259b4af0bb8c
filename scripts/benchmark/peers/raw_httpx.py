"""httpx or httpx2 without a client library. httpx is the baseline of the other peers."""

import json
from collections.abc import Callable
from typing import Any

try:
    import httpx
except ImportError:  # in the environment of httpx2
    import httpx2 as httpx  # type: ignore[no-redef]

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


def submit(url: str) -> Callable[[], object]:
    """Write 5,000 requests as a file, upload it and create a batch."""
    client = httpx.Client(headers=HEADERS)
    requests = [(f"request-{number}", {"model": "gpt-5", "input": "x" * 1000}) for number in range(5000)]
    batch = {"endpoint": "/v1/responses", "completion_window": "24h"}

    def run() -> object:
        lines = (
            json.dumps({"custom_id": name, "method": "POST", "url": "/v1/responses", "body": body})
            for name, body in requests
        )
        content = "\n".join(lines).encode()
        file = client.post(f"{url}/files", data={"purpose": "batch"}, files={"file": ("in.jsonl", content)}).json()
        return client.post(f"{url}/batches", json={**batch, "input_file_id": file["id"]}).json()

    return run


def results(url: str) -> Callable[[], object]:
    """Download a file of 5,000 results, and parse each line."""
    client = httpx.Client(headers=HEADERS)
    return lambda: [json.loads(line) for line in client.get(f"{url}/files/file-1/content").content.splitlines()]
