"""Iterates over the pages of a list. Repeated or missing cursors raise an error."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeGuard

from .dates import Moment, to_datetime
from .errors import PaginationError
from .flows import Emit, Flow
from .messages import Request
from .options import CallOptions
from .reading import MAX_ID_LENGTH, NO_IDS
from .retrying import send_with_retries
from .spec import PaginationSpec


class TimeSpan(NamedTuple):
    """A span of Unix seconds: `after` is included, `before` is excluded."""

    after: float | None = None
    before: float | None = None

    @classmethod
    def parse(cls, after: Moment | None, before: Moment | None) -> "TimeSpan":
        """Read both ends. Raises ValueError if a value is not a valid time."""
        return cls(*(None if moment is None else to_datetime(moment).timestamp() for moment in (after, before)))

    def contains(self, moment: float) -> bool:
        return (self.after is None or moment >= self.after) and (self.before is None or moment < self.before)

    def is_past(self, moment: float, descending: bool) -> bool:
        """Whether a sorted list at `moment` has passed the span, so that no later item is in it."""
        if descending:
            return self.after is not None and moment < self.after
        return self.before is not None and moment >= self.before


class Pages:
    """The pages of a list in order, until `ended`."""

    def __init__(
        self,
        options: CallOptions,
        spec: PaginationSpec,
        list_request: Callable[..., Request[Any]],
        page_size: int,
        after: str | int | None = None,
    ) -> None:
        self.ended = False
        self._options = options
        self._spec = spec
        self._list_request = list_request
        self._page_size = page_size
        self._after = after
        self._previous_ids: set[Any] = set()
        self._was_empty = False
        # Brent's algorithm detects a cycle with one remembered cursor, which is replaced at growing distances.
        self._remembered, self._steps, self._distance = after, 0, 1

    def next(self, options: CallOptions | None = None) -> Flow[list[Any]]:
        """Request the next page and return its items, without items of the previous page.

        Args:
            options: The options of this request; None means those of all pages.

        Raises:
            PaginationError: The cursors form a cycle, or another page follows without a cursor.
        """
        spec = self._spec
        request = self._list_request(**{spec.cursor: self._after, spec.page_size: self._page_size})
        response = yield from send_with_retries(request, options or self._options)
        page = response.parsed
        items = getattr(page, spec.items) or []
        ids = [getattr(item, spec.item_id) for item in items]
        more = getattr(page, spec.more)
        new_items = [item for item, item_id in zip(items, ids, strict=True) if item_id not in self._previous_ids]
        if more or (more is None and items):
            cursor = getattr(page, spec.next_cursor)
            # The number 0 can be a cursor. An empty text cannot.
            is_given = cursor or type(cursor) is int
            self._advance(cursor if is_given else ids[-1] if ids else None, ids, request.operation.id)
        else:
            self.ended = True
        return new_items

    def _advance(self, cursor: Any, ids: list[Any], operation: str) -> None:
        """Move to the next page."""
        if not is_cursor(cursor):
            message = f"{operation}: another page follows, but no valid cursor leads to it"
            raise PaginationError(message, operation=operation)
        if not ids and self._was_empty:
            message = f"{operation}: two empty pages in a row say that another page follows"
            raise PaginationError(message, operation=operation)
        if cursor in (self._remembered, self._after):
            message = f"{operation}: the cursor {cursor!r} was repeated, so that the list would never end"
            raise PaginationError(message, operation=operation)
        self._steps += 1
        if self._steps == self._distance:
            self._remembered, self._steps, self._distance = cursor, 0, self._distance * 2
        self._previous_ids, self._was_empty, self._after = set(ids), not ids, cursor


def iterate(
    options: CallOptions,
    list_request: Callable[..., Request[Any]],
    spec: PaginationSpec,
    *,
    filters: Mapping[str, Any],
    page_size: int,
    span: tuple[Moment | None, Moment | None],
    max_items: int | None,
    after: str | int | None,
) -> Flow[None]:
    """Emit the items of a list that lie in a span of time.

    Args:
        options: The options of the call.
        list_request: Makes the request for one page of the list.
        spec: x-pagination of the contract.
        filters: Further arguments of `list_request`.
        page_size: The number of items per request.
        span: The start (included) and the end (excluded) of the span.
        max_items: The largest number of items.
        after: Start after this cursor.

    Raises:
        ValueError: At once, if `max_items` is negative or `span` is not made of points in time.
    """
    times = TimeSpan.parse(*span)
    if max_items is not None and max_items < 0:
        raise ValueError(f"max_items must not be negative, got {max_items}. Nothing was sent.")
    pages = Pages(options, spec, partial(list_request, **filters), page_size, after)
    return _iterate(pages, spec, times, max_items)


def _iterate(pages: Pages, spec: PaginationSpec, span: TimeSpan, left: int | None) -> Flow[None]:
    while not pages.ended and (left is None or left > 0):
        for item in (yield from pages.next()):
            moment = to_seconds(getattr(item, spec.ordered_by))
            if moment is not None and span.is_past(moment, spec.descending):
                return
            if moment is None or span.contains(moment):
                yield Emit(item)
                left = None if left is None else left - 1
                if left == 0:
                    return


def is_cursor(value: object) -> TypeGuard[str | int]:
    """Whether a value of a response can be sent as a cursor."""
    if isinstance(value, int):
        return not isinstance(value, bool)
    if not isinstance(value, str) or value in NO_IDS:
        return False
    return len(value) <= MAX_ID_LENGTH and value.isprintable()


def to_seconds(value: Moment | None) -> float | None:
    """Unix seconds, or None for an invalid time. Items without a valid time are never filtered out."""
    if value is None or isinstance(value, (int, float)):
        return value
    try:
        return to_datetime(value).timestamp()
    except ValueError:
        return None
