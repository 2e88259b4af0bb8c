# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Creates something at most once, by a token that is kept with it and found again."""

from collections.abc import Callable
from typing import Any, TypeVar

from .clock import Clock
from .errors import BatchAPIError, CreateOutcomeUnknownError
from .exchange import Request, Response
from .facts import CreateOnce, Pagination
from .paging import Pages, to_seconds
from .plans import Plan, Sleep, send
from .retrying import RetryEvent, delay

T = TypeVar("T")

# The server's clock may be behind ours by so many seconds.
CLOCK_SKEW = 300.0
REUSE_SECONDS = 7 * 86400.0


def create_once(
    request: Request[T],
    once: CreateOnce,
    listing: Callable[..., Request[Any]],
    pagination: Pagination,
    *,
    key: str,
    reuse: bool,
    budget: float,
    clock: Clock,
    on_retry: Callable[[RetryEvent], Any] | None,
    timeout: Any,
) -> Plan[T]:
    """Create, or find what was created under the same token; look before each further attempt."""
    request = request._replace(json=once.with_token(request.json, key))
    began = clock.now()
    ends = clock.monotonic() + budget

    def find(since: float) -> Plan[Any]:
        pages = Pages(pagination, listing, pagination.largest_page)
        while not pages.ended:
            for item in (yield from pages.next(timeout)):
                moment = to_seconds(getattr(item, pagination.ordered_by))
                if pagination.descending and moment is not None and moment < since:
                    return None
                if once.is_it(item.to_dict(), request.json):
                    return item
        return None

    if reuse:
        found = yield from find(began - REUSE_SECONDS)
        if found is not None:
            earlier: T = found
            return earlier
    attempts = 0
    while True:
        try:
            response: Response[T] = yield from send(request, timeout)
            return response.parsed
        except CreateOutcomeUnknownError as error:
            attempts += 1
            error.attempts = attempts
            unknown = error
        try:
            found = yield from find(began - CLOCK_SKEW)
        except BatchAPIError as error:
            unknown.add_note(f"Looking for it failed, too: {error}")
            raise unknown from unknown.__cause__
        if found is not None:
            created: T = found
            return created
        wait = delay(unknown, attempts, clock)
        if clock.monotonic() + wait > ends:
            raise unknown from unknown.__cause__
        if on_retry:
            on_retry(RetryEvent(request.operation.id, attempts, wait, unknown))
        yield Sleep(wait)
