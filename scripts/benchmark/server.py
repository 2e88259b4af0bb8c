"""A local server with minimal work per request, so that the measured time is the client's.

`GET /{total}/{status}/batches/{id}` returns a batch with this status. `GET /{total}/{status}/batches` returns a page
of a list of `total` batches with this status.
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
    """The contract's example of a batch, with another status."""
    example: dict[str, Any] = Contract.load().document["components"]["examples"]["CompletedBatch"]["value"]
    return {**json.loads(json.dumps(example)), "id": BATCH_ID.format(0), "status": status}


@cache
def _around_number(status: str) -> tuple[str, str]:
    """The JSON text of a batch before and after the number in its id."""
    before, _, after = json.dumps(batch(status)).partition(_NUMBER)
    return before, after


def page(total: int, status: str, after: str | None, limit: int) -> bytes:
    """A page of a list of `total` batches."""
    first = int(after.removeprefix("batch_")) + 1 if after else 0
    numbers = range(first, min(first + limit, total))
    before_number, after_number = _around_number(status)
    items = ", ".join(f"{before_number}{number:032d}{after_number}" for number in numbers)
    ids = {"first_id": BATCH_ID.format(numbers[0]), "last_id": BATCH_ID.format(numbers[-1])} if numbers else {}
    rest = json.dumps({"object": "list", **ids, "has_more": first + limit < total})
    return f'{rest[:-1]}, "data": [{items}]}}'.encode()


@cache
def response_body(target: str) -> bytes:
    """The response body for a request target (path and query)."""
    path, _, query = target.partition("?")
    _, total, status, _, *item = path.split("/")
    if item:
        return json.dumps({**batch(status), "id": item[0]}).encode()
    parameters = {name: values[0] for name, values in parse_qs(query).items()}
    return page(int(total), status, parameters.get("after"), int(parameters.get("limit", 20)))


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        # The peers send no request bodies and do not pipeline requests, so a request ends with an empty line.
        self.received += data
        if not self.received.endswith(b"\r\n\r\n"):
            return
        target = re.match(rb"GET (\S+)", self.received)
        self.received = b""
        assert target is not None
        assert isinstance(self.transport, asyncio.WriteTransport)
        body = response_body(target[1].decode())
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
