"""iter_batches yields each batch once, ends, and keeps only one page in memory."""

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
    """A list that returns these pages for any request and repeats the last page."""
    left = list(bodies)
    return lambda _: httpx.Response(200, json={"object": "list", **(left.pop(0) if len(left) > 1 else left[0])})


def listed_ids(twin: Twin, answer: Any, **arguments: Any) -> list[str]:
    return [batch.id for batch in twin.run(twin.api(answer).iter_batches(**arguments))]


@pytest.mark.parametrize(("count", "page_size"), [(0, 100), (1, 100), (100, 100), (101, 100), (25, 7), (5, 1)])
def test_every_batch_is_yielded_once(twin: Twin, count: int, page_size: int) -> None:
    """All batches are yielded, newest first, with one request per page."""
    assert [f"batch_{n}" for n in range(count)] == listed_ids(twin, service(count), page_size=page_size)
    assert max(-(-count // page_size), 1) == len(twin.sent)
    assert {str(page_size)} == {request.url.params["limit"] for request in twin.sent}


def test_pages_are_requested_lazily(twin: Twin) -> None:
    """Creating the iterator sends nothing, and each page is requested when its first batch is needed."""
    batches = twin.api(service(1000)).iter_batches(page_size=10)
    assert [] == twin.sent

    async def take() -> list[str]:
        found = []
        async for item in batches:
            found.append(item.id)
            if len(found) == 15:
                await batches.aclose()
                break
        return found

    found = twin.run(take()) if twin.prefix else [item.id for item in itertools.islice(batches, 15)]
    assert 15 == len(found)
    assert 2 == len(twin.sent)


@pytest.mark.parametrize(("max_items", "requests"), [(0, 0), (1, 1), (10, 1), (11, 2)])
def test_max_items(twin: Twin, max_items: int, requests: int) -> None:
    """max_items ends the iteration without a superfluous request."""
    assert max_items == len(listed_ids(twin, service(100), page_size=10, max_items=max_items))
    assert requests == len(twin.sent)


def test_negative_max_items(twin: Twin) -> None:
    """A negative max_items raises ValueError at the call, before the iteration begins."""
    with pytest.raises(ValueError, match=r"max_items must not be negative, got -1\. Nothing"):
        twin.api(service(3)).iter_batches(max_items=-1)


def test_after(twin: Twin) -> None:
    """The iteration starts after the batch with the id `after`."""
    assert ["batch_8", "batch_9"] == listed_ids(twin, service(10), after="batch_7")


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
    """created_after accepts every supported format, is inclusive, and ends the iteration early."""
    found = listed_ids(twin, service(1000), created_after=moment, page_size=5)

    assert [f"batch_{n}" for n in range(13)] == found
    assert 3 == len(twin.sent)


def test_created_before(twin: Twin) -> None:
    """created_before is exclusive."""
    found = listed_ids(twin, service(20), created_after=NEWEST - 60 * 12, created_before=NEWEST - 60 * 9)

    assert ["batch_10", "batch_11", "batch_12"] == found


@pytest.mark.parametrize("moment", ["soon", "", [], True, 1e300])
def test_invalid_created_after(twin: Twin, moment: Any) -> None:
    """A created_after that is not a point in time is refused before a request is sent."""
    with pytest.raises(ValueError, match="point in time"):
        twin.run(twin.api(service(1)).iter_batches(created_after=moment))

    assert [] == twin.sent


@pytest.mark.parametrize("page", [{"last_id": "absent"}, {"last_id": None}, {"last_id": ""}])
def test_missing_cursor(twin: Twin, page: dict[str, Any]) -> None:
    """If last_id is missing, the id of the last batch is the cursor."""
    assert 25 == len(listed_ids(twin, service(25, **page), page_size=10))


def test_missing_has_more(twin: Twin) -> None:
    """If has_more is missing, the iteration ends at an empty page."""
    assert 25 == len(listed_ids(twin, service(25, has_more="absent"), page_size=10))
    assert 4 == len(twin.sent)


def test_duplicate_on_the_next_page(twin: Twin) -> None:
    """A batch that moved to the next page between two requests is yielded once."""
    first = {"data": [batch(0), batch(1)], "last_id": "batch_1", "has_more": True}
    second = {"data": [batch(1), batch(2)], "last_id": "batch_2", "has_more": False}

    assert ["batch_0", "batch_1", "batch_2"] == listed_ids(twin, pages(first, second))


@pytest.mark.parametrize("length", [1, 2, 3, 7, 50])
def test_repeated_cursor(twin: Twin, length: int) -> None:
    """A cycle of cursors of any length raises PaginationError after few requests."""
    cursors = itertools.cycle(range(length))

    def answer(_: httpx.Request) -> httpx.Response:
        number = next(cursors)
        page = {"object": "list", "data": [batch(number)], "last_id": f"batch_{number}", "has_more": True}
        return httpx.Response(200, json=page)

    with pytest.raises(errors.PaginationError, match="was repeated"):
        listed_ids(twin, answer)
    assert len(twin.sent) <= 3 * length + 2


def test_empty_page(twin: Twin) -> None:
    """One empty page with a cursor is skipped; a second empty page or a missing cursor is an error."""
    full = {"data": [batch(5)], "has_more": False}
    empty = {"data": [], "last_id": "batch_3", "has_more": True}

    assert ["batch_5"] == listed_ids(twin, pages(empty, full))
    with pytest.raises(errors.PaginationError, match="two empty pages"):
        listed_ids(twin, pages(empty, {**empty, "last_id": "batch_4"}))
    with pytest.raises(errors.PaginationError, match="no valid cursor"):
        listed_ids(twin, pages({"data": [], "has_more": True}))


def test_failure_during_iteration(twin: Twin) -> None:
    """A transient error is retried; a permanent error is raised after the earlier batches were yielded."""
    answers: Iterator[Any] = iter([httpx.Response(500), service(30), httpx.Response(403)])

    def answer(request: httpx.Request) -> httpx.Response:
        handler = next(answers)
        return handler if isinstance(handler, httpx.Response) else handler(request)

    found: list[Any] = []
    with pytest.raises(errors.PermissionDeniedError):
        twin.run(twin.api(answer).iter_batches(page_size=10), into=found)
    assert [f"batch_{n}" for n in range(10)] == [item.id for item in found]


def resident_memory() -> int:
    """Return the resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_memory_stays_flat(twin: Twin) -> None:
    """While 100,000 batches are listed, resident memory grows by less than 5 MB."""

    def answer(request: httpx.Request) -> httpx.Response:
        twin.sent.clear()
        return service(100_000)(request)

    sizes: list[int] = []

    def sample(number: int) -> int:
        if number % 2_000 == 0:
            sizes.append(resident_memory())
        return number + 1

    async def iterate(batches: Any) -> int:
        number = 0
        async for _ in batches:
            number = sample(number)
        return number

    batches = twin.api(answer).iter_batches()
    number = twin.run(iterate(batches)) if twin.prefix else reduce(lambda number, _: sample(number), batches, 0)

    assert 100_000 == number
    # The first pages fill caches and connection pools.
    assert max(sizes) - sizes[1] < 5_000_000
