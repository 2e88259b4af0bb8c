# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""POST /batches: Create a batch from an uploaded file of requests.

The service validates the file, then processes its requests within the completion window. It returns
the new batch immediately, normally with the status `validating`.
"""

from __future__ import annotations

from ... import models
from ..._runtime.async_client import AsyncClient
from ..._runtime.client import Client
from ..._runtime.messages import Request, Response
from ..._runtime.options import Timeout
from ..._runtime.spec import CreateOnceSpec, FileSpec, OperationSpec

OPERATION = OperationSpec(
    id="createBatch",
    method="POST",
    retry="unless-received",
)
CREATE_ONCE = CreateOnceSpec(
    token=("metadata", "idempotency_key"),
    stamp=("metadata", "idempotency_stamp"),
    same=(("endpoint",), ("completion_window",)),
    rewritable=(("input_file_id",),),
    max_length=512,
    max_pairs=16,
)
INPUT_FILE = FileSpec(
    upload_path="/files",
    purpose="batch",
    content_path="/files/{file_id}/content",
    line="BatchRequestInput",
    max_lines=50000,
    max_bytes=209715200,
    unique="custom_id",
    equal=(("url", "endpoint"),),
)


def request(
    *,
    body: models.CreateBatchRequest,
) -> Request[models.Batch]:
    """Make the request. Nothing is sent."""
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
        timeout: Seconds to wait for a response, or an httpx.Timeout; None means the client's timeout.

    Returns:
        The status, headers and body of the response, and the result as `parsed`.

    Raises:
        BatchAPIError: The request failed. The subclass depends on the failure.
        ValueError: An argument would lead to another URL. Nothing was sent.
    """
    return client.send(request(body=body), timeout=timeout)


def sync(*, client: Client, body: models.CreateBatchRequest, timeout: Timeout | None = None) -> models.Batch:
    """Like `sync_detailed`, but returns only the result."""
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
    """Like `asyncio_detailed`, but returns only the result."""
    response = await asyncio_detailed(body=body, client=client, timeout=timeout)
    return response.parsed
