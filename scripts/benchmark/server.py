"""A local server with minimal work per request, so that the measured time is the client's.

`GET /{total}/{status}/batches/{id}` returns a batch with this status. `GET /{total}/{status}/batches` returns a page
of a list of `total` batches with this status. `GET .../files/{id}/content` returns 5,000 results. `POST .../files` and
`POST .../batches` read the body and return a file or a batch.
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
def results() -> bytes:
    """A file of 5,000 results, about a kilobyte each."""
    answer = {"status_code": 200, "request_id": "req_1", "body": {"model": "gpt-5", "output_text": "x" * 900}}
    lines = ({"id": f"r{number}", "custom_id": f"request-{number}", "response": answer} for number in range(5000))
    return b"".join(json.dumps({**line, "error": None}).encode() + b"\n" for line in lines)


@cache
def response_body(target: str, method: str = "GET") -> bytes:
    """The response body for a request target (path and query)."""
    path, _, query = target.partition("?")
    _, total, status, collection, *item = path.split("/")
    if collection == "files":
        return results() if item else json.dumps({"id": "file-1", "object": "file"}).encode()
    if method == "POST":
        return json.dumps({**batch("validating"), "input_file_id": "file-1"}).encode()
    if item:
        return json.dumps({**batch(status), "id": item[0]}).encode()
    parameters = {name: values[0] for name, values in parse_qs(query).items()}
    return page(int(total), status, parameters.get("after"), int(parameters.get("limit", 20)))


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.received = bytearray()

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator or not _is_complete(head.lower(), body):
            return
        # The peers do not pipeline requests, so nothing follows the body.
        self.received = bytearray()
        method, target, _ = head.split(b" ", 2)
        assert isinstance(self.transport, asyncio.WriteTransport)
        content = response_body(target.decode(), method.decode())
        answer = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
        self.transport.write(answer.encode() + content)


def _is_complete(head: bytes | bytearray, body: bytes | bytearray) -> bool:
    """Whether the body of a request has arrived."""
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    return length is None or len(body) >= int(length[1])


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
