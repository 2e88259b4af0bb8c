# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""POST /batches/{batch_id}/cancel: Stop a batch that is still being processed.

The status is `cancelling` for up to ten minutes, until the running requests end, and then
`cancelled`. The output file contains the responses to the requests that finished before.
"""

from __future__ import annotations

from ... import models
from ..._runtime.client import AsyncClient, Client
from ..._runtime.exchange import Request, Response, path_segment
from ..._runtime.facts import Operation
from ..._runtime.settings import Timeout

OPERATION = Operation(
    id="cancelBatch",
    method="POST",
    retry="safe",
)


def request(
    batch_id: str,
) -> Request[models.Batch]:
    """The request as data; nothing is sent."""
    return Request(
        OPERATION,
        path="/batches/{batch_id}/cancel".format(
            batch_id=path_segment("batch_id", batch_id),
        ),
        read=models.Batch.from_document,
    )


def sync_detailed(batch_id: str, *, client: Client, timeout: Timeout | None = None) -> Response[models.Batch]:
    """Stop a batch that is still being processed.

    Args:
        batch_id: The id of the batch to cancel.
        client: A BatchAPI, or another client.
        timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

    Returns:
        Status, headers and body of the answer, and as `parsed` what it holds.

    Raises:
        BatchAPIError: One of its subclasses says what went wrong.
        ValueError: An argument would lead to another URL. Nothing was sent.
    """
    return client.send(request(batch_id), timeout=timeout)


def sync(batch_id: str, *, client: Client, timeout: Timeout | None = None) -> models.Batch:
    """As `sync_detailed`, but gives the result alone."""
    response = sync_detailed(batch_id, client=client, timeout=timeout)
    return response.parsed


async def asyncio_detailed(
    batch_id: str, *, client: AsyncClient, timeout: Timeout | None = None
) -> Response[models.Batch]:
    """The twin of `sync_detailed` for asyncio."""
    return await client.send(request(batch_id), timeout=timeout)


async def asyncio(batch_id: str, *, client: AsyncClient, timeout: Timeout | None = None) -> models.Batch:
    """As `asyncio_detailed`, but gives the result alone."""
    response = await asyncio_detailed(batch_id, client=client, timeout=timeout)
    return response.parsed
