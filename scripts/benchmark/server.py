"""A server that does next to nothing, so that it is the client that is measured.

It answers `GET /{how many}/{status}/batches/{id}` with a batch, and `GET /{how many}/{status}/batches` with a page of
a list of so many batches, all of that status.
"""

import asyncio
import json
import re
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from scripts.openapi.contract import Contract

BATCH_ID = "batch_{:032d}"
_NUMBER = "0" * 32


@cache
def batch(status: str = "completed") -> dict[str, Any]:
    """The contract's own example of a batch, in some status."""
    example: dict[str, Any] = Contract.load().document["components"]["examples"]["CompletedBatch"]["value"]
    return {**json.loads(json.dumps(example)), "id": BATCH_ID.format(0), "status": status}


@cache
def _halves(status: str) -> tuple[str, str]:
    """A batch as JSON, before and behind the number in its id."""
    before, _, behind = json.dumps(batch(status)).partition(_NUMBER)
    return before, behind


def page(total: int, status: str, after: str | None, limit: int) -> bytes:
    """A page of a list of `total` batches."""
    first = int(after.removeprefix("batch_")) + 1 if after else 0
    numbers = range(first, min(first + limit, total))
    before, behind = _halves(status)
    items = ", ".join(f"{before}{number:032d}{behind}" for number in numbers)
    ends = {"first_id": BATCH_ID.format(numbers[0]), "last_id": BATCH_ID.format(numbers[-1])} if numbers else {}
    rest = json.dumps({"object": "list", **ends, "has_more": first + limit < total})
    return f'{rest[:-1]}, "data": [{items}]}}'.encode()


@cache
def answer(target: str) -> bytes:
    """The body for the target of a request."""
    path, _, query = target.partition("?")
    _, total, status, _, *item = path.split("/")
    if item:
        return json.dumps({**batch(status), "id": item[0]}).encode()
    given = {name: values[0] for name, values in parse_qs(query).items()}
    return page(int(total), status, given.get("after"), int(given.get("limit", 20)))


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        # Clients of this server send no bodies and wait for each answer.
        self.received += data
        if not self.received.endswith(b"\r\n\r\n"):
            return
        target = re.match(rb"GET (\S+)", self.received)
        self.received = b""
        assert target is not None
        assert isinstance(self.transport, asyncio.WriteTransport)
        body = answer(target[1].decode())
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
