"""Behaviour of the clients that all operations share: construction, API keys, timeouts, connections and secrecy."""

import copy
import inspect
import logging
import pickle
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

import openai_batch_client
from openai_batch_client import client, errors
from openai_batch_client._runtime import reading
from tests.support.batches import BATCH
from tests.support.contract_names import IDS
from tests.support.twin import Twin

RESPONSE = httpx.Response(200, json=BATCH)
KEY = "sk-secret"


def test_key_is_missing(twin: Twin) -> None:
    """Without an API key, construction fails and the message names the environment variable to set."""
    with pytest.raises(ValueError, match="OPENAI_API_KEY"):
        twin.api(api_key=None)


@pytest.mark.parametrize("key", ["sk-1\n", "sk 1\r\nX: y", "schlüssel", " sk-1", ""])
def test_key_that_no_header_can_carry(twin: Twin, key: str) -> None:
    """A key that a header cannot carry is refused at construction; the message does not contain the key."""
    with pytest.raises(ValueError, match="key") as caught:
        twin.api(api_key=key)

    assert key.strip() == "" or key.strip() not in str(caught.value)


def test_key_function_is_called_for_each_request(twin: Twin) -> None:
    """A function that returns the key is called for each request, so that keys can be rotated."""
    keys = iter(["sk-1", "sk-2"])
    api = twin.api(RESPONSE, api_key=lambda: next(keys))

    twin.run(api.retrieve_batch("batch_1"))
    twin.run(api.retrieve_batch("batch_1"))

    assert ["Bearer sk-1", "Bearer sk-2"] == [request.headers["authorization"] for request in twin.sent]


def test_environment(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key, URL, organization and project default to environment variables."""
    for name, value in {
        "API_KEY": "sk-env",
        "BASE_URL": "http://env.test/v9/",
        "ORG_ID": "org-1",
        "PROJECT_ID": "proj-1",
    }.items():
        monkeypatch.setenv(f"OPENAI_{name}", value)
    api = twin.api(RESPONSE, api_key=None)

    twin.run(api.retrieve_batch("batch_1"))

    headers = twin.sent[0].headers
    assert "http://env.test/v9/batches/batch_1" == str(twin.sent[0].url)
    assert ("Bearer sk-env", "org-1", "proj-1") == (
        headers["authorization"],
        headers["openai-organization"],
        headers["openai-project"],
    )


def test_arguments_win_over_environment(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments win over environment variables, and the caller's headers are sent with every request."""
    for name in ("API_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", "wrong")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://wrong.test")
    api = twin.api(
        RESPONSE,
        base_url="http://given.test/v1",
        organization="org-2",
        project="proj-2",
        headers={"X-Team": "night"},
    )

    twin.run(api.retrieve_batch("batch_1"))

    names = ("authorization", "openai-organization", "openai-project", "x-team")
    assert ["Bearer sk-test", "org-2", "proj-2", "night"] == [twin.sent[0].headers[name] for name in names]
    assert "given.test" == twin.sent[0].url.host


@pytest.mark.parametrize(
    "url",
    [
        *("api.example.com", "ftp://example.com", "//example.com", "http://", "http://a:x"),
        *("https://example.com/v1#top", "https://user@/v1", "https://exa mple.com"),
    ],
)
def test_base_url_is_validated(twin: Twin, url: str) -> None:
    """A base URL without http or https, without a host, or with a fragment is refused at construction."""
    with pytest.raises(ValueError, match="base_url"):
        twin.api(base_url=url)


@pytest.mark.parametrize("batch_id", ["", ".", "..", "batch\n1", "batch\x00", "batch\x85", "\ud800"])
def test_id_that_changes_the_url(twin: Twin, batch_id: str) -> None:
    """An id that would change the path of the URL is refused before a request is sent."""
    api = twin.api(RESPONSE)

    for name in ("retrieve_batch", "cancel_batch"):
        with pytest.raises(ValueError, match="batch_id"):
            twin.run(getattr(api, name)(batch_id))

    assert [] == twin.sent


def test_id_must_be_a_string(twin: Twin) -> None:
    """An id that is None, bytes or a batch raises ValueError and is not sent as a string."""
    api = twin.api(RESPONSE)

    for value, kind in ((None, "NoneType"), (twin.run(api.retrieve_batch("batch_1")), "Batch"), (b"batch_1", "bytes")):
        with pytest.raises(ValueError, match=f"batch_id must be a string, got {kind}. Nothing was sent."):
            twin.run(api.retrieve_batch(value))

    assert 1 == len(twin.sent)


@pytest.mark.parametrize("timeout", ["30", -1, True])
def test_timeout_must_be_a_number(twin: Twin, timeout: Any) -> None:
    """A timeout that is not a number of seconds is refused, by the client and by a call."""
    message = f"timeout must be a number of seconds, at least 0, got {timeout!r}"
    with pytest.raises(ValueError, match=message):
        twin.api(timeout=timeout)
    with pytest.raises(ValueError, match=message):
        twin.run(twin.api(RESPONSE).retrieve_batch("batch_1", timeout=timeout))


def test_exceptions_name_their_public_module() -> None:
    """A traceback shows each exception under the name that callers import."""
    assert {"openai_batch_client.errors"} == {getattr(errors, name).__module__ for name in errors.__all__}


@pytest.mark.parametrize(
    ("client", "call", "expected"),
    [
        (60.0, None, {"connect": 5.0, "read": 60.0, "write": 60.0, "pool": 60.0}),
        (2.5, None, {"connect": 2.5, "read": 2.5, "write": 2.5, "pool": 2.5}),
        (90.0, 7.0, {"connect": 5.0, "read": 7.0, "write": 7.0, "pool": 7.0}),
        (None, None, {"connect": 5.0, "read": 5.0, "write": 5.0, "pool": 5.0}),
        (float("inf"), None, {"connect": 5.0, "read": None, "write": None, "pool": None}),
        (None, httpx.Timeout(9.0), {"connect": 9.0, "read": 9.0, "write": 9.0, "pool": 9.0}),
    ],
)
def test_timeout(twin: Twin, client: float | None, call: Any, expected: dict[str, float]) -> None:
    """The timeout of the given HTTP client holds unless the client or the call has another one."""
    api = twin.api(RESPONSE, timeout=client)

    twin.run(api.retrieve_batch("batch_1", timeout=call))

    assert expected == twin.sent[0].extensions["timeout"]


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (httpx.ConnectError("refused"), errors.APIConnectionError),
        (httpx.RemoteProtocolError("Server disconnected"), errors.APIConnectionError),
        (httpx.DecodingError("not gzip"), errors.APIConnectionError),
        (httpx.ConnectTimeout(""), errors.APITimeoutError),
        (httpx.ReadTimeout("timed out"), errors.APITimeoutError),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_connection_failure(twin: Twin, failure: httpx.RequestError, expected: type[Exception]) -> None:
    """If no response arrives, the exception names the operation and chains the cause."""

    def fail(request: httpx.Request) -> httpx.Response:
        error = copy.copy(failure)
        error.request = request
        raise error

    api = twin.api(fail, base_url="https://me:secret@host.test:444/v1")
    with pytest.raises(
        errors.APIConnectionError, match=rf"{IDS['retrieve_batch']}: no response from host\.test:444"
    ) as caught:
        twin.run(api.retrieve_batch("batch_1"))

    assert expected is type(caught.value)
    assert isinstance(caught.value.__cause__, type(failure))


def test_key_stays_secret(twin: Twin, caplog: pytest.LogCaptureFixture) -> None:
    """No repr, log, chained exception or pickle contains the API key."""
    caplog.set_level(logging.DEBUG)

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    texts = [repr(twin.api(api_key=KEY)), str(twin.api(api_key=KEY))]
    for play in (
        fail,
        lambda request: httpx.Response(401, request=request),
        lambda request: httpx.Response(200, request=request),
    ):
        with pytest.raises(errors.BatchAPIError) as caught:
            twin.run(twin.api(play, api_key=KEY).retrieve_batch("batch_1"))
        texts.append("".join(traceback.format_exception(caught.value)))
        texts.append(repr(vars(caught.value)))
        texts.append(str(pickle.dumps(caught.value)))
        if isinstance(caught.value.__cause__, httpx.RequestError):
            texts.append(str(caught.value.__cause__.request.headers.raw))
    texts.append(caplog.text)

    assert [] == [text for text in texts if KEY in text]


def test_exceptions_can_be_pickled(twin: Twin) -> None:
    """Pickling preserves the type, the message and the attributes of an exception."""
    for response in (httpx.Response(429, json={"error": {"code": "slow"}}), httpx.Response(200)):
        api = twin.api(response)
        with pytest.raises(errors.BatchAPIError) as caught:
            twin.run(api.retrieve_batch("batch_1"))

        restored = pickle.loads(pickle.dumps(caught.value))

        assert type(caught.value) is type(restored)
        assert (str(caught.value), vars(caught.value)) == (str(restored), vars(restored))


def test_given_http_client_stays_open(twin: Twin) -> None:
    """close() closes only an HTTP client that the API client made itself."""
    http_client = twin.http_client(transport=httpx.MockTransport(lambda _: RESPONSE))
    twin.run(twin.api(http_client=http_client).close())
    assert not http_client.is_closed

    api = twin.api()
    twin.run(api.close())
    with pytest.raises(
        errors.ClientStateError, match=rf"{IDS['retrieve_batch']}: the client is closed. .* Nothing was sent."
    ):
        twin.run(api.retrieve_batch("batch_1"))


def test_context_manager(twin: Twin) -> None:
    """Leaving the `with` block closes the connections."""
    api = twin.api()

    async def use() -> None:
        async with api as entered:
            assert entered is api

    if twin.prefix:
        twin.run(use())
    else:
        with api as entered:
            assert entered is api
    with pytest.raises(errors.ClientStateError):
        twin.run(api.retrieve_batch("batch_1"))


def test_strict(twin: Twin) -> None:
    """A strict client names the required field that is missing or null."""
    for body, message in (
        ({**BATCH, "endpoint": None}, "Batch.endpoint is required and null"),
        ({"id": "batch_1"}, "Batch.object is required and missing"),
    ):
        response = httpx.Response(200, json=body)
        api = twin.api(response, strict=True)
        with pytest.raises(errors.UnexpectedResponseError, match=message):
            twin.run(api.retrieve_batch("batch_1"))


def test_strict_checks_nested_models(twin: Twin) -> None:
    """A strict client also checks the models inside lists and objects."""
    for inside in ({"endpoint": None}, {"request_counts": {"total": 1, "completed": 1}}):
        page = {"object": "list", "has_more": False, "data": [BATCH, {**BATCH, **inside}]}
        api = twin.api(httpx.Response(200, json=page), strict=True)
        with pytest.raises(errors.UnexpectedResponseError, match=r"\.(endpoint is required and null|failed is requi)"):
            twin.run(api.list_batches())


def test_lenient_client_logs_once(
    twin: Twin, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lenient client sets a missing required field to None and logs the first time."""
    monkeypatch.setattr(reading, "_reported", set())
    body = {name: value for name, value in BATCH.items() if name != "endpoint"}
    api = twin.api(httpx.Response(200, json=body))

    batches = [twin.run(api.retrieve_batch("batch_1")) for _ in range(2)]

    assert [None, None] == [batch.endpoint for batch in batches]
    assert ["Batch.endpoint is required by the contract, but missing in a response"] == caplog.messages


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"null", b"[" * 100_000, b'"text"', b"{} {}", b"1e999"], ids=lambda body: repr(body[:9])
)
def test_unreadable_success(twin: Twin, body: bytes) -> None:
    """A successful response with an unreadable body raises UnexpectedResponseError."""
    api = twin.api(httpx.Response(200, content=body))

    with pytest.raises(errors.UnexpectedResponseError, match=f"{IDS['retrieve_batch']}: status 200"):
        twin.run(api.retrieve_batch("batch_1"))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": "no"}', "no"),
        (b'{"message": "no"}', "no"),
        (b'{"error": null}', None),
        (b"[]", None),
        (b"\xff", None),
        (b'{"error": {"code": 7}}', None),
    ],
)
def test_error_of_another_shape(twin: Twin, body: bytes, message: str | None) -> None:
    """The status alone selects the exception, even if the error body has another shape."""
    api = twin.api(httpx.Response(404, content=body))

    with pytest.raises(errors.NotFoundError) as caught:
        twin.run(api.retrieve_batch("batch_1"))

    assert message == caught.value.message
    assert body == caught.value.body


def test_redirect_raises(twin: Twin) -> None:
    """A redirect is not followed and raises, even if its body is a valid batch."""
    api = twin.api(httpx.Response(302, headers={"location": "https://elsewhere.example/"}, json=BATCH))

    with pytest.raises(errors.APIStatusError) as raised:
        twin.run(api.retrieve_batch("batch_1"))
    assert 302 == raised.value.status
    assert 1 == len(twin.sent)


def test_message_truncates_a_long_body(twin: Twin) -> None:
    """The message contains the first 200 bytes of a body that is not an error object; the exception has all bytes."""
    body = b"x" * 10_000
    api = twin.api(httpx.Response(500, content=body))

    with pytest.raises(errors.ServerError) as caught:
        twin.run(api.retrieve_batch("batch_1"))

    assert "x" * 200 in str(caught.value)
    assert len(str(caught.value)) < 300
    assert body == caught.value.body


@pytest.mark.parametrize("name", ["BatchAPI", "Client"])
def test_twins_are_alike(name: str) -> None:
    """The sync and the async client have the same methods with the same parameters."""
    module = openai_batch_client if name == "BatchAPI" else client

    def signatures(kind: type) -> dict[str, list[tuple[str, Any]]]:
        methods = inspect.getmembers(kind, inspect.isfunction)
        return {
            name.replace("__a", "__"): [(p.name, p.default) for p in inspect.signature(method).parameters.values()]
            for name, method in methods
            if not name.startswith("_") or name in ("__init__", "__enter__", "__aenter__", "__exit__", "__aexit__")
        }

    assert signatures(getattr(module, name)) == signatures(getattr(module, f"Async{name}"))


def test_one_client_serves_many_threads() -> None:
    """Threads can share a client: each call returns its own response."""

    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={**BATCH, "id": request.url.path.rpartition("/")[2]})

    ids = [f"batch_{number}" for number in range(500)]
    with (
        httpx.Client(transport=httpx.MockTransport(echo)) as http_client,
        openai_batch_client.BatchAPI(api_key="sk-test", http_client=http_client) as api,
        ThreadPoolExecutor(8) as pool,
    ):
        assert ids == [batch.id for batch in pool.map(api.retrieve_batch, ids)]
