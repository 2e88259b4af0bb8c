# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Looks for the objects that have an idempotency key, and retrieves those that may have it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from .errors import BatchAPIError, IdempotencyConflictError, NotFoundError
from .flows import Flow
from .listing import Entry, Listing, Service, value_at
from .options import CallOptions
from .retrying import send_with_retries
from .stamp import Stamp

# The number of objects without visible metadata that one look retrieves.
MAX_RETRIEVED = 1000
# `learn_whether_list_hides_metadata` retrieves this many objects.
SAMPLE = 20
# A service may cut a digest. Fewer characters prove nothing.
MIN_DIGEST_LENGTH = 8


class Wanted:
    """What the object of a create request looks like."""

    def __init__(self, service: Service[Any], body: Any, stamp: Stamp) -> None:
        self.stamp = stamp
        self.same = tuple(value_at(body, path) for path in service.spec.same)
        self.rewritable = tuple(value_at(body, path) for path in service.spec.rewritable)
        self._stamp_name = service.spec.stamp[-1]
        self._holder = value_at(body, service.spec.token[:-1])

    def may_be(self, entry: Entry) -> bool:
        """Whether nothing that an object shows tells it from the object of the request."""
        if any(shown is not None and shown != own for shown, own in zip(entry.same, self.same, strict=True)):
            return False
        for name, shown in entry.shown.items():
            own = self._holder.get(name)
            if not isinstance(own, str) or not isinstance(shown, str):
                return False
            if not own.startswith(shown) and not (name == self._stamp_name and shown.startswith(self.stamp.digest)):
                return False
        return True

    def has_same_arguments(self, found: "Object") -> bool:
        """Whether an object with the key was created with the arguments of the request."""
        digest = found.entry.stamp.digest
        if len(digest) >= MIN_DIGEST_LENGTH:
            return self.stamp.digest.startswith(digest)
        # An object without a digest was created by another program, or its metadata was cut.
        return (found.entry.same, found.entry.rewritable) == (self.same, self.rewritable)


class Object(NamedTuple):
    """A retrieved object."""

    item: Any
    entry: Entry
    may_succeed: bool


class Look:
    """Looks for the objects with a key."""

    def __init__(
        self,
        options: CallOptions,
        listing: Listing,
        service: Service[Any],
        operation: str,
        key: str,
        max_age: float,
    ) -> None:
        self.options = options
        self.listing = listing
        self.service = service
        self.operation = operation
        self.key = key
        self.max_age = max_age
        self.known: frozenset[str] = frozenset()
        """The ids that are not new: listed before the first create request, or ruled out since."""

    def read(self, floor: float | None = None) -> Flow[None]:
        """Read the list. `floor` is the time in Unix seconds since which it is surely read again."""
        yield from self.listing.look(self.options, self.service, self.max_age, floor)

    def objects(self) -> Flow[list[Object]]:
        """Retrieve the objects with the key, and sort them by time of creation and id."""
        found = []
        for entry in self.listing.with_token(self.key, self.max_age):
            retrieved = yield from self.retrieve(entry.id)
            if retrieved is not None:
                found.append(retrieved)
        return sorted(found, key=lambda each: (each.entry.created or 0.0, each.entry.id))

    def retrieve(self, item_id: str) -> Flow[Object | None]:
        """Retrieve an object by its id, or return None if it does not exist."""
        request = self.service.retrieve_request(item_id)
        try:
            response = yield from send_with_retries(request, self.options)
        except NotFoundError:
            return None
        return self.read_object(response.parsed, request.operation.id)

    def read_object(self, item: Any, operation: str) -> Object:
        """Read a result.

        Raises:
            BatchAPIError: It has no valid id.
        """
        try:
            entry = Entry.read(item, self.service)
        except ValueError:
            raise BatchAPIError(f"{operation}: the answer has no valid id", operation=operation) from None
        listed = self.listing.entries.get(entry.id)
        if listed is None or entry.shown:
            if listed is not None and not listed.shown:
                self.listing.hides_metadata = True
            self.listing.add(entry)
        elif listed.shown:
            entry = listed
        return Object(item, entry, self.service.lifecycle.may_succeed(item))

    def first_live(self, objects: list[Object]) -> Object:
        """The first object that may succeed, or the first object."""
        return next((each for each in objects if each.may_succeed), objects[0])

    def learn_whether_list_hides_metadata(self) -> Flow[None]:
        """Retrieve some of the newest objects, if the list shows no metadata at all."""
        listing = self.listing
        entries = [*listing.recent(self.max_age)]
        if listing.hides_metadata or any(entry.shown for entry in entries):
            return
        entries.sort(key=lambda entry: entry.created or 0.0, reverse=True)
        for entry in entries[:SAMPLE]:
            if not listing.hides_metadata:
                yield from self.retrieve(entry.id)

    def retrieve_candidates(self, wanted: Wanted | None, only_new: bool = False) -> Flow[tuple[str, ...]]:
        """Retrieve objects that may have the key although the list does not show it.

        Returns:
            The ids of the objects that do not show it when they are retrieved, either.
        """
        unclear = []
        candidates = [*self._candidates(wanted, only_new)]
        candidates.sort(key=lambda entry: entry.created or 0.0, reverse=True)
        for entry in candidates[:MAX_RETRIEVED]:
            retrieved = yield from self.retrieve(entry.id)
            if retrieved is None or retrieved.entry.token == self.key or wanted is None:
                continue
            # If the list shows the metadata of other objects, no metadata means that there is no key.
            shows_none = self.listing.shows_metadata and not self.listing.hides_metadata and not retrieved.entry.shown
            same = wanted.may_be(retrieved.entry) and retrieved.entry.rewritable == wanted.rewritable
            if same and not shows_none:
                unclear.append(entry.id)
            else:
                self.known |= {entry.id}
        unclear += [entry.id for entry in candidates[MAX_RETRIEVED:]]
        return tuple(unclear)

    def _candidates(self, wanted: Wanted | None, only_new: bool) -> Iterator[Entry]:
        hides = self.listing.hides_metadata
        is_honest = self.listing.shows_metadata and not hides
        for entry in self.listing.recent_unstamped(self.max_age):
            if entry.token == self.key:
                continue
            is_cut = isinstance(entry.token, str) and self.key.startswith(entry.token)
            if wanted is None:
                if is_cut or (hides and not entry.shown):
                    yield entry
            elif wanted.may_be(entry):
                is_new = only_new and not is_honest and entry.id not in self.known
                if is_cut or hides or is_new or entry.rewritable == wanted.rewritable:
                    yield entry

    def conflict(self, item: Any) -> IdempotencyConflictError:
        """The exception for an object that has the key and was created with other arguments."""
        item_id = getattr(item, self.service.pagination.item_id)
        message = (
            f"{self.operation}: {item_id} has the idempotency key {self.key!r}, and was created with other arguments. "
            "Nothing was created. Pass the same arguments, or another key."
        )
        return IdempotencyConflictError(message, operation=self.operation, batch=item)
