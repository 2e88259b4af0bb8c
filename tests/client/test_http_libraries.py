"""Clients of httpx and of httpx2 work alike, and the package imports neither httpx2 nor trio."""

import asyncio
import pickle
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import httpx
import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from openai_batch_client import AsyncBatchAPI, BatchAPI, errors
from openai_batch_client._runtime.http_library import HttpLibrary
from scripts.batch_server.running import serving
from scripts.openapi.contract import ROOT
from tests.support.batches import BATCH
from tests.support.twin import Twin, through_both_libraries

RESPONSE = httpx.Response(200, headers={"X-Request-Id": "req_1"}, json=BATCH)
KEY = "sk-secret"
OTHER = {httpx: httpx2, httpx2: httpx}


def test_package_imports_neither_httpx2_nor_trio() -> None:
    """Importing the package and making clients import neither httpx2 nor trio; calls do not import httpx2."""
    program = """
import asyncio, sys
from openai_batch_client import AsyncBatchAPI, BatchAPI, BatchAPIError
options = {"api_key": "sk-test", "base_url": "http://127.0.0.1:9", "retry_budget": 0}
clients = BatchAPI(**options), AsyncBatchAPI(**options)
print(*{"httpx", "httpx2", "httpcore2", "trio"} & {*sys.modules})

async def call():
    async with clients[1]:
        await clients[1].retrieve_batch("batch_1")

for run in (lambda: clients[0].retrieve_batch("batch_1"), lambda: asyncio.run(call())):
    try:
        run()
    except BatchAPIError as error:
        assert not error.sent
# httpcore, the transport of httpx, imports trio if it is installed.
print(*{"httpx", "httpx2", "httpcore2"} & {*sys.modules})
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert "httpx\nhttpx\n" == ended.stdout


def test_package_with_httpx2_under_the_name_of_httpx() -> None:
    """If a program makes `import httpx` mean httpx2, the package works with httpx2 alone."""
    program = """
import sys, httpx2
httpx2.alias_httpx()
from openai_batch_client import BatchAPI
transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"id": "batch_1"}))
for http_client in (httpx2.Client(transport=transport), None):
    with BatchAPI(api_key="sk-test", http_client=http_client) as api:
        own = api._connected("retrieveBatch")
        own._transport = transport
        print(api.retrieve_batch("batch_1").id, type(own).__module__.partition(".")[0])
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert "batch_1 httpx2\n" * 2 == ended.stdout


@through_both_libraries
def test_slow_body(twin: Twin) -> None:
    """The timeout limits the whole body, although each part of it arrives in time."""

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for left in reversed(range(12)):
            await send({"type": "http.response.body", "body": b" ", "more_body": left > 0})
            await asyncio.sleep(0.05)

    http_client = twin.http_client(verify=False)
    with serving(app) as port:
        options: dict[str, Any] = {"timeout": 0.2, "http_client": http_client}
        with twin.connected(f"http://127.0.0.1:{port}", **options) as api, pytest.raises(errors.APITimeoutError):
            twin.run(api.retrieve_batch("batch_1"))
    twin.run(http_client.aclose() if twin.prefix else http_client.close())


@through_both_libraries
@pytest.mark.parametrize("given", ["client", "call"])
def test_timeout_of_the_library(twin: Twin, given: str) -> None:
    """A Timeout of the HTTP library is accepted by the client and by a call, and its limits reach the transport."""
    timeout = twin.http.Timeout(9.0, connect=3.0, read=None)
    api = twin.api(RESPONSE, **({"timeout": timeout} if given == "client" else {}))
    twin.run(api.retrieve_batch("batch_1", **({"timeout": timeout} if given == "call" else {})))

    assert {"connect": 3.0, "read": None, "write": 9.0, "pool": 9.0} == twin.sent[0].extensions["timeout"]


@through_both_libraries
def test_timeout_of_the_other_library(twin: Twin) -> None:
    """A Timeout of the other library has the same effect."""
    twin.run(twin.api(RESPONSE, timeout=OTHER[twin.http].Timeout(4.0)).retrieve_batch("batch_1"))

    assert {4.0} == {*twin.sent[0].extensions["timeout"].values()}


@through_both_libraries
def test_auth_of_the_library(twin: Twin) -> None:
    """An Auth of the HTTP library authorizes each request in place of the API key, and may send requests itself."""
    library = twin.http

    class Token(library.Auth):  # type: ignore[misc, name-defined]
        requires_response_body = True

        def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
            answer = yield library.Request("POST", "https://login.test/token")
            request.headers["authorization"] = f"Token {answer.json()['id']}"
            yield request

    for auth, sent in ((library.BasicAuth("me", "secret"), ["Basic bWU6c2VjcmV0"]), (Token(), [None, "Token batch_1"])):
        twin.sent.clear()
        twin.run(twin.api(RESPONSE, api_key=None, auth=auth).retrieve_batch("batch_1"))

        assert sent == [request.headers.get("authorization") for request in twin.sent]


@through_both_libraries
def test_auth_of_the_other_library(twin: Twin) -> None:
    """An Auth of the other library is a TypeError at construction, which names the right class."""
    auth = OTHER[twin.http].BasicAuth("me", "secret")
    with pytest.raises(TypeError, match=rf"auth must be an {twin.http.__name__}\.Auth, None or 'api_key', got BasicA"):
        twin.api(RESPONSE, auth=auth)


@through_both_libraries
def test_auth_of_the_http_client(twin: Twin) -> None:
    """Without a key, the HTTP client's own authorization is used."""
    api = twin.api(RESPONSE)
    http_client = twin.http_client(transport=api._given._transport, auth=("me", "secret"))
    twin.run(twin.api(api_key=None, http_client=http_client).retrieve_batch("batch_1"))

    assert "Basic bWU6c2VjcmV0" == twin.sent[0].headers["authorization"]


@pytest.mark.parametrize("wrong", ["AsyncClient", "Client"])
@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
def test_http_client_of_the_wrong_kind(library: Any, wrong: str) -> None:
    """The wrong kind of HTTP client, and an object that is none, are TypeErrors at construction."""
    kind: Any = {"AsyncClient": BatchAPI, "Client": AsyncBatchAPI}[wrong]
    for http_client in (getattr(library, wrong)(), object()):
        with pytest.raises(TypeError, match="http_client must be an httpx"):
            kind(api_key="sk-test", http_client=http_client)


@through_both_libraries
def test_subclass_of_an_http_client(twin: Twin) -> None:
    """A subclass of an HTTP client is a client of its library."""
    kind = type("Traced", (twin.http_client,), {"__module__": "traced"})

    assert twin.http is HttpLibrary.of(kind(), f"{twin.prefix}Client").module


@through_both_libraries
def test_exceptions_with_headers(twin: Twin) -> None:
    """The headers of an exception are httpx.Headers in both libraries, with repeated headers, and can be pickled."""
    refused = httpx.Response(429, headers=[("Retry-After", "7"), ("x-a", "1"), ("X-A", "2")], content=b"slow down")
    with pytest.raises(errors.RateLimitError) as caught:
        twin.run(twin.api(refused, retry_budget=0).retrieve_batch("batch_1"))

    restored = pickle.loads(pickle.dumps(caught.value))
    for error in (caught.value, restored):
        assert httpx.Headers is type(error.headers)
        assert (["1", "2"], 7.0, b"slow down") == (error.headers.get_list("x-a"), error.retry_after, error.body)
    assert (str(caught.value), vars(caught.value)) == (str(restored), vars(restored))


@through_both_libraries
@pytest.mark.parametrize("failure", [httpx.ReadTimeout, httpx.ConnectError, httpx.RemoteProtocolError])
def test_exceptions_without_response(twin: Twin, failure: type[httpx.RequestError]) -> None:
    """An exception without a response chains the exception of the library, can be pickled, and hides the key."""
    with pytest.raises(errors.APIConnectionError) as caught:
        twin.run(twin.api(lambda _: failure, api_key=KEY, retry_budget=0).retrieve_batch("batch_1"))

    cause: Any = caught.value.__cause__
    assert getattr(twin.http, failure.__name__) is type(cause)
    assert (failure is not httpx.ConnectError) == caught.value.sent
    assert (failure is httpx.ReadTimeout) == isinstance(caught.value, errors.APITimeoutError)
    shown = "".join(traceback.format_exception(caught.value)) + str(cause.request.headers.raw)
    assert KEY not in shown + str(pickle.dumps(caught.value))
    assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))


@through_both_libraries
@pytest.mark.parametrize("reads", [True, False], ids=["read", "unread"])
def test_hook_that_raises_for_status(twin: Twin, reads: bool) -> None:
    """If a hook of the HTTP client raises HTTPStatusError, the client raises its own exception for the status."""

    def check(response: Any) -> None:
        if reads:
            response.read()
        response.raise_for_status()

    async def check_async(response: Any) -> None:
        if reads:
            await response.aread()
        response.raise_for_status()

    def body() -> Iterator[bytes]:
        yield b'{"error": {"message": "no such batch", "code": "gone"}}'

    async def body_async() -> AsyncIterator[bytes]:
        for chunk in body():
            yield chunk

    http_client = twin.http_client(
        transport=twin.http.MockTransport(
            lambda _: twin.http.Response(404, content=body_async() if twin.prefix else body())
        ),
        event_hooks={"response": [check_async if twin.prefix else check]},
    )
    with pytest.raises(errors.NotFoundError) as caught:
        twin.run(twin.api(http_client=http_client).retrieve_batch("batch_1"))

    assert ("gone" if reads else None) == caught.value.code
