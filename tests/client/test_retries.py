"""Which failures are retried, after which delay, and which failures are final."""

import logging
import re
import subprocess
import sys
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from openai_batch_client import RetryEvent, errors, to_datetime
from scripts.openapi.contract import ROOT
from tests.support.batches import BATCH, CALLS, CREATE
from tests.support.contract_names import IDS
from tests.support.twin import Failure, Twin, through_both_libraries

SAFE_OPERATIONS = ("retrieve_batch", "cancel_batch", "list_batches")
PAGE = {"object": "list", "data": [], "has_more": False}


def failing_server(*failures: Any) -> Callable[[httpx.Request], httpx.Response | Failure]:
    """A server that fails in these ways, in turn, and then succeeds."""
    left = list(failures)

    def answer(request: httpx.Request) -> httpx.Response | Failure:
        if not left:
            listing = request.method == "GET" and request.url.path.endswith("/batches")
            return httpx.Response(200, json=PAGE if listing else BATCH)
        failure = left.pop(0)
        if isinstance(failure, type):
            return failure
        if isinstance(failure, int):
            return httpx.Response(failure)
        return httpx.Response(failure.status_code, headers=failure.headers, content=failure.content)

    return answer


def refusal(status: int, code: str | None = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, json={"error": {"message": "no", "type": "x", "code": code}})


ALWAYS_RETRIED = [
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    refusal(429),
    refusal(429, "rate_limit_exceeded"),
    refusal(503, retry_after="1"),
]
RETRIED_IF_SAFE = [
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.RemoteProtocolError,
    408,
    500,
    502,
    503,
    504,
    520,
    522,
    527,
    refusal(418, x_should_retry="true"),
]
NEVER_RETRIED = [
    400,
    401,
    403,
    404,
    409,
    422,
    refusal(429, "insufficient_quota"),
    refusal(429, "billing_hard_limit_reached"),
    refusal(500, x_should_retry="false"),
    refusal(429, x_should_retry="false"),
]


def label(value: Any) -> str:
    if isinstance(value, httpx.Response):
        more = value.headers.get("x-should-retry") or value.headers.get("retry-after") or value.json()["error"]["code"]
        return f"{value.status_code}-{more}"
    return getattr(value, "__name__", str(value))


@through_both_libraries
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("failure", ALWAYS_RETRIED, ids=label)
def test_retried_for_every_operation(twin: Twin, name: str, failure: Any) -> None:
    """A request that the server certainly did not process is retried for every operation."""
    result = twin.run(getattr(twin.api(failing_server(failure, failure)), name)(**CALLS[name]))

    assert 3 == len(twin.sent)
    assert not isinstance(result, Exception)


@through_both_libraries
@pytest.mark.parametrize("name", SAFE_OPERATIONS)
@pytest.mark.parametrize("failure", RETRIED_IF_SAFE, ids=label)
def test_retried_for_safe_operations(twin: Twin, name: str, failure: Any) -> None:
    """A request that the server may have processed is retried only for safe operations."""
    twin.run(getattr(twin.api(failing_server(failure, failure)), name)(**CALLS[name]))

    assert 3 == len(twin.sent)


@through_both_libraries
@pytest.mark.parametrize("failure", RETRIED_IF_SAFE[:-1], ids=label)
def test_create_is_not_retried_without_key(twin: Twin, failure: Any) -> None:
    """If the server may have created the batch, create raises CreateOutcomeUnknownError without a retry."""
    with pytest.raises(errors.CreateOutcomeUnknownError, match="idempotency key") as caught:
        twin.run(twin.api(failing_server(failure)).create_batch(**CREATE))

    assert 1 == len(twin.sent) == caught.value.attempts
    assert isinstance(caught.value.__cause__, errors.BatchAPIError)


def test_should_retry_header_does_not_retry_create(twin: Twin) -> None:
    """x-should-retry: true does not cause a retry of an unsafe operation."""
    with pytest.raises(errors.CreateOutcomeUnknownError):
        twin.run(twin.api(failing_server(refusal(500, x_should_retry="true"))).create_batch(**CREATE))

    assert 1 == len(twin.sent)


@through_both_libraries
@pytest.mark.parametrize("name", SAFE_OPERATIONS)
@pytest.mark.parametrize("failure", NEVER_RETRIED, ids=label)
def test_final_failures(twin: Twin, name: str, failure: Any) -> None:
    """Client errors, an exhausted quota and x-should-retry: false are not retried."""
    api = twin.api(failing_server(failure, failure))
    with pytest.raises(errors.APIStatusError) as caught:
        twin.run(getattr(api, name)(**CALLS[name]))

    assert 1 == len({request.method for request in twin.sent}) == caught.value.attempts or name == "cancel_batch"
    assert [] == twin.clock.slept


@through_both_libraries
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.5),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "2250", "retry-after": "9"}, 2.25),
        ({"retry-after": format_datetime(to_datetime(1_764_012_488 + 12), usegmt=True)}, 12.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.5),
        ({"retry-after": "soon"}, 0.5),
        ({"retry-after": "-3"}, 0.5),
        ({"retry-after": "nan"}, 0.5),
        ({"retry-after": "inf"}, 0.5),
        ({}, 0.5),
    ],
    ids=str,
)
def test_retry_after(twin: Twin, headers: dict[str, str], expected: float) -> None:
    """Retry-After lengthens the delay by seconds, milliseconds or a date; an invalid value is ignored."""
    twin.run(twin.api(failing_server(httpx.Response(429, headers=headers))).retrieve_batch("batch_1"))

    assert [expected] == twin.clock.slept


def test_delays_grow_within_the_budget(twin: Twin) -> None:
    """Delays double up to 8 seconds; when the next delay exceeds the budget, the last failure is raised."""
    events: list[RetryEvent] = []
    api = twin.api(failing_server(*[500] * 50), retry_budget=30, on_retry=events.append)
    with pytest.raises(errors.ServerError) as caught:
        twin.run(api.retrieve_batch("batch_1"))

    assert [0.5, 1.0, 2.0, 4.0, 8.0, 8.0] == twin.clock.slept
    assert len(twin.sent) == caught.value.attempts == 7
    assert list(enumerate(twin.clock.slept, 1)) == [(event.attempt, event.delay) for event in events]
    assert {IDS["retrieve_batch"]} == {event.operation for event in events}
    assert all(isinstance(event.cause, errors.ServerError) for event in events)


def test_full_jitter(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A delay is a random number between 0 and its maximum, so that clients do not retry at the same time."""
    ranges: list[tuple[float, float]] = []

    def shortest(low: float, high: float) -> float:
        ranges.append((low, high))
        return low

    monkeypatch.setattr(twin.clock, "uniform", shortest)
    twin.run(twin.api(failing_server(500, 500)).retrieve_batch("batch_1"))

    assert [(0.0, 0.5), (0.0, 1.0)] == ranges
    assert [0.0, 0.0] == twin.clock.slept


def test_retry_after_beyond_the_budget(twin: Twin) -> None:
    """If Retry-After exceeds the budget, the failure is raised at once and contains the delay."""
    with pytest.raises(errors.RateLimitError) as caught:
        twin.run(twin.api(failing_server(refusal(429, retry_after="120"))).retrieve_batch("batch_1"))

    assert [] == twin.clock.slept
    assert 120.0 == caught.value.retry_after


@through_both_libraries
@pytest.mark.parametrize("failure", [500, httpx.ConnectError], ids=label)
def test_retries_can_be_turned_off(twin: Twin, failure: Any) -> None:
    """retry_budget=0 disables retries."""
    with pytest.raises(errors.BatchAPIError):
        twin.run(twin.api(failing_server(failure), retry_budget=0).retrieve_batch("batch_1"))

    assert 1 == len(twin.sent)


def test_retry_is_logged(twin: Twin, caplog: pytest.LogCaptureFixture) -> None:
    """The package's logger reports the reason and the delay of each retry at level INFO."""
    caplog.set_level(logging.INFO, "openai_batch_client")
    twin.run(twin.api(failing_server(502)).retrieve_batch("batch_1"))
    messages = [record.getMessage() for record in caplog.records if not record.name.startswith(("asyncio", "http"))]

    assert 1 == len(messages)
    assert re.fullmatch(rf"{IDS['retrieve_batch']}: status 502: .*; trying again in \d\.\d s", messages[0])


def test_retry_prints_nothing() -> None:
    """A program without logging configuration sees no output about retries."""
    program = (
        "import httpx, openai_batch_client as package\n"
        "answers = iter([httpx.Response(502), httpx.Response(200, json={'id': 'batch_1'})])\n"
        "client = httpx.Client(transport=httpx.MockTransport(lambda _: next(answers)))\n"
        "with package.BatchAPI(api_key='sk-test', http_client=client) as api:\n"
        "    print(api.retrieve_batch('batch_1').id)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert "batch_1\n" == ended.stdout
    assert "" == "".join(line for line in ended.stderr.splitlines() if "is required by the contract" not in line)


@pytest.mark.parametrize("failures", [[401], [500] * 50], ids=["at once", "after retries"])
def test_traceback_is_short(twin: Twin, failures: list[int]) -> None:
    """A traceback contains at most four frames of the package, with or without retries."""
    with pytest.raises(errors.APIStatusError) as caught:
        twin.run(twin.api(failing_server(*failures)).retrieve_batch("batch_1"))

    frames = [frame.name for frame in caught.traceback if "openai_batch_client" in str(frame.path)]
    assert ["retrieve_batch", "send", "_run", "send_with_retries"] == frames


def test_negative_budget(twin: Twin) -> None:
    """A negative retry_budget is refused at construction."""
    with pytest.raises(ValueError, match="retry_budget"):
        twin.api(retry_budget=-1)
