"""An iteration yields each batch once, ends, and keeps one page in memory."""

import itertools
import resource
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import reduce
from pathlib import Path
from typing import Any

import httpx
import pytest

from openai_batch_client import errors
from tests.support.batches import NEWEST, batch, service
from tests.support.twin import Twin


def pages(*bodies: dict[str, Any]) -> Callable[[httpx.Request], httpx.Response]:
    """A list with these pages in turn, for any request; the last one repeats."""
    left = list(bodies)
    return lambda _: httpx.Response(200, json={"object": "list", **(left.pop(0) if len(left) > 1 else left[0])})


def walked(twin: Twin, answer: Any, **arguments: Any) -> list[str]:
    return [one.id for one in twin.run(twin.api(answer).iter_batches(**arguments))]


@pytest.mark.parametrize(("count", "page_size"), [(0, 100), (1, 100), (100, 100), (101, 100), (25, 7), (5, 1)])
def test_every_batch_once(twin: Twin, count: int, page_size: int) -> None:
    """All batches are yielded, newest first, with one request per page."""
    assert [f"batch_{n}" for n in range(count)] == walked(twin, service(count), page_size=page_size)
    assert max(-(-count // page_size), 1) == len(twin.sent)
    assert {str(page_size)} == {request.url.params["limit"] for request in twin.sent}


def test_only_what_is_wanted_is_asked_for(twin: Twin) -> None:
    """No request is sent before the first item is needed, and no further page than needed."""
    given = twin.api(service(1000)).iter_batches(page_size=10)
    assert [] == twin.sent

    async def take() -> list[str]:
        found = []
        async for one in given:
            found.append(one.id)
            if len(found) == 15:
                await given.aclose()
                break
        return found

    found = twin.run(take()) if twin.prefix else [one.id for one in itertools.islice(given, 15)]
    assert 15 == len(found)
    assert 2 == len(twin.sent)


@pytest.mark.parametrize(("most", "requests"), [(0, 0), (1, 1), (10, 1), (11, 2)])
def test_max_items(twin: Twin, most: int, requests: int) -> None:
    """max_items ends the iteration without a superfluous request."""
    assert most == len(walked(twin, service(100), page_size=10, max_items=most))
    assert requests == len(twin.sent)


def test_negative_number_of_items(twin: Twin) -> None:
    """A negative max_items is refused at the call, not at the first item."""
    with pytest.raises(ValueError, match=r"max_items must not be negative, got -1\. Nothing"):
        twin.api(service(3)).iter_batches(max_items=-1)


def test_after(twin: Twin) -> None:
    """An iteration can begin where an earlier one ended."""
    assert ["batch_8", "batch_9"] == walked(twin, service(10), after="batch_7")


@pytest.mark.parametrize(
    "moment",
    [
        NEWEST - 60 * 12,
        float(NEWEST - 60 * 12),
        str(NEWEST - 60 * 12),
        datetime.fromtimestamp(NEWEST - 60 * 12, UTC),
        datetime.fromtimestamp(NEWEST - 60 * 12, timezone(timedelta(hours=5, minutes=30))),
        datetime.fromtimestamp(NEWEST - 60 * 12, UTC).replace(tzinfo=None),
        datetime.fromtimestamp(NEWEST - 60 * 12, UTC).isoformat(),
        datetime.fromtimestamp(NEWEST - 60 * 12, UTC).strftime("%d %B %Y %H:%M:%S"),
    ],
    ids=str,
)
def test_created_after(twin: Twin, moment: Any) -> None:
    """created_after takes a moment in every usual form, belongs to the span, and ends the walk early."""
    found = walked(twin, service(1000), created_after=moment, page_size=5)

    assert [f"batch_{n}" for n in range(13)] == found
    assert 3 == len(twin.sent)


def test_created_before(twin: Twin) -> None:
    """created_before does not belong to the span."""
    found = walked(twin, service(20), created_after=NEWEST - 60 * 12, created_before=NEWEST - 60 * 9)

    assert ["batch_10", "batch_11", "batch_12"] == found


@pytest.mark.parametrize("moment", ["soon", "", [], True, 1e300])
def test_no_point_in_time(twin: Twin, moment: Any) -> None:
    """A value that is not a point in time is refused before any request."""
    with pytest.raises(ValueError, match="point in time"):
        twin.run(twin.api(service(1)).iter_batches(created_after=moment))

    assert [] == twin.sent


@pytest.mark.parametrize("page", [{"last_id": "absent"}, {"last_id": None}, {"last_id": ""}])
def test_missing_cursor(twin: Twin, page: dict[str, Any]) -> None:
    """Without a next cursor, the id of the last batch is the cursor."""
    assert 25 == len(walked(twin, service(25, **page), page_size=10))


def test_missing_more(twin: Twin) -> None:
    """Without a more-flag the iteration ends with an empty page."""
    assert 25 == len(walked(twin, service(25, has_more="absent"), page_size=10))
    assert 4 == len(twin.sent)


def test_what_the_page_before_had_is_dropped(twin: Twin) -> None:
    """A batch that moved to the next page in the meantime is yielded once."""
    first = {"data": [batch(0), batch(1)], "last_id": "batch_1", "has_more": True}
    second = {"data": [batch(1), batch(2)], "last_id": "batch_2", "has_more": False}

    assert ["batch_0", "batch_1", "batch_2"] == walked(twin, pages(first, second))


@pytest.mark.parametrize("length", [1, 2, 3, 7, 50])
def test_cursor_that_comes_again(twin: Twin, length: int) -> None:
    """A cycle of cursors of any length is detected soon."""
    circle = itertools.cycle(range(length))

    def answer(_: httpx.Request) -> httpx.Response:
        number = next(circle)
        page = {"object": "list", "data": [batch(number)], "last_id": f"batch_{number}", "has_more": True}
        return httpx.Response(200, json=page)

    with pytest.raises(errors.PaginationError, match="came again"):
        walked(twin, answer)
    assert len(twin.sent) <= 3 * length + 2


def test_empty_page_with_more(twin: Twin) -> None:
    """One empty page that has a cursor is passed over; a second is an error, and so is one without a cursor."""
    full = {"data": [batch(5)], "has_more": False}
    empty = {"data": [], "last_id": "batch_3", "has_more": True}

    assert ["batch_5"] == walked(twin, pages(empty, full))
    with pytest.raises(errors.PaginationError, match="two empty pages"):
        walked(twin, pages(empty, {**empty, "last_id": "batch_4"}))
    with pytest.raises(errors.PaginationError, match="no cursor"):
        walked(twin, pages({"data": [], "has_more": True}))


def test_failure_on_the_way(twin: Twin) -> None:
    """Items before a failure are yielded, and transient errors are retried."""
    answers: Iterator[Any] = iter([httpx.Response(500), service(30), httpx.Response(403)])

    def answer(request: httpx.Request) -> httpx.Response:
        one = next(answers)
        return one if isinstance(one, httpx.Response) else one(request)

    found: list[Any] = []
    with pytest.raises(errors.PermissionDeniedError):
        twin.run(twin.api(answer).iter_batches(page_size=10), into=found)
    assert [f"batch_{n}" for n in range(10)] == [one.id for one in found]


def resident() -> int:
    """Resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_memory_stays_flat(twin: Twin) -> None:
    """Over 100,000 batches resident memory grows by less than 5 MB, at every point of the walk."""

    def answer(request: httpx.Request) -> httpx.Response:
        twin.sent.clear()
        return service(100_000)(request)

    sizes: list[int] = []

    def look(number: int) -> int:
        if number % 2_000 == 0:
            sizes.append(resident())
        return number + 1

    async def walk(given: Any) -> int:
        number = 0
        async for _ in given:
            number = look(number)
        return number

    given = twin.api(answer).iter_batches()
    number = twin.run(walk(given)) if twin.prefix else reduce(lambda number, _: look(number), given, 0)

    assert 100_000 == number
    # The first pages fill caches and pools.
    assert max(sizes) - sizes[1] < 5_000_000
