"""The official SDK, as it is, works with the embedded server: it speaks the provider's protocol."""

import io
import json
from collections.abc import Iterator

import openai
import pytest

from scripts.batch_server.clock import Clock
from scripts.batch_server.running import Server, running


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server on loopback whose clock is stepped by hand."""
    with running(clock=Clock(0)) as server:
        yield server


@pytest.fixture
def sdk(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.url, api_key=server.key, max_retries=0) as sdk:
        yield sdk


def upload(sdk: openai.OpenAI, lines: int) -> str:
    rows = [
        {"custom_id": f"r-{n}", "method": "POST", "url": "/v1/embeddings", "body": {"model": "m", "input": str(n)}}
        for n in range(lines)
    ]
    content = io.BytesIO("\n".join(map(json.dumps, rows)).encode())
    return sdk.files.create(file=("in.jsonl", content), purpose="batch").id


def test_life_of_a_batch(sdk: openai.OpenAI, server: Server) -> None:
    """It can upload, create, retrieve and download."""
    file_id = upload(sdk, 5)
    assert "batch" == sdk.files.retrieve(file_id).purpose
    batch = sdk.batches.create(
        input_file_id=file_id,
        endpoint="/v1/embeddings",
        completion_window="24h",
        metadata={"job": "nightly"},
        output_expires_after={"anchor": "created_at", "seconds": 3600},
    )
    server.clock.step(3600)
    done = sdk.batches.retrieve(batch.id)

    assert ("validating", "completed") == (batch.status, done.status)
    assert {"job": "nightly"} == done.metadata
    assert done.output_file_id is not None
    rows = [json.loads(row) for row in sdk.files.content(done.output_file_id).text.splitlines()]
    assert [f"r-{n}" for n in range(5)] == [row["custom_id"] for row in rows]


def test_cancel(sdk: openai.OpenAI, server: Server) -> None:
    """It can cancel."""
    batch = sdk.batches.create(input_file_id=upload(sdk, 5), endpoint="/v1/embeddings", completion_window="24h")

    assert "cancelling" == sdk.batches.cancel(batch.id).status
    server.clock.step(3600)
    assert "cancelled" == sdk.batches.retrieve(batch.id).status


def test_list(sdk: openai.OpenAI) -> None:
    """It can page through the list by itself."""
    file_id = upload(sdk, 1)
    created = [
        sdk.batches.create(input_file_id=file_id, endpoint="/v1/embeddings", completion_window="24h").id
        for _ in range(12)
    ]

    assert created[::-1] == [batch.id for batch, _ in zip(sdk.batches.list(limit=5), created, strict=False)]


def test_errors(sdk: openai.OpenAI, server: Server) -> None:
    """It recognizes errors by status, and finds code, parameter and request id where it looks for them."""
    with pytest.raises(openai.NotFoundError) as missing:
        sdk.batches.retrieve("batch_none")
    with pytest.raises(openai.BadRequestError):
        sdk.batches.list(limit=1000)
    with (
        openai.OpenAI(base_url=server.url, api_key="sk-wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as refused,
    ):
        stranger.batches.list()

    assert "batch_id" == missing.value.param
    assert "invalid_api_key" == refused.value.code
    assert refused.value.request_id
