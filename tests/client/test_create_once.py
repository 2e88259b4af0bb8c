"""create_batch neither loses a paid batch nor creates it twice."""

import json
from typing import Any

import httpx
import pytest

from openai_batch_client import errors
from tests.support.twin import Twin

CREATE: dict[str, Any] = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}


class Service:
    """A service that stores batches, newest first, and can fail before or after it creates a batch."""

    def __init__(self, twin: Twin, *failures: str) -> None:
        self.clock = twin.clock
        self.batches: list[dict[str, Any]] = []
        self.failures = list(failures)
        self.listed = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            self.listed += 1
            return self.page(request.url.params)
        failure = self.failures.pop(0) if self.failures else ""
        if failure == "before":
            raise httpx.ReadTimeout("no response", request=request)
        batch = self.add(json.loads(request.content))
        if failure == "after":
            raise httpx.RemoteProtocolError("dropped", request=request)
        return httpx.Response(int(failure)) if failure else httpx.Response(200, json=batch)

    def add(self, body: dict[str, Any], age: float = 0) -> dict[str, Any]:
        created = int(self.clock.time - age)
        batch = {"id": f"batch_{len(self.batches)}", "object": "batch", "status": "validating", "created_at": created}
        self.batches.insert(0, {**body, **batch})
        return self.batches[0]

    def page(self, query: Any) -> httpx.Response:
        ids = [batch["id"] for batch in self.batches]
        start = ids.index(query["after"]) + 1 if "after" in query else 0
        data = self.batches[start : start + int(query["limit"])]
        more = start + len(data) < len(self.batches)
        return httpx.Response(200, json={"object": "list", "data": data, "has_more": more})


@pytest.mark.parametrize(
    "failures", [[], ["after"], ["before"], ["500"], ["before", "after"], ["before"] * 3 + ["500"]]
)
def test_created_exactly_once(twin: Twin, failures: list[str]) -> None:
    """With a key, exactly one batch is created and returned, whether lost responses meant success or failure."""
    service = Service(twin, *failures)
    batch = twin.run(twin.api(service).create_batch(**CREATE, metadata={"a": "b"}, idempotency_key="nightly"))

    assert 1 == len(service.batches)
    assert service.batches[0]["id"] == batch.id
    assert {"a": "b", "idempotency_key": "nightly"} == batch.metadata


def test_lost_response_without_key(twin: Twin) -> None:
    """Without a key, a lost response raises CreateOutcomeUnknownError, with no retry and no search."""
    service = Service(twin, "after")
    with pytest.raises(errors.CreateOutcomeUnknownError):
        twin.run(twin.api(service).create_batch(**CREATE))

    assert (1, 0) == (len(service.batches), service.listed)


def test_search_matches_key_and_input_file(twin: Twin) -> None:
    """The search ignores batches with another key or another input file."""
    service = Service(twin, "before")
    service.add({**CREATE, "metadata": {"idempotency_key": "other"}})
    service.add({**CREATE, "input_file_id": "file-2", "metadata": {"idempotency_key": "nightly"}})
    service.add({**CREATE, "metadata": None})
    batch = twin.run(twin.api(service).create_batch(**CREATE, idempotency_key="nightly"))

    assert "batch_3" == batch.id
    assert 4 == len(service.batches)


def test_search_ends_shortly_before_the_first_attempt(twin: Twin) -> None:
    """The search stops at batches created more than five minutes before the first attempt."""
    service = Service(twin, "before")
    for age in range(5000, 0, -10):
        service.add(CREATE, age)
    twin.run(twin.api(service).create_batch(**CREATE, idempotency_key="nightly"))

    assert 1 == service.listed


def test_reuse_returns_an_earlier_batch(twin: Twin) -> None:
    """reuse=True returns a batch with the same key from the last seven days; the default creates a new batch."""
    service = Service(twin)
    service.add({**CREATE, "metadata": {"idempotency_key": "old"}}, age=8 * 86400)
    for age in range(6 * 86400, 0, -3600):
        service.add({**CREATE, "metadata": {"idempotency_key": f"n-{age}"}}, age)
    count = len(service.batches)
    api = twin.api(service)

    found = twin.run(api.create_batch(**CREATE, idempotency_key=f"n-{6 * 86400}", reuse=True))
    assert ("batch_1", count) == (found.id, len(service.batches))
    twin.run(api.create_batch(**CREATE, idempotency_key="old", reuse=True))
    twin.run(api.create_batch(**CREATE, idempotency_key="n-3600"))
    assert count + 2 == len(service.batches)


def test_budget_limits_the_attempts(twin: Twin) -> None:
    """When the budget is exhausted, CreateOutcomeUnknownError states the number of attempts."""
    service = Service(twin, *["before"] * 100)
    with pytest.raises(errors.CreateOutcomeUnknownError) as caught:
        twin.run(twin.api(service, retry_budget=10).create_batch(**CREATE, idempotency_key="nightly"))

    assert 0 == len(service.batches)
    assert sum(twin.clock.slept) <= 10
    assert len([request for request in twin.sent if request.method == "POST"]) == caught.value.attempts == 5


def test_failed_search(twin: Twin) -> None:
    """If the search for the batch fails too, the exception notes its failure, and create is not retried."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403 if request.method == "GET" else 500)

    with pytest.raises(errors.CreateOutcomeUnknownError) as caught:
        twin.run(twin.api(answer).create_batch(**CREATE, idempotency_key="nightly"))

    assert ["POST", "GET"] == [request.method for request in twin.sent]
    assert "listBatches: status 403" in caught.value.__notes__[0]


def test_refused_create_is_not_searched(twin: Twin) -> None:
    """A client error is raised unchanged, without a search: the server created no batch."""
    with pytest.raises(errors.BadRequestError):
        twin.run(twin.api(httpx.Response(400)).create_batch(**CREATE, idempotency_key="nightly"))

    assert 1 == len(twin.sent)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"idempotency_key": "x" * 513}, "513 characters"),
        ({"idempotency_key": ""}, "empty"),
        ({"idempotency_key": "x", "metadata": {str(n): "" for n in range(16)}}, "16 pairs"),
        ({"reuse": True}, "idempotency_key"),
    ],
)
def test_invalid_arguments(twin: Twin, arguments: dict[str, Any], message: str) -> None:
    """A key that does not fit into the metadata, or reuse without a key, is refused before a request is sent."""
    api = twin.api(httpx.Response(200))
    with pytest.raises(ValueError, match=message):
        twin.run(api.create_batch(**CREATE, **arguments))

    assert [] == twin.sent


@pytest.mark.parametrize("key", ["", 20261123, b"nightly"])
def test_key_must_be_a_string(twin: Twin, key: Any) -> None:
    """A key that is empty or not a string is refused before a request is sent."""
    with pytest.raises(ValueError, match="idempotency_key must be a string that is not empty"):
        twin.run(twin.api().create_batch(**CREATE, idempotency_key=key))

    assert [] == twin.sent


def test_caller_metadata_is_not_modified(twin: Twin) -> None:
    """The caller's dictionary is not modified; 15 pairs leave room for the key."""
    metadata = {str(n): "" for n in range(15)}
    service = Service(twin)
    twin.run(twin.api(service).create_batch(**CREATE, metadata=metadata, idempotency_key="x" * 512))

    assert 15 == len(metadata)
    assert 16 == len(service.batches[0]["metadata"])
