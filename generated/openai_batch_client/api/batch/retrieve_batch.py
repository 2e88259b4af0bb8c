# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""GET /batches/{batch_id}: Get the current state of a batch.

A batch takes minutes to hours. Wait some seconds between two requests.
"""

from __future__ import annotations

from ... import models
from ..._runtime.async_client import AsyncClient
from ..._runtime.client import Client
from ..._runtime.messages import Request, Response, path_segment
from ..._runtime.options import Timeout
from ..._runtime.spec import OperationSpec

OPERATION = OperationSpec(
    id="retrieveBatch",
    method="GET",
    retry="safe",
)


def request(
    batch_id: str,
) -> Request[models.Batch]:
    """Make the request. Nothing is sent."""
    return Request(
        OPERATION,
        path="/batches/{batch_id}".format(
            batch_id=path_segment("batch_id", batch_id),
        ),
        read=models.Batch.from_document,
        item_id=batch_id,
    )


def sync_detailed(batch_id: str, *, client: Client, timeout: Timeout | None = None) -> Response[models.Batch]:
    """Get the current state of a batch.

    Args:
        batch_id: The id of the batch.
        client: A BatchAPI, or another client.
        timeout: Seconds to wait for a response, or an httpx.Timeout; None means the client's timeout.

    Returns:
        The status, headers and body of the response, and the result as `parsed`.

    Raises:
        BatchAPIError: The request failed. The subclass depends on the failure.
        ValueError: An argument would lead to another URL. Nothing was sent.
    """
    return client.send(request(batch_id), timeout=timeout)


def sync(batch_id: str, *, client: Client, timeout: Timeout | None = None) -> models.Batch:
    """Like `sync_detailed`, but returns only the result."""
    response = sync_detailed(batch_id, client=client, timeout=timeout)
    return response.parsed


async def asyncio_detailed(
    batch_id: str, *, client: AsyncClient, timeout: Timeout | None = None
) -> Response[models.Batch]:
    """The twin of `sync_detailed` for asyncio."""
    return await client.send(request(batch_id), timeout=timeout)


async def asyncio(batch_id: str, *, client: AsyncClient, timeout: Timeout | None = None) -> models.Batch:
    """Like `asyncio_detailed`, but returns only the result."""
    response = await asyncio_detailed(batch_id, client=client, timeout=timeout)
    return response.parsed
