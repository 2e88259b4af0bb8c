"""The embedded server processes batches as the contract's lifecycle says, and answers as the contract says."""

import copy
import json
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from scripts.batch_server import __main__ as command
from scripts.batch_server.app import create_app
from scripts.batch_server.clock import Clock
from scripts.batch_server.input_file import MAX_LINES
from scripts.batch_server.lifecycle import Pace
from scripts.batch_server.running import bound
from scripts.openapi.contract import OPENAPI_YAML, Contract
from tests.support import judge

BODY = {"input_file_id": "file-none", "endpoint": "/v1/responses", "completion_window": "24h"}
JSON = {"Content-Type": "application/json"}
START = 1764012488.0
PACE = Pace(requests_per_second=1, validating=10, finalizing=10, cancelling=10)


class Server:
    """A server without a socket, with a clock that is stepped by hand."""

    def __init__(self, contract: Contract | None = None) -> None:
        self.clock = Clock(0, START)
        self.app = create_app(contract or Contract.load(), key="sk-local", clock=self.clock, pace=PACE)
        self.http = TestClient(self.app, headers={"Authorization": "Bearer sk-local"}, base_url="http://server.test/v1")

    def upload(self, *lines: dict[str, Any] | str) -> str:
        """The id of a new file of requests."""
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        answer = self.http.post("/files", files={"file": ("in.jsonl", text)}, data={"purpose": "batch"})
        return str(answer.json()["id"])

    def create(self, file_id: str, **more: Any) -> Any:
        """A new batch."""
        body = {"input_file_id": file_id, "endpoint": "/v1/responses", "completion_window": "24h", **more}
        answer = self.http.post("/batches", json=body)
        assert 200 == answer.status_code, answer.text
        return answer.json()

    def after(self, seconds: float, batch: Any) -> Any:
        """The batch some seconds later."""
        self.clock.step(seconds)
        return self.http.get(f"/batches/{batch['id']}").json()

    def rows(self, file_id: str) -> list[Any]:
        """The lines of a file."""
        return [json.loads(line) for line in self.http.get(f"/files/{file_id}/content").text.splitlines()]


@pytest.fixture
def server() -> Server:
    return Server()


def line(number: int, **more: Any) -> dict[str, Any]:
    request = {"model": "gpt-5", "input": f"Question {number}"}
    return {"custom_id": f"r-{number}", "method": "POST", "url": "/v1/responses", "body": request, **more}


def test_batch_completes(server: Server) -> None:
    """A batch goes along its lifecycle; each time stamp is set when its status is entered, and counts move."""
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


def test_answers_are_deterministic(server: Server) -> None:
    """Every line is answered, the same way each time; lines that fail go to the error file; usage is their sum."""
    lines = [line(0), line(1, body={"model": "unknown-7", "input": "x"}), line(2, body={"input": "x"}), line(3)]
    batches = [server.create(server.upload(*lines)) for _ in range(2)]
    done = [server.after(100, batch) for batch in batches]
    outputs = [server.rows(batch["output_file_id"]) for batch in done]

    assert ["r-0", "r-3"] == [row["custom_id"] for row in outputs[0]]
    assert [row["response"]["body"] for row in outputs[0]] == [row["response"]["body"] for row in outputs[1]]
    refused = {row["custom_id"]: row["response"]["status_code"] for row in server.rows(done[0]["error_file_id"])}
    assert {"r-1": 404, "r-2": 400} == refused
    assert {"total": 4, "completed": 2, "failed": 2} == done[0]["request_counts"]
    usage = [row["response"]["body"]["usage"]["total_tokens"] for row in outputs[0]]
    assert sum(usage) == done[0]["usage"]["total_tokens"]


@pytest.mark.parametrize(
    ("lines", "faults"),
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
def test_broken_file(server: Server, lines: list[Any], faults: list[tuple[str, int | None]]) -> None:
    """A batch whose file has faults fails, and names the code and the line of each."""
    batch = server.create(server.upload(*lines))
    failed = server.after(10, batch)

    assert "validating" == batch["status"]
    assert "failed" == failed["status"]
    assert START + 10 == failed["failed_at"]
    assert faults == [(error["code"], error["line"]) for error in failed["errors"]["data"]]
    assert {"total": 0, "completed": 0, "failed": 0} == failed["request_counts"]


def test_cancel_keeps_what_was_done(server: Server) -> None:
    """Cancelling takes some time, leaves the answers that were ready, and can be asked for twice."""
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


def test_cancel_at_the_end_is_refused(server: Server) -> None:
    """What has ended cannot be cancelled; the refusal names its status."""
    batch = server.create(server.upload(line(1)))
    server.clock.step(1000)
    answer = server.http.post(f"/batches/{batch['id']}/cancel")

    assert 409 == answer.status_code
    assert "completed" in answer.json()["error"]["message"]


def test_expired_batch_keeps_what_was_done(server: Server) -> None:
    """A batch that is not done when its window ends expires, with the answers that were ready."""
    batch = server.create(server.upload(*({**line(n), "custom_id": str(n)} for n in range(20))))
    server.app.store._batches[0].timeline = server.app.store._lifecycle.plan(
        START, 20, faulty=False, deadline=START + 15, pace=PACE
    )
    ended = server.after(86400, batch)

    assert ("expired", START + 15) == (ended["status"], ended["expired_at"])
    assert 5 == len(server.rows(ended["output_file_id"]))
    assert ended["completed_at"] is ended["finalizing_at"] is None


def test_paging(server: Server) -> None:
    """Pages give each batch once, newest first, also while batches are being created."""
    file_id = server.upload(line(1))
    created = [server.create(file_id)["id"] for _ in range(25)]
    found: list[str] = []
    page: dict[str, Any] = {"has_more": True}
    while page["has_more"]:
        query = {"limit": "7", **({"after": page["last_id"]} if found else {})}
        page = server.http.get("/batches", params=query).json()
        assert (page["data"][0]["id"], page["data"][-1]["id"]) == (page["first_id"], page["last_id"])
        found += [batch["id"] for batch in page["data"]]
        server.create(file_id)

    assert created[::-1] == found
    assert 20 == len(server.http.get("/batches").json()["data"])


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "param", "code"),
    [
        ("GET", "/batches", {"headers": {"Authorization": "Bearer sk-wrong"}}, 401, None, "invalid_api_key"),
        ("GET", "/batches/batch_none", {}, 404, "batch_id", None),
        ("POST", "/batches/batch_none/cancel", {}, 404, "batch_id", None),
        ("GET", "/batches?after=batch_none", {}, 404, "after", None),
        ("GET", "/batches?limit=0", {}, 400, "limit", "invalid_value"),
        ("GET", "/batches?limit=ten", {}, 400, "limit", "invalid_value"),
        ("GET", "/nothing", {}, 404, None, None),
        ("DELETE", "/batches", {}, 405, None, None),
        ("POST", "/batches", {}, 400, None, "invalid_value"),
        ("POST", "/batches", {"content": b"{", "headers": JSON}, 400, None, "invalid_value"),
        ("POST", "/batches", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 400, None, "invalid_value"),
        ("POST", "/batches", {"json": {**BODY, "input_file_id": None}}, 400, "input_file_id", "invalid_value"),
        ("POST", "/batches", {"json": {"endpoint": "/v1/responses"}}, 400, "input_file_id", "invalid_value"),
        ("POST", "/batches", {"json": {**BODY, "endpoint": "/v1/x"}}, 400, "endpoint", "invalid_value"),
        ("POST", "/batches", {"json": {**BODY, "metadata": {"a": 1}}}, 400, "metadata", "invalid_value"),
        ("POST", "/batches", {"json": BODY}, 400, "input_file_id", "invalid_file"),
        ("POST", "/files", {"content": b""}, 400, None, None),
        ("POST", "/files", {"files": {"file": b"x"}, "data": {"purpose": "assistants"}}, 400, "purpose", None),
        ("POST", "/files", {"files": {"other": b"x"}, "data": {"purpose": "batch"}}, 400, "file", None),
        ("GET", "/files/file-none", {}, 404, "file_id", None),
        ("GET", "/files/file-none/content", {}, 404, "file_id", None),
    ],
)  # fmt: skip
def test_refusal(
    server: Server, method: str, path: str, options: Any, status: int, param: str | None, code: str | None
) -> None:
    """Every refusal is an error of the contract's form, with its parameter and code, and names the exchange."""
    answer = server.http.request(method, path, **options)

    assert status == answer.status_code, answer.text
    error = answer.json()["error"]
    assert (param, code) == (error["param"], error["code"])
    assert error["message"]
    assert answer.headers["x-request-id"].startswith("req_")
    assert "sk-" not in answer.text
    # Any operation will do: they share the error response.
    request = httpx.Request("GET", "https://api.openai.com/v1/batches", headers={"authorization": "Bearer sk-local"})
    response = httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)
    assert judge.response_fault(judge.message(request, response)) is None


def test_unexpected_failure_is_told_without_details(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the server itself is status 500 in the contract's form, and nothing of its inside shows."""

    def fail(*_: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(server.app.store, "page", fail)
    http = TestClient(server.app, headers=dict(server.http.headers), raise_server_exceptions=False)
    answer = http.get("/v1/batches")

    assert 500 == answer.status_code
    assert "server_error" == answer.json()["error"]["type"]
    assert "inside" not in answer.text
    assert answer.headers["x-request-id"]


def test_answer_that_breaks_the_contract_is_not_sent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server holds its own answers to the contract."""
    monkeypatch.setattr(server.app.store, "page", lambda *_: {"object": "list", "data": {}})
    answer = server.http.get("/batches")

    assert 500 == answer.status_code


def test_contract_drives() -> None:
    """An operation that the code does not know answers with the contract's example; a new status is passed."""
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
    server = Server(Contract(document, OPENAPI_YAML))

    deleted = server.http.delete("/batches/batch_1", params={"force": "true"})
    refused = server.http.delete("/batches/batch_1")
    batch = server.create(server.upload(line(1)))
    seen = [server.after(10, batch) for _ in range(2)]

    assert (200, "completed") == (deleted.status_code, deleted.json()["status"])
    assert (400, "force") == (refused.status_code, refused.json()["error"]["param"])
    assert ["queued", "in_progress"] == [one["status"] for one in seen]
    assert START + 10 == seen[1]["queued_at"]


def test_clock_is_stepped_from_outside(server: Server) -> None:
    """A clock that stands still can be stepped by a request; one that runs cannot."""
    url = "http://server.test/-/clock"
    stepped = server.http.post(url, json={"step": 5})
    nonsense: list[Any] = [{}, [], {"step": "x"}]
    refused = [server.http.post(url, json=body).status_code for body in nonsense]
    server.clock.speed = 1

    assert START + 5 == stepped.json()["now"]
    assert [400, 400, 400] == refused
    assert 404 == server.http.post(url, json={"step": 5}).status_code


@pytest.mark.parametrize(
    ("text", "words"), [("a: [", "is not YAML"), ("openapi: 3.1.0\n", "is not a contract"), (None, "No such file")]
)
def test_serve_says_what_is_wrong(
    tmp_path: Any, capsys: pytest.CaptureFixture[str], text: str | None, words: str
) -> None:
    """A contract that cannot be served costs one sentence and exit code 1."""
    spec = tmp_path / "openapi.yaml"
    if text is not None:
        spec.write_text(text)

    assert 1 == command.main(["--spec", str(spec), "--port", "0"])
    assert words in capsys.readouterr().err


def test_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is taken costs one sentence, which names it and the way out."""
    with bound("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]

        assert 1 == command.main(["--port", str(port)])
    said = f"scripts/serve: port {port} is in use; --port takes another one, 0 any that is free\n"
    assert said == capsys.readouterr().err
