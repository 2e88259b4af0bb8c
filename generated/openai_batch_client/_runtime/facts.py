# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""What the contract says of operations, lists, statuses and tokens: records that the operations' modules fill."""

import logging
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

logger = logging.getLogger("openai_batch_client")
_unknown_statuses: set[str] = set()


class Operation(NamedTuple):
    """What the contract says of an operation."""

    id: str
    """The operationId."""
    method: str
    """The HTTP method."""
    retry: Literal["safe", "unless-received"]
    """When it may be repeated: after any failure, or only if the server surely did not act."""


class Pagination(NamedTuple):
    """What the contract says of a list, in Python's names."""

    cursor: str
    """The argument that takes the cursor."""
    page_size: str
    """The argument that takes the size of a page."""
    largest_page: int
    """The most items that a page may be asked to hold."""
    items: str
    """The attribute of a page that holds its items."""
    next_cursor: str
    more: str
    item_id: str
    """The attribute of an item that serves as a cursor."""
    ordered_by: str
    """The attribute of an item that the list is sorted by, a point in time."""
    descending: bool


class Lifecycle(NamedTuple):
    """The statuses of an object and what can follow each of them."""

    field: str
    """The attribute that holds the status."""
    successors: Mapping[str, tuple[str, ...]]

    def status(self, item: Any) -> str:
        """The status in the contract's spelling, where it is known in another one."""
        status = str(getattr(item, self.field))
        usual = normal_status(status)
        return usual if usual in self.successors else status

    def is_terminal(self, item: Any) -> bool:
        """Whether nothing can follow. A status that the contract does not know is not terminal, and is logged once."""
        status = self.status(item)
        if status not in self.successors and status not in _unknown_statuses:
            _unknown_statuses.add(status)
            logger.warning("The status %r is not in the contract; it is taken for one that something follows", status)
        return self.successors.get(status) == ()


def normal_status(status: str) -> str:
    """A status as the contract spells it: some services use capitals, or one l in cancelled."""
    status = status.lower()
    return {"canceled": "cancelled", "canceling": "cancelling"}.get(status, status)


class CreateOnce(NamedTuple):
    """What the contract says of a token. Paths are the keys that lead to something in a JSON object."""

    token: tuple[str, ...]
    same: tuple[tuple[str, ...], ...]
    """What must be equal besides the token."""
    max_length: int | None = None
    """The most characters that the token may have."""
    max_pairs: int | None = None
    """The most pairs that the map may have which holds the token."""

    def with_token(self, body: Mapping[str, Any], token: Any) -> dict[str, Any]:
        """The body with the token in it.

        Raises:
            ValueError: If the token is no text or empty, or it or the map that is to hold it is too large.
        """
        if not token or not isinstance(token, str):
            raise ValueError(f"idempotency_key must be text that is not empty, and is {token!r}; nothing was sent")
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


def _at(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = document
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
