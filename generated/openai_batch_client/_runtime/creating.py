# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Creates something at most once, by a token that is kept with it and found again."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from attrs import evolve, frozen

from .clock import Clock
from .errors import BatchAPIError, CreateOutcomeUnknownError
from .exchange import Request, Response
from .paging import Pages, Pagination, to_seconds
from .plans import Plan, Sleep, send
from .retrying import RetryEvent, delay

T = TypeVar("T")

# The server's clock may be behind ours by so many seconds.
CLOCK_SKEW = 300.0
REUSE_SECONDS = 7 * 86400.0


@frozen
class CreateOnce:
    """What the contract says of a token. Paths are the keys that lead to something in a JSON object."""

    token: tuple[str, ...]
    same: tuple[tuple[str, ...], ...]
    """What must be equal besides the token."""
    max_length: int | None = None
    """The most characters that the token may have."""
    max_pairs: int | None = None
    """The most pairs that the map may have which holds the token."""

    def with_token(self, body: Mapping[str, Any], token: str) -> dict[str, Any]:
        """The body with the token in it.

        Raises:
            ValueError: If the token or the map that is to hold it is too large.
        """
        if not token:
            raise ValueError("idempotency_key is empty; nothing was sent")
        if self.max_length is not None and len(token) > self.max_length:
            raise ValueError(
                f"idempotency_key has {len(token)} characters, {self.max_length} are allowed; nothing was sent"
            )
        *path, name = self.token
        changed = dict(body)
        inside = changed
        for key in path:
            inside[key] = inside = dict(inside.get(key) or {})
        inside[name] = token
        if self.max_pairs is not None and len(inside) > self.max_pairs:
            where = ".".join(path) or "the body"
            raise ValueError(
                f"{where} has no room for idempotency_key: {self.max_pairs} pairs are allowed; nothing was sent"
            )
        return changed

    def is_it(self, document: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
        """Whether a listed object is the one that `body` asks for."""
        return all(_at(document, path) == _at(body, path) for path in (self.token, *self.same))


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
    request = evolve(request, json=once.with_token(request.json, key))
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


def _at(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = document
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
