"""The caller's credentials are sent once and where they belong, and no repr, exception, traceback or log shows them."""

import base64
import io
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import Any

import httpx
import pytest
from rich.console import Console
from rich.traceback import Traceback

import openai_batch_client
from openai_batch_client import BatchAPIError, errors
from openai_batch_client._runtime.base_client import BaseClient
from openai_batch_client.api.batch import list_batches
from tests.support.batches import CREATE
from tests.support.contract_names import IDS
from tests.support.hostile_server import HostileServer, hostile, json_answer, recipe, tidy
from tests.support.twin import Twin

KEY = "sk-topsecret"
PACKAGE = str(Path(openai_batch_client.__file__).parent)
CALLS: dict[str, Callable[[Any], Any]] = {
    "create_batch": lambda api: api.create_batch(**CREATE),
    "retrieve_batch": lambda api: api.retrieve_batch("batch_1"),
    "cancel_batch": lambda api: api.cancel_batch("batch_1"),
    "list_batches": lambda api: api.list_batches(after="batch_7"),
    "iter_batches": lambda api: api.iter_batches(),
    "wait_for_batch": lambda api: api.wait_for_batch("batch_1", timeout=0),
    "wait_for_batches": lambda api: api.wait_for_batches(["batch_1", "batch_2", "batch_3"], timeout=0),
    "find_batch": lambda api: api.find_batch(idempotency_key="job-1"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    """The server of all tests."""
    with hostile() as server:
        yield server


@pytest.fixture(autouse=True)
def _forgotten_requests(server: HostileServer) -> None:
    """Begin each test without requests."""
    server.received.clear()
    server.answering = tidy


def call_all(twin: Twin, api: Any) -> None:
    """Call each method once. How it ends does not matter."""
    for call in CALLS.values():
        try:
            twin.run(call(api))
        except BatchAPIError as error:
            assert IDS["retrieve_batch"] in str(error) or "has no final status" in str(error)  # noqa: PT017


def sent(server: HostileServer, name: str) -> set[tuple[str, ...]]:
    """The values of a header in the requests."""
    return {tuple(request.values(name)) for request in server.received}


def basic(user: str, password: str) -> str:
    """The value of the Authorization header for a user and password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


# What is sent


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("key", [None, KEY])
def test_authorization_in_headers(twin: Twin, server: HostileServer, name: str, key: str | None) -> None:
    """An Authorization header of the caller is sent once instead of the key, and no key is demanded."""
    with twin.connected(server.url, api_key=key, headers={name: "Token mine"}) as api:
        call_all(twin, api)
    assert {("Token mine",)} == sent(server, "authorization")
    assert len(server.received) >= len(CALLS)


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("given", [False, True], ids=["own HTTP client", "given HTTP client"])
def test_authorization_in_extra_headers(twin: Twin, server: HostileServer, name: str, given: bool) -> None:
    """An Authorization header of a call is sent once instead of all others, in this call only."""
    http_client = twin.http_client() if given else None
    with twin.connected(server.url, api_key=KEY, headers={"authorization": "Token x"}, http_client=http_client) as api:
        twin.run(api.retrieve_batch("batch_1", extra_headers={name: "Token call"}))
        twin.run(api.create_batch(**CREATE, extra_headers={name: "Token call"}))
        assert {("Token call",)} == sent(server, "authorization")
        server.received.clear()
        twin.run(api.retrieve_batch("batch_1"))
        assert {("Token x",)} == sent(server, "authorization")
    close(twin, http_client)


def close(twin: Twin, http_client: httpx.Client | httpx.AsyncClient | None) -> None:
    """Close an HTTP client."""
    if isinstance(http_client, httpx.AsyncClient):
        twin.run(http_client.aclose())
    elif http_client is not None:
        http_client.close()


def test_headers_of_a_call(twin: Twin, server: HostileServer) -> None:
    """extra_headers replaces the client's headers in any case, for one call, in the requests of that call."""
    with twin.connected(server.url, headers={"X-Team": "day", "User-Agent": "mine/1"}) as api:
        twin.run(api.retrieve_batch("batch_1", extra_headers={"x-TEAM": "night", "X-Trace": "7"}))
        twin.run(api.retrieve_batch("batch_1"))
    assert ["night"] == server.received[0].values("x-team")
    assert ["7"] == server.received[0].values("x-trace")
    assert (["day"], []) == (server.received[1].values("x-team"), server.received[1].values("x-trace"))
    assert {("mine/1",)} == sent(server, "user-agent")


def test_no_authorization(twin: Twin, server: HostileServer) -> None:
    """auth=None sends no Authorization and demands no key. An Azure service gets its own header and query."""
    azure: dict[str, Any] = {"headers": {"api-key": "azure-1"}, "query": {"api-version": "2024-10-21"}}
    with twin.connected(server.url, api_key=None, auth=None, **azure) as api:
        call_all(twin, api)
    assert {()} == sent(server, "authorization")
    assert {("azure-1",)} == sent(server, "api-key")
    assert all("api-version=2024-10-21" in request.target for request in server.received)
    assert any("after=batch_7" in request.target for request in server.received)


def test_no_authorization_in_spite_of_a_key(twin: Twin, server: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """auth=None does not send the key of the environment either."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with twin.connected(server.url, api_key=None, auth=None) as api:
        call_all(twin, api)
    assert {()} == sent(server, "authorization")
    assert KEY not in repr(server.received)


@pytest.mark.parametrize("key", [None, KEY])
def test_httpx_auth(twin: Twin, server: HostileServer, key: str | None) -> None:
    """An httpx.Auth authorizes each request instead of the key."""
    with twin.connected(server.url, api_key=key, auth=httpx.BasicAuth("me", "secret")) as api:
        call_all(twin, api)
    assert {(basic("me", "secret"),)} == sent(server, "authorization")


class ChallengedAuth(httpx.Auth):
    """Sends a token after the server has asked for it."""

    def auth_flow(self, request: httpx.Request) -> Any:
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = "Token fresh"
            yield request


def test_auth_that_answers_a_challenge(twin: Twin, server: HostileServer) -> None:
    """An httpx.Auth may send a request again after a 401 response."""
    refusal = json_answer({"error": {"message": "who?"}}, 401)
    server.answering = lambda request: tidy(request) if request.values("authorization") else refusal
    with twin.connected(server.url, api_key=None, auth=ChallengedAuth()) as api:
        assert "batch_1" == twin.run(api.retrieve_batch("batch_1")).id
    assert [[], ["Token fresh"]] == [request.values("authorization") for request in server.received]


@pytest.mark.parametrize("options", [{"headers": {"Authorization": "Token mine"}}, {"auth": ("me", "secret")}], ids=str)
def test_credentials_of_a_given_http_client(
    twin: Twin, server: HostileServer, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    """Credentials of http_client win over the key of the environment, and no key is demanded."""
    expected = {("Token mine",)} if "headers" in options else {(basic("me", "secret"),)}
    for key in (KEY, None):
        if key:
            monkeypatch.setenv("OPENAI_API_KEY", key)
        else:
            monkeypatch.delenv("OPENAI_API_KEY")
        http_client = twin.http_client(**options)
        with twin.connected(server.url, api_key=None, http_client=http_client) as api:
            call_all(twin, api)
        close(twin, http_client)
    assert expected == sent(server, "authorization")


def test_key_wins_over_user_and_password_of_the_url(twin: Twin, server: HostileServer) -> None:
    """The key is sent instead of the user and password of base_url."""
    url = server.url.replace("://", "://me:secret@")
    with twin.connected(url, api_key=KEY) as api:
        call_all(twin, api)
    assert {(f"Bearer {KEY}",)} == sent(server, "authorization")


@pytest.mark.parametrize("given", [False, True], ids=["own HTTP client", "given HTTP client"])
def test_query_of_all_requests(twin: Twin, server: HostileServer, given: bool) -> None:
    """The query of base_url and the option `query` are sent with every request, beside the call's own query."""
    http_client = twin.http_client() if given else None
    url = f"{server.url}/?api-version=2024%2B10&a=b"
    with twin.connected(url, query={"region": "a&b=ü", "a": "c"}, http_client=http_client) as api:
        assert "?" not in api.base_url
        call_all(twin, api)
    close(twin, http_client)
    assert len(server.received) >= len(CALLS)
    for request in server.received:
        query = httpx.URL(f"http://host{request.target}").params
        assert ("2024+10", "a&b=ü") == (query["api-version"], query["region"])
        assert query.get_list("a") in (["c"], ["b", "c"])
    listed = [httpx.URL(f"http://host{request.target}").params for request in server.received]
    assert "batch_7" in [query.get("after") for query in listed]
    assert "/v1/batches/batch_1?" in server.received[1].target


# A contract can name another header for the key (an API key instead of a bearer token).


@pytest.fixture
def own_header(monkeypatch: pytest.MonkeyPatch) -> str:
    """Send keys in a header of their own."""
    monkeypatch.setattr(BaseClient, "_key_header", "x-service-key")
    return "x-service-key"


@pytest.mark.parametrize("given", [False, True], ids=["own HTTP client", "given HTTP client"])
@pytest.mark.parametrize("key", [KEY, lambda: KEY], ids=["key", "function"])
def test_key_in_its_own_header(twin: Twin, server: HostileServer, own_header: str, key: Any, given: bool) -> None:
    """The key is sent as it is, in the header of the contract, and there is no bearer token."""
    http_client = twin.http_client() if given else None
    with twin.connected(server.url, api_key=key, http_client=http_client) as api:
        call_all(twin, api)
        twin.run(api.request("GET", "/batches"))
    close(twin, http_client)
    assert ({(KEY,)}, {()}) == (sent(server, own_header), sent(server, "authorization"))


@pytest.mark.parametrize("name", ["X-Service-Key", "Authorization"])
@pytest.mark.parametrize("place", ["headers", "http_client"])
def test_own_header_of_the_caller(
    twin: Twin, server: HostileServer, monkeypatch: pytest.MonkeyPatch, own_header: str, name: str, place: str
) -> None:
    """The caller's header is sent once, instead of the key, and no key is demanded."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    http_client = twin.http_client(headers={name: "mine"}) if place == "http_client" else None
    options: dict[str, Any] = {"headers": {name: "mine"}} if place == "headers" else {"http_client": http_client}
    with twin.connected(server.url, api_key=None, **options) as api:
        call_all(twin, api)
    close(twin, http_client)
    found = {own_header: {()}, "authorization": {()}} | {name.lower(): {("mine",)}}
    assert found == {name: sent(server, name) for name in found}


def test_own_header_and_other_credentials(twin: Twin, server: HostileServer, own_header: str) -> None:
    """A user and password of the URL, an httpx.Auth, auth=None and a call's header keep their meaning."""
    given: tuple[dict[str, Any], ...] = ({}, {"auth": httpx.BasicAuth("me", "secret")}, {"auth": None})
    basics = (basic("me", "secret"),)
    urls = (server.url.replace("://", "://me:secret@"), server.url, server.url)
    for url, options, expected in zip(urls, given, ([(), basics], [(), basics], [(), ()]), strict=True):
        server.received.clear()
        with twin.connected(url, api_key=None, **options) as api:
            twin.run(api.list_batches())
        assert expected == [next(iter(sent(server, name))) for name in (own_header, "authorization")]
    server.received.clear()
    with twin.connected(server.url, api_key=KEY) as api:
        twin.run(api.list_batches(extra_headers={"X-Service-KEY": "other"}))
    assert {("other",)} == sent(server, own_header)


@pytest.mark.parametrize("given", [False, True], ids=["own HTTP client", "given HTTP client"])
@pytest.mark.parametrize(
    "options",
    [{"api_key": KEY}, {"api_key": lambda: KEY}, {"auth": httpx.BasicAuth("me", "secret")}],
    ids=["key", "function", "auth"],
)
def test_public_request(twin: Twin, server: HostileServer, options: dict[str, Any], given: bool) -> None:
    """A request that needs no key is sent without credentials, and a header of the call stays."""
    http_client = twin.http_client() if given else None
    request = list_batches.request()._replace(is_public=True)
    with twin.connected(server.url, **{"api_key": None, **options}, http_client=http_client) as api:
        twin.run(api.send(request))
        twin.run(api.send(request, extra_headers={"Authorization": "Token mine"}))
    close(twin, http_client)
    assert [[], ["Token mine"]] == [request.values("authorization") for request in server.received]


# What is refused

SECRETS: dict[str, dict[str, Any]] = {
    "headers": {"headers": {"api-key": "topsecret\n"}},
    "headers with bytes above 127": {"headers": {"api-key": "topsecret-ü"}},
    "a header name": {"headers": {"x y": "topsecret"}},
    "key": {"api_key": "sk-topsecret\n"},
    "key with bytes above 127": {"api_key": "sk-topsecret-ü"},
    "url": {"base_url": "ftp://me:topsecret@host.test/"},
    "url with a port that is not valid": {"base_url": "http://me:topsecret@host.test:x/"},
    "url with a fragment": {"base_url": "http://me:topsecret@host.test/#top"},
    "timeout": {"api_key": "sk-topsecret", "timeout": "30"},
    "http_client": {"api_key": "sk-topsecret", "http_client": object()},
    "base_url and headers": {"headers": {"api-key": "topsecret"}, "base_url": "nowhere"},
    "key as bytes": {"api_key": b"sk-topsecret"},
    "key as a number": {"api_key": 5},
    "header as bytes": {"headers": {"api-key": b"topsecret"}},
}
WRONG_TYPES = {"http_client", "key as bytes", "key as a number", "header as bytes"}


def frames(trace: TracebackType | None) -> Iterator[FrameType]:
    """The frames of a traceback."""
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def shown(error: BaseException) -> str:
    """All that a report of an exception may show: messages, attributes, and the local variables of our frames."""
    texts = ["".join(traceback.format_exception(error)), repr(error), repr(vars(error))]
    pending: list[BaseException | None] = [error]
    seen: list[BaseException] = []
    while pending:
        current = pending.pop()
        if current is None or current in seen:
            continue
        seen.append(current)
        pending += [current.__cause__, current.__context__]
        for frame in frames(current.__traceback__):
            if frame.f_code.co_filename.startswith(PACKAGE):
                texts += [f"{frame.f_code.co_name}: {name} = {value!r}" for name, value in frame.f_locals.items()]
    return "\n".join(texts)


def shown_by_rich(error: BaseException) -> str:
    """A traceback with the local variables of our frames."""
    console = Console(file=io.StringIO(), width=200)
    trace = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith(PACKAGE):
        trace = trace.tb_next
    assert trace is not None
    console.print(Traceback.from_exception(type(error), error, trace, show_locals=True))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def construct(twin: Twin, options: Mapping[str, Any]) -> Any:
    """Construct a client. This frame, which holds the options, belongs to the test."""
    return getattr(openai_batch_client, f"{twin.prefix}BatchAPI")(**options)


@pytest.mark.parametrize("option", ["organization", "project"])
@pytest.mark.parametrize("value", ["org-1\n", "org-1\r\nX-A: b", "org-ü"], ids=ascii)
def test_refused_organization_and_project(twin: Twin, option: str, value: str) -> None:
    """An organization or project that no header can contain is refused at construction."""
    with pytest.raises(ValueError, match=r"(?i)organization|project") as caught:
        construct(twin, {"api_key": KEY, option: value})
    assert "org-1" not in str(caught.value)


@pytest.mark.parametrize("name", SECRETS)
def test_refused_options(twin: Twin, name: str) -> None:
    """An option that no header or URL can contain is refused at construction, and nothing shows it."""
    with pytest.raises(TypeError if name in WRONG_TYPES else ValueError) as caught:
        construct(twin, {"api_key": "sk-other", **SECRETS[name]})
    assert "topsecret" not in shown(caught.value)
    # Reports of exceptions show the object that was not constructed.
    halves = [frame.f_locals["self"] for frame in frames(caught.value.__traceback__) if "self" in frame.f_locals]
    assert all("topsecret" not in repr(half) for half in halves)


@pytest.mark.parametrize("name", ["key", "headers", "url", "http_client", "timeout"])
def test_refused_options_in_a_traceback_of_rich(twin: Twin, name: str) -> None:
    """A traceback that shows local variables does not show secrets."""
    with pytest.raises((TypeError, ValueError)) as caught:
        construct(twin, {"api_key": "sk-other", **SECRETS[name]})
    text = shown_by_rich(caught.value)
    assert "self = " in text
    assert "topsecret" not in text


@pytest.mark.parametrize(
    "extra", [{"X-A": "topsecret\n"}, {"X-A": "topsecret-ü"}, {"x y": "topsecret"}, {"X-A": b"topsecret"}], ids=str
)
def test_refused_headers_of_a_call(twin: Twin, server: HostileServer, extra: Any) -> None:
    """A header of a call that cannot be sent is refused before anything is sent, and nothing shows it."""
    with twin.connected(server.url) as api:
        for name in ("retrieve_batch", "cancel_batch"):
            with pytest.raises((TypeError, ValueError)) as caught:
                twin.run(getattr(api, name)("batch_1", extra_headers=extra))
            assert "topsecret" not in "".join(traceback.format_exception_only(caught.value))
            assert not isinstance(caught.value.__context__, UnicodeError)
    assert [] == server.received


# What failures show


def reachable(start: object) -> Iterator[object]:
    """All objects that an exception refers to, except through tracebacks, classes, functions and modules."""
    pending, seen = [start], set[int]()
    keep: list[object] = []
    while pending:
        item = pending.pop()
        if id(item) in seen or isinstance(item, (type, ModuleType, TracebackType, FrameType)) or callable(item):
            continue
        seen.add(id(item))
        keep.append(item)
        yield item
        if isinstance(item, BaseException):
            pending += [item.__cause__, item.__context__, item.args]
        if isinstance(item, Mapping):
            pending += [*item.keys(), *item.values()]
        elif isinstance(item, (list, tuple, set, frozenset)):
            pending += item
        for kind in type(item).__mro__:
            slots = kind.__dict__.get("__slots__", ())
            pending += [getattr(item, name, None) for name in ([slots] if isinstance(slots, str) else slots)]
        pending += vars(item).values() if hasattr(item, "__dict__") else ()


def test_search_of_an_exception_finds_headers() -> None:
    """The search that the next test uses finds a header of the request that an exception refers to."""
    request = httpx.Request("GET", "http://host.test", headers={"api-key": "topsecret"})
    error = BatchAPIError("so", operation="x")
    error.__cause__ = httpx.ConnectError("refused", request=request)
    assert [item for item in reachable(error) if "topsecret" in f"{item!r}" and isinstance(item, (str, bytes))]


FAILURES = {
    "closed": recipe({"raw": "", "end": "close"}),
    "not HTTP": recipe({"raw": "SSH-2.0\r\n", "end": "close"}),
    "cut": recipe({"missing": 100, "end": "close"}),
    "slow": recipe({"raw": "", "end": "hang"}),
    "401": json_answer({"error": {"message": "no"}}, 401),
    "500": json_answer({"error": {"message": "no"}}, 500),
    "HTML": recipe({"text": "<html>"}),
    "redirect": recipe({"status": 302, "headers": ["Location: http://127.0.0.1:9/"]}),
    "broken redirect": recipe({"status": 302, "headers": ["Location: http://[::1"]}),
    "broken gzip": recipe({"headers": ["Content-Encoding: gzip"]}),
    "two encodings": recipe({"headers": ["Content-Encoding: gzip, gzip"]}),
}


@pytest.mark.parametrize("name", ["closed", "401", "redirect", "refused"])
@pytest.mark.parametrize("given", [False, True], ids=["own HTTP client", "given HTTP client"])
@pytest.mark.usefixtures("own_header")
def test_failures_show_no_key_of_another_header(
    twin: Twin, server: HostileServer, caplog: pytest.LogCaptureFixture, name: str, given: bool
) -> None:
    """A key in a header of its own is hidden like a bearer token."""
    test_failures_show_no_secrets(twin, server, caplog, name, given)


@pytest.mark.usefixtures("own_header")
def test_wrong_key_for_another_header(twin: Twin, server: HostileServer) -> None:
    """A wrong key for a header of its own is refused like a wrong bearer token."""
    test_wrong_key_of_a_function(twin, server)
    for name in ("key", "key with bytes above 127", "key as bytes"):
        test_refused_options(twin, name)


@pytest.mark.parametrize("name", [*FAILURES, "refused"])
@pytest.mark.parametrize("given", [False, True], ids=["own HTTP client", "given HTTP client"])
def test_failures_show_no_secrets(
    twin: Twin, server: HostileServer, caplog: pytest.LogCaptureFixture, name: str, given: bool
) -> None:
    """No key, header, password or query of the caller can be read from an exception, its cause, a pickle or the log."""
    caplog.set_level(logging.DEBUG)
    url = server.url.replace("://", "://me:password-topsecret@")
    if name == "refused":
        with hostile() as stopped:
            url = stopped.url.replace("://", "://me:password-topsecret@")
    else:
        server.play(FAILURES[name])
    http_client = twin.http_client() if given else None
    options: dict[str, Any] = {"api_key": KEY, "headers": {"api-key": "header-topsecret", "X-Token": "token-topsecret"}}
    with twin.connected(url, timeout=0.2, http_client=http_client, **options) as api:
        assert "topsecret" not in repr(api) + str(api) + api.base_url
        for call in ("retrieve_batch", "create_batch", "list_batches", "wait_for_batch"):
            with pytest.raises(BatchAPIError) as caught:
                twin.run(CALLS[call](api))
            error = caught.value
            assert "topsecret" not in shown(error)
            found = [item for item in reachable(error) if isinstance(item, (str, bytes)) and "topsecret" in repr(item)]
            assert [] == found
            assert b"topsecret" not in pickle.dumps(error)
            assert basic("me", "password-topsecret")[6:] not in shown(error)
    close(twin, http_client)
    assert "topsecret" not in caplog.text


def test_wrong_key_of_a_function(twin: Twin, server: HostileServer) -> None:
    """A key that a function returns and no header can contain is refused, nothing is sent, and the key is not shown."""
    keys: tuple[Any, ...] = ("sk-topsecret\n", "sk-topsecret-ü", b"sk-topsecret", "")
    for key in keys:
        with twin.connected(server.url, api_key=lambda key=key: key) as api:
            with pytest.raises((TypeError, ValueError)) as caught:
                twin.run(api.retrieve_batch("batch_1"))
            assert "topsecret" not in "".join(traceback.format_exception_only(caught.value))
    assert [] == server.received


def test_errors_keep_the_answer(twin: Twin, server: HostileServer) -> None:
    """The removal of secrets leaves what helps: the status, the request id and the headers of the answer."""
    server.play(json_answer({"error": {"message": "no"}}, 403, "X-Request-Id: req-1", "X-Region: west"))
    with twin.connected(server.url) as api, pytest.raises(errors.PermissionDeniedError) as caught:
        twin.run(api.retrieve_batch("batch_1"))
    assert ("req-1", "west") == (caught.value.request_id, caught.value.headers["x-region"])
