"""Waits for objects that pass through statuses, by asking for them now and then."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from .clock import Clock, seconds
from .errors import (
    APIConnectionError,
    APIStatusError,
    BadRequestError,
    BatchAPIError,
    BatchCancelledError,
    BatchExpiredError,
    BatchFailedError,
    BatchNotSucceededError,
    ConflictError,
    NotFoundError,
    UnprocessableEntityError,
    WaitTimeoutError,
)
from .exchange import Request
from .facts import Lifecycle, Pagination
from .paging import Pages
from .plans import Give, Plan, Sleep, send
from .retrying import RetryEvent

T = TypeVar("T")
logger = logging.getLogger("openai_batch_client")

MIN_DELAY, MAX_DELAY = 5.0, 60.0
# Where fewer are pending, asking for each of them is cheaper than a page.
LISTED_FROM = 3
# Pages without anything that is pending, after which the rest is asked for singly.
IDLE_PAGES = 3
MISSES = 3

_FAILURES: dict[str, type[BatchNotSucceededError]] = {
    "failed": BatchFailedError,
    "expired": BatchExpiredError,
    "cancelled": BatchCancelledError,
}


class Patience:
    """How long is waited, and how long between two looks."""

    def __init__(
        self,
        clock: Clock,
        timeout: float,
        min_delay: float = MIN_DELAY,
        max_delay: float = MAX_DELAY,
        on_retry: Callable[[RetryEvent], Any] | None = None,
    ) -> None:
        self.clock = clock
        self.timeout = seconds("timeout", timeout)
        self.min_delay = seconds("min_delay", min_delay)
        self.max_delay = seconds("max_delay", max_delay)
        if min_delay > max_delay:
            raise ValueError(f"min_delay ({min_delay} s) must not be more than max_delay ({max_delay} s)")
        self.on_retry = on_retry
        self.looks = 0
        self.failures = 0
        self.began = clock.monotonic()
        self.is_last = False

    @property
    def elapsed(self) -> float:
        return self.clock.monotonic() - self.began

    def request_timeout(self) -> float | None:
        """Seconds for one request near the end, enough for an answer; None, the client's own, before."""
        left = self.timeout - self.elapsed
        return None if left >= 60.0 else max(left, 5.0)

    def pause(self, trouble: BatchAPIError | None = None) -> Plan[None]:
        """Wait until the next look; the last one comes just before the end. `trouble` is why this one gave nothing."""
        asked = getattr(trouble, "retry_after", None) or 0.0
        left = self.timeout - self.elapsed
        longest = min(self.max_delay, max(self.min_delay, 1.0) * 1.5 ** min(self.looks, 20))
        wait = max(self.clock.uniform(self.min_delay, max(longest, self.min_delay)), asked)
        self.looks += 1
        if wait >= left:
            self.is_last = True
            wait = max(left - 1.0, left * 0.5, 0.0)
        self._tell(trouble, wait)
        yield Sleep(wait)

    def over(self, words: str, trouble: BatchAPIError | None, **known: Any) -> WaitTimeoutError:
        """The exception for a wait that has no time left."""
        words += f"; the last look failed: {trouble}" if trouble else ""
        return WaitTimeoutError(words, elapsed=self.elapsed, **known)

    def _tell(self, trouble: BatchAPIError | None, wait: float) -> None:
        """A look that failed is no secret: a wrong URL would pass for a long wait."""
        self.failures = self.failures + 1 if trouble else 0
        if not trouble:
            return
        if self.failures == 1:
            logger.warning("%s; waiting goes on", trouble)
        if self.on_retry:
            self.on_retry(RetryEvent(trouble.operation, self.failures, wait, trouble))


def wait(
    item_id: str,
    request: Request[T],
    lifecycle: Lifecycle,
    patience: Patience,
    on_poll: Callable[[T], Any] | None,
    raise_on_failure: bool,
) -> Plan[T]:
    """The object once it has ended."""
    operation = request.operation.id
    item: Any = None
    trouble: BatchAPIError | None = None
    misses = 0
    while True:
        try:
            response = yield from send(request, patience.request_timeout(), retry=False)
        except NotFoundError as error:
            misses, trouble = misses + 1, error
            if misses == MISSES:
                raise
        except BatchAPIError as error:
            if not is_passing(error):
                raise
            trouble = error
        else:
            item, trouble, misses = response.parsed, None, 0
            if on_poll:
                on_poll(item)
            if lifecycle.is_terminal(item):
                if raise_on_failure:
                    _raise_failure(item, lifecycle, operation)
                ended: T = item
                return ended
        if patience.is_last or patience.timeout == 0:
            last = lifecycle.status(item) if item is not None else "not known"
            words = f"{operation}: {item_id} has not ended within {patience.timeout:g} s; its status is {last}"
            raise patience.over(words, trouble, operation=operation, batch=item, pending=(item_id,)) from trouble
        yield from patience.pause(trouble)


def unended(ids: Iterable[str]) -> dict[str, int]:
    """What is to be waited for: how often in a row each id was not found.

    Raises:
        ValueError: If `ids` is one text.
    """
    if isinstance(ids, str):
        raise ValueError(f"ids must be a list of ids, and is the text {ids!r}; nothing was sent")
    return dict.fromkeys(ids, 0)


def wait_for_all(
    pending: dict[str, int],
    request: Callable[[str], Request[T]],
    listing: Callable[..., Request[Any]],
    pagination: Pagination,
    lifecycle: Lifecycle,
    patience: Patience,
    on_poll: Callable[[T], Any] | None,
) -> Plan[None]:
    """Give each object once it has ended. Many are looked up in the list, a hundred at a time; the rest singly."""
    item: Any = None
    operation = ""
    while pending:
        trouble: BatchAPIError | None = None
        seen: dict[str, Any] = {}
        if len(pending) >= LISTED_FROM:
            pages = Pages(pagination, listing, pagination.largest_page)
            trouble = yield from _look_in_list(pages, pagination, pending, seen, patience)
        for item_id in [item_id for item_id in pending if item_id not in seen] if trouble is None else []:
            single = request(item_id)
            operation = single.operation.id
            try:
                response = yield from send(single, patience.request_timeout(), retry=False)
                seen[item_id] = response.parsed
            except NotFoundError:
                pending[item_id] += 1
                if pending[item_id] == MISSES:
                    raise
            except BatchAPIError as error:
                if not is_passing(error):
                    raise
                trouble = error
                break
        for item_id, item in seen.items():
            pending[item_id] = 0
            if on_poll:
                on_poll(item)
            if lifecycle.is_terminal(item):
                del pending[item_id]
                yield Give(item)
        if not pending:
            return
        if patience.is_last or patience.timeout == 0:
            words = f"{len(pending)} have not ended within {patience.timeout:g} s"
            raise patience.over(words, trouble, operation=operation, batch=item, pending=tuple(pending)) from trouble
        yield from patience.pause(trouble)


def _look_in_list(
    pages: Pages, pagination: Pagination, pending: Mapping[str, int], seen: dict[str, Any], patience: Patience
) -> Plan[BatchAPIError | None]:
    """Put what is pending and listed into `seen`; the result is the passing trouble that ended it early, if any."""
    idle, most = 0, len(pending) // pagination.largest_page + 1 + IDLE_PAGES
    while not pages.ended and len(seen) < len(pending) and idle < IDLE_PAGES and most:
        try:
            items = yield from pages.next(patience.request_timeout(), retry=False)
        except BatchAPIError as error:
            if not is_passing(error):
                raise
            return error
        found = {getattr(item, pagination.item_id): item for item in items}
        found = {item_id: item for item_id, item in found.items() if item_id in pending}
        seen.update(found)
        idle, most = 0 if found else idle + 1, most - 1
    return None


def change(request: Request[T], again: Request[T], lifecycle: Lifecycle, towards: str, timeout: Any) -> Plan[T]:
    """Ask for a change of status; where it is refused because it has happened, or nothing can, the present state."""
    try:
        response = yield from send(request, timeout)
        return response.parsed
    except (BadRequestError, ConflictError, UnprocessableEntityError) as error:
        refusal = error
    try:
        response = yield from send(again, timeout)
    except BatchAPIError:
        raise refusal from None
    item = response.parsed
    if lifecycle.is_terminal(item) or lifecycle.status(item) == towards:
        return item
    raise refusal


def is_passing(error: BatchAPIError) -> bool:
    """Whether trouble is of a kind that passes: a long wait does not end over it."""
    if isinstance(error, APIStatusError):
        return error.status in (408, 429) or error.status >= 500
    return isinstance(error, APIConnectionError)


def _raise_failure(item: Any, lifecycle: Lifecycle, operation: str) -> None:
    status = lifecycle.status(item)
    kind = _FAILURES.get(status)
    if kind:
        raise kind(f"{operation}: {getattr(item, 'id', 'it')} is {status}", operation=operation, batch=item)
