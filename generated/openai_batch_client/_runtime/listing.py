# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Reads a whole list strictly, and remembers it, so that creating with a key can tell new objects from old objects."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from .errors import BadRequestError, NotFoundError, PaginationError
from .flows import Flow
from .messages import Request
from .options import CallOptions
from .paging import is_cursor, to_seconds
from .retrying import send_with_retries
from .spec import CreateOnceSpec, LifecycleSpec, PaginationSpec
from .stamp import Stamp

T = TypeVar("T")

MAX_PAGES = 1000
MAX_RESTARTS = 2
# An object can appear below newer objects if its creation took long. The servers' clocks may also differ a little.
# So a look does not stop at the newest known object, but reads on as far as this many seconds before it.
MARGIN_SECONDS = 300.0
# Between two looks with this margin, in seconds, a look stops at the first page with known objects.
DEEP_LOOK_INTERVAL = 600.0


class Service(NamedTuple, Generic[T]):
    """The operations and facts that creating with a key needs."""

    spec: CreateOnceSpec
    pagination: PaginationSpec
    lifecycle: LifecycleSpec
    list_request: Callable[..., Request[Any]]
    retrieve_request: Callable[[str], Request[T]]
    cancel_request: Callable[[str], Request[Any]]


class Entry(NamedTuple):
    """An object of the list."""

    id: str
    created: float | None
    """When it was created, in Unix seconds, or None if the service does not say."""
    token: Any
    """Its idempotency key, or None."""
    stamp: Stamp
    shown: Mapping[str, Any]
    """The map that holds the key. It is empty if the service does not show it."""
    same: tuple[Any, ...]
    rewritable: tuple[Any, ...]

    @classmethod
    def read(cls, item: Any, service: Service[Any]) -> "Entry":
        """Read a listed or retrieved object.

        Raises:
            ValueError: It has no valid id.
        """
        spec, pagination = service.spec, service.pagination
        item_id = getattr(item, pagination.item_id)
        if not is_cursor(item_id) or not isinstance(item_id, str):
            raise ValueError("an item has no valid id")
        document = item.to_dict()
        shown = value_at(document, spec.token[:-1])
        return cls(
            item_id,
            to_seconds(getattr(item, pagination.ordered_by)),
            value_at(document, spec.token),
            Stamp.read(value_at(document, spec.stamp)),
            shown if isinstance(shown, Mapping) else {},
            tuple(value_at(document, path) for path in spec.same),
            tuple(value_at(document, path) for path in spec.rewritable),
        )


class Listing:
    """The list as far as a client has read it, and what the client has learned about the service."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        """The objects that were listed or created, by id."""
        self.unstamped: dict[str, Entry] = {}
        """The objects that do not show a whole stamp, by id. Only such an object may hide its key."""
        self.listed: set[str] = set()
        """The ids that a complete look has read."""
        self.by_token: dict[str, list[str]] = {}
        self.unlisted: dict[str, float] = {}
        """The objects that were created but not listed yet, with the monotonic time of the answer."""
        self.first_looks: dict[str, float] = {}
        """When `find` began to look for a key that it did not find, in monotonic seconds."""
        self.unsettled: dict[str, float] = {}
        """When the last create request with a key ended, in monotonic seconds, if the call failed after it."""
        self.newest: float | None = None
        self.lag = 0.0
        """A created object was not listed for at least this time, in seconds."""
        self.shows_metadata = False
        """Whether the list shows metadata of some object."""
        self.hides_metadata = False
        """Whether the service shows metadata of a retrieved object that it does not show in the list."""
        self.keeps_metadata = True
        self._ordered = True
        self._depth = -1.0
        self._deep_look: tuple[float, float | None] = (0.0, None)

    def add(self, entry: Entry) -> None:
        """Remember an object. A retrieved object replaces a listed object."""
        self.entries[entry.id] = entry
        if entry.stamp.is_whole:
            self.unstamped.pop(entry.id, None)
        else:
            self.unstamped[entry.id] = entry
        # A service may show anything as a key. Only a string can be the key of a call.
        if isinstance(entry.token, str):
            ids = self.by_token.setdefault(entry.token, [])
            if entry.id not in ids:
                ids.append(entry.id)

    def recent(self, max_age: float) -> Iterator[Entry]:
        """The objects that are at most `max_age` seconds older than the newest object."""
        return self._recent([*self.entries.values()], max_age)

    def recent_unstamped(self, max_age: float) -> Iterator[Entry]:
        """The recent objects that do not show a whole stamp."""
        return self._recent([*self.unstamped.values()], max_age)

    def with_token(self, token: str, max_age: float) -> list[Entry]:
        """The recent objects with an idempotency key."""
        entries = (self.entries[item_id] for item_id in self.by_token.get(token, ()))
        return [entry for entry in entries if entry.token == token and self._is_recent(entry, max_age)]

    def _recent(self, entries: Iterable[Entry], max_age: float) -> Iterator[Entry]:
        return (entry for entry in entries if self._is_recent(entry, max_age))

    def _is_recent(self, entry: Entry, max_age: float) -> bool:
        return entry.created is None or self.newest is None or entry.created >= self.newest - max_age

    def look(
        self, options: CallOptions, service: Service[Any], max_age: float, floor: float | None = None
    ) -> Flow[None]:
        """Read the list, as far as it may contain new objects, and remember it.

        Args:
            options: The options of the call.
            service: The operations.
            max_age: Seconds before the newest object. Older objects are not read.
            floor: The look reads at least the objects since this time in Unix seconds.

        Raises:
            PaginationError: A page is not well-formed, or the list is too long.
            BatchAPIError: A page could not be read.
        """
        began = options.clock.monotonic()
        known = self._depth >= max_age and self._ordered
        deep = floor is not None
        if not deep and began - self._deep_look[0] >= DEEP_LOOK_INTERVAL and self._deep_look[1] is not None:
            floor, deep = self._deep_look[1] - MARGIN_SECONDS, True
        restarts = 0
        while True:
            pages = _StrictPages(options, service, self)
            try:
                complete = yield from self._read(pages, max_age, floor, known)
                break
            except PaginationError:
                # An object that was deleted while the pages were read can break the list. The next look is in order.
                restarts += 1
                if restarts > MAX_RESTARTS or not pages.follows_cursor:
                    raise
        self._remember(pages)
        if not known:
            self._depth = max(self._depth, max_age)
        if deep or complete:
            self._deep_look = (began, self.newest)
        for item_id, answered in [*self.unlisted.items()]:
            if item_id in pages.entries:
                self.unlisted.pop(item_id, None)
            else:
                self.lag = max(self.lag, began - answered)

    def _read(self, pages: "_StrictPages", max_age: float, floor: float | None, known: bool) -> Flow[bool]:
        """Read pages until the rest is known or too old. Return whether all recent objects were read."""
        while True:
            page = yield from pages.next()
            if page is None:
                return True
            oldest = page[-1].created
            if not pages.ordered or oldest is None or pages.newest is None:
                continue
            if oldest < pages.newest - max_age:
                return True
            is_known = known and any(entry.id in self.listed for entry in page)
            if is_known and (floor is None or oldest < floor):
                return False

    def _remember(self, pages: "_StrictPages") -> None:
        self._ordered = self._ordered and pages.ordered
        for entry in pages.entries.values():
            self.shows_metadata = self.shows_metadata or bool(entry.shown)
            # The entry of a created or retrieved object shows more than the entry of the list.
            known = self.entries.get(entry.id)
            if known is None:
                self.add(entry)
            elif known.shown and not entry.shown:
                self.hides_metadata = True
        self.listed |= pages.entries.keys()
        moments = [moment for moment in (self.newest, pages.newest) if moment is not None]
        self.newest = max(moments, default=None)


class _StrictPages:
    """The pages of one look. Anything but a well-formed page raises PaginationError."""

    def __init__(self, options: CallOptions, service: Service[Any], listing: Listing) -> None:
        self.entries: dict[str, Entry] = {}
        self.newest: float | None = None
        self.ordered = service.pagination.descending
        """Whether each object so far is at most as new as the object before it."""
        self.follows_cursor = False
        self._options = options
        self._service = service
        self._listing = listing
        self._operation = ""
        self._cursors: list[str | int | None] = [None]
        self._previous: float | None = None
        self._count = 0

    def next(self) -> Flow[list[Entry] | None]:
        """Request the next page. Return its objects, or None at the end of the list."""
        failure: Exception | None = None
        ended = False
        for cursor in self._cursors:
            self.follows_cursor = cursor is not None
            try:
                page, more, following = yield from self._request(cursor)
            except (BadRequestError, NotFoundError) as error:
                # The object of the cursor may have been deleted.
                if cursor is None:
                    raise
                failure = error
                continue
            new = [entry for entry in page if entry.id not in self.entries]
            if new:
                self._add(page)
                last = [entry.id for entry in page[-3:]]
                self._cursors = [following or last[-1], *last[-2::-1]] if more else []
                return page
            if cursor is None and not more:
                return None
            if not page and not more:
                # The end, or the object of the cursor was deleted. The next cursor shows which.
                ended = True
            elif not more and len(page) < len(self._cursors):
                return None
            else:
                failure = self._error("the list repeats its objects, or says that more follow after an empty page")
        if ended or not self._cursors:
            return None
        raise failure or self._error("the list does not continue")

    def _request(self, cursor: str | int | None) -> Flow[tuple[list[Entry], bool, str | int | None]]:
        pagination = self._service.pagination
        self._count += 1
        if self._count > MAX_PAGES:
            raise self._error(f"the list has more than {MAX_PAGES} pages")
        arguments = {pagination.cursor: cursor, pagination.page_size: pagination.largest_page}
        request = self._service.list_request(**arguments)
        self._operation = request.operation.id
        response = yield from send_with_retries(request, self._options)
        items, more, following = (
            getattr(response.parsed, name) for name in (pagination.items, pagination.more, pagination.next_cursor)
        )
        if not isinstance(items, list) or not isinstance(more, bool):
            raise self._error(f"the page has no list {pagination.items}, or {pagination.more} is not true or false")
        try:
            page = [self._entry(item) for item in items]
        except ValueError as error:
            raise self._error(str(error)) from None
        return page, more, following if is_cursor(following) else None

    def _entry(self, item: Any) -> Entry:
        item_id = getattr(item, self._service.pagination.item_id)
        # An object that was listed before is not read again, because that takes most of the time of a look.
        if isinstance(item_id, str) and item_id in self._listing.listed:
            return self._listing.entries[item_id]
        return Entry.read(item, self._service)

    def _add(self, page: Sequence[Entry]) -> None:
        for entry in page:
            in_order = self._previous is None or (entry.created is not None and entry.created <= self._previous)
            self.ordered = self.ordered and entry.created is not None and in_order
            self._previous = entry.created
            if entry.created is not None and (self.newest is None or entry.created > self.newest):
                self.newest = entry.created
            self.entries[entry.id] = entry

    def _error(self, reason: str) -> PaginationError:
        message = f"{self._operation}: {reason}, so that the client cannot know which objects exist"
        return PaginationError(message, operation=self._operation)


def value_at(document: Any, path: tuple[str, ...]) -> Any:
    """The value at a path of keys, or None."""
    value = document
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
