# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""GET /batches: List the organization's batches, newest first.

Returns one page. Pass the id of its last batch as `after` to get the next page.
"""

from __future__ import annotations

from ... import models
from ..._runtime.async_client import AsyncClient
from ..._runtime.client import Client
from ..._runtime.messages import Request, Response
from ..._runtime.options import Timeout
from ..._runtime.spec import OperationSpec, PaginationSpec

OPERATION = OperationSpec(
    id="listBatches",
    method="GET",
    retry="safe",
)
PAGINATION = PaginationSpec(
    cursor="after",
    page_size="limit",
    largest_page=100,
    items="data",
    next_cursor="last_id",
    more="has_more",
    item_id="id",
    ordered_by="created_at",
    descending=True,
)


def request(
    *,
    after: str | None = None,
    limit: int | None = None,
) -> Request[models.ListBatchesResponse]:
    """Make the request. Nothing is sent."""
    return Request(
        OPERATION,
        path="/batches",
        read=models.ListBatchesResponse.from_document,
        query={
            "after": after,
            "limit": limit,
        },
    )


def sync_detailed(
    *, client: Client, after: str | None = None, limit: int | None = None, timeout: Timeout | None = None
) -> Response[models.ListBatchesResponse]:
    """List the organization's batches, newest first.

    Args:
        after: The id of a batch. The page starts with the next batch in the list.
        limit: The maximum number of batches in the page, from 1 to 100. The server's default is 20.
        client: A BatchAPI, or another client.
        timeout: Seconds to wait for a response, or an httpx.Timeout; None means the client's timeout.

    Returns:
        The status, headers and body of the response, and the result as `parsed`.

    Raises:
        BatchAPIError: The request failed. The subclass depends on the failure.
        ValueError: An argument would lead to another URL. Nothing was sent.
    """
    return client.send(request(after=after, limit=limit), timeout=timeout)


def sync(
    *, client: Client, after: str | None = None, limit: int | None = None, timeout: Timeout | None = None
) -> models.ListBatchesResponse:
    """Like `sync_detailed`, but returns only the result."""
    response = sync_detailed(after=after, limit=limit, client=client, timeout=timeout)
    return response.parsed


async def asyncio_detailed(
    *, client: AsyncClient, after: str | None = None, limit: int | None = None, timeout: Timeout | None = None
) -> Response[models.ListBatchesResponse]:
    """The twin of `sync_detailed` for asyncio."""
    return await client.send(request(after=after, limit=limit), timeout=timeout)


async def asyncio(
    *, client: AsyncClient, after: str | None = None, limit: int | None = None, timeout: Timeout | None = None
) -> models.ListBatchesResponse:
    """Like `asyncio_detailed`, but returns only the result."""
    response = await asyncio_detailed(after=after, limit=limit, client=client, timeout=timeout)
    return response.parsed
