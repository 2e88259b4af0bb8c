"""`timeout` bounds the whole of an attempt and the whole of a wait, however slowly a server sends or reads."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, NamedTuple

import httpx
import pytest
from attrs import evolve, field, frozen

from openai_batch_client import BatchAPIError, errors
from tests.support.batches import BATCH, CREATE
from tests.support.hostile_server import Answer, HostileServer, Received, dripping, hostile, json_answer, recipe, tidy
from tests.support.twin import Twin

TIMEOUT = 0.5
# The machine of a test may be slow. Without a limit, each call would last for more than 10 s.
MARGIN = 1.5
BODY = b'{"id": "batch_1", "object": "batch", "status": "in_progress", "created_at": 1764012488, "metadata": {}}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SLOW_ANSWERS = {
    "no answer": Answer([b""], end="hang"),
    "head": dripping(HEAD, 0.1, whole=b""),
    "head, after a part": dripping(HEAD[20:], 0.1, whole=HEAD[:20]),
    "nothing after the head": Answer([HEAD], end="hang"),
    "body": dripping(BODY, 0.1, whole=HEAD),
    "body, after a part": dripping(BODY[10:], 0.1, whole=HEAD + BODY[:10]),
    "chunks": Answer([CHUNKED, *[b"1\r\n \r\n"] * 1_000], 0.1),
    "chunk": dripping(b"ffff\r\n" + b" " * 1_000, 0.1, whole=CHUNKED),
    "informational answers": Answer([b"HTTP/1.1 102 Processing\r\n\r\n"] * 1_000, 0.1),
    "error": dripping(b"x" * 1_000, 0.1, whole=b"HTTP/1.1 500 Bad\r\nContent-Length: 1000\r\n\r\n"),
    "end of the body": Answer([b"HTTP/1.1 200 OK\r\n\r\n", *[b" "] * 1_000], 0.1),
}
# With a given HTTP client, BatchAPI bounds the time of the body only.
SLOW_BODIES = {name: answer for name, answer in SLOW_ANSWERS.items() if name[:4] not in ("head", "info")}


class Ended(NamedTuple):
    """How a call ended, and after how many seconds."""

    result: Any
    seconds: float


@frozen
class Call:
    """A call of a client with a server of its own."""

    name: str
    answering: Callable[[Received], Answer]
    call: Callable[[Any], Any]
    options: dict[str, Any] = field(factory=dict)
    http_options: dict[str, Any] | None = None
    """The options of a given HTTP client, or None for a client that makes its own."""
    read_pause: float = 0.0


def play(answer: Answer) -> Callable[[Received], Answer]:
    """A service with the same answer to all requests."""
    return lambda _: answer


def retrieve(api: Any) -> Any:
    """Retrieve a batch."""
    return api.retrieve_batch("batch_1")


def run_all(twin: Twin, calls: list[Call]) -> dict[str, Ended]:
    """Make all calls at the same time, each in a thread of its own with a server and a client of its own."""
    ready = threading.Barrier(len(calls))
    with ExitStack() as servers, ThreadPoolExecutor(len(calls)) as pool:
        runs = []
        for call in calls:
            server = servers.enter_context(hostile())
            runs.append(pool.submit(_run, twin, call, server, ready))
        return {call.name: run.result() for call, run in zip(calls, runs, strict=True)}


def _run(twin: Twin, call: Call, server: HostileServer, ready: threading.Barrier) -> Ended:
    with asyncio.Runner() as runner:
        own = Twin(twin.prefix, twin.http_client, runner)
        http_client = None if call.http_options is None else twin.http_client(**call.http_options)
        options = {"timeout": TIMEOUT, "http_client": http_client, **call.options}
        with own.connected(server.url, **options) as api:
            # The first request of a client takes longer when many clients begin at once.
            own.run(api.retrieve_batch("batch_1", timeout=60.0))
            ready.wait(60.0)
            server.answering, server.read_pause = call.answering, call.read_pause
            ended = ended_call(own, call.call, api)
        if isinstance(http_client, httpx.AsyncClient):
            own.run(http_client.aclose())
        elif http_client is not None:
            http_client.close()
    return ended


def ended_call(twin: Twin, call: Callable[[Any], Any], api: Any) -> Ended:
    """Make a call of a client."""
    started = time.monotonic()
    try:
        result = twin.run(call(api))
    except BatchAPIError as error:
        result = error
    return Ended(result, time.monotonic() - started)


def assert_timed_out(
    ended: dict[str, Ended], seconds: float, kind: type[BatchAPIError], *, at_least: float = 0.7
) -> None:
    """All calls ended after this time with this exception. `at_least` is the smallest part of the time."""
    assert {} == {name: end for name, end in ended.items() if not isinstance(end.result, kind)}
    assert {} == {name: end for name, end in ended.items() if not seconds * at_least <= end.seconds <= seconds + MARGIN}


@pytest.mark.parametrize("given", [False, True], ids=["own HTTP client", "given HTTP client"])
def test_slow_answers(twin: Twin, given: bool) -> None:
    """An attempt ends after `timeout`, even if the server sends a byte from time to time."""
    answers = SLOW_BODIES if given and not twin.prefix else SLOW_ANSWERS
    calls = [Call(name, play(answer), retrieve, http_options={} if given else None) for name, answer in answers.items()]
    assert_timed_out(run_all(twin, calls), TIMEOUT, errors.APITimeoutError)


def test_timeouts_of_calls_and_clients(twin: Twin) -> None:
    """The timeout of a call, of the client, or of a given HTTP client bounds an attempt, in this order."""
    body, hang = play(SLOW_ANSWERS["body"]), play(SLOW_ANSWERS["no answer"])
    calls = [
        Call("call", body, lambda api: api.retrieve_batch("batch_1", timeout=TIMEOUT), {"timeout": 60.0}),
        Call("client", body, retrieve, http_options={"timeout": 60.0}),
        Call("HTTP client", hang, retrieve, {"timeout": None}, http_options={"timeout": TIMEOUT}),
        Call("list", body, lambda api: api.list_batches()),
        Call("pages", body, lambda api: api.iter_batches()),
        Call("cancel", body, lambda api: api.cancel_batch("batch_1")),
        Call("find", body, lambda api: api.find_batch(idempotency_key="job-1")),
    ]
    assert_timed_out(run_all(twin, calls), TIMEOUT, errors.APITimeoutError)


def test_each_attempt_has_its_own_time(twin: Twin) -> None:
    """A retry begins with the whole timeout again."""
    answers = [SLOW_ANSWERS["body"], SLOW_ANSWERS["body"], json_answer(BATCH)]
    call = Call(
        "retries",
        lambda _: answers.pop(0) if len(answers) > 1 else answers[0],
        retrieve,
        {"retry_budget": 60.0, "timeout": 0.3},
    )
    ended = run_all(twin, [call])["retries"]
    assert "batch_1" == ended.result.id
    assert 0.5 <= ended.seconds <= 6.0


def test_create_with_a_slow_answer(twin: Twin) -> None:
    """A create whose answer does not arrive in time may have succeeded."""
    calls = [
        Call(name, play(SLOW_ANSWERS[name]), lambda api: api.create_batch(**CREATE))
        for name in ("head", "body", "no answer")
    ]
    ended = run_all(twin, calls)
    assert_timed_out(ended, TIMEOUT, errors.CreateOutcomeUnknownError)
    assert {errors.APITimeoutError} == {type(end.result.__cause__) for end in ended.values()}


def test_server_that_reads_slowly(twin: Twin) -> None:
    """Sending the request is a part of the attempt."""
    large = {**CREATE, "input_file_id": "f" * 8_000_000}
    call = Call("slow reader", tidy, lambda api: api.create_batch(**large), read_pause=0.02)
    ended = run_all(twin, [call])
    assert_timed_out(ended, TIMEOUT, errors.CreateOutcomeUnknownError)
    assert isinstance(ended["slow reader"].result.__cause__, errors.APITimeoutError)


def test_slow_tls(twin: Twin) -> None:
    """The handshake of TLS is a part of the attempt. Nothing was sent before its end."""
    begin = b"\x16\x03\x03\x40\x00\x02\x00"
    answers = {"no handshake": Answer([b""], end="hang"), "slow handshake": dripping(begin + bytes(1_000), 0.1)}
    for name, hello in answers.items():
        with hostile() as server:
            server.hello = hello
            with twin.connected(server.url.replace("http:", "https:"), timeout=TIMEOUT) as api:
                ended = ended_call(twin, retrieve, api)
                assert_timed_out({name: ended}, TIMEOUT, errors.APITimeoutError)
                assert not ended.result.sent


def test_connection_that_is_not_accepted(twin: Twin) -> None:
    """The connection is a part of the attempt. Nothing was sent before it exists."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as waiting:
        address = listener.getsockname()
        for _ in range(4):
            # They fill the queue of the listener, so that Linux ignores further connections.
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(address)
        url = f"http://127.0.0.1:{address[1]}/v1"
        with twin.connected(url, timeout=TIMEOUT) as api:
            ended = ended_call(twin, retrieve, api)
    assert_timed_out({"connection": ended}, TIMEOUT, errors.APITimeoutError)
    assert not ended.result.sent


def test_client_works_after_a_timeout(twin: Twin) -> None:
    """After a timeout, the next call on the same client gets its own answer."""
    with hostile() as server:
        server.answering = lambda request: SLOW_ANSWERS.get(request.last_segment) or tidy(request)
        with twin.connected(server.url) as api:
            for name in ("body", "head"):
                with pytest.raises(errors.APITimeoutError):
                    twin.run(api.retrieve_batch(name, timeout=0.3))
            assert ["batch_2", "batch_3"] == [twin.run(api.retrieve_batch(f"batch_{n}")).id for n in (2, 3)]


def test_slow_but_steady_answer_in_time(twin: Twin) -> None:
    """A slow answer that is complete in time is returned."""
    answer = dripping(b"  }", 0.1, whole=HEAD[:-4] + b'\r\nX-A: b\r\n\r\n{"id": "batch_1"' + b" " * (len(BODY) - 19))
    ended = run_all(twin, [Call("slow", play(answer), retrieve, {"timeout": 5.0})])
    assert "batch_1" == ended["slow"].result.id


# Waits


def slow_after(answers: list[Answer], slow: Answer) -> Callable[[Received], Answer]:
    """A service that gives these answers in turn, and then only slow answers."""
    left = [*answers]
    return lambda _: left.pop(0) if left else slow


def test_waits_end_in_time(twin: Twin) -> None:
    """A wait ends at its timeout, even if an answer is still arriving or the server wants a longer delay."""
    running = json_answer({**BATCH, "status": "in_progress"})
    cancelling = json_answer({**BATCH, "status": "cancelling"})
    busy = json_answer({"error": {"message": "busy"}}, 503, "Retry-After: 30")
    ids = ["batch_1", "batch_2", "batch_3"]
    one = {"timeout": 0.8, "min_delay": 0.1, "max_delay": 0.2}

    def cancel(api: Any) -> Any:
        return api.cancel_batch("batch_1", wait=True, timeout=0.8)

    calls = []
    for name, slow in {**SLOW_ANSWERS, "busy": busy}.items():
        if name in ("no answer", "head", "body", "busy"):
            for begin, answers in (("first look", []), ("second look", [running])):
                answering = slow_after(answers, slow)
                label = f"{name}, {begin}"
                calls.append(Call(f"one: {label}", answering, lambda api: api.wait_for_batch("batch_1", **one)))
                answering = slow_after(answers, slow)
                calls.append(Call(f"two: {label}", answering, lambda api: api.wait_for_batches(["batch_1"], **one)))
            calls.append(Call(f"cancel: {name}", slow_after([cancelling], slow), cancel))
            calls.append(Call(f"three: {name}", play(slow), lambda api: api.wait_for_batches(ids, **one)))
    calls = [evolve(call, options={"timeout": 60.0, "retry_budget": 60.0}) for call in calls]
    assert_timed_out(run_all(twin, calls), 0.8, errors.WaitTimeoutError, at_least=0.3)


def test_cancel_without_an_answer_ends_in_time(twin: Twin) -> None:
    """If a cancel gets no answer, cancel_batch with wait=True ends in time. Then the batch may not be cancelled."""
    busy = json_answer({"error": {"message": "busy"}}, 503, "Retry-After: 30")
    slow = {name: SLOW_ANSWERS[name] for name in ("no answer", "head", "body")}
    calls = [
        Call(name, play(answer), lambda api: api.cancel_batch("batch_1", wait=True, timeout=TIMEOUT))
        for name, answer in {**slow, "busy": busy}.items()
    ]
    ended = run_all(twin, [evolve(call, options={"timeout": 60.0, "retry_budget": 60.0}) for call in calls])
    assert_timed_out(ended, TIMEOUT, BatchAPIError, at_least=0.0)


def test_wait_with_timeout_zero_polls_once(twin: Twin) -> None:
    """timeout=0 polls once, and the answer counts."""
    for status, kind in (("in_progress", errors.WaitTimeoutError), ("completed", object)):
        for call in (
            lambda api: api.wait_for_batch("batch_1", timeout=0),
            lambda api: api.wait_for_batches(["batch_1"], timeout=0),
        ):
            with hostile(json_answer({**BATCH, "status": status})) as server, twin.connected(server.url) as api:
                result = ended_call(twin, call, api).result
                assert isinstance(result, kind)
                assert isinstance(result, BatchAPIError) is (status == "in_progress")
                assert 1 == len(server.received)


def test_short_waits_end_in_time_without_answers(twin: Twin) -> None:
    """A wait that is shorter than a request ends in time, too."""
    slow = play(SLOW_ANSWERS["body"])
    calls = [
        Call("0.05 s", slow, lambda api: api.wait_for_batch("batch_1", timeout=0.05), {"timeout": 60.0}),
        Call("0.4 s", slow, lambda api: api.wait_for_batch("batch_1", timeout=0.4), {"timeout": 60.0}),
    ]
    ended = run_all(twin, calls)
    assert [errors.WaitTimeoutError] * 2 == [type(end.result) for end in ended.values()]
    assert [] == [end for end in ended.values() if end.seconds > 2.0]


# Timeouts without a limit


@pytest.fixture
def server() -> Iterator[HostileServer]:
    """A tidy server."""
    with hostile() as server:
        yield server


def test_infinite_timeouts(twin: Twin, server: HostileServer) -> None:
    """float("inf") means no limit."""
    forever = float("inf")
    with twin.connected(server.url, timeout=forever, retry_budget=forever) as api:
        assert "batch_1" == twin.run(retrieve(api)).id
        assert "batch_2" == twin.run(api.retrieve_batch("batch_2", timeout=forever)).id
        assert CREATE["endpoint"] == twin.run(api.create_batch(**CREATE, timeout=forever)).endpoint
        server.play(recipe({"batch": {"status": "completed"}}))
        assert "batch_1" == twin.run(api.wait_for_batch("batch_1", timeout=forever)).id
        assert "batch_1" == twin.run(api.wait_for_batches(["batch_1"], timeout=forever))[0].id
        assert "batch_1" == twin.run(api.cancel_batch("batch_1", wait=True, timeout=forever)).id


def test_httpx_timeout(twin: Twin) -> None:
    """An httpx.Timeout is used as it is."""
    calls = [
        Call("read", play(SLOW_ANSWERS["no answer"]), retrieve, {"timeout": httpx.Timeout(30.0, read=TIMEOUT)}),
        Call("all", play(SLOW_ANSWERS["nothing after the head"]), retrieve, {"timeout": httpx.Timeout(TIMEOUT)}),
    ]
    assert_timed_out(run_all(twin, calls), TIMEOUT, errors.APITimeoutError)
