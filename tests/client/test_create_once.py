"""create_batch neither loses a paid batch nor creates it twice."""

import json
import re
from typing import Any

import httpx
import pytest

from openai_batch_client import UNSET, errors
from tests.support.contract_names import IDS
from tests.support.twin import Twin

CREATE: dict[str, Any] = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}


class Service:
    """A service that stores batches, newest first, and can fail before or after it creates a batch."""

    def __init__(self, twin: Twin, *failures: str) -> None:
        self.clock = twin.clock
        self.batches: list[dict[str, Any]] = []
        self.failures = list(failures)
        self.listed = 0
        self.posted = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and request.url.path.endswith("/batches"):
            self.listed += 1
            return self.page(request.url.params)
        if request.method == "GET":
            batch_id = request.url.path.rpartition("/")[2]
            found = [batch for batch in self.batches if batch["id"] == batch_id]
            return httpx.Response(200, json=found[0]) if found else httpx.Response(404)
        self.posted += 1
        failure = self.failures.pop(0) if self.failures else ""
        if failure == "before":
            raise httpx.ReadTimeout("no response", request=request)
        batch = self.add(json.loads(request.content))
        if failure == "after":
            raise httpx.RemoteProtocolError("dropped", request=request)
        return httpx.Response(int(failure)) if failure else httpx.Response(200, json=batch)

    def add(self, body: dict[str, Any], age: float = 0, **more: Any) -> dict[str, Any]:
        created = int(self.clock.time - age)
        batch = {"id": f"batch_{len(self.batches)}", "object": "batch", "status": "validating", "created_at": created}
        self.batches.insert(0, {**body, **batch, **more})
        self.batches.sort(key=lambda batch: -batch["created_at"])
        return next(each for each in self.batches if each["id"] == batch["id"])

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
    metadata = dict(batch.metadata)

    assert 1 == len(service.batches)
    assert service.batches[0]["id"] == batch.id
    assert re.fullmatch(r"[0-9a-f]{32}\.[0-9a-f]{16}", metadata.pop("idempotency_stamp"))
    assert {"a": "b", "idempotency_key": "nightly"} == metadata


def test_lost_response_without_key(twin: Twin) -> None:
    """Without a key, a lost response raises CreateOutcomeUnknownError, with no retry and no search."""
    service = Service(twin, "after")
    with pytest.raises(errors.CreateOutcomeUnknownError):
        twin.run(twin.api(service).create_batch(**CREATE))

    assert (1, 0) == (len(service.batches), service.listed)


def test_other_batches_are_ruled_out(twin: Twin) -> None:
    """Batches with another key, or without a key and from another file, are not returned."""
    service = Service(twin, "before")
    service.add({**CREATE, "metadata": {"idempotency_key": "other"}})
    service.add({**CREATE, "input_file_id": "file-2", "metadata": None})
    batch = twin.run(twin.api(service).create_batch(**CREATE, idempotency_key="nightly"))

    assert "batch_2" == batch.id
    assert 3 == len(service.batches)


def test_key_means_the_same_batch(twin: Twin) -> None:
    """A later call returns the batch with the key, in any status; a key older than max_age counts as new."""
    service = Service(twin)
    first = twin.run(twin.api(service).create_batch(**CREATE, idempotency_key="nightly"))
    service.batches[0]["status"] = "failed"
    api = twin.api(service)

    assert first.id == twin.run(api.create_batch(**CREATE, idempotency_key="nightly")).id
    assert "failed" == twin.run(api.find_batch(idempotency_key="nightly")).status
    assert 1 == len(service.batches)
    twin.clock.time += 8 * 86400
    service.add({**CREATE, "input_file_id": "file-9"})
    assert first.id != twin.run(twin.api(service).create_batch(**CREATE, idempotency_key="nightly")).id


def test_other_arguments_are_a_conflict(twin: Twin) -> None:
    """The same key with other arguments raises IdempotencyConflictError with the batch, and creates nothing."""
    service = Service(twin)
    api = twin.api(service)
    first = twin.run(api.create_batch(**CREATE, idempotency_key="nightly"))
    with pytest.raises(errors.IdempotencyConflictError, match="other arguments") as caught:
        twin.run(api.create_batch(**{**CREATE, "endpoint": "/v1/embeddings"}, idempotency_key="nightly"))

    assert (first.id, 1) == (caught.value.batch.id, len(service.batches))


def test_find_batch(twin: Twin) -> None:
    """find_batch returns None if no batch has the key, sends no POST, and returns the batch otherwise."""
    service = Service(twin)
    api = twin.api(service)

    assert twin.run(api.find_batch(idempotency_key="nightly")) is None
    assert 0 == service.posted
    created = twin.run(api.create_batch(**CREATE, idempotency_key="nightly"))
    assert created.id == twin.run(api.find_batch(idempotency_key="nightly")).id
    assert 1 == service.posted


def test_repeats_after_the_settling_time(twin: Twin) -> None:
    """A lost create is repeated only after settling_time, and at most seven times."""
    service = Service(twin, *["before"] * 100)
    began = twin.clock.time
    with pytest.raises(errors.CreateOutcomeUnknownError, match="8 requests failed"):
        twin.run(twin.api(service).create_batch(**CREATE, idempotency_key="nightly", settling_time=20))

    assert (8, 0) == (service.posted, len(service.batches))
    assert 8 * 20 == twin.clock.time - began


def test_without_settling_time(twin: Twin) -> None:
    """With settling_time=None, a create that may have been received is never repeated."""
    service = Service(twin, "before")
    with pytest.raises(errors.CreateOutcomeUnknownError, match="settling_time is None"):
        twin.run(twin.api(service).create_batch(**CREATE, idempotency_key="nightly", settling_time=None))

    assert 1 == service.posted


def test_restartable_waits_before_the_first_request(twin: Twin) -> None:
    """With restartable=True, settling_time passes before the first POST; the time since find_batch counts."""
    service = Service(twin)
    api = twin.api(service)
    twin.run(api.create_batch(**CREATE, idempotency_key="one", restartable=True))
    assert 30 == sum(twin.clock.slept)
    twin.run(api.find_batch(idempotency_key="two"))
    twin.clock.time += 25
    twin.run(api.create_batch(**CREATE, idempotency_key="two", restartable=True))

    assert 35 == sum(twin.clock.slept)


def test_pause_before_the_first_request_is_logged(twin: Twin, caplog: pytest.LogCaptureFixture) -> None:
    """A program that shows the log does not look as if it hangs."""
    caplog.set_level("INFO", "openai_batch_client")
    service = Service(twin)
    api = twin.api(service)
    twin.run(api.create_batch(**CREATE, idempotency_key="one"))
    assert [] == caplog.messages
    twin.run(api.create_batch(**CREATE, idempotency_key="two", restartable=True))

    assert [
        "createBatch: looking for the idempotency key for 30 s before the create (settling_time)"
    ] == caplog.messages


def test_service_without_the_path_of_the_list(twin: Twin) -> None:
    """A base URL without the path of the API is the usual reason for a list that does not exist."""
    api = twin.api(lambda _: httpx.Response(404, json={"error": {"message": "no such path"}}))

    with pytest.raises(errors.NotFoundError, match="Does base_url end with the path of the API, such as /v1"):
        twin.run(api.create_batch(**CREATE, idempotency_key="one"))


def test_failed_search(twin: Twin) -> None:
    """If the list cannot be read after a lost create, the exception notes the failure, and create is not repeated."""
    service = Service(twin, "500")

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403) if request.method == "GET" and service.posted else service(request)

    with pytest.raises(errors.CreateOutcomeUnknownError) as caught:
        twin.run(twin.api(answer).create_batch(**CREATE, idempotency_key="nightly"))

    assert 1 == service.posted
    assert f"{IDS['list_batches']}: status 403" in caught.value.__notes__[0]


def test_list_without_permission(twin: Twin) -> None:
    """Without the permission to list, nothing is created, and the exception names the permission."""
    with pytest.raises(errors.PermissionDeniedError, match=rf"permission to list \({IDS['list_batches']}\)"):
        twin.run(twin.api(httpx.Response(403)).create_batch(**CREATE, idempotency_key="nightly"))

    assert ["GET"] == [request.method for request in twin.sent]


def test_refused_create_is_not_repeated(twin: Twin) -> None:
    """A client error of the create is raised unchanged: the server created no batch."""
    service = Service(twin)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400) if request.method == "POST" else service(request)

    with pytest.raises(errors.BadRequestError):
        twin.run(twin.api(answer).create_batch(**CREATE, idempotency_key="nightly"))

    assert ["GET", "POST"] == [request.method for request in twin.sent]


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"error": {"message": "no"}},
        {"data": None, "has_more": False},
        {"data": []},
        {"data": [{"id": ""}], "has_more": False},
    ],
)
def test_unreadable_list_is_not_an_empty_list(twin: Twin, page: Any) -> None:
    """A page that is not well-formed raises before anything is created."""
    with pytest.raises(errors.BatchAPIError, match="Nothing was created"):
        twin.run(twin.api(httpx.Response(200, json=page)).create_batch(**CREATE, idempotency_key="nightly"))

    assert {"GET"} == {request.method for request in twin.sent}


@pytest.mark.parametrize("token", [["nightly"], {"a": 1}, 7, None])
def test_odd_keys_of_other_batches(twin: Twin, token: Any) -> None:
    """A key in the list that is not a string belongs to another batch."""
    service = Service(twin)
    service.add({**CREATE, "input_file_id": "file-2", "metadata": {"idempotency_key": token}})
    batch = twin.run(twin.api(service).create_batch(**CREATE, idempotency_key="nightly"))

    assert "batch_1" == batch.id
    assert 2 == len(service.batches)


def test_service_without_metadata(twin: Twin) -> None:
    """A service that drops metadata raises MetadataNotKeptError with the batch; later keys are refused unsent."""
    service = Service(twin)

    def answer(request: httpx.Request) -> httpx.Response:
        response = service(request)
        for batch in service.batches:
            batch["metadata"] = None
        return httpx.Response(200, json=service.batches[0]) if request.method == "POST" else response

    api = twin.api(answer)
    with pytest.raises(errors.MetadataNotKeptError) as caught:
        twin.run(api.create_batch(**CREATE, idempotency_key="nightly"))
    assert service.batches[0]["id"] == caught.value.batch.id
    with pytest.raises(errors.MetadataNotKeptError, match="Nothing was sent"):
        twin.run(api.create_batch(**CREATE, idempotency_key="other"))
    assert 1 == service.posted


def test_later_batch_of_two_processes_is_cancelled(twin: Twin) -> None:
    """If another process created a batch with the key just before, the own batch is cancelled while it is new."""
    service = Service(twin)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/cancel"):
            batch = next(each for each in service.batches if each["id"] in request.url.path)
            batch["status"] = "cancelling"
            return httpx.Response(200, json=batch)
        if request.method == "POST" and not service.posted:
            other = json.loads(request.content)
            digest, _, _ = other["metadata"]["idempotency_stamp"].partition(".")
            other["metadata"]["idempotency_stamp"] = f"{digest}.{'0' * 16}"
            service.add(other, age=1)
        return service(request)

    batch = twin.run(twin.api(answer).create_batch(**CREATE, idempotency_key="nightly"))

    assert "batch_0" == batch.id
    assert ["cancelling", "validating"] == [each["status"] for each in service.batches]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"idempotency_key": "x" * 513}, "513 characters"),
        ({"idempotency_key": ""}, "empty"),
        ({"idempotency_key": "x", "metadata": {str(n): "" for n in range(15)}}, "16 pairs"),
        ({"idempotency_key": "x", "metadata": {"idempotency_stamp": ""}}, "must not contain"),
        ({"restartable": True}, "idempotency_key"),
        ({"idempotency_key": "x", "restartable": True, "settling_time": None}, "settling_time"),
        ({"idempotency_key": "x", "settling_time": -1}, "settling_time"),
        ({"idempotency_key": "x", "settling_time": float("inf")}, "finite"),
        ({"idempotency_key": "x", "max_age": "week"}, "max_age"),
    ],
)
def test_invalid_arguments(twin: Twin, arguments: dict[str, Any], message: str) -> None:
    """A key that does not fit into the metadata, or an invalid option, is refused before anything is sent."""
    api = twin.api(httpx.Response(200))
    with pytest.raises(ValueError, match=message):
        twin.run(api.create_batch(**CREATE, **arguments))

    assert [] == twin.sent


@pytest.mark.parametrize("key", ["", 20261123, b"nightly"])
@pytest.mark.parametrize("method", ["create_batch", "find_batch"])
def test_key_must_be_a_string(twin: Twin, method: str, key: Any) -> None:
    """A key that is empty or not a string is refused before a request is sent."""
    arguments = CREATE if method == "create_batch" else {}
    with pytest.raises(ValueError, match="idempotency_key must be a string that is not empty"):
        twin.run(getattr(twin.api(), method)(**arguments, idempotency_key=key))

    assert [] == twin.sent


def test_caller_metadata_is_not_modified(twin: Twin) -> None:
    """The caller's dictionary is not modified; 14 pairs leave room for the key and the stamp."""
    metadata = {str(n): "" for n in range(14)}
    service = Service(twin)
    twin.run(twin.api(service).create_batch(**CREATE, metadata=metadata, idempotency_key="x" * 512))

    assert 14 == len(metadata)
    assert 16 == len(service.batches[0]["metadata"])


@pytest.mark.parametrize(
    ("first", "second"), [({}, {"metadata": None}), ({"metadata": None}, {})], ids=["none", "left out"]
)
def test_null_counts_as_no_metadata(twin: Twin, first: dict[str, Any], second: dict[str, Any]) -> None:
    """With a key, metadata=None is sent as the map with the key, and is the same as no metadata."""
    service = Service(twin)
    batches = [
        twin.run(twin.api(service).create_batch(**CREATE, **metadata, idempotency_key="nightly"))
        for metadata in (first, second)
    ]

    assert 1 == service.posted
    assert batches[0].id == batches[1].id
    assert {"idempotency_key", "idempotency_stamp"} == service.batches[0]["metadata"].keys()


def test_null_is_sent_without_key(twin: Twin) -> None:
    """Without a key, metadata=None is sent as null, and metadata that is not given is not sent."""
    service = Service(twin)
    for metadata in ({"metadata": None}, {}, {"metadata": UNSET}):
        twin.run(twin.api(service).create_batch(**CREATE, **metadata))

    assert [True, False, False] == ["metadata" in batch for batch in reversed(service.batches)]
    assert service.batches[-1]["metadata"] is None
