"""The embedded server ages batches along the contract's lifecycle, and writes their result files."""

import copy
import json
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from scripts.openapi.contract import OPENAPI_YAML, Contract
from tests.support.stepped_server import START, SteppedServer, line

CONTRACT = Contract.load()
(INPUT_FILE,) = (file for file in CONTRACT.files.values() if "upload" in file)


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


@pytest.mark.parametrize("field", ["output_file_id", "error_file_id"])
def test_result_lines_match_the_contract(server: SteppedServer, field: str) -> None:
    """Each line of the output file and the error file is valid under the schema of its lines in the contract."""
    endpoints = CONTRACT.schemas["BatchEndpoint"]["enum"]
    pointer = f"/components/schemas/Batch/properties/{field}"
    schema = CONTRACT.schemas[CONTRACT.files[pointer]["line"]]
    valid = OAS31Validator({**schema, "components": CONTRACT.document["components"], "additionalProperties": False})
    for endpoint in endpoints:
        body = {"model": "gpt-5", "input": "x", "messages": ["x"], "prompt": "x"}
        lines = [line(0, url=endpoint, body=body), line(1, url=endpoint, body={})]
        done = server.after(100, server.create(server.upload(*lines), endpoint=endpoint))
        (row,) = server.rows(done[field])

        assert [] == [error.message for error in valid.iter_errors(row)]


def test_limits_are_in_the_contract() -> None:
    """The server takes purpose, limits and fields of an input file from the contract."""
    document = copy.deepcopy(dict(CONTRACT.document))
    schemas = document["components"]["schemas"]
    schemas["CreateBatchRequest"]["properties"]["input_file_id"]["x-file"] = {
        **INPUT_FILE,
        "upload": {"path": "/uploads", "purpose": "night"},
        "max_lines": 2,
        "max_bytes": 400,
        "unique": "url",
        "equal": {"custom_id": "completion_window"},
    }
    server = SteppedServer(Contract(document, OPENAPI_YAML))

    def upload(*lines: dict[str, Any], purpose: str = "night") -> Any:
        text = "\n".join(map(json.dumps, lines))
        return server.http.post("/uploads", files={"file": ("in.jsonl", text)}, data={"purpose": purpose})

    def errors(*lines: dict[str, Any]) -> list[tuple[str, str]]:
        failed = server.after(10, server.create(upload(*lines).json()["id"]))
        return [(error["code"], error["message"]) for error in (failed["errors"] or {"data": []})["data"]]

    first, second = ({**line(1), "custom_id": "24h", "url": url} for url in ("/v1/a", "/v1/b"))
    assert 400 == upload(first, purpose="batch").status_code
    assert 413 == upload(*[first] * 4).status_code
    assert [] == errors(first, second)
    assert [("too_many_tasks", "The file contains 3 requests; the limit is 2.")] == errors(first, {}, {})
    assert [("duplicate_url", "The url is already used in line 1.")] == errors(first, first)
    mismatch = "The custom_id must be the completion_window of the batch, 24h."
    assert [("custom_id_mismatch", mismatch)] == errors({**first, "custom_id": "x"})


def test_contract_without_files() -> None:
    """A server whose contract has no x-file has no files. Its batches have no requests, and complete."""
    document = copy.deepcopy(dict(CONTRACT.document))
    for name in ("CreateBatchRequest", "Batch"):
        for schema in document["components"]["schemas"][name]["properties"].values():
            schema.pop("x-file", None)
    server = SteppedServer(Contract(document, OPENAPI_YAML))

    assert [404, 404] == [server.http.get(f"/files/file-1{path}").status_code for path in ("", "/content")]
    assert [] == server.http.get("/batches").json()["data"]
    batch = server.create("file-1")
    assert ["validating", "in_progress", "completed"] == [
        server.after(seconds, batch)["status"] for seconds in (0, 10, 100)
    ]


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
        (["x"] * (INPUT_FILE["max_lines"] + 1), [("too_many_tasks", None)]),
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
    store = server.app.store.batches
    assert store.planner is not None
    store.objects[0].timeline = store.planner.plan(START, 20, deadline=START + 15)
    ended = server.after(86400, batch)

    assert ("expired", START + 15) == (ended["status"], ended["expired_at"])
    assert 5 == len(server.rows(ended["output_file_id"]))
    assert ended["completed_at"] is ended["finalizing_at"] is None


def test_new_operation_and_status_of_the_contract() -> None:
    """A new operation deletes batches, and batches pass through a new status."""
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

    batch = server.create(server.upload(line(1)))
    rejected = server.http.delete(f"/batches/{batch['id']}")
    seen = [server.after(10, batch) for _ in range(2)]
    deleted, unknown = (server.http.delete(f"/batches/{batch['id']}", params={"force": "true"}) for _ in range(2))

    assert (200, seen[1]) == (deleted.status_code, deleted.json())
    assert (404, 404) == (unknown.status_code, server.http.get(f"/batches/{batch['id']}").status_code)
    assert [] == server.http.get("/batches").json()["data"]
    assert (400, "force") == (rejected.status_code, rejected.json()["error"]["param"])
    assert ["queued", "in_progress"] == [one["status"] for one in seen]
    assert START + 10 == seen[1]["queued_at"]
