"""The public types of the package. mypy and basedpyright check this module; it never runs.

Both report a comment `type: ignore` that hides no error. Each such line therefore shows that both refuse the call.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from typing import Any, assert_type

import httpx
import httpx2

from openai_batch_client import (
    APIStatusError,
    AsyncBatchAPI,
    Batch,
    BatchAPI,
    BatchAPIError,
    BatchErrors,
    BatchFileExpirationAfter,
    BatchRequestInput,
    BatchRequestOutput,
    BatchRequestOutputResponse,
    BatchStatus,
    BatchUsage,
    CreateBatchRequest,
    Failure,
    ListBatchesResponse,
    Metadata,
    Outcome,
    Progress,
    RateLimitError,
    RequestResult,
    ResultError,
    ShapeError,
    failure,
    outcome,
    to_datetime,
)
from openai_batch_client.api.batch import list_batches, retrieve_batch
from openai_batch_client.client import AsyncClient, Client
from openai_batch_client.errors import ShapeError as ShapeErrorOfModule
from openai_batch_client.types import Request, Response


def construction() -> None:
    BatchAPI()
    BatchAPI(api_key="sk-1", base_url="https://example.com/v1", timeout=5, headers={"X-Team": "night"})
    BatchAPI(api_key=lambda: "sk-1", http_client=httpx.Client(), timeout=httpx.Timeout(5.0), strict=True)
    AsyncBatchAPI(http_client=httpx.AsyncClient(), organization="org-1", project="proj-1")
    BatchAPI(http_client=httpx2.Client(), auth=httpx2.BasicAuth("me", "secret"), timeout=httpx2.Timeout(5.0))
    AsyncBatchAPI(http_client=httpx2.AsyncClient(), auth=httpx2.DigestAuth("me", "secret"), timeout=httpx2.Timeout(5.0))
    BatchAPI(http_client=httpx.Client(), auth=httpx.BasicAuth("me", "secret"))
    AsyncBatchAPI(http_client=httpx.AsyncClient(), auth=httpx.BasicAuth("me", "secret"))


def lines() -> None:
    line = BatchRequestInput(custom_id="r-1", url="/v1/responses", body={"model": "gpt-5"})
    assert_type(line.body, dict[str, Any])
    BatchRequestInput(custom_id="r-1", method="GET", url="/v1/responses", body={})  # type: ignore[arg-type]
    result = BatchRequestOutput.from_dict({"custom_id": "r-1"})
    assert_type(result.response, BatchRequestOutputResponse | None)
    assert_type(result.custom_id, str)


def methods() -> None:
    with BatchAPI() as api:
        assert_type(api, BatchAPI)
        batch = api.create_batch(input_file_id="file-1", endpoint="/v1/responses", completion_window="24h")
        assert_type(batch, Batch)
        api.create_batch(
            input_file_id="file-1",
            endpoint="/v1/embeddings",
            completion_window="24h",
            metadata={"job": "nightly"},
            output_expires_after=BatchFileExpirationAfter(seconds=3600),
            timeout=10,
        )
        api.create_batch(
            input_file_id="file-1",
            endpoint="/v1/embeddings",
            completion_window="24h",
            metadata=None,
            output_expires_after={"anchor": "created_at", "seconds": 3600},
        )
        assert_type(api.retrieve_batch("batch_1"), Batch)
        assert_type(api.cancel_batch(batch_id="batch_1", timeout=None), Batch)
        assert_type(api.list_batches(), ListBatchesResponse)
        assert_type(api.list_batches(after="batch_1", limit=100).data, list[Batch])


def waiting(api: BatchAPI) -> None:
    api.create_batch(
        input_file_id="file-1", endpoint="/v1/responses", completion_window="24h", idempotency_key="n", restartable=True
    )
    assert_type(api.wait_for_batch("batch_1", timeout=3600, on_poll=print, raise_on_failure=True), Batch)
    assert_type(api.cancel_batch("batch_1", wait=True, timeout=600), Batch)
    assert_type(api.iter_batches(created_after="2026-11-01", created_before=1764012488, max_items=5), Iterator[Batch])
    assert_type(api.iter_results(api.retrieve_batch("batch_1"), on_progress=lambda _: None), Iterator[RequestResult])
    assert_type(RequestResult("1").error, ResultError | None)
    assert_type(Progress("upload", 1, None).total, int | None)
    assert_type(api.wait_for_batches(["batch_1"], timeout=3600), Iterator[Batch])


def results(batch: Batch) -> None:
    assert_type(outcome(batch), Outcome)
    assert_type(failure(batch), Failure | None)
    assert_type(to_datetime(batch.created_at), datetime)
    assert_type(to_datetime(batch.completed_at), datetime | None)
    assert_type(to_datetime(None), None)
    assert_type(to_datetime("2026-11-01"), datetime)
    assert_type(to_datetime(date(2026, 11, 1)), datetime)


async def twins() -> None:
    async with AsyncBatchAPI() as api:
        assert_type(api, AsyncBatchAPI)
        assert_type(await api.retrieve_batch("batch_1"), Batch)
        assert_type(await api.list_batches(limit=1), ListBatchesResponse)
        assert_type(await api.wait_for_batch("batch_1", timeout=3600), Batch)
        assert_type(api.iter_batches(created_after=datetime.now(UTC)), AsyncIterator[Batch])
        assert_type(api.wait_for_batches(["batch_1"], timeout=3600), AsyncIterator[Batch])
        async for batch in api.iter_batches():
            assert_type(batch, Batch)
        assert_type(await retrieve_batch.asyncio("batch_1", client=api), Batch)
        assert_type(await list_batches.asyncio_detailed(client=api), Response[ListBatchesResponse])


async def low_level(client: Client, other: AsyncClient) -> None:
    request = retrieve_batch.request("batch_1")
    assert_type(request, Request[Batch])
    assert_type(client.send(request), Response[Batch])
    response = retrieve_batch.sync_detailed("batch_1", client=client)
    assert_type(response, Response[Batch])
    assert_type(response.parsed, Batch)
    assert_type(response.status_code, int)
    assert_type(response.request_id, str | None)
    assert_type(retrieve_batch.sync("batch_1", client=client), Batch)
    assert_type(await other.send(request), Response[Batch])


def models(batch: Batch) -> None:
    assert_type(batch.id, str)
    assert_type(batch.created_at, int)
    assert_type(batch.completed_at, int | None)
    assert_type(batch.errors, BatchErrors | None)
    assert_type(batch.usage, BatchUsage | None)
    assert_type(batch.metadata, Metadata | None)
    assert_type(batch.additional_properties, dict[str, Any])
    assert_type(batch.to_dict(), dict[str, Any])
    assert_type(Batch.from_dict({"id": "batch_1"}, strict=True), Batch)
    # A server may send other statuses than the contract declares, so reading yields str, too.
    assert_type(batch.status, BatchStatus | str)
    status: BatchStatus = "completed"
    batch.status = status
    CreateBatchRequest(input_file_id="file-1", endpoint="/v1/completions", completion_window="24h")


def exceptions() -> None:
    try:
        BatchAPI().retrieve_batch("batch_1")
    except RateLimitError as error:
        assert_type(error.status, int)
        assert_type(error.headers, httpx.Headers)
    except APIStatusError as error:
        assert_type(error.code, str | None)
        assert_type(error.body, bytes)
    except BatchAPIError as error:
        assert_type(error.operation, str)
    try:
        Batch.from_dict({})
    except ShapeErrorOfModule as error:
        assert_type(error, ShapeError)
        assert_type(error.field, str)
        fault: ValueError = error
        print(fault)


def refused(api: BatchAPI, batch: Batch) -> None:
    from openai_batch_client import BatchAIP  # type: ignore[attr-defined]
    from openai_batch_client.models import Bath  # type: ignore[attr-defined]

    print(BatchAIP, Bath)
    BatchAPI(http_client=httpx.AsyncClient())  # type: ignore[arg-type]
    AsyncBatchAPI(http_client=httpx.Client())  # type: ignore[arg-type]
    BatchAPI(http_client=httpx2.AsyncClient())  # type: ignore[arg-type]
    AsyncBatchAPI(http_client=httpx2.Client())  # type: ignore[arg-type]
    BatchAPI(http_client=object())  # type: ignore[arg-type]
    BatchAPI(auth=("me", "secret"))  # type: ignore[arg-type]
    BatchAPI(auth="bearer")  # type: ignore[arg-type]
    BatchAPI(timeout="5")  # type: ignore[arg-type]
    api.create_batch(  # type: ignore[call-arg]
        input_file_id="file-1", endpoint="/v1/responses"
    )
    api.create_batch(
        input_file_id="file-1",
        endpoint="/v1/unknown",  # type: ignore[arg-type]
        completion_window="24h",
    )
    api.retrieve_batch()  # type: ignore[call-arg]
    outcome("nonsense")  # type: ignore[arg-type]
    outcome(api.list_batches())  # type: ignore[arg-type]
    failure(3)  # type: ignore[arg-type]
    failure(None)  # type: ignore[arg-type]
    to_datetime([])  # type: ignore[call-overload]
    to_datetime(batch.completed_at).timestamp()  # type: ignore[union-attr]
    Batch.from_dict(None)  # type: ignore[arg-type]
