"""Which failures are retried, and when."""

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
from tests.support.twin import Twin

SAFE = ("retrieve_batch", "cancel_batch", "list_batches")
PAGE = {"object": "list", "data": [], "has_more": False}


def failing(*failures: Any) -> Callable[[httpx.Request], httpx.Response]:
    """A server with these failures in turn, and then a success."""
    left = list(failures)

    def answer(request: httpx.Request) -> httpx.Response:
        if not left:
            listing = request.method == "GET" and request.url.path.endswith("/batches")
            return httpx.Response(200, json=PAGE if listing else BATCH)
        failure = left.pop(0)
        if isinstance(failure, type):
            raise failure("broken", request=request)
        if isinstance(failure, int):
            return httpx.Response(failure)
        return httpx.Response(failure.status_code, headers=failure.headers, content=failure.content)

    return answer


def refusal(status: int, code: str | None = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, json={"error": {"message": "no", "type": "x", "code": code}})


ANYWAY = [
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    refusal(429),
    refusal(429, "rate_limit_exceeded"),
    refusal(503, retry_after="1"),
]
WHEN_SAFE = [
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
NEVER = [
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


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("failure", ANYWAY, ids=label)
def test_repeated_anyway(twin: Twin, name: str, failure: Any) -> None:
    """If the server surely did not act, any operation is retried."""
    result = twin.run(getattr(twin.api(failing(failure, failure)), name)(**CALLS[name]))

    assert 3 == len(twin.sent)
    assert not isinstance(result, Exception)


@pytest.mark.parametrize("name", SAFE)
@pytest.mark.parametrize("failure", WHEN_SAFE, ids=label)
def test_repeated_when_safe(twin: Twin, name: str, failure: Any) -> None:
    """If the server may have acted, a safe operation is retried."""
    twin.run(getattr(twin.api(failing(failure, failure)), name)(**CALLS[name]))

    assert 3 == len(twin.sent)


@pytest.mark.parametrize("failure", WHEN_SAFE[:-1], ids=label)
def test_creating_is_not_repeated_blindly(twin: Twin, failure: Any) -> None:
    """A create is never retried if the server may have acted: CreateOutcomeUnknownError is raised."""
    with pytest.raises(errors.CreateOutcomeUnknownError, match="idempotency key") as caught:
        twin.run(twin.api(failing(failure)).create_batch(**CREATE))

    assert 1 == len(twin.sent) == caught.value.attempts
    assert isinstance(caught.value.__cause__, errors.BatchAPIError)


def test_server_cannot_make_creating_safe(twin: Twin) -> None:
    """x-should-retry: true does not make an unsafe retry safe."""
    with pytest.raises(errors.CreateOutcomeUnknownError):
        twin.run(twin.api(failing(refusal(500, x_should_retry="true"))).create_batch(**CREATE))

    assert 1 == len(twin.sent)


@pytest.mark.parametrize("name", SAFE)
@pytest.mark.parametrize("failure", NEVER, ids=label)
def test_never_repeated(twin: Twin, name: str, failure: Any) -> None:
    """A refusal, an exhausted quota and x-should-retry: false are not retried."""
    api = twin.api(failing(failure, failure))
    with pytest.raises(errors.APIStatusError) as caught:
        twin.run(getattr(api, name)(**CALLS[name]))

    assert 1 == len({request.method for request in twin.sent}) == caught.value.attempts or name == "cancel_batch"
    assert [] == twin.clock.slept


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": format_datetime(to_datetime(1_764_012_488 + 12), usegmt=True)}, 12.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, 0.5),
        ({"retry-after": "-3"}, 0.5),
        ({"retry-after": "nan"}, 0.5),
        ({"retry-after": "inf"}, 0.5),
        ({}, 0.5),
    ],
    ids=str,
)
def test_server_says_when(twin: Twin, headers: dict[str, str], expected: float) -> None:
    """Retry-After is honoured in seconds, as a date and in milliseconds; an invalid value is ignored."""
    twin.run(twin.api(failing(httpx.Response(429, headers=headers))).retrieve_batch("batch_1"))

    assert [expected] == twin.clock.slept


def test_delays_grow_within_the_budget(twin: Twin) -> None:
    """Delays double up to 8 seconds. When the budget is exhausted, the last failure is raised."""
    events: list[RetryEvent] = []
    api = twin.api(failing(*[500] * 50), retry_budget=30, on_retry=events.append)
    with pytest.raises(errors.ServerError) as caught:
        twin.run(api.retrieve_batch("batch_1"))

    assert [0.5, 1.0, 2.0, 4.0, 8.0, 8.0] == twin.clock.slept
    assert len(twin.sent) == caught.value.attempts == 7
    assert list(enumerate(twin.clock.slept, 1)) == [(event.attempt, event.delay) for event in events]
    assert {"retrieveBatch"} == {event.operation for event in events}
    assert all(isinstance(event.cause, errors.ServerError) for event in events)


def test_full_jitter(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A delay is drawn between 0 and the longest, so that clients do not retry at the same time."""
    asked: list[tuple[float, float]] = []

    def shortest(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    monkeypatch.setattr(twin.clock, "uniform", shortest)
    twin.run(twin.api(failing(500, 500)).retrieve_batch("batch_1"))

    assert [(0.0, 0.5), (0.0, 1.0)] == asked
    assert [0.0, 0.0] == twin.clock.slept


def test_too_long_a_wait_is_not_begun(twin: Twin) -> None:
    """If Retry-After exceeds the budget, the failure is raised at once, with retry_after."""
    with pytest.raises(errors.RateLimitError) as caught:
        twin.run(twin.api(failing(refusal(429, retry_after="120"))).retrieve_batch("batch_1"))

    assert [] == twin.clock.slept
    assert 120.0 == caught.value.retry_after


@pytest.mark.parametrize("failure", [500, httpx.ConnectError], ids=label)
def test_retries_can_be_turned_off(twin: Twin, failure: Any) -> None:
    """A budget of 0 means one attempt."""
    with pytest.raises(errors.BatchAPIError):
        twin.run(twin.api(failing(failure), retry_budget=0).retrieve_batch("batch_1"))

    assert 1 == len(twin.sent)


def test_repeating_is_logged(twin: Twin, caplog: pytest.LogCaptureFixture) -> None:
    """Each retry is logged once, with reason and delay."""
    caplog.set_level(logging.INFO, "openai_batch_client")
    twin.run(twin.api(failing(502)).retrieve_batch("batch_1"))
    own = [record.getMessage() for record in caplog.records if not record.name.startswith(("asyncio", "http"))]

    assert 1 == len(own)
    assert re.fullmatch(r"retrieveBatch: status 502: .*; trying again in \d\.\d s", own[0])


def test_nothing_is_printed() -> None:
    """Without logging configured, a retry prints nothing."""
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
    """A traceback has four frames of the package at most, with or without retries."""
    with pytest.raises(errors.APIStatusError) as caught:
        twin.run(twin.api(failing(*failures)).retrieve_batch("batch_1"))

    frames = [frame.name for frame in caught.traceback if "openai_batch_client" in str(frame.path)]
    assert ["retrieve_batch", "send", "_run", "send_with_retries"] == frames


def test_budget_makes_sense(twin: Twin) -> None:
    """A negative budget is refused at construction."""
    with pytest.raises(ValueError, match="retry_budget"):
        twin.api(retry_budget=-1)
