"""Requests outside the contract stay below the base URL and have the credentials, errors and limits of other calls."""

import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from openai_batch_client import errors
from tests.support.hostile_server import Answer, HostileServer, hostile, json_answer, recipe
from tests.support.twin import SkippingClock, Twin, through_both_libraries

PATHS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("raw_paths.yaml").read_text("utf-8"))
DOCUMENT = {"id": "file-1"}


@contextmanager
def connected(twin: Twin, *answers: Answer, **options: Any) -> Iterator[tuple[HostileServer, Any]]:
    """A server that plays answers, and a client whose pauses take no time."""
    with hostile(*answers or [json_answer(DOCUMENT)]) as server:
        transport = options.pop("transport", None)
        http_client = twin.http_client(verify=False, transport=transport)
        url = server.url + options.pop("query_of_url", "")
        try:
            with twin.connected(url, http_client=http_client, **options) as api:
                api._clock = SkippingClock()
                yield server, api
        finally:
            twin.run(http_client.aclose() if twin.prefix else http_client.close())


def streamed(twin: Twin, api: Any, *arguments: Any, **options: Any) -> tuple[int, bytes]:
    """The status and body of a streamed response."""

    async def read() -> tuple[int, bytes]:
        async with api.stream(*arguments, **options) as response:
            return response.status_code, b"".join([chunk async for chunk in response.chunks])

    if twin.prefix:
        return twin.runner.run(read())
    with api.stream(*arguments, **options) as response:
        return response.status_code, b"".join(response.chunks)


@pytest.mark.parametrize("path", PATHS["refused"])
def test_path_that_leaves_the_base_url(twin: Twin, path: str) -> None:
    """A path that a server could read as another URL is a ValueError, and nothing is sent."""
    with connected(twin) as (server, api):
        with pytest.raises(ValueError, match="Nothing was sent"):
            twin.run(api.request("GET", path))
        with pytest.raises(ValueError, match="Nothing was sent"):
            streamed(twin, api, "GET", path)
    assert [] == server.received


def test_paths_below_the_base_url(twin: Twin) -> None:
    """A path below the base URL arrives as it is."""
    with connected(twin) as (server, api):
        for path in PATHS["accepted"]:
            twin.run(api.request("GET", path))
    assert [("GET", f"/v1{path}") for path in PATHS["accepted"]] == server.requests()


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\n", "GET /", "G\u00cbT"])
def test_method_that_is_no_word(twin: Twin, method: str) -> None:
    """A method that is not a word is a ValueError, and nothing is sent."""
    with connected(twin) as (server, api), pytest.raises(ValueError, match="Nothing was sent"):
        twin.run(api.request(method, "/files"))
    assert [] == server.received


@through_both_libraries
def test_json_and_params(twin: Twin) -> None:
    """The JSON body, the parameters, the query of the base URL, the key and the headers are sent."""
    with connected(twin, query_of_url="?version=1", headers={"X-Own": "a"}) as (server, api):
        options: dict[str, Any] = {"params": {"a": ["1", "ä&"], "none": None}, "extra_headers": {"X-Call": "b"}}
        response = twin.run(api.request("post", "/files/1", json={"a": "ä"}, **options))

    request = server.received[0]
    assert ("POST", "/v1/files/1?version=1&a=1&a=%C3%A4%26") == (request.method, request.target)
    assert '{"a":"ä"}'.encode() == request.body
    names = ("authorization", "x-own", "x-call", "content-type")
    assert [["Bearer sk-test"], ["a"], ["b"], ["application/json"]] == [request.values(name) for name in names]
    assert (200, DOCUMENT) == (response.status_code, response.parsed)


@through_both_libraries
def test_form_and_files(twin: Twin) -> None:
    """A form is sent with its files, which are read again for a retry."""
    busy = json_answer({"error": {"message": "busy"}}, 503)
    with connected(twin, busy, json_answer(DOCUMENT)) as (server, api):
        twin.run(api.request("POST", "/login", data={"a": "b"}, retry_budget=60))
        server.play(busy, json_answer(DOCUMENT))
        files = {"file": ("n.txt", io.BytesIO(b"first\nsecond"), "text/plain")}
        twin.run(api.request("POST", "/files", data={"purpose": "batch"}, files=files, retry_budget=60))

    assert [b"a=b"] * 2 == [request.body for request in server.received[:2]]
    for request in server.received[2:]:
        assert request.values("content-type")[0].startswith("multipart/form-data; boundary=")
        assert b'name="purpose"\r\n\r\nbatch' in request.body
        assert b'filename="n.txt"\r\nContent-Type: text/plain\r\n\r\nfirst\nsecond' in request.body
    assert 4 == len(server.received)


@pytest.mark.parametrize(
    "arguments",
    [
        {"json": {}, "data": {"a": "b"}},
        {"json": {}, "files": {"a": b"b"}},
        {"json": {"a": float("nan")}},
        {"json": {"a": {1}}},
        {"json": "\ud800"},
        {"params": {"a": "\ud800"}},
        {"files": {"a": io.StringIO("text")}},
        {"timeout": -1},
        {"retry_budget": float("nan")},
        {"extra_headers": {"a": "b\n"}},
    ],
    # The workers of pytest-xdist must agree on the ids, and an address is not the same in all.
    ids=lambda value: repr(value).partition(" object at")[0],
)
def test_argument_that_cannot_be_sent(twin: Twin, arguments: dict[str, Any]) -> None:
    """An argument that cannot be sent is a ValueError or TypeError, and nothing is sent."""
    with connected(twin) as (server, api), pytest.raises((ValueError, TypeError)):
        twin.run(api.request("POST", "/files", **arguments))
    assert [] == server.received


ENDS: list[tuple[Answer, type[errors.BatchAPIError]]] = [
    (json_answer({"error": {"message": "bad", "code": "c"}}, 400), errors.BadRequestError),
    (json_answer({"error": {"message": "bad", "code": "c"}}, 401), errors.AuthenticationError),
    (json_answer({"error": {"message": "bad", "code": "c"}}, 404), errors.NotFoundError),
    (json_answer({"error": {"message": "bad", "code": "c"}}, 500), errors.ServerError),
    (recipe({"raw": "", "end": "close"}), errors.APIConnectionError),
]


@pytest.mark.parametrize(("answer", "kind"), ENDS, ids=lambda value: getattr(value, "__name__", ""))
def test_failure(twin: Twin, answer: Answer, kind: type[errors.BatchAPIError]) -> None:
    """A failure is the exception of every other call, names method and path, and nothing is repeated."""
    with connected(twin, answer, json_answer(DOCUMENT), retry_budget=60) as (server, api):
        for call in (
            lambda: twin.run(api.request("POST", "/files/1")),
            lambda: streamed(twin, api, "POST", "/files/1"),
        ):
            server.play(answer, json_answer(DOCUMENT))
            with pytest.raises(kind, match="POST /files/1") as caught:
                call()
            assert ("POST /files/1", 1) == (caught.value.operation, caught.value.attempts)
    assert 2 == len(server.received)


def test_retry_on_demand(twin: Twin) -> None:
    """With a retry budget, a failed request is repeated."""
    broken = recipe({"raw": "", "end": "close"})
    with connected(twin, broken, json_answer(DOCUMENT)) as (server, api):
        assert DOCUMENT == twin.run(api.request("POST", "/files", retry_budget=60)).parsed
        server.play(broken, json_answer(DOCUMENT))
        assert 200 == streamed(twin, api, "POST", "/files", retry_budget=60)[0]
    assert 4 == len(server.received)


@pytest.mark.parametrize(
    ("answer", "parsed"),
    [
        (recipe({"status": 204, "framing": "none", "text": ""}), None),
        (recipe({"text": "plain"}), None),
        (json_answer([1, None]), [1, None]),
    ],
)
def test_body_of_any_kind(twin: Twin, answer: Answer, parsed: Any) -> None:
    """A body that is JSON is parsed. Any other body is not an error, and is the content."""
    with connected(twin, answer) as (_, api):
        response = twin.run(api.request("DELETE", "/files/1"))
    assert parsed == response.parsed
    assert response.content in (b"", b"plain", b"[1, null]")


@through_both_libraries
def test_stream(twin: Twin) -> None:
    """A stream yields the whole body, asks for no compression by default, and follows redirects of GET."""
    body = b"x" * 300_000
    answer = recipe({"text": body.decode(), "framing": "chunked"})
    with connected(twin, answer, query_of_url="?version=1") as (server, api):
        assert (200, body) == streamed(twin, api, "GET", "/files/1/content", params={"a": 1})
        streamed(twin, api, "GET", "/files", extra_headers={"Accept-Encoding": "gzip"})
        server.play(recipe({"status": 302, "headers": [f"Location: {server.url}/other"]}), answer)
        assert (200, body) == streamed(twin, api, "GET", "/files/1/content")
        server.play(recipe({"status": 302, "headers": [f"Location: {server.url}/other"]}), answer)
        with pytest.raises(errors.APIStatusError, match="does not send POST"):
            streamed(twin, api, "POST", "/files")
    targets = ["/v1/files/1/content?version=1&a=1", "/v1/files?version=1", "/v1/files/1/content?version=1"]
    assert [*targets, "/v1/other", "/v1/files?version=1"] == [request.target for request in server.received]
    assert [["identity"], ["gzip"]] == [request.values("accept-encoding") for request in server.received[:2]]
    assert all(["Bearer sk-test"] == request.values("authorization") for request in server.received)


@pytest.mark.parametrize("framing", ["chunked", "length"])
def test_stream_that_is_cut(twin: Twin, framing: str) -> None:
    """A stream that is cut raises after the chunks that arrived."""
    head = {"chunked": "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "length": "Content-Length: 5\r\n\r\nhel"}[framing]
    answer = recipe({"raw": f"HTTP/1.1 200 OK\r\n{head}", "end": "close"})
    with connected(twin, answer) as (_, api), pytest.raises(errors.APIConnectionError, match="GET /files"):
        streamed(twin, api, "GET", "/files")


def test_stream_that_the_caller_leaves(twin: Twin) -> None:
    """A context that ends early or with an exception closes the response, and the client works afterwards."""
    endless = recipe({"framing": "close", "text": " " * 100_000, "endless": True})

    async def leave(api: Any) -> None:
        async with api.stream("GET", "/files") as response:
            async for _ in response.chunks:
                raise ZeroDivisionError

    def leave_sync(api: Any) -> None:
        with api.stream("GET", "/files") as response:
            for _ in response.chunks:
                raise ZeroDivisionError

    with connected(twin, endless, json_answer(DOCUMENT)) as (_, api):
        with pytest.raises(ZeroDivisionError):
            twin.run(leave(api)) if twin.prefix else leave_sync(api)
        assert DOCUMENT == twin.run(api.request("GET", "/files")).parsed


@pytest.mark.parametrize("method", ["request", "stream"])
def test_redirect_to_another_origin(twin: Twin, method: str) -> None:
    """A request is not redirected to another origin. A stream is, without credentials."""
    with hostile(json_answer(DOCUMENT)) as other:
        away = recipe({"status": 302, "headers": [f"Location: {other.url}/file"]})
        with connected(twin, away) as (_, api):
            if method == "stream":
                assert 200 == streamed(twin, api, "GET", "/files", extra_headers={"X-Call": "secret"})[0]
            else:
                with pytest.raises(errors.APIStatusError, match="another origin"):
                    twin.run(api.request("GET", "/files"))
    assert int(method == "stream") == len(other.received)
    for request in other.received:
        names = {name for name, _ in request.headers}
        assert names <= {"host", "accept", "accept-encoding", "connection", "user-agent"}


def test_redirect_to_plain_http(twin: Twin) -> None:
    """A stream over TLS is not redirected to a URL without TLS."""

    def answer(request: Any) -> Any:
        location = "http://files.test/file"
        return twin.http.Response(302, headers={"location": location}, content=b"") if request else None

    api = twin.api(answer, base_url="https://api.test/v1")
    with pytest.raises(errors.APIStatusError, match="scheme"):
        streamed(twin, api, "GET", "/files")
    assert ["https"] == [request.url.scheme for request in twin.sent]


def test_steady_upload(twin: Twin) -> None:
    """A server that reads slowly, but steadily, is waited for longer than the timeout."""
    # Small buffers of the kernel, so that the client notices that the server reads.
    transport = getattr(twin.http, f"{twin.prefix}HTTPTransport")(
        socket_options=[(socket.SOL_SOCKET, socket.SO_SNDBUF, 32_768)]
    )
    with connected(twin, transport=transport) as (server, api):
        server.read_pause = 0.02
        content = b"x" * 1_200_000
        began = time.monotonic()
        twin.run(api.request("POST", "/files", files={"file": io.BytesIO(content)}, timeout=1.0))
    assert content in server.received[0].body
    assert time.monotonic() - began > 1.0
