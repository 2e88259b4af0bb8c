"""Whatever a server, proxy or hook does, a method returns a model or raises a BatchAPIError, and no secret leaves."""

import asyncio
import logging
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpcore
import httpx
import httpx2
import pytest
import yaml

from openai_batch_client import BatchAPIError, errors
from openai_batch_client._runtime import spec
from scripts.openapi.contract import ROOT
from tests.support.batches import BATCH, CREATE
from tests.support.hostile_server import (
    PREFIX,
    Answer,
    HostileServer,
    Received,
    bomb,
    hostile,
    json_answer,
    recipe,
    tidy,
)
from tests.support.twin import SkippingClock, Twin

ANSWERS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("hostile_answers.yaml").read_text("utf-8"))
METHODS: dict[str, dict[str, Any]] = {
    "retrieve_batch": {"batch_id": "batch_1"},
    "cancel_batch": {"batch_id": "batch_1"},
    "create_batch": CREATE,
    "list_batches": {},
    "iter_batches": {},
}
# The longest message. The texts of an exception and of a log record are cut before it.
LONGEST_MESSAGE = 1_200
ONE_ERROR = json_answer({"error": {"message": "so"}}, 400)


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    """The server that plays the answers."""
    with hostile() as server:
        yield server


@pytest.fixture(scope="module")
def other() -> Iterator[HostileServer]:
    """The server that must not receive a request."""
    with hostile() as server:
        yield server


@pytest.fixture(scope="module", params=["sync", "async"])
def shared(request: pytest.FixtureRequest, server: HostileServer) -> Iterator[tuple[Twin, Any]]:
    """A twin and its client, which has to get along with all answers in a row."""
    with asyncio.Runner() as runner:
        is_sync = request.param == "sync"
        twin = Twin("", httpx.Client, runner) if is_sync else Twin("Async", httpx.AsyncClient, runner)
        with twin.connected(server.url, timeout=30.0) as api:
            api._clock = twin.clock
            yield twin, api


@pytest.fixture(autouse=True)
def _forgotten_requests(server: HostileServer) -> None:
    """Begin each test without requests."""
    server.received.clear()


def outcome(twin: Twin, api: Any, method: str, arguments: dict[str, Any]) -> Any:
    """The result of a method or its BatchAPIError. All other exceptions are raised."""
    try:
        ended = twin.run(getattr(api, method)(**arguments))
    except BatchAPIError as error:
        ended = error
    assert not isinstance(ended, BatchAPIError) or is_one_short_line(str(ended)), str(ended)[:2_000]
    return ended


def close(twin: Twin, http_client: httpx.Client | httpx.AsyncClient) -> None:
    """Close an HTTP client."""
    if isinstance(http_client, httpx.AsyncClient):
        twin.run(http_client.aclose())
    else:
        http_client.close()


def filled(text: str, places: dict[str, str]) -> str:
    """A text with its placeholders replaced."""
    for name, value in places.items():
        text = text.replace(name, value)
    return text


def is_one_short_line(text: str) -> bool:
    """Whether a text cannot forge a log line, change a terminal, or fill a screen."""
    return text.isprintable() and len(text) <= LONGEST_MESSAGE


def placeholders(server: HostileServer, other: HostileServer) -> dict[str, str]:
    """The texts for the placeholders of the answers."""
    return {
        "<here>": server.origin,
        "<host>": server.origin.partition("//")[2],
        "<port>": server.origin.rpartition(":")[2],
        "<other>": other.origin,
        "<other host>": other.origin.partition("//")[2],
        "<deep>": "[" * 100_000,
        "<201 times x>": "x" * 201,
    }


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: case["name"])
def test_hostile_answer(
    shared: tuple[Twin, Any],
    case: dict[str, Any],
    server: HostileServer,
    other: HostileServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each method ends as the data says, sends nothing elsewhere, and the client works afterwards."""
    twin, api = shared
    places = placeholders(server, other)
    answers = [recipe(data, places) for data in case["answers"]]
    method = case.get("method", "retrieve_batch")
    twin.clock.slept.clear()
    server.play(*answers)
    ended = outcome(twin, api, method, METHODS[method])
    expected = [case["ends"]] if isinstance(case["ends"], str) else case["ends"]
    kinds = [kind.__name__ for kind in type(ended).__mro__]
    assert {*kinds, "error" if "BatchAPIError" in kinds else ""} & {*expected}, repr(ended)[:2_000]
    if "requests" in case:
        assert case["requests"] == len(server.received)
    assert filled(case.get("says", ""), places) in str(ended)
    assert filled(case.get("lacks", "a text in no message"), places) not in str(ended)
    if "field" in case:
        assert case["field"] == ended.field
    if not case.get("only"):
        for name, arguments in METHODS.items():
            server.play(*answers)
            assert_creates_once(server, partial(outcome, twin, api, name, arguments))
        create = partial(outcome, twin, api, "create_batch")
        server.play(*answers)
        api._listings.clear()
        before = len(server.received)
        keyed = {**CREATE, "idempotency_key": "job-1", "settling_time": None}
        assert isinstance(create(keyed), BatchAPIError)
        assert "POST" not in [request.method for request in server.received[before:]]
        server.answering = tidy_until_create(answers)
        assert_creates_once(server, partial(create, {**keyed, "idempotency_key": "job-2"}))
    server.answering = tidy
    # A connection may hold bytes that the server has sent too much.
    ends = [outcome(twin, api, "retrieve_batch", {"batch_id": "batch_2"}) for _ in range(3)]
    assert "batch_2" == ends[-1].id
    assert_nothing_leaked(server, other)
    assert [] == [text for text in caplog.messages if not is_one_short_line(text)]


def assert_creates_once(server: HostileServer, call: Callable[[], object]) -> None:
    """At most one create request is sent."""
    before = len(server.received)
    call()
    requests = [(request.method, request.target) for request in server.received[before:]]
    assert requests.count(("POST", f"{PREFIX}/batches")) <= 1


def assert_nothing_leaked(server: HostileServer, other: HostileServer) -> None:
    """No other server was contacted; each request has the key once, no cookie, and asks for gzip and deflate only."""
    assert 0 == other.connections
    for request in server.received:
        assert ["Bearer sk-test"] == request.values("authorization")
        assert [] == request.values("cookie")
        accepted = ",".join(request.values("accept-encoding")).split(",")
        assert {"gzip", "deflate"} == {encoding.strip() for encoding in accepted}


def tidy_until_create(answers: list[Answer]) -> Callable[[Received], Answer]:
    """A service that gives these answers to create requests, and is tidy otherwise."""
    left = [*answers]

    def answer(request: Received) -> Answer:
        if (request.method, request.target) == ("POST", f"{PREFIX}/batches"):
            return left.pop(0) if len(left) > 1 else left[0]
        return tidy(request)

    return answer


def test_redirects_with_a_client_that_follows_them(twin: Twin, server: HostileServer, other: HostileServer) -> None:
    """With an http_client that follows redirects, nothing is sent to another server either."""
    server.play(recipe({"status": 302, "headers": [f"Location: {other.origin}/v1/batches/batch_1"]}))
    http_client = twin.http_client(follow_redirects=True)
    with twin.connected(server.url, http_client=http_client) as api:
        for name in ("retrieve_batch", "cancel_batch", "create_batch", "list_batches"):
            ended = outcome(twin, api, name, METHODS[name])
            assert isinstance(ended, (errors.APIStatusError, errors.CreateOutcomeUnknownError))
            assert other.origin in str(ended)
    close(twin, http_client)
    assert 0 == other.connections


HOSTILE_LISTS = [
    "a redirect to a script",
    "bytes above 127 in a cookie",
    "gzip twice",
    "a listed id is a list",
    "the cursor has 100 kB",
    "the cursor is half of a surrogate pair",
    "a message of several lines",
    "closed without an answer",
]


@pytest.mark.parametrize("name", HOSTILE_LISTS)
def test_hostile_list_after_a_create_request(
    twin: Twin, server: HostileServer, other: HostileServer, name: str
) -> None:
    """If the search for a created batch meets a hostile answer, the outcome is unknown, and nothing is repeated."""
    case = next(case for case in ANSWERS if case["name"] == name)
    hostile_answer = recipe(case["answers"][0], placeholders(server, other))

    def answer(request: Received) -> Answer:
        if request.method == "POST":
            return recipe({"raw": "", "end": "close"})
        return hostile_answer if ("POST", f"{PREFIX}/batches") in server.requests() else tidy(request)

    server.answering = answer
    with twin.connected(server.url, retry_budget=60) as api:
        api._clock = twin.clock
        ended = outcome(twin, api, "create_batch", {**CREATE, "idempotency_key": "job-1"})
    assert isinstance(ended, errors.CreateOutcomeUnknownError)
    assert 1 == [request.method for request in server.received].count("POST")


@pytest.mark.parametrize("content", ["<html>", "another answer", "two answers"])
def test_bytes_after_an_answer(twin: Twin, content: str, caplog: pytest.LogCaptureFixture) -> None:
    """An answer that a server sends too much is not returned as another batch, and is logged as that of a create.

    httpx reads such bytes as the answer to the next request on the connection.
    """
    forged = b"".join(json_answer({**BATCH, "id": "batch_9", "input_file_id": "file-of-another"}).pieces)
    extra = {"<html>": b"<html>", "another answer": forged, "two answers": forged * 2}[content]

    def answer(request: Received) -> Answer:
        whole = b"".join(tidy(request).pieces)
        return Answer([whole + extra if request.last_segment == "batch_1" else whole])

    for name in ("retrieve_batch", "create_batch", "list_batches"):
        with hostile(answering=answer) as server, twin.connected(server.url) as api:
            outcome(twin, api, "retrieve_batch", {"batch_id": "batch_1"})
            ended = outcome(twin, api, name, {**METHODS[name], **({"batch_id": "batch_2"} if name[0] == "r" else {})})
            if name == "create_batch" and not isinstance(ended, BatchAPIError):
                is_logged = any("batch_9 has other values" in message for message in caplog.messages)
                assert is_logged or CREATE["input_file_id"] == ended.input_file_id
            later = [outcome(twin, api, "retrieve_batch", {"batch_id": f"batch_{n}"}) for n in (3, 4, 5)]
            assert [] == [each.id for each in later if not isinstance(each, BatchAPIError) and each.id == "batch_9"]


def test_body_that_does_not_end_is_not_received(twin: Twin, server: HostileServer) -> None:
    """The client stops to read an endless body soon after 64 MiB."""
    before = server.sent
    server.play(recipe({"framing": "close", "text": " " * 1_000_000, "endless": True}))
    with twin.connected(server.url) as api:
        assert isinstance(outcome(twin, api, "retrieve_batch", METHODS["retrieve_batch"]), BatchAPIError)
    assert server.sent - before < 128 * 2**20


BOMBED = """
import asyncio, gc, re, resource, sys
from pathlib import Path
from openai_batch_client import AsyncBatchAPI, BatchAPI, BatchAPIError

def memory(name):
    return int(re.search(name + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024

# A client without a limit ends with MemoryError instead of using up the memory of the machine.
resource.setrlimit(resource.RLIMIT_AS, (1_200_000_000, 1_200_000_000))
url = sys.argv[1]
api = BatchAPI(api_key="sk-test", base_url=url, retry_budget=0)

async def retrieve_with_the_twin(name):
    async with AsyncBatchAPI(api_key="sk-test", base_url=url, retry_budget=0) as twin:
        await twin.retrieve_batch(name)

api.retrieve_batch("tidy")
asyncio.run(retrieve_with_the_twin("tidy"))
before, largest = memory("VmRSS"), 0
for name in sys.argv[2:]:
    for call in (api.retrieve_batch, lambda name: asyncio.run(retrieve_with_the_twin(name))):
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")  # Linux then forgets the peak, VmHWM.
        began = memory("VmRSS")
        try:
            call(name)
        except BatchAPIError as error:
            print(type(error).__name__)
        largest = max(largest, memory("VmHWM") - began)
gc.collect()
print(largest, memory("VmRSS") - before)
"""


def test_memory_of_decompression_bombs() -> None:
    """A few bytes that decompress to 2 GB, as a success or as an error, take less than 200 MB of memory."""
    bodies = {
        "gzip-twice": (200, "gzip, gzip", bomb(1_800_000_000, layers=(31, 31))),
        "gzip": (200, "gzip", bomb(2_000_000_000)),
        "deflate": (200, "deflate", bomb(2_000_000_000, layers=(15,))),
        "error": (500, "gzip", bomb(2_000_000_000)),
    }

    def answer(request: Received) -> Answer:
        if request.last_segment == "tidy":
            return tidy(request)
        status, encoding, body = bodies[request.last_segment]
        head = f"HTTP/1.1 {status} So\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
        return Answer([head.encode() + body])

    assert len(bodies["gzip-twice"][2]) < 20_000
    with hostile(answering=answer) as server:
        program = [sys.executable, "-c", BOMBED, server.url, *bodies]
        ended = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    *kinds, largest, lasting = ended.stdout.split() or ["nothing", "nothing"]
    assert ["UnexpectedResponseError"] * 6 == kinds[:6], ended.stderr[-2_000:]
    assert 8 == len(kinds)
    assert int(largest) < 200
    assert int(lasting) < 200


def test_retry_after_zero_is_not_a_busy_loop(twin: Twin, server: HostileServer) -> None:
    """A server that asks for retries at once gets at most 40 requests in a retry budget of 2 s."""
    past = "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT"
    for header in ("Retry-After: 0", "Retry-After: 0.0001", "retry-after-ms: 0", "Retry-After: -1", past):
        server.received.clear()
        server.play(json_answer({"error": {"message": "busy"}}, 429, header))
        with twin.connected(server.url, retry_budget=2.0) as api:
            api._clock = SkippingClock()
            assert isinstance(outcome(twin, api, "retrieve_batch", METHODS["retrieve_batch"]), errors.RateLimitError)
        assert 2 <= len(server.received) <= 40, header


@pytest.mark.parametrize("batch_id", ["b" * 70_000, "\ud800", "a\udfffb", ""], ids=["70 kB", "half", "end", "empty"])
def test_id_that_cannot_be_sent(twin: Twin, server: HostileServer, batch_id: str) -> None:
    """An id that no URL can contain is refused before anything is sent, in all methods that take an id."""
    with twin.connected(server.url) as api:
        calls: list[Callable[[], Any]] = [
            lambda: api.retrieve_batch(batch_id),
            lambda: api.cancel_batch(batch_id),
            lambda: api.wait_for_batch(batch_id, timeout=9),
            lambda: api.wait_for_batches(["batch_1", batch_id], timeout=9),
        ]
        for call in calls:
            with pytest.raises(ValueError, match="Nothing was sent") as caught:
                twin.run(call())
            assert is_one_short_line(str(caught.value))
    assert [] == server.received


def test_log_lines_cannot_be_forged(
    twin: Twin, server: HostileServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server's texts appear in the log as one line of printable characters, and long texts are cut."""
    caplog.set_level(logging.DEBUG, "openai_batch_client")
    monkeypatch.setattr(spec, "_unknown_statuses", type(spec._unknown_statuses)())
    text = "\n2026-01-01 00:00:00 CRITICAL root: forged \x1b[31m" + "x" * 100_000
    answers = [json_answer({"error": {"message": text, "code": text}}, 503)] * 2
    answers += [json_answer({**BATCH, "status": text}), json_answer({**BATCH, "status": "completed"})]
    server.play(*answers)
    with twin.connected(server.url, retry_budget=60.0) as api:
        api._clock = twin.clock
        twin.run(api.wait_for_batch("batch_1", timeout=86_400))
        server.play(answers[0], answers[3])
        twin.run(api.retrieve_batch("batch_1"))
    ours = [record.getMessage() for record in caplog.records if record.name == "openai_batch_client"]
    assert len(ours) >= 3
    assert [] == [message for message in ours if not is_one_short_line(message)]
    assert [] == [message for message in ours if "forged" in message and "CRITICAL" in message.split("forged")[0][:15]]


def test_unknown_statuses_do_not_fill_the_memory(
    twin: Twin, server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client remembers at most 100 unknown statuses."""
    monkeypatch.setattr(spec, "_unknown_statuses", type(spec._unknown_statuses)())
    server.play(
        *[json_answer({**BATCH, "status": f"status-{number}"}) for number in range(150)],
        json_answer({**BATCH, "status": "completed"}),
    )
    with twin.connected(server.url) as api:
        api._clock = twin.clock
        assert "completed" == twin.run(api.wait_for_batch("batch_1", timeout=864_000)).status
    assert 1 <= len(spec._unknown_statuses) <= 100


# Failures that are no answers


class Broken(Exception):
    """An exception of a transport that httpx does not know."""


def broken_http_client(twin: Twin, failure: BaseException, place: str) -> Any:
    """An HTTP client in which a part raises an exception."""

    def fail(_: object) -> httpx.Response:
        raise failure

    async def fail_later(_: object) -> None:
        raise failure

    class FailingStream(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"{"
            raise failure

        async def __aiter__(self) -> Any:
            yield b"{"
            raise failure

    class FailingAuth(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Any:
            raise failure
            yield request

    good = httpx.MockTransport(lambda _: httpx.Response(200, json=BATCH))
    hook = fail_later if twin.prefix else fail
    options: dict[str, Any] = {
        "transport": {"transport": httpx.MockTransport(fail)},
        "body": {"transport": httpx.MockTransport(lambda _: httpx.Response(200, stream=FailingStream()))},
        "request hook": {"transport": good, "event_hooks": {"request": [hook]}},
        "response hook": {"transport": good, "event_hooks": {"response": [hook]}},
        "auth": {"transport": good, "auth": FailingAuth()},
    }
    return twin.http_client(**options[place])


@pytest.mark.parametrize("place", ["transport", "body", "request hook", "response hook", "auth"])
@pytest.mark.parametrize(
    ("failure", "permanent"),
    [
        (Broken("so\nit is"), True),
        (OSError(5, "Input/output error"), None),
        (KeyError("x"), True),
        (RecursionError(), True),
        (httpcore.ConnectError("refused"), None),
        (httpcore.ReadTimeout(), None),
        (httpx2.ConnectError("refused"), None),
        (httpx2.ReadTimeout("slow"), None),
        (httpx.ReadError("broken"), False),
        (httpx.StreamError("closed"), None),
        (httpx.CookieConflict("two"), None),
        (httpx.InvalidURL("none"), None),
        (httpx.TooManyRedirects("many"), None),
    ],
    ids=lambda value: f"{type(value).__module__}.{type(value).__name__}",
)
def test_exceptions_while_sending(twin: Twin, place: str, failure: Exception, permanent: bool | None) -> None:
    """Anything that is raised while a request is sent becomes an APIConnectionError with the cause."""
    if place == "auth":
        # The key of the client would replace the Auth of the HTTP client.
        api = twin.api(api_key=None, http_client=broken_http_client(twin, failure, place))
    else:
        api = twin.api(http_client=broken_http_client(twin, failure, place))
    for name in ("retrieve_batch", "create_batch"):
        ended = outcome(twin, api, name, METHODS[name])
        if isinstance(ended, errors.CreateOutcomeUnknownError):
            ended = ended.__cause__
        assert isinstance(ended, errors.APIConnectionError)
        assert failure in causes(ended)
        assert isinstance(ended.sent, bool)
        assert ended.sent or place in ("transport", "request hook", "auth")
        if permanent is not None:
            assert permanent is ended.permanent


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The chain of causes of an exception."""
    while error is not None:
        yield error
        error = error.__cause__


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_interruptions_pass(twin: Twin, kind: type[BaseException]) -> None:
    """An interruption of the program is no failure of a request, and passes unchanged."""
    api = twin.api(http_client=broken_http_client(twin, kind("stop"), "request hook"))
    with pytest.raises(kind):
        twin.run(api.retrieve_batch("batch_1"))


def test_permanent_failures_are_not_retried(twin: Twin) -> None:
    """A failure that another attempt would meet again is raised at once, by calls and by waits, with the reason."""
    api = twin.api(http_client=broken_http_client(twin, Broken("the plug is missing"), "transport"), retry_budget=600)
    calls: list[Callable[[], Any]] = [
        lambda: api.retrieve_batch("batch_1"),
        lambda: api.wait_for_batch("batch_1", timeout=86_400),
        lambda: api.wait_for_batches(["batch_1"], timeout=86_400),
        lambda: api.wait_for_batches(["batch_1", "batch_2", "batch_3"], timeout=86_400),
    ]
    for call in calls:
        with pytest.raises(errors.APIConnectionError, match=r"the plug is missing.*a retry nor waiting helps"):
            twin.run(call())
    assert [] == twin.clock.slept


@pytest.mark.parametrize("trouble", ["certificate", "TLS without TLS", "scheme"])
def test_servers_that_no_attempt_can_reach(twin: Twin, trouble: str) -> None:
    """A wrong certificate, TLS to a server without TLS, or an unsupported scheme ends retries and waits at once."""
    with hostile(tls=trouble == "certificate") as server:
        url = server.url if trouble == "certificate" else server.url.replace("http:", "https:")
        options: dict[str, Any] = {"base_url": url, "retry_budget": 600}
        if trouble == "scheme":
            # A mount without a transport for https stands for a transport that does not support a scheme.
            options["http_client"] = broken_http_client(twin, httpx.UnsupportedProtocol("no https"), "transport")
        api = twin.api(**options)
        calls: list[Callable[[], Any]] = [
            lambda: api.retrieve_batch("batch_1"),
            lambda: api.create_batch(**CREATE),
            lambda: api.wait_for_batch("batch_1", timeout=86_400),
            lambda: api.wait_for_batches(["batch_1", "batch_2", "batch_3"], timeout=86_400),
        ]
        for call in calls:
            with pytest.raises(errors.APIConnectionError, match="a retry nor waiting helps") as caught:
                twin.run(call())
            assert (True, False) == (caught.value.permanent, caught.value.sent)
            assert is_one_short_line(str(caught.value))
        twin.run(api.close())
    assert [] == server.received
    assert [] == twin.clock.slept


def test_refused_connections_are_retried(twin: Twin) -> None:
    """A server that refuses connections may come back: the failure is not permanent."""
    with hostile() as server:
        url = server.url
    with twin.connected(url) as api:
        ended = outcome(twin, api, "retrieve_batch", METHODS["retrieve_batch"])
    assert isinstance(ended, errors.APIConnectionError)
    assert (False, False) == (ended.permanent, ended.sent)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """A function that lets the next look-ups of a host name fail."""
    left: dict[str, int] = {}
    real = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if left.get(name, 0) > 0:
            left[name] -= 1
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real("127.0.0.1" if name in left else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return left.__setitem__


def test_host_name_that_does_not_resolve(twin: Twin, names: Callable[[str, int], None]) -> None:
    """A host name that does not resolve for a minute ends retries and waits."""
    names("nowhere.test", 1_000)
    api = twin.api(base_url="http://nowhere.test/v1", retry_budget=3_600)
    calls: list[Callable[[], Any]] = [
        lambda: api.retrieve_batch("batch_1"),
        lambda: api.wait_for_batch("batch_1", timeout=86_400),
        lambda: api.wait_for_batches(["batch_1", "batch_2", "batch_3"], timeout=86_400),
    ]
    for call in calls:
        twin.clock.slept.clear()
        with pytest.raises(errors.APIConnectionError, match=r"nowhere\.test"):
            twin.run(call())
        # The last delay may be as long as the longest delay between two polls.
        assert 50 <= sum(twin.clock.slept) <= 180
    twin.run(api.close())


def test_host_name_that_resolves_again(twin: Twin, names: Callable[[str, int], None], server: HostileServer) -> None:
    """A host name that does not resolve for some seconds ends neither retries nor waits."""
    server.answering = lambda _: json_answer({**BATCH, "status": "completed"})
    url = server.url.replace("127.0.0.1", "somewhere.test")
    api = twin.api(base_url=url, retry_budget=3_600)
    names("somewhere.test", 3)
    assert "batch_1" == twin.run(api.retrieve_batch("batch_1")).id
    names("somewhere.test", 3)
    twin.run(api.close())
    api = twin.api(base_url=url)
    assert "batch_1" == twin.run(api.wait_for_batch("batch_1", timeout=86_400)).id
    twin.run(api.close())


# The caller's functions


@pytest.mark.parametrize(
    "failure",
    [Broken("mine"), httpx.ReadError("mine"), errors.APIConnectionError("mine", operation="x", sent=True)],
    ids=lambda value: type(value).__name__,
)
def test_exceptions_of_the_callers_functions_pass(twin: Twin, server: HostileServer, failure: Exception) -> None:
    """An exception of api_key, on_retry or on_poll is raised unchanged, and ends retries and waits.

    An exception of api_key that is a BatchAPIError counts as the failure of the request.
    """

    def fail(*_: object) -> Any:
        raise failure

    server.play(json_answer({"error": {"message": "so"}}, 503), json_answer(BATCH))
    calls: list[tuple[Any, Callable[[Any], Any]]] = [
        ({"api_key": fail}, lambda api: api.retrieve_batch("batch_1")),
        ({"api_key": fail}, lambda api: api.wait_for_batch("batch_1", timeout=99)),
        ({"on_retry": fail}, lambda api: api.retrieve_batch("batch_1")),
        ({}, lambda api: api.wait_for_batch("batch_1", timeout=99, on_poll=fail)),
        ({}, lambda api: api.wait_for_batches(["batch_1"], timeout=99, on_poll=fail)),
    ]
    for options, call in calls[2:] if isinstance(failure, errors.BatchAPIError) else calls:
        server.play(json_answer({"error": {"message": "so"}}, 503), json_answer(BATCH))
        with twin.connected(server.url, retry_budget=60, **options) as api:
            api._clock = twin.clock
            with pytest.raises(type(failure)) as caught:
                twin.run(call(api))
        assert failure is caught.value
        assert [] == getattr(failure, "__notes__", [])


def test_exception_of_api_key_after_a_create_request(twin: Twin, server: HostileServer) -> None:
    """If api_key raises after a create request was sent, the exception says that a batch may exist."""
    failure = Broken("the vault is closed")

    def key() -> str:
        if ("POST", f"{PREFIX}/batches") in server.requests():
            raise failure
        return "sk-test"

    server.answering = tidy_until_create([recipe({"raw": "", "end": "close"})])
    with twin.connected(server.url, api_key=key, retry_budget=60) as api:
        api._clock = twin.clock
        with pytest.raises(Broken) as caught:
            twin.run(api.create_batch(**CREATE, idempotency_key="job-1"))
    assert failure is caught.value
    assert re.search("may exist", "".join(failure.__notes__))


class AsyncCallable:
    """An object with an async `__call__`."""

    async def __call__(self, *_: object) -> str:
        return "sk-later"


async def later(*_: object) -> str:
    """The key, or an ignored result."""
    await asyncio.sleep(0)
    return "sk-later"


@pytest.mark.parametrize("function", [later, partial(later), AsyncCallable()], ids=["def", "partial", "object"])
def test_async_functions_of_the_caller(twin: Twin, server: HostileServer, function: Any) -> None:
    """AsyncBatchAPI awaits async functions. BatchAPI refuses them before anything is sent."""
    busy = json_answer({"error": {"message": "so"}}, 503)
    completed = json_answer({**BATCH, "status": "completed"})

    calls: list[tuple[dict[str, Any], Callable[[Any], Any]]] = [
        ({"api_key": function}, lambda api: api.retrieve_batch("batch_1")),
        ({"on_retry": function, "retry_budget": 60}, lambda api: api.retrieve_batch("batch_1")),
        ({}, lambda api: api.wait_for_batch("batch_1", timeout=9, on_poll=function)),
        ({}, lambda api: api.wait_for_batches(["batch_1"], timeout=9, on_poll=function)),
    ]

    def connect_and_call(options: dict[str, Any], call: Callable[[Any], Any]) -> Any:
        with twin.connected(server.url, **options) as api:
            api._clock = twin.clock
            # BatchAPI refuses the function when the method is called, before the caller iterates.
            value = call(api)
            return twin.run(value) if twin.prefix else value

    for options, call in calls:
        server.received.clear()
        server.play(*([busy] if "on_retry" in options else []), completed)
        if twin.prefix:
            ended = connect_and_call(options, call)
            assert "batch_1" == (ended[0] if isinstance(ended, list) else ended).id
            key = "sk-later" if "api_key" in options else "sk-test"
            assert {f"Bearer {key}"} == {request.values("authorization")[0] for request in server.received}
        else:
            with pytest.raises(TypeError, match="async"):
                connect_and_call(options, call)
            assert [] == server.received


def test_function_that_returns_a_coroutine(twin: Twin, server: HostileServer) -> None:
    """AsyncBatchAPI awaits what a function returns. BatchAPI raises TypeError and closes the coroutine."""
    server.play(json_answer({**BATCH, "status": "in_progress"}), json_answer({**BATCH, "status": "completed"}))
    with twin.connected(server.url) as api:
        api._clock = twin.clock
        wait = partial(api.wait_for_batch, "batch_1", timeout=99, on_poll=lambda _: later())
        if twin.prefix:
            assert "completed" == twin.run(wait()).status
        else:
            with pytest.raises(TypeError, match="async"):
                wait()
            assert 1 == len(server.received)


def test_async_on_retry_is_awaited(twin: Twin, server: HostileServer) -> None:
    """AsyncBatchAPI waits until on_retry has ended before it tries again, and BatchAPI until it has returned."""
    server.play(json_answer({"error": {"message": "so"}}, 503), json_answer(BATCH))
    requests: list[int] = []

    async def note_later(_: object) -> None:
        await asyncio.sleep(0.01)
        requests.append(len(server.received))

    def note(_: object) -> None:
        time.sleep(0.01)
        requests.append(len(server.received))

    with twin.connected(server.url, retry_budget=60, on_retry=note_later if twin.prefix else note) as api:
        api._clock = twin.clock
        twin.run(api.retrieve_batch("batch_1"))
    assert [1] == requests
    assert 2 == len(server.received)


@pytest.mark.parametrize("given", [httpx.AsyncClient, httpx.Client, httpx2.AsyncClient, httpx2.Client, object])
def test_http_client_of_another_kind(twin: Twin, server: HostileServer, given: type) -> None:
    """An HTTP client of the other twin, or any other object, is refused at construction."""
    http_client = given()
    if given in ((httpx.AsyncClient, httpx2.AsyncClient) if twin.prefix else (httpx.Client, httpx2.Client)):
        with twin.connected(server.url, http_client=http_client) as api:
            server.answering = tidy
            assert "batch_1" == twin.run(api.retrieve_batch("batch_1")).id
    else:
        with pytest.raises(TypeError, match="http_client"):
            twin.api(http_client=http_client)
    if hasattr(http_client, "aclose"):
        twin.run(http_client.aclose())
    elif hasattr(http_client, "close"):
        http_client.close()


def test_names_and_fields_of_the_data() -> None:
    """Each entry of the data has a name of its own, and fields that the tests read."""
    known = {"name", "answers", "method", "ends", "says", "lacks", "field", "requests", "only"}
    assert [] == [case["name"] for case in ANSWERS if not case.keys() <= known]
    assert len(ANSWERS) == len({case["name"] for case in ANSWERS})
    fields = {"raw", "status", "reason", "headers", "charset", "batch", "json", "text", "spaces", "encodings"}
    fields |= {"framing", "missing", "endless", "end", "long"}
    assert fields == {name for case in ANSWERS for data in case["answers"] for name in data}
