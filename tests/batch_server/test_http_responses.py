"""The embedded server's pages and error responses are valid under the contract."""

from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from tests.support import judge
from tests.support.stepped_server import START, SteppedServer, line

BODY = {"input_file_id": "file-none", "endpoint": "/v1/responses", "completion_window": "24h"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def server() -> SteppedServer:
    return SteppedServer()


def test_paging(server: SteppedServer) -> None:
    """Pages contain each batch once, newest first, even if batches are created between two pages."""
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
def test_error_response(
    server: SteppedServer, method: str, path: str, options: Any, status: int, param: str | None, code: str | None
) -> None:
    """Each error response has the contract's format, with parameter, code and request id."""
    response = server.http.request(method, path, **options)

    assert status == response.status_code, response.text
    error = response.json()["error"]
    assert (param, code) == (error["param"], error["code"])
    assert error["message"]
    assert response.headers["x-request-id"].startswith("req_")
    assert "sk-" not in response.text
    # All operations have the same error response.
    request = httpx.Request("GET", "https://api.openai.com/v1/batches", headers={"authorization": "Bearer sk-local"})
    answer = httpx.Response(response.status_code, headers=dict(response.headers), content=response.content)
    assert judge.response_fault(judge.message(request, answer)) is None


@pytest.mark.parametrize(
    ("wanted", "status", "content", "content_range"),
    [
        (None, 200, "0123456789", None),
        ("bytes=0-", 206, "0123456789", "bytes 0-9/10"),
        ("bytes=4-", 206, "456789", "bytes 4-9/10"),
        ("bytes=9-", 206, "9", "bytes 9-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=99999999999-", 416, None, "bytes */10"),
        ("bytes=2-4", 200, "0123456789", None),
        ("lines=4-", 200, "0123456789", None),
        ("bytes=x-", 200, "0123456789", None),
    ],
)
def test_range_of_a_file(
    server: SteppedServer, wanted: str | None, status: int, content: str | None, content_range: str | None
) -> None:
    """A range to the end of a file returns the rest of the file; a range beyond its end is an error."""
    file_id = server.upload("0123456789")
    response = server.http.get(f"/files/{file_id}/content", headers={"Range": wanted} if wanted else {})

    assert status == response.status_code
    assert content_range == response.headers.get("content-range")
    assert "bytes" == response.headers["accept-ranges"]
    assert content is None or content == response.text
    assert content is not None or "10 bytes" in response.json()["error"]["message"]


def test_unexpected_error_hides_details(server: SteppedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in the server becomes status 500 in the contract's format, without the exception's text."""

    def fail(*_: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(server.app.store.batches, "page", fail)
    http = TestClient(server.app, headers=dict(server.http.headers), raise_server_exceptions=False)
    response = http.get("/v1/batches")

    assert 500 == response.status_code
    assert "server_error" == response.json()["error"]["type"]
    assert "inside" not in response.text
    assert response.headers["x-request-id"]


def test_invalid_response_is_not_sent(server: SteppedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server validates its own responses, and sends status 500 instead of an invalid response."""
    monkeypatch.setattr(server.app.store.batches, "page", lambda *_: {"object": "list", "data": {}})
    response = server.http.get("/batches")

    assert 500 == response.status_code


def test_clock_is_stepped_by_request(server: SteppedServer) -> None:
    """A request can step the clock of a server with speed 0, and of no other server."""
    url = "http://server.test/-/clock"
    stepped = server.http.post(url, json={"step": 5})
    invalid: list[Any] = [{}, [], {"step": "x"}]
    rejected = [server.http.post(url, json=body).status_code for body in invalid]
    server.clock.speed = 1

    assert START + 5 == stepped.json()["now"]
    assert [400, 400, 400] == rejected
    assert 404 == server.http.post(url, json={"step": 5}).status_code
