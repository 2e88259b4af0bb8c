# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""POST /batches: Create a batch from an uploaded file of requests.

The service validates the file, then processes its requests within the completion window. It returns
the new batch immediately, normally with the status `validating`.
"""

from __future__ import annotations

from ... import models
from ..._runtime.client import AsyncClient, Client
from ..._runtime.exchange import Request, Response
from ..._runtime.facts import CreateOnce, Operation
from ..._runtime.settings import Timeout

OPERATION = Operation(
    id="createBatch",
    method="POST",
    retry="unless-received",
)
CREATE_ONCE = CreateOnce(
    token=("metadata", "idempotency_key"),
    same=(("input_file_id",),),
    max_length=512,
    max_pairs=16,
)


def request(
    *,
    body: models.CreateBatchRequest,
) -> Request[models.Batch]:
    """The request as data; nothing is sent."""
    return Request(
        OPERATION,
        path="/batches",
        read=models.Batch.from_document,
        json=body.to_dict(),
    )


def sync_detailed(
    *, client: Client, body: models.CreateBatchRequest, timeout: Timeout | None = None
) -> Response[models.Batch]:
    """Create a batch from an uploaded file of requests.

    Args:
        body: The parameters of a new batch.
        client: A BatchAPI, or another client.
        timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

    Returns:
        Status, headers and body of the answer, and as `parsed` what it holds.

    Raises:
        BatchAPIError: One of its subclasses says what went wrong.
        ValueError: An argument would lead to another URL. Nothing was sent.
    """
    return client.send(request(body=body), timeout=timeout)


def sync(*, client: Client, body: models.CreateBatchRequest, timeout: Timeout | None = None) -> models.Batch:
    """As `sync_detailed`, but gives the result alone."""
    response = sync_detailed(body=body, client=client, timeout=timeout)
    return response.parsed


async def asyncio_detailed(
    *, client: AsyncClient, body: models.CreateBatchRequest, timeout: Timeout | None = None
) -> Response[models.Batch]:
    """The twin of `sync_detailed` for asyncio."""
    return await client.send(request(body=body), timeout=timeout)


async def asyncio(
    *, client: AsyncClient, body: models.CreateBatchRequest, timeout: Timeout | None = None
) -> models.Batch:
    """As `asyncio_detailed`, but gives the result alone."""
    response = await asyncio_detailed(body=body, client=client, timeout=timeout)
    return response.parsed
