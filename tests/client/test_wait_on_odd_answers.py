"""A wait survives single odd answers and bad ids, says what it gave up and why, and ends when waiting cannot help."""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from openai_batch_client import BatchAPIError, errors
from tests.support.batches import BATCH
from tests.support.hostile_server import PREFIX, Answer, HostileServer, Received, hostile, json_answer, recipe
from tests.support.twin import Twin

RUNNING = json_answer({**BATCH, "status": "in_progress"})
COMPLETED = json_answer({**BATCH, "status": "completed"})
ODD_ANSWERS = {
    "HTML as a success": recipe({"text": "<html>Checking your browser</html>"}),
    "an empty success": recipe({"text": ""}),
    "another id": json_answer({**BATCH, "id": "batch_9", "status": "completed"}),
    "an id that is a list": json_answer({**BATCH, "id": [1], "status": "completed"}),
    "an encoding that was not asked for": recipe({"headers": ["Content-Encoding: br"]}),
    "400": json_answer({"error": {"message": "bad"}}, 400),
    "401": recipe({"status": 401, "text": "<html>Sign in to the proxy</html>"}),
    "403": recipe({"status": 403, "text": "<html>Blocked</html>"}),
}
KINDS = {"400": errors.BadRequestError, "401": errors.AuthenticationError, "403": errors.PermissionDeniedError}
Answers = Mapping[str, list[Answer]]


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    """The server of all tests."""
    with hostile() as server:
        yield server


@pytest.fixture
def api(twin: Twin, server: HostileServer) -> Iterator[Any]:
    """A client of the server, with the fake clock."""
    server.received.clear()
    with twin.connected(server.url) as api:
        api._clock = twin.clock
        yield api


def document(item_id: str, status: str) -> dict[str, Any]:
    """A batch."""
    return {**BATCH, "id": item_id, "status": status}


def by_id(answers: Answers, listed: Mapping[str, str] | None = None) -> Callable[[Received], Answer]:
    """A service that gives the answers for an id in turn, and lists the batches of `listed` with these statuses."""
    left = {item_id: [*of_id] for item_id, of_id in answers.items()}

    def answer(request: Received) -> Answer:
        if urlsplit(request.target).path == f"{PREFIX}/batches":
            data = [document(item_id, status) for item_id, status in (listed or {}).items()]
            return json_answer({"object": "list", "data": data, "has_more": False})
        of_id = left[request.last_segment]
        return of_id.pop(0) if len(of_id) > 1 else of_id[0]

    return answer


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The warnings of the client."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "openai_batch_client" and record.levelno >= logging.WARNING
    ]


# One batch


@pytest.mark.parametrize("name", ODD_ANSWERS)
def test_single_odd_answers(
    twin: Twin, api: Any, server: HostileServer, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """After a good answer, up to two odd answers in a row are waited out and logged."""
    odd = ODD_ANSWERS[name]
    server.play(RUNNING, odd, RUNNING, odd, odd, RUNNING, odd, odd, COMPLETED)
    ended = twin.run(api.wait_for_batch("batch_1", timeout=86_400))
    assert ("batch_1", "completed") == (ended.id, ended.status)
    assert 9 == len(server.received)
    assert warnings(caplog)


@pytest.mark.parametrize("name", ODD_ANSWERS)
def test_three_odd_answers(twin: Twin, api: Any, server: HostileServer, name: str) -> None:
    """Three odd answers in a row end the wait with the last error, which has the id of the batch."""
    server.play(RUNNING, *[ODD_ANSWERS[name]] * 3, COMPLETED)
    with pytest.raises(KINDS.get(name, errors.UnexpectedResponseError)) as caught:
        twin.run(api.wait_for_batch("batch_1", timeout=86_400))
    assert "batch_1" == caught.value.batch_id
    assert 4 == len(server.received)


def test_different_odd_answers_in_a_row(twin: Twin, api: Any, server: HostileServer) -> None:
    """Three odd answers in a row end the wait, even if they differ."""
    server.play(RUNNING, ODD_ANSWERS["403"], ODD_ANSWERS["HTML as a success"], ODD_ANSWERS["400"], COMPLETED)
    with pytest.raises(errors.BadRequestError):
        twin.run(api.wait_for_batch("batch_1", timeout=86_400))


def test_wrong_key_at_the_first_look(twin: Twin, api: Any, server: HostileServer) -> None:
    """A wrong key fails at the first look."""
    server.play(json_answer({"error": {"message": "Incorrect API key"}}, 401))
    with pytest.raises(errors.AuthenticationError) as caught:
        twin.run(api.wait_for_batch("batch_1", timeout=86_400))
    assert "batch_1" == caught.value.batch_id
    assert 1 == len(server.received)
    server.received.clear()
    with pytest.raises(errors.AuthenticationError) as caught:
        twin.run(api.wait_for_batches(["batch_1", "batch_2", "batch_3"], timeout=86_400))
    assert {"batch_1", "batch_2", "batch_3"} == {*caught.value.pending}
    assert 1 == len(server.received)


def test_cancel_waits_out_odd_answers(twin: Twin, api: Any, server: HostileServer) -> None:
    """cancel_batch with wait=True also waits out single odd answers."""
    cancelling, cancelled = (json_answer(document("batch_1", status)) for status in ("cancelling", "cancelled"))
    server.play(cancelling, cancelling, ODD_ANSWERS["HTML as a success"], ODD_ANSWERS["401"], cancelled)
    assert "cancelled" == twin.run(api.cancel_batch("batch_1", wait=True, timeout=86_400)).status


@pytest.mark.parametrize(
    "answers",
    [
        [RUNNING],
        [json_answer({"error": {"message": "so"}}, 404)],
        [json_answer({"error": {"message": "so"}}, 503)],
        [recipe({"raw": "", "end": "close"})],
        [recipe({"status": 302, "headers": ["Location: javascript:alert(1)"]})],
        [json_answer({**BATCH, "status": "failed"})],
    ],
    ids=["timeout", "404", "503", "closed", "redirect", "failed"],
)
def test_errors_of_waits_name_the_batches(twin: Twin, api: Any, server: HostileServer, answers: list[Answer]) -> None:
    """Every exception of wait_for_batch has the id, and every exception of wait_for_batches the pending ids."""
    server.play(*answers)
    with pytest.raises(BatchAPIError) as caught:
        twin.run(api.wait_for_batch("batch_1", timeout=600, raise_on_failure=True))
    assert "batch_1" == caught.value.batch_id
    if "failed" in str(caught.value):
        return
    with pytest.raises(BatchAPIError) as caught:
        twin.run(api.wait_for_batches(["batch_1"], timeout=600))
    missing = caught.value.missing if isinstance(caught.value, errors.MissingBatchesError) else ()
    assert {"batch_1"} == {*caught.value.pending, *missing}


# Several batches


def refused(status: int) -> Answer:
    """An answer that refuses an id."""
    return json_answer({"error": {"message": "no", "code": "refused"}}, status)


@pytest.mark.parametrize("size", [2, 5], ids=["one by one", "with the list"])
@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (refused(404), errors.NotFoundError),
        (refused(400), errors.BadRequestError),
        (refused(403), errors.PermissionDeniedError),
        (refused(422), errors.UnprocessableEntityError),
        (json_answer(document("batch_99", "completed")), errors.UnexpectedResponseError),
    ],
    ids=["404", "400", "403", "422", "another id"],
)
def test_bad_id_does_not_end_the_other_waits(
    twin: Twin,
    api: Any,
    server: HostileServer,
    caplog: pytest.LogCaptureFixture,
    size: int,
    bad: Answer,
    kind: type[BatchAPIError],
) -> None:
    """An id that is refused three times in a row is logged and given up. At the end, MissingBatchesError names it."""
    ids = [f"batch_{number}" for number in range(size)]
    polls: list[str] = []

    def answer(request: Received) -> Answer:
        if urlsplit(request.target).path == f"{PREFIX}/batches":
            data = [document(item_id, "completed" if len(polls) > 6 else "in_progress") for item_id in ids[1:]]
            polls.append("")
            return json_answer({"object": "list", "data": data, "has_more": False})
        if request.last_segment == ids[0]:
            return bad
        polls.append(request.last_segment)
        return json_answer(document(request.last_segment, "completed" if len(polls) > 6 else "in_progress"))

    server.answering = answer
    yielded: list[Any] = []
    with pytest.raises(errors.MissingBatchesError, match=ids[0]) as caught:
        twin.run(api.wait_for_batches(ids, timeout=86_400), into=yielded)
    assert {*ids[1:]} == {batch.id for batch in yielded} == {batch.id for batch in caught.value.batches}
    assert (ids[0],) == caught.value.missing
    assert [ids[0]] == [*caught.value.failures]
    assert kind is type(caught.value.failures[ids[0]])
    assert any(ids[0] in text for text in warnings(caplog))
    assert 3 == sum(request.last_segment == ids[0] for request in server.received)


def test_all_ids_are_bad(twin: Twin, api: Any, server: HostileServer) -> None:
    """If all ids are refused, MissingBatchesError names all of them."""
    server.answering = by_id({"batch_1": [refused(404)], "batch_2": [refused(404)]})
    with pytest.raises(errors.MissingBatchesError, match=r"batch_1.*batch_2") as caught:
        twin.run(api.wait_for_batches(["batch_1", "batch_2"], timeout=86_400))
    assert ("batch_1", "batch_2") == caught.value.missing
    assert () == caught.value.batches
    assert {"batch_1", "batch_2"} == caught.value.failures.keys()
    assert {errors.NotFoundError} == {type(error) for error in caught.value.failures.values()}


def test_many_bad_ids_fit_into_one_message(twin: Twin, api: Any, server: HostileServer) -> None:
    """The message of MissingBatchesError stays short, the attribute has all ids."""
    ids = [f"batch_{number:040}" for number in range(50)]
    server.answering = by_id({item_id: [refused(404)] for item_id in ids})
    with pytest.raises(errors.MissingBatchesError) as caught:
        twin.run(api.wait_for_batches(ids, timeout=86_400))
    assert {*ids} == {*caught.value.missing}
    assert len(str(caught.value)) <= 1_200


def test_id_that_was_refused_for_a_while(twin: Twin, api: Any, server: HostileServer) -> None:
    """An id that is refused twice in a row, and then found, is not given up."""
    bad, other = refused(404), json_answer(document("batch_2", "completed"))
    answers = [bad, bad, RUNNING, bad, refused(403), RUNNING, COMPLETED]
    server.answering = by_id({"batch_1": answers, "batch_2": [other]})
    ended = twin.run(api.wait_for_batches(["batch_1", "batch_2"], timeout=86_400))
    assert ["batch_2", "batch_1"] == [batch.id for batch in ended]


def test_foreign_batches_are_not_yielded(twin: Twin, api: Any, server: HostileServer) -> None:
    """A batch that answers for all ids is yielded for its own id only."""
    foreign = json_answer(document("batch_2", "completed"))
    server.answering = lambda _: foreign
    yielded: list[Any] = []
    with pytest.raises(errors.MissingBatchesError) as caught:
        twin.run(api.wait_for_batches(["batch_1", "batch_2"], timeout=86_400), into=yielded)
    assert ["batch_2"] == [batch.id for batch in yielded]
    assert ("batch_1",) == caught.value.missing


@pytest.mark.parametrize("name", ["HTML as a success", "400", "401", "403"])
def test_single_odd_lists(
    twin: Twin, api: Any, server: HostileServer, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """After a good answer, single odd answers of the list are waited out and logged."""
    ids = ["batch_1", "batch_2", "batch_3"]

    def page(status: str) -> Answer:
        return json_answer({"data": [document(item_id, status) for item_id in ids], "has_more": False})

    server.play(page("in_progress"), ODD_ANSWERS[name], page("in_progress"), ODD_ANSWERS[name], page("completed"))
    assert ids == sorted(batch.id for batch in twin.run(api.wait_for_batches(ids, timeout=86_400)))
    assert warnings(caplog)


def test_rejected_key_during_a_wait_for_several(twin: Twin, api: Any, server: HostileServer) -> None:
    """A key that is rejected three times in a row ends the wait, which names the pending ids."""
    server.answering = by_id(
        {
            "batch_1": [json_answer(document("batch_1", "in_progress")), ODD_ANSWERS["401"]],
            "batch_2": [json_answer(document("batch_2", "completed")), ODD_ANSWERS["401"]],
        }
    )
    with pytest.raises(errors.AuthenticationError) as caught:
        twin.run(api.wait_for_batches(["batch_1", "batch_2"], timeout=86_400))
    assert ("batch_1",) == caught.value.pending


# Outages


def test_long_outages_are_logged(twin: Twin, api: Any, server: HostileServer, caplog: pytest.LogCaptureFixture) -> None:
    """An outage is logged at its beginning, again every 10 minutes, and when it ends."""
    caplog.set_level(logging.INFO, "openai_batch_client")
    outage = [json_answer({"error": {"message": "down"}}, 503)] * 65
    logged: list[int] = []
    server.play(RUNNING, *outage, RUNNING, COMPLETED)
    twin.run(
        api.wait_for_batch(
            "batch_1",
            timeout=86_400,
            min_delay=60,
            max_delay=60,
            on_poll=lambda _: logged.append(len(caplog.records)),
        )
    )
    # The first poll and the polls after the outage; the end of the outage is logged before or after on_poll.
    assert 0 == logged[0]
    texts = caplog.messages
    assert 1 + 6 + 1 == len(texts)
    assert all("down" in text for text in texts[:7])
    assert "down" not in texts[-1]


def test_short_outages_are_logged_once(
    twin: Twin, api: Any, server: HostileServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Each outage has a warning of its own."""
    down = recipe({"raw": "", "end": "close"})
    server.play(RUNNING, down, RUNNING, down, down, COMPLETED)
    twin.run(api.wait_for_batch("batch_1", timeout=86_400))
    assert 2 == len([text for text in warnings(caplog) if "no response" in text])


# Batches that did not succeed

FAILED = {
    **BATCH,
    "status": "failed",
    "errors": {
        "object": "list",
        "data": [
            {"code": "invalid_json_line", "message": "Line 3 is not JSON", "line": 3, "param": "line"},
            {"code": "empty_file", "message": "second", "line": 7},
        ],
    },
}
ALL_FAILED = {
    **BATCH,
    "status": "completed",
    "error_file_id": "file-2",
    "request_counts": {"total": 3, "completed": 0, "failed": 3},
}


def test_completed_batch_without_a_success(twin: Twin, api: Any, server: HostileServer) -> None:
    """With raise_on_failure=True, a completed batch raises if all of its requests failed."""
    server.play(json_answer(ALL_FAILED))
    with pytest.raises(errors.BatchNotSucceededError, match="batch_1") as caught:
        twin.run(api.wait_for_batch("batch_1", timeout=9, raise_on_failure=True))
    assert "file-2" == caught.value.batch.error_file_id
    assert "batch_1" == caught.value.batch_id
    assert "completed" == twin.run(api.wait_for_batch("batch_1", timeout=9)).status


@pytest.mark.parametrize(
    "change",
    [
        {"request_counts": {"total": 3, "completed": 1, "failed": 2}, "output_file_id": "file-3"},
        {
            "request_counts": {"total": 3, "completed": 3, "failed": 0},
            "output_file_id": "file-3",
            "error_file_id": None,
        },
        {"request_counts": None, "error_file_id": None},
    ],
    ids=["partial", "succeeded", "unknown"],
)
def test_completed_batch_with_a_success(twin: Twin, api: Any, server: HostileServer, change: dict[str, Any]) -> None:
    """With raise_on_failure=True, a completed batch is returned unless all of its requests failed."""
    server.play(json_answer({**ALL_FAILED, **change}))
    assert "batch_1" == twin.run(api.wait_for_batch("batch_1", timeout=9, raise_on_failure=True)).id


def test_message_of_a_failed_batch(twin: Twin, api: Any, server: HostileServer) -> None:
    """The message has code, message and line of the first error of the batch."""
    server.play(json_answer(FAILED))
    with pytest.raises(errors.BatchFailedError) as caught:
        twin.run(api.wait_for_batch("batch_1", timeout=9, raise_on_failure=True))
    text = str(caught.value)
    assert all(part in text for part in ("batch_1", "failed", "invalid_json_line", "Line 3 is not JSON", "line 3"))
    assert "second" not in text


def test_message_of_a_failed_batch_with_a_hostile_error(twin: Twin, api: Any, server: HostileServer) -> None:
    """The texts of a batch's errors cannot forge lines, change a terminal or fill a screen."""
    text = "\n2026-01-01 CRITICAL forged \x1b[31m" + "x" * 1_000_000
    for item in ({"code": text, "message": text, "line": 10**300}, {"code": None}, {"message": 7, "line": "x\ny"}):
        server.play(json_answer({**FAILED, "errors": {"data": [item]}}))
        with pytest.raises(errors.BatchFailedError) as caught:
            twin.run(api.wait_for_batch("batch_1", timeout=9, raise_on_failure=True))
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) <= 1_200
