"""Waiting ends at a final status, survives transient errors, and sends few requests."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from openai_batch_client import errors, models, outcome
from openai_batch_client._runtime import spec
from scripts.openapi.contract import Contract
from tests.support.batches import batch, service
from tests.support.contract_names import IDS
from tests.support.twin import Failure, Twin, through_both_libraries

LIFECYCLE = Contract.load().schemas["BatchStatus"]["x-lifecycle"]
TERMINAL = [status for status, successors in LIFECYCLE.items() if not successors]


def service_with_statuses(*answers: Any) -> Callable[[httpx.Request], httpx.Response | Failure]:
    """A service that returns a batch with these statuses in turn and repeats the last; a number is an HTTP status."""
    left = list(answers)

    def answer(_: httpx.Request) -> httpx.Response | Failure:
        step = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(step, type):
            return step
        if isinstance(step, int):
            return httpx.Response(step)
        return step if isinstance(step, httpx.Response) else httpx.Response(200, json=batch(1, status=step))

    return answer


@pytest.mark.parametrize("status", TERMINAL)
def test_every_terminal_status_ends_the_wait(twin: Twin, status: str) -> None:
    """The batch is returned with any terminal status; on_poll receives the batch of each poll."""
    seen: list[str] = []
    api = twin.api(service_with_statuses("validating", "in_progress", status))
    ended = twin.run(api.wait_for_batch("batch_1", timeout=600, on_poll=lambda polled: seen.append(polled.status)))

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
def test_raise_on_failure(twin: Twin, status: str, kind: type[errors.BatchNotSucceededError] | None) -> None:
    """With raise_on_failure=True, a final status that is not success raises; the exception contains the batch."""
    waited = twin.api(service_with_statuses(status)).wait_for_batch
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
    api = twin.api(service_with_statuses("queued", "Rejected"))
    with pytest.raises(errors.BatchNotSucceededError, match="batch_1 is rejected") as caught:
        twin.run(api.wait_for_batch("batch_1", timeout=600, raise_on_failure=True))

    assert errors.BatchNotSucceededError is type(caught.value)
    assert "failed" == outcome(caught.value.batch)
    assert "running" == outcome(models.Batch.from_dict({"id": "batch_1", "status": "queued"}))


def test_exception_of_on_poll_ends_the_wait(twin: Twin) -> None:
    """An exception of on_poll is raised, even if its class is that of a transient error."""

    def fail(_: object) -> None:
        raise errors.APIConnectionError("mine", operation="mine", sent=False)

    with pytest.raises(errors.APIConnectionError, match="mine"):
        twin.run(twin.api(service_with_statuses("in_progress")).wait_for_batch("batch_1", timeout=600, on_poll=fail))
    assert 1 == len(twin.sent)


def test_delays_grow(twin: Twin) -> None:
    """The delay between two polls grows from min_delay to max_delay."""
    twin.run(
        twin.api(service_with_statuses(*["in_progress"] * 10, "completed")).wait_for_batch("batch_1", timeout=86400)
    )

    assert [5.0, 7.5, 11.25] == twin.clock.slept[:3]
    assert 60.0 == twin.clock.slept[-1] == max(twin.clock.slept)
    assert sorted(twin.clock.slept) == twin.clock.slept


def test_wait_timeout(twin: Twin) -> None:
    """The last poll is shortly before the timeout; the error contains the last batch and the elapsed time."""
    with pytest.raises(
        errors.WaitTimeoutError, match="batch_1 has no final status after 100 s; its status is in_progress"
    ) as caught:
        twin.run(twin.api(service_with_statuses("in_progress")).wait_for_batch("batch_1", timeout=100))

    assert 95 == sum(twin.clock.slept) == caught.value.elapsed
    assert "in_progress" == caught.value.batch.status
    assert ("batch_1",) == caught.value.pending


def test_batch_that_ends_at_the_last_poll(twin: Twin) -> None:
    """A batch with a final status at the last poll is returned and does not raise WaitTimeoutError."""
    delays = [5.0, 7.5, 11.25, 16.875, 25.3125]
    api = twin.api(service_with_statuses(*["in_progress"] * (len(delays) + 1), "completed"))

    assert "completed" == twin.run(api.wait_for_batch("batch_1", timeout=sum(delays) + 20)).status


def test_zero_timeout(twin: Twin) -> None:
    """timeout=0 polls once."""
    with pytest.raises(errors.WaitTimeoutError):
        twin.run(twin.api(service_with_statuses("in_progress")).wait_for_batch("batch_1", timeout=0))

    assert 1 == len(twin.sent)


@through_both_libraries
@pytest.mark.parametrize(
    "failure",
    [408, 429, 500, 502, 520, httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError],
    ids=lambda failure: getattr(failure, "__name__", failure),
)
def test_transient_errors(twin: Twin, failure: Any) -> None:
    """A long outage does not end the wait."""
    ended = twin.run(
        twin.api(service_with_statuses("in_progress", *[failure] * 200, "completed")).wait_for_batch(
            "batch_1", timeout=86400
        )
    )

    assert "completed" == ended.status
    assert 202 == len(twin.sent)


@through_both_libraries
def test_errors_until_the_timeout(twin: Twin) -> None:
    """If every poll fails, the last failure is the cause of WaitTimeoutError."""
    with pytest.raises(errors.WaitTimeoutError, match="its status is not known") as caught:
        twin.run(twin.api(service_with_statuses(503)).wait_for_batch("batch_1", timeout=300))

    assert isinstance(caught.value.__cause__, errors.ServerError)
    assert caught.value.batch is None


@through_both_libraries
def test_retry_after_delays_the_next_poll(twin: Twin) -> None:
    """Retry-After extends the delay before the next poll."""
    slow = httpx.Response(429, headers={"retry-after": "200"})
    twin.run(twin.api(service_with_statuses(slow, "completed")).wait_for_batch("batch_1", timeout=1000))

    assert [200.0] == twin.clock.slept


@through_both_libraries
@pytest.mark.parametrize(("status", "kind"), [(401, errors.AuthenticationError), (403, errors.PermissionDeniedError)])
def test_rejected_key(twin: Twin, status: int, kind: type[errors.BatchAPIError]) -> None:
    """A rejected API key ends the wait at once, or at the third poll in a row if an earlier poll was answered."""
    for answers, polls in (((status,), 1), (("in_progress", status), 4)):
        twin.sent.clear()
        with pytest.raises(kind) as caught:
            twin.run(twin.api(service_with_statuses(*answers)).wait_for_batch("batch_1", timeout=86400))

        assert (polls, "batch_1") == (len(twin.sent), caught.value.batch_id)


def test_batch_not_found(twin: Twin) -> None:
    """NotFoundError is raised after three consecutive 404 responses; fewer are ignored."""
    api = twin.api(service_with_statuses(404, 404, "in_progress", 404, 404, "completed"))
    assert "completed" == twin.run(api.wait_for_batch("batch_1", timeout=86400)).status

    twin.sent.clear()
    with pytest.raises(errors.NotFoundError):
        twin.run(twin.api(service_with_statuses(404)).wait_for_batch("batch_1", timeout=86400))
    assert 3 == len(twin.sent)


def test_unknown_status(twin: Twin, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A status that the contract does not declare is not final and is logged once."""
    monkeypatch.setattr(spec, "_unknown_statuses", set())
    api = twin.api(service_with_statuses("paused", "paused", "paused", "completed"))

    assert "completed" == twin.run(api.wait_for_batch("batch_1", timeout=86400)).status
    assert 1 == len([text for text in caplog.messages if "'paused'" in text])


@pytest.mark.parametrize("status", ["COMPLETED", "Canceled", "EXPIRED"])
def test_status_spelling(twin: Twin, status: str) -> None:
    """Upper case and the spelling "canceled" are accepted."""
    assert status == twin.run(twin.api(service_with_statuses(status)).wait_for_batch("batch_1", timeout=0)).status


@pytest.mark.parametrize(
    ("durations", "message"),
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
def test_invalid_timeouts_and_delays(twin: Twin, durations: dict[str, Any], message: str) -> None:
    """Invalid timeouts and delays are refused before a request is sent."""
    api = twin.api(service_with_statuses("completed"))
    with pytest.raises(ValueError, match=message):
        twin.run(api.wait_for_batch("batch_1", **durations))
    with pytest.raises(ValueError, match=message):
        api.wait_for_batches(["batch_1"], **durations)

    assert [] == twin.sent


def test_ids_must_be_a_list(twin: Twin) -> None:
    """A string is not accepted as a list of ids."""
    with pytest.raises(ValueError, match="ids must be a list of ids, got the string 'batch_1'"):
        twin.api(service_with_statuses("completed")).wait_for_batches("batch_1", timeout=9)


def test_failed_polls_are_reported(twin: Twin, caplog: pytest.LogCaptureFixture) -> None:
    """on_retry receives each failed poll, the first failure of a series is logged, and the error states the last."""
    events: list[Any] = []
    answers = service_with_statuses(500, httpx.Response(503, headers={"retry-after": "40"}), "in_progress", 502, 502)
    with pytest.raises(
        errors.WaitTimeoutError, match="after 300 s; its status is in_progress; the last poll failed: ret"
    ):
        twin.run(twin.api(answers, on_retry=events.append).wait_for_batch("batch_1", timeout=300))

    assert [(IDS["retrieve_batch"], 1, 500), (IDS["retrieve_batch"], 2, 503), (IDS["retrieve_batch"], 1, 502)] == [
        (event.operation, event.attempt, event.cause.status) for event in events[:3]
    ]
    assert 40 == events[1].delay == twin.clock.slept[1]
    assert [[IDS["retrieve_batch"], "status 500"], [IDS["retrieve_batch"], "status 502"]] == [
        text.split(": ")[:2] for text in caplog.messages
    ]
    assert all(text.endswith("; polling continues") for text in caplog.messages)


def service_with_batches(count: int, pending_polls: dict[str, int]) -> Callable[[httpx.Request], httpx.Response]:
    """A service with `count` batches; `pending_polls` is the number of polls before a batch is completed."""
    listing = service(count)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/batches"):
            page = listing(request).json()
            page["data"] = [polled(item) for item in page["data"]]
            return httpx.Response(200, json=page)
        number = int(request.url.path.rpartition("_")[2])
        return httpx.Response(200, json=polled(batch(number))) if number < count else httpx.Response(404)

    def polled(item: dict[str, Any]) -> dict[str, Any]:
        left = pending_polls.get(item["id"], 0)
        pending_polls[item["id"]] = left - 1
        return {**item, "status": "in_progress" if left > 0 else "completed"}

    return answer


def test_batches_are_yielded_as_they_end(twin: Twin) -> None:
    """Each batch is yielded when it reaches a final status, in any order of ids; a duplicate id is yielded once."""
    pending_polls = {"batch_0": 2, "batch_1": 0, "batch_2": 1, "batch_3": 1}
    ids = ["batch_0", "batch_1", "batch_2", "batch_3", "batch_0"]
    ended = twin.run(twin.api(service_with_batches(4, pending_polls)).wait_for_batches(ids, timeout=3600))

    assert "batch_1" == ended[0].id
    assert {"batch_2", "batch_3"} == {batch.id for batch in ended[1:3]}
    assert ["batch_0"] == [batch.id for batch in ended[3:]]


def test_empty_list_of_ids(twin: Twin) -> None:
    """An empty list of ids sends no request."""
    assert [] == twin.run(twin.api(service_with_batches(1, {})).wait_for_batches([], timeout=3600))
    assert [] == twin.sent


def test_requests_of_one_round(twin: Twin) -> None:
    """One round of polls for 5,000 recent pending batches sends at most 55 requests."""
    ids = [f"batch_{n}" for n in range(5000)]
    with pytest.raises(errors.WaitTimeoutError) as caught:
        twin.run(twin.api(service_with_batches(20_000, dict.fromkeys(ids, 9))).wait_for_batches(ids, timeout=0))

    assert 50 <= len(twin.sent) <= 55
    assert 5000 == len(caught.value.pending)


def test_older_batches_are_retrieved_one_by_one(twin: Twin) -> None:
    """Batches beyond the first few pages are retrieved one by one, instead of reading the whole list."""
    ids = ["batch_5", "batch_9000", "batch_9001", "batch_9002"]
    ended = twin.run(twin.api(service_with_batches(10_000, {})).wait_for_batches(ids, timeout=0))

    assert set(ids) == {batch.id for batch in ended}
    assert len(twin.sent) <= 4 + 3


@through_both_libraries
def test_transient_errors_with_several_batches(twin: Twin) -> None:
    """Transient errors of the list or of a single batch are retried; a rejected API key is not."""
    inner, count = service_with_batches(3, {}), iter(range(100))

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502) if next(count) < 4 else inner(request)

    ids = ["batch_0", "batch_1", "batch_2"]
    assert 3 == len(twin.run(twin.api(answer).wait_for_batches(ids, timeout=3600)))
    with pytest.raises(errors.AuthenticationError):
        twin.run(twin.api(httpx.Response(401)).wait_for_batches(ids, timeout=3600))


def test_one_of_several_batches_not_found(twin: Twin) -> None:
    """A batch that is not found three times is given up. The others are waited for, and then an error names it."""
    yielded: list[Any] = []
    with pytest.raises(errors.MissingBatchesError, match="batch_77 not found") as caught:
        twin.run(
            twin.api(service_with_batches(2, {})).wait_for_batches(["batch_77", "batch_0"], timeout=3600), into=yielded
        )
    assert ["batch_0"] == [batch.id for batch in yielded] == [batch.id for batch in caught.value.batches]
    assert ("batch_77",) == caught.value.missing == caught.value.pending
    assert isinstance(caught.value.failures["batch_77"], errors.NotFoundError)


def service_refusing_cancel(status: int, *statuses: str) -> Callable[[httpx.Request], httpx.Response | Failure]:
    """A service that refuses to cancel a batch and returns the batch with these statuses in turn."""
    inner = service_with_statuses(*statuses)
    return lambda request: httpx.Response(status) if request.method == "POST" else inner(request)


@pytest.mark.parametrize("code", [400, 409, 422])
@pytest.mark.parametrize("status", [*TERMINAL, "cancelling"])
def test_cancel_can_be_repeated(twin: Twin, code: int, status: str) -> None:
    """If the batch is already being cancelled or has finished, its current state is returned."""
    assert status == twin.run(twin.api(service_refusing_cancel(code, status)).cancel_batch("batch_1")).status


def test_other_refusals_raise(twin: Twin) -> None:
    """A refusal to cancel a running batch is raised."""
    with pytest.raises(errors.ConflictError):
        twin.run(twin.api(service_refusing_cancel(409, "in_progress")).cancel_batch("batch_1"))


def test_cancel_and_wait(twin: Twin) -> None:
    """wait=True returns when the batch has a final status, and requires a timeout."""
    api = twin.api(service_with_statuses("cancelling", "cancelling", "cancelled"))

    assert "cancelled" == twin.run(api.cancel_batch("batch_1", wait=True, timeout=600)).status
    with pytest.raises(ValueError, match="timeout"):
        twin.run(api.cancel_batch("batch_1", wait=True))
