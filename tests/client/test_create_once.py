"""A batch is neither lost nor created twice."""

import json
from typing import Any

import httpx
import pytest

from openai_batch_client import errors
from tests.support.twin import Twin

CREATE: dict[str, Any] = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}


class Service:
    """A service that stores batches, newest first, and fails before or after it acts."""

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
            raise httpx.ReadTimeout("no answer", request=request)
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
    """With a key, a batch is created exactly once and returned, whichever responses are lost."""
    service = Service(twin, *failures)
    batch = twin.run(twin.api(service).create_batch(**CREATE, metadata={"a": "b"}, idempotency_key="nightly"))

    assert 1 == len(service.batches)
    assert service.batches[0]["id"] == batch.id
    assert {"a": "b", "idempotency_key": "nightly"} == batch.metadata


def test_without_key_unknown(twin: Twin) -> None:
    """Without a key, a lost response raises; there is no retry and no search."""
    service = Service(twin, "after")
    with pytest.raises(errors.CreateOutcomeUnknownError):
        twin.run(twin.api(service).create_batch(**CREATE))

    assert (1, 0) == (len(service.batches), service.listed)


def test_only_its_own_is_found(twin: Twin) -> None:
    """A batch with another key or another input file does not match."""
    service = Service(twin, "before")
    service.add({**CREATE, "metadata": {"idempotency_key": "other"}})
    service.add({**CREATE, "input_file_id": "file-2", "metadata": {"idempotency_key": "nightly"}})
    service.add({**CREATE, "metadata": None})
    batch = twin.run(twin.api(service).create_batch(**CREATE, idempotency_key="nightly"))

    assert "batch_3" == batch.id
    assert 4 == len(service.batches)


def test_search_ends_shortly_before_the_first_attempt(twin: Twin) -> None:
    """The list is read back to five minutes before the first attempt, and no further."""
    service = Service(twin, "before")
    for age in range(5000, 0, -10):
        service.add(CREATE, age)
    twin.run(twin.api(service).create_batch(**CREATE, idempotency_key="nightly"))

    assert 1 == service.listed


def test_reuse_finds_an_earlier_one(twin: Twin) -> None:
    """With reuse a restarted job finds its batch, up to seven days back; without reuse there is no search."""
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
    """When the budget is exhausted, CreateOutcomeUnknownError has the number of attempts."""
    service = Service(twin, *["before"] * 100)
    with pytest.raises(errors.CreateOutcomeUnknownError) as caught:
        twin.run(twin.api(service, retry_budget=10).create_batch(**CREATE, idempotency_key="nightly"))

    assert 0 == len(service.batches)
    assert sum(twin.clock.slept) <= 10
    assert len([one for one in twin.sent if one.method == "POST"]) == caught.value.attempts == 5


def test_search_fails(twin: Twin) -> None:
    """When the search fails, too, the error says so, and there is no further attempt."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403 if request.method == "GET" else 500)

    with pytest.raises(errors.CreateOutcomeUnknownError) as caught:
        twin.run(twin.api(answer).create_batch(**CREATE, idempotency_key="nightly"))

    assert ["POST", "GET"] == [request.method for request in twin.sent]
    assert "listBatches: status 403" in caught.value.__notes__[0]


def test_refusal_is_a_refusal(twin: Twin) -> None:
    """A refusal is raised without a search."""
    with pytest.raises(errors.BadRequestError):
        twin.run(twin.api(httpx.Response(400)).create_batch(**CREATE, idempotency_key="nightly"))

    assert 1 == len(twin.sent)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"idempotency_key": "x" * 513}, "513 characters"),
        ({"idempotency_key": ""}, "empty"),
        ({"idempotency_key": "x", "metadata": {str(n): "" for n in range(16)}}, "16 pairs"),
        ({"reuse": True}, "idempotency_key"),
    ],
)
def test_what_has_no_room(twin: Twin, arguments: dict[str, Any], words: str) -> None:
    """A key that does not fit is refused before anything is sent."""
    api = twin.api(httpx.Response(200))
    with pytest.raises(ValueError, match=words):
        twin.run(api.create_batch(**CREATE, **arguments))

    assert [] == twin.sent


@pytest.mark.parametrize("key", ["", 20261123, b"nightly"])
def test_key_is_text(twin: Twin, key: Any) -> None:
    """A key that is not a string, or is empty, is refused before any request."""
    with pytest.raises(ValueError, match="idempotency_key must be a string that is not empty"):
        twin.run(twin.api().create_batch(**CREATE, idempotency_key=key))

    assert [] == twin.sent


def test_metadata_of_the_caller_is_not_changed(twin: Twin) -> None:
    """The caller's metadata is not changed; 15 pairs leave room for the key."""
    metadata = {str(n): "" for n in range(15)}
    service = Service(twin)
    twin.run(twin.api(service).create_batch(**CREATE, metadata=metadata, idempotency_key="x" * 512))

    assert 15 == len(metadata)
    assert 16 == len(service.batches[0]["metadata"])
