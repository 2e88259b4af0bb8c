"""Sample batches, arguments of each operation, and a simulated list, for tests of the client without a server."""

from collections.abc import Callable
from typing import Any

import httpx

BATCH = {
    "id": "batch_1",
    "object": "batch",
    "endpoint": "/v1/responses",
    "input_file_id": "file-1",
    "completion_window": "24h",
    "status": "validating",
    "created_at": 1764012488,
}
CREATE = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}
CALLS: dict[str, dict[str, Any]] = {
    "create_batch": CREATE,
    "retrieve_batch": {"batch_id": "batch_1"},
    "cancel_batch": {"batch_id": "batch_1"},
    "list_batches": {},
}
NEWEST = 1_764_012_488


def batch(number: int, **more: Any) -> dict[str, Any]:
    """A completed batch, created `number` minutes before the newest batch; `more` replaces fields."""
    return BATCH | {"id": f"batch_{number}", "status": "completed", "created_at": NEWEST - 60 * number} | more


def service(count: int, **page: Any) -> Callable[[httpx.Request], httpx.Response]:
    """Simulate the list operation with `count` batches, newest first.

    `page` replaces fields of each page; the value "absent" removes a field.
    """

    def answer(request: httpx.Request) -> httpx.Response:
        after = request.url.params.get("after")
        start = int(after.removeprefix("batch_")) + 1 if after else 0
        data = [batch(number) for number in range(start, min(start + int(request.url.params["limit"]), count))]
        last = data[-1]["id"] if data else None
        body = {"object": "list", "data": data, "last_id": last, "has_more": start + len(data) < count, **page}
        return httpx.Response(200, json={name: value for name, value in body.items() if value != "absent"})

    return answer
