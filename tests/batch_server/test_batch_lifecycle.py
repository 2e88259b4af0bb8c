"""The embedded server ages batches along the contract's lifecycle, and writes their result files."""

import copy
from typing import Any

import pytest

from scripts.batch_server.input_file import MAX_LINES
from scripts.openapi.contract import OPENAPI_YAML, Contract
from tests.support.stepped_server import START, SteppedServer, line


@pytest.fixture
def server() -> SteppedServer:
    return SteppedServer()


def test_batch_completes(server: SteppedServer) -> None:
    """A batch follows its lifecycle; each time stamp is set when the batch enters the status, and the counts grow."""
    batch = server.create(server.upload(*map(line, range(4))), metadata={"job": "nightly"})
    times = [name for name in batch if name.endswith("_at") and name != "created_at"]
    seen = [server.after(seconds, batch) for seconds in (0, 10, 3, 1, 10)]

    assert ["validating", "in_progress", "in_progress", "finalizing", "completed"] == [one["status"] for one in seen]
    assert [0, 0, 3, 4, 4] == [one["request_counts"]["completed"] for one in seen]
    assert {"job": "nightly"} == seen[-1]["metadata"]
    expected = {
        "expires_at": START + 86400,
        "in_progress_at": START + 10,
        "finalizing_at": START + 14,
        "completed_at": START + 24,
    }
    assert expected == {name: seen[-1][name] for name in times if seen[-1][name] is not None}


def test_responses_are_deterministic(server: SteppedServer) -> None:
    """Each line always has the same response; failed lines are in the error file; usage is the sum of all lines."""
    lines = [line(0), line(1, body={"model": "unknown-7", "input": "x"}), line(2, body={"input": "x"}), line(3)]
    batches = [server.create(server.upload(*lines)) for _ in range(2)]
    done = [server.after(100, batch) for batch in batches]
    outputs = [server.rows(batch["output_file_id"]) for batch in done]

    assert ["r-0", "r-3"] == [row["custom_id"] for row in outputs[0]]
    assert [row["response"]["body"] for row in outputs[0]] == [row["response"]["body"] for row in outputs[1]]
    failed = {row["custom_id"]: row["response"]["status_code"] for row in server.rows(done[0]["error_file_id"])}
    assert {"r-1": 404, "r-2": 400} == failed
    assert {"total": 4, "completed": 2, "failed": 2} == done[0]["request_counts"]
    usage = [row["response"]["body"]["usage"]["total_tokens"] for row in outputs[0]]
    assert sum(usage) == done[0]["usage"]["total_tokens"]


@pytest.mark.parametrize(
    ("lines", "errors"),
    [
        ([line(1), "{not json", line(2)], [("invalid_json_line", 2)]),
        ([line(1), "[1, 2]"], [("invalid_json_line", 2)]),
        ([line(1), line(2), line(1)], [("duplicate_custom_id", 3)]),
        ([line(1, custom_id=None), line(2)], [("missing_custom_id", 1)]),
        ([line(1), line(2, url="/v1/embeddings")], [("url_mismatch", 2)]),
        ([line(1, method="GET")], [("invalid_method", 1)]),
        ([line(1, body="text")], [("missing_body", 1)]),
        ([""], [("empty_file", None)]),
        (["\n \n"], [("empty_file", None)]),
        (["x", line(1), "y"], [("invalid_json_line", 1), ("invalid_json_line", 3)]),
        (["x"] * (MAX_LINES + 1), [("too_many_tasks", None)]),
    ],
    ids=lambda value: None if isinstance(value, list) and value and not isinstance(value[0], tuple) else value[0][0],
)
def test_invalid_input_file(server: SteppedServer, lines: list[Any], errors: list[tuple[str, int | None]]) -> None:
    """A batch with an invalid input file fails; each error has a code and a line."""
    batch = server.create(server.upload(*lines))
    failed = server.after(10, batch)

    assert "validating" == batch["status"]
    assert "failed" == failed["status"]
    assert START + 10 == failed["failed_at"]
    assert errors == [(error["code"], error["line"]) for error in failed["errors"]["data"]]
    assert {"total": 0, "completed": 0, "failed": 0} == failed["request_counts"]


def test_cancelled_batch_has_partial_results(server: SteppedServer) -> None:
    """Cancelling takes time and keeps the finished responses; a second request for it changes nothing."""
    batch = server.create(server.upload(*map(line, range(10))))
    server.clock.step(13)
    first = server.http.post(f"/batches/{batch['id']}/cancel")
    server.clock.step(5)
    second = server.http.post(f"/batches/{batch['id']}/cancel")
    ended = server.after(5, batch)

    assert ["cancelling", "cancelling"] == [first.json()["status"], second.json()["status"]]
    assert first.json()["cancelling_at"] == second.json()["cancelling_at"] == START + 13
    assert ("cancelled", START + 23) == (ended["status"], ended["cancelled_at"])
    assert {"total": 10, "completed": 3, "failed": 0} == ended["request_counts"]
    assert ["r-0", "r-1", "r-2"] == [row["custom_id"] for row in server.rows(ended["output_file_id"])]


def test_final_batch_cannot_be_cancelled(server: SteppedServer) -> None:
    """A request to cancel a final batch gets an error with the batch's status."""
    batch = server.create(server.upload(line(1)))
    server.clock.step(1000)
    response = server.http.post(f"/batches/{batch['id']}/cancel")

    assert 409 == response.status_code
    assert "completed" in response.json()["error"]["message"]


def test_expired_batch_has_partial_results(server: SteppedServer) -> None:
    """A batch that is unfinished at the end of its completion window expires, and keeps the finished responses."""
    batch = server.create(server.upload(*({**line(n), "custom_id": str(n)} for n in range(20))))
    store = server.app.store
    store._batches[0].timeline = store._planner.plan(START, 20, input_valid=True, deadline=START + 15)
    ended = server.after(86400, batch)

    assert ("expired", START + 15) == (ended["status"], ended["expired_at"])
    assert 5 == len(server.rows(ended["output_file_id"]))
    assert ended["completed_at"] is ended["finalizing_at"] is None


def test_new_operation_and_status_of_the_contract() -> None:
    """A new operation responds with the contract's example, and batches pass through a new status."""
    document = copy.deepcopy(dict(Contract.load().document))
    item = document["paths"]["/batches/{batch_id}"]
    item["delete"] = {**copy.deepcopy(item["get"]), "operationId": "deleteBatch"}
    item["delete"]["parameters"].append(
        {"name": "force", "in": "query", "required": True, "description": "x", "schema": {"type": "boolean"}}
    )
    schemas = document["components"]["schemas"]
    schemas["BatchStatus"]["enum"].insert(1, "queued")
    lifecycle = schemas["BatchStatus"]["x-lifecycle"]
    lifecycle["validating"] = ["queued", "failed"]
    lifecycle["queued"] = ["in_progress", "cancelling"]
    schemas["Batch"]["properties"]["queued_at"] = {"type": ["integer", "null"], "description": "x"}
    server = SteppedServer(Contract(document, OPENAPI_YAML))

    deleted = server.http.delete("/batches/batch_1", params={"force": "true"})
    rejected = server.http.delete("/batches/batch_1")
    batch = server.create(server.upload(line(1)))
    seen = [server.after(10, batch) for _ in range(2)]

    assert (200, "completed") == (deleted.status_code, deleted.json()["status"])
    assert (400, "force") == (rejected.status_code, rejected.json()["error"]["param"])
    assert ["queued", "in_progress"] == [one["status"] for one in seen]
    assert START + 10 == seen[1]["queued_at"]
