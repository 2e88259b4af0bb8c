"""Walks through the pages of a list, and neither loops nor stops silently."""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from .dates import to_datetime
from .errors import PaginationError
from .exchange import Request
from .facts import Pagination
from .plans import Give, Plan, send

Moment = date | float | str


class Span(NamedTuple):
    """A span of time: from `after`, which is in it, to `before`, which is not; Unix seconds."""

    after: float | None = None
    before: float | None = None

    @classmethod
    def of(cls, after: Moment | None, before: Moment | None) -> "Span":
        """Raises ValueError for what is not a point in time."""
        return cls(*(None if moment is None else to_datetime(moment).timestamp() for moment in (after, before)))

    def holds(self, moment: float) -> bool:
        return (self.after is None or moment >= self.after) and (self.before is None or moment < self.before)

    def is_behind(self, moment: float, descending: bool) -> bool:
        """Whether a list that has come to `moment` has nothing more to give."""
        if descending:
            return self.after is not None and moment < self.after
        return self.before is not None and moment >= self.before


class Pages:
    """The pages of a list, one after the other, until `ended`."""

    def __init__(
        self, pagination: Pagination, request: Callable[..., Request[Any]], page_size: int, after: str | None = None
    ) -> None:
        self.ended = False
        self._pagination = pagination
        self._request = request
        self._page_size = page_size
        self._after = after
        self._previous: set[Any] = set()
        self._was_empty = False
        # Brent's way to notice a cycle: one remembered cursor is enough, if it is moved on ever more rarely.
        self._marked, self._steps, self._distance = after, 0, 1

    def next(self, timeout: Any = None, *, retry: bool = True) -> Plan[list[Any]]:
        """The items of the next page that the page before did not have."""
        names = self._pagination
        request = self._request(**{names.cursor: self._after, names.page_size: self._page_size})
        response = yield from send(request, timeout, retry=retry)
        page = response.parsed
        items = getattr(page, names.items) or []
        ids = [getattr(item, names.item_id) for item in items]
        more = getattr(page, names.more)
        fresh = [item for item, item_id in zip(items, ids, strict=True) if item_id not in self._previous]
        if more or (more is None and items):
            self._go_on(getattr(page, names.next_cursor) or (ids[-1] if ids else None), ids, request.operation.id)
        else:
            self.ended = True
        return fresh

    def _go_on(self, following: str | None, ids: list[Any], operation: str) -> None:
        if not following:
            raise PaginationError(f"{operation}: there is more, and no cursor leads to it", operation=operation)
        if not ids and self._was_empty:
            words = f"{operation}: two empty pages in a row claim that there is more"
            raise PaginationError(words, operation=operation)
        if following in (self._marked, self._after):
            words = f"{operation}: the cursor {following!r} came again, so that the list would never end"
            raise PaginationError(words, operation=operation)
        self._steps += 1
        if self._steps == self._distance:
            self._marked, self._steps, self._distance = following, 0, self._distance * 2
        self._previous, self._was_empty, self._after = set(ids), not ids, following


def items(
    pages: Pages, pagination: Pagination, span: Span, max_items: int | None = None, timeout: Any = None
) -> Plan[None]:
    """Give each item of a list that lies in a span of time, up to a number of them.

    Raises:
        ValueError: At once, if that number is negative.
    """
    if max_items is not None and max_items < 0:
        raise ValueError(f"max_items must not be negative, and is {max_items}; nothing was sent")
    return _items(pages, pagination, span, max_items, timeout)


def _items(pages: Pages, pagination: Pagination, span: Span, left: int | None, timeout: Any) -> Plan[None]:
    while not pages.ended and (left is None or left > 0):
        for item in (yield from pages.next(timeout)):
            moment = to_seconds(getattr(item, pagination.ordered_by))
            if moment is not None and span.is_behind(moment, pagination.descending):
                return
            if moment is None or span.holds(moment):
                yield Give(item)
                left = None if left is None else left - 1
                if left == 0:
                    return


def to_seconds(value: Any) -> float | None:
    """Unix seconds, or None for what is no point in time: such an item is given, as nothing tells against it."""
    if isinstance(value, (int, float)):
        return value
    try:
        return to_datetime(value).timestamp()
    except ValueError:
        return None
