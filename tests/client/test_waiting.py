"""A wait ends with a final status, survives transient errors, and needs few requests."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from openai_batch_client import errors, models, outcome
from openai_batch_client._runtime import spec
from scripts.openapi.contract import Contract
from tests.support.batches import batch, service
from tests.support.twin import Twin

LIFECYCLE = Contract.load().schemas["BatchStatus"]["x-lifecycle"]
TERMINAL = [status for status, successors in LIFECYCLE.items() if not successors]


def statuses(*answers: Any) -> Callable[[httpx.Request], httpx.Response]:
    """A batch with these statuses in turn; the last one repeats. A number is an HTTP status code."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        one = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(one, type):
            raise one("broken", request=request)
        if isinstance(one, int):
            return httpx.Response(one)
        return one if isinstance(one, httpx.Response) else httpx.Response(200, json=batch(1, status=one))

    return answer


@pytest.mark.parametrize("status", TERMINAL)
def test_every_end_is_returned(twin: Twin, status: str) -> None:
    """The batch is returned in any final status, and on_poll receives each state."""
    seen: list[str] = []
    api = twin.api(statuses("validating", "in_progress", status))
    ended = twin.run(api.wait_for_batch("batch_1", timeout=600, on_poll=lambda one: seen.append(one.status)))

    assert status == ended.status
    assert ["validating", "in_progress", status] == seen


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("completed", None),
        ("failed", errors.BatchFailedError),
        ("expired", errors.BatchExpiredError),
        ("cancelled", errors.BatchCancelledError),
    ],
)
def test_failure_can_raise(twin: Twin, status: str, kind: type[errors.BatchNotSucceededError] | None) -> None:
    """With raise_on_failure a final status that is not success raises, and the exception has the batch."""
    waited = twin.api(statuses(status)).wait_for_batch
    if kind is None:
        assert status == twin.run(waited("batch_1", timeout=0, raise_on_failure=True)).status
        return
    with pytest.raises(kind, match=f"batch_1 is {status}") as caught:
        twin.run(waited("batch_1", timeout=0, raise_on_failure=True))
    assert status == caught.value.batch.status


def test_failure_without_an_exception_of_its_own(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new final status that is not success raises, too. A new status with successors does not end the wait."""
    successors = {**models.Batch.LIFECYCLE.successors, "queued": ("in_progress",), "rejected": ()}
    monkeypatch.setattr(models.Batch, "LIFECYCLE", models.Batch.LIFECYCLE._replace(successors=successors))
    api = twin.api(statuses("queued", "Rejected"))
    with pytest.raises(errors.BatchNotSucceededError, match="batch_1 is rejected") as caught:
        twin.run(api.wait_for_batch("batch_1", timeout=600, raise_on_failure=True))

    assert errors.BatchNotSucceededError is type(caught.value)
    assert "unknown" == outcome(caught.value.batch)
    assert "running" == outcome(models.Batch.from_dict({"id": "batch_1", "status": "queued"}))


def test_exception_of_the_caller_ends_the_wait(twin: Twin) -> None:
    """An exception of on_poll is raised, even if it looks like a transient error."""

    def show(_: object) -> None:
        raise errors.APIConnectionError("mine", operation="mine", sent=False)

    with pytest.raises(errors.APIConnectionError, match="mine"):
        twin.run(twin.api(statuses("in_progress")).wait_for_batch("batch_1", timeout=600, on_poll=show))
    assert 1 == len(twin.sent)


def test_delays_grow(twin: Twin) -> None:
    """The delay between polls grows from min_delay to max_delay."""
    twin.run(twin.api(statuses(*["in_progress"] * 10, "completed")).wait_for_batch("batch_1", timeout=86400))

    assert [5.0, 7.5, 11.25] == twin.clock.slept[:3]
    assert 60.0 == twin.clock.slept[-1] == max(twin.clock.slept)
    assert sorted(twin.clock.slept) == twin.clock.slept


def test_last_look_before_the_end(twin: Twin) -> None:
    """The last poll happens just before the timeout. The error has the last state and the elapsed time."""
    with pytest.raises(
        errors.WaitTimeoutError, match="batch_1 has no final status after 100 s; its status is in_progress"
    ) as caught:
        twin.run(twin.api(statuses("in_progress")).wait_for_batch("batch_1", timeout=100))

    assert 99 == sum(twin.clock.slept) == caught.value.elapsed
    assert "in_progress" == caught.value.batch.status
    assert ("batch_1",) == caught.value.pending


def test_last_look_sees_the_end(twin: Twin) -> None:
    """A batch with a final status at the last poll is returned."""
    looks = [5.0, 7.5, 11.25, 16.875, 25.3125]
    api = twin.api(statuses(*["in_progress"] * (len(looks) + 1), "completed"))

    assert "completed" == twin.run(api.wait_for_batch("batch_1", timeout=sum(looks) + 20)).status


def test_one_look(twin: Twin) -> None:
    """With a timeout of 0 there is one poll."""
    with pytest.raises(errors.WaitTimeoutError):
        twin.run(twin.api(statuses("in_progress")).wait_for_batch("batch_1", timeout=0))

    assert 1 == len(twin.sent)


@pytest.mark.parametrize(
    "trouble",
    [408, 429, 500, 502, 520, httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError],
    ids=lambda trouble: getattr(trouble, "__name__", trouble),
)
def test_trouble_that_passes(twin: Twin, trouble: Any) -> None:
    """A long outage does not end a wait."""
    ended = twin.run(
        twin.api(statuses("in_progress", *[trouble] * 200, "completed")).wait_for_batch("batch_1", timeout=86400)
    )

    assert "completed" == ended.status
    assert 202 == len(twin.sent)


def test_trouble_until_the_end(twin: Twin) -> None:
    """A transient error at the last poll is the cause of the timeout error."""
    with pytest.raises(errors.WaitTimeoutError, match="its status is not known") as caught:
        twin.run(twin.api(statuses(503)).wait_for_batch("batch_1", timeout=300))

    assert isinstance(caught.value.__cause__, errors.ServerError)
    assert caught.value.batch is None


def test_server_says_when_to_look_again(twin: Twin) -> None:
    """Retry-After extends the delay to the next poll."""
    slow = httpx.Response(429, headers={"retry-after": "200"})
    twin.run(twin.api(statuses(slow, "completed")).wait_for_batch("batch_1", timeout=1000))

    assert [200.0] == twin.clock.slept


@pytest.mark.parametrize(("status", "kind"), [(401, errors.AuthenticationError), (403, errors.PermissionDeniedError)])
def test_key_that_does_not_serve(twin: Twin, status: int, kind: type[Exception]) -> None:
    """A rejected key ends the wait at once."""
    with pytest.raises(kind):
        twin.run(twin.api(statuses("in_progress", status)).wait_for_batch("batch_1", timeout=86400))

    assert 2 == len(twin.sent)


def test_batch_that_is_not_there(twin: Twin) -> None:
    """A batch that is not found three times in a row raises; fewer misses do not."""
    api = twin.api(statuses(404, 404, "in_progress", 404, 404, "completed"))
    assert "completed" == twin.run(api.wait_for_batch("batch_1", timeout=86400)).status

    twin.sent.clear()
    with pytest.raises(errors.NotFoundError):
        twin.run(twin.api(statuses(404)).wait_for_batch("batch_1", timeout=86400))
    assert 3 == len(twin.sent)


def test_unknown_status(twin: Twin, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown status is not final, and is logged once."""
    monkeypatch.setattr(spec, "_unknown_statuses", set())
    api = twin.api(statuses("paused", "paused", "paused", "completed"))

    assert "completed" == twin.run(api.wait_for_batch("batch_1", timeout=86400)).status
    assert 1 == len([text for text in caplog.messages if "'paused'" in text])


@pytest.mark.parametrize("status", ["COMPLETED", "Canceled", "EXPIRED"])
def test_other_spelling(twin: Twin, status: str) -> None:
    """Capitals, and one l in cancelled, are the same statuses."""
    assert status == twin.run(twin.api(statuses(status)).wait_for_batch("batch_1", timeout=0)).status


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"timeout": -1}, "timeout must be a number of seconds, at least 0, got -1"),
        ({"timeout": None}, "timeout must be a number of seconds, at least 0, got None"),
        ({"timeout": "24h"}, "timeout must be a number of seconds, at least 0, got '24h'"),
        ({"timeout": float("nan")}, "timeout must be a number"),
        ({"timeout": True}, "timeout must be a number"),
        ({"timeout": 9, "min_delay": -1}, "min_delay must be a number of seconds, at least 0, got -1"),
        ({"timeout": 9, "min_delay": 100}, r"min_delay \(100 s\) must not be more than max_delay \(60 s\)"),
    ],
)
def test_numbers_without_sense(twin: Twin, numbers: dict[str, Any], words: str) -> None:
    """Invalid numbers are refused before any request."""
    api = twin.api(statuses("completed"))
    with pytest.raises(ValueError, match=words):
        twin.run(api.wait_for_batch("batch_1", **numbers))
    with pytest.raises(ValueError, match=words):
        api.wait_for_batches(["batch_1"], **numbers)

    assert [] == twin.sent


def test_one_id_is_no_list(twin: Twin) -> None:
    """A string is refused as a list of ids."""
    with pytest.raises(ValueError, match="ids must be a list of ids, got the string 'batch_1'"):
        twin.api(statuses("completed")).wait_for_batches("batch_1", timeout=9)


def test_failed_looks_are_told(twin: Twin, caplog: pytest.LogCaptureFixture) -> None:
    """on_retry receives each failed poll. The first in a row is logged, and the last is in the error."""
    told: list[Any] = []
    answers = statuses(500, httpx.Response(503, headers={"retry-after": "40"}), "in_progress", 502, 502)
    with pytest.raises(
        errors.WaitTimeoutError, match="after 300 s; its status is in_progress; the last poll failed: ret"
    ):
        twin.run(twin.api(answers, on_retry=told.append).wait_for_batch("batch_1", timeout=300))

    assert [("retrieveBatch", 1, 500), ("retrieveBatch", 2, 503), ("retrieveBatch", 1, 502)] == [
        (event.operation, event.attempt, event.cause.status) for event in told[:3]
    ]
    assert 40 == told[1].delay == twin.clock.slept[1]
    assert ["retrieveBatch: status 500: ", "retrieveBatch: status 502: "] == [text[:27] for text in caplog.messages]
    assert all(text.endswith("; polling continues") for text in caplog.messages)


def world(count: int, lasting: dict[str, int]) -> Callable[[httpx.Request], httpx.Response]:
    """A service with `count` batches. Each one is pending for a number of polls before it is completed."""
    listing = service(count)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/batches"):
            page = listing(request).json()
            page["data"] = [seen(one) for one in page["data"]]
            return httpx.Response(200, json=page)
        number = int(request.url.path.rpartition("_")[2])
        return httpx.Response(200, json=seen(batch(number))) if number < count else httpx.Response(404)

    def seen(one: dict[str, Any]) -> dict[str, Any]:
        left = lasting.get(one["id"], 0)
        lasting[one["id"]] = left - 1
        return {**one, "status": "in_progress" if left > 0 else "completed"}

    return answer


def test_many_are_given_as_they_end(twin: Twin) -> None:
    """Each batch is yielded when it is final, in any order of the ids; a repeated id is yielded once."""
    lasting = {"batch_0": 2, "batch_1": 0, "batch_2": 1, "batch_3": 1}
    ids = ["batch_0", "batch_1", "batch_2", "batch_3", "batch_0"]
    ended = twin.run(twin.api(world(4, lasting)).wait_for_batches(ids, timeout=3600))

    assert "batch_1" == ended[0].id
    assert {"batch_2", "batch_3"} == {one.id for one in ended[1:3]}
    assert ["batch_0"] == [one.id for one in ended[3:]]


def test_nothing_to_wait_for(twin: Twin) -> None:
    """Without ids no request is sent."""
    assert [] == twin.run(twin.api(world(1, {})).wait_for_batches([], timeout=3600))
    assert [] == twin.sent


def test_a_round_over_many_is_cheap(twin: Twin) -> None:
    """A round over 5,000 recent pending batches costs at most 55 requests."""
    ids = [f"batch_{n}" for n in range(5000)]
    with pytest.raises(errors.WaitTimeoutError) as caught:
        twin.run(twin.api(world(20_000, dict.fromkeys(ids, 9))).wait_for_batches(ids, timeout=0))

    assert 50 <= len(twin.sent) <= 55
    assert 5000 == len(caught.value.pending)


def test_what_is_too_old_for_the_list_is_asked_for_singly(twin: Twin) -> None:
    """Batches beyond a few pages are retrieved one by one; the list is not read to its end."""
    ids = ["batch_5", "batch_9000", "batch_9001", "batch_9002"]
    ended = twin.run(twin.api(world(10_000, {})).wait_for_batches(ids, timeout=0))

    assert set(ids) == {one.id for one in ended}
    assert len(twin.sent) <= 4 + 3


def test_trouble_that_passes_does_not_end_many(twin: Twin) -> None:
    """Transient errors of the list or of one batch do not end the wait; a rejected key does."""
    inner, count = world(3, {}), iter(range(100))

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502) if next(count) < 4 else inner(request)

    ids = ["batch_0", "batch_1", "batch_2"]
    assert 3 == len(twin.run(twin.api(answer).wait_for_batches(ids, timeout=3600)))
    with pytest.raises(errors.AuthenticationError):
        twin.run(twin.api(httpx.Response(401)).wait_for_batches(ids, timeout=3600))


def test_one_of_many_is_not_there(twin: Twin) -> None:
    """A batch that is not found three times ends the wait, after the final ones were yielded."""
    given: list[Any] = []
    with pytest.raises(errors.NotFoundError):
        twin.run(twin.api(world(2, {})).wait_for_batches(["batch_0", "batch_77"], timeout=3600), into=given)
    assert ["batch_0"] == [one.id for one in given]


def refusing(status: int, *seen: str) -> Callable[[httpx.Request], httpx.Response]:
    """A service that refuses to cancel, with a batch in these statuses."""
    inner = statuses(*seen)
    return lambda request: httpx.Response(status) if request.method == "POST" else inner(request)


@pytest.mark.parametrize("code", [400, 409, 422])
@pytest.mark.parametrize("status", [*TERMINAL, "cancelling"])
def test_cancelling_twice_is_no_fault(twin: Twin, code: int, status: str) -> None:
    """If the batch is being cancelled or is final, a refusal returns its current state."""
    assert status == twin.run(twin.api(refusing(code, status)).cancel_batch("batch_1")).status


def test_real_refusal_is_raised(twin: Twin) -> None:
    """A refusal for another reason is raised."""
    with pytest.raises(errors.ConflictError):
        twin.run(twin.api(refusing(409, "in_progress")).cancel_batch("batch_1"))


def test_cancel_and_wait(twin: Twin) -> None:
    """With wait, cancel_batch returns the final state; a timeout is then required."""
    api = twin.api(statuses("cancelling", "cancelling", "cancelled"))

    assert "cancelled" == twin.run(api.cancel_batch("batch_1", wait=True, timeout=600)).status
    with pytest.raises(ValueError, match="timeout"):
        twin.run(api.cancel_batch("batch_1", wait=True))
