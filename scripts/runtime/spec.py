"""Record types for the contract's extensions. The generated modules create one record for each extension."""

import logging
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from .answer import one_line

logger = logging.getLogger("openai_batch_client")
_unknown_statuses: set[str] = set()
# A server that invents statuses does not fill the memory and the log.
MAX_UNKNOWN_STATUSES = 100


class OperationSpec(NamedTuple):
    """An operation of the contract."""

    id: str
    """The operationId."""
    method: str
    """The HTTP method."""
    retry: Literal["safe", "unless-received"]
    """x-retry: retry after any transient failure, or only if the server did not process the request."""


class PaginationSpec(NamedTuple):
    """x-pagination of a list operation, with the Python names of parameters and fields."""

    cursor: str
    """The name of the cursor argument."""
    page_size: str
    """The name of the page size argument."""
    largest_page: int
    """The largest page size that the server accepts."""
    items: str
    """The page attribute for the items."""
    next_cursor: str
    """The page attribute for the cursor of the next page."""
    more: str
    """The page attribute for whether another page follows."""
    item_id: str
    """The item attribute that serves as a cursor."""
    ordered_by: str
    """The item attribute with the time by which the list is sorted."""
    descending: bool


class LifecycleSpec(NamedTuple):
    """x-lifecycle and x-final-statuses of the status of an object."""

    field: str
    """The attribute that holds the status."""
    successors: Mapping[str, tuple[str, ...]]
    """The statuses that can follow each status. A final status has none."""
    success: tuple[str, ...]
    """The final statuses that mean success."""

    def status(self, item: Any) -> str:
        """The status in the contract's spelling. An unknown status is returned as it is.

        Some services use capitals, or one l where the contract has two.
        """
        status = str(getattr(item, self.field))
        if status in self.successors:
            return status
        return next((known for known in self.successors if _folded(known) == _folded(status)), status)

    def is_final(self, item: Any) -> bool:
        """Whether no status can follow. An unknown status is not final, and is logged once."""
        status = self.status(item)
        if status not in self.successors:
            shown = one_line(status, 100)
            if shown not in _unknown_statuses and len(_unknown_statuses) < MAX_UNKNOWN_STATUSES:
                _unknown_statuses.add(shown)
                logger.warning("The status %r is not in the contract; it is not treated as final", shown)
        return self.successors.get(status) == ()

    def is_initial(self, item: Any) -> bool:
        """Whether the status is the status of a new object."""
        return self.status(item) == next(iter(self.successors))

    def may_succeed(self, item: Any) -> bool:
        """Whether the status is success, or success can follow. It can follow an unknown status."""
        reached = [self.status(item)]
        for status in reached:
            reached += [following for following in self.successors.get(status, ()) if following not in reached]
        return any(status in self.success or status not in self.successors for status in reached)

    def is_success(self, item: Any) -> bool:
        """Whether the status is final and means success."""
        return self.status(item) in self.success


class FileSpec(NamedTuple):
    """x-file of a property that holds the id of a JSON Lines file. Paths are below the server."""

    upload_path: str | None
    """The path for a multipart POST with the fields `purpose` and `file`; None if callers do not upload the file."""
    purpose: str | None
    """The value of the field `purpose` of the upload."""
    content_path: str
    """The path that returns the file. Its parameter in braces is the id of the file."""
    line: str
    """The name of the model of a line."""
    max_lines: int | None
    max_bytes: int | None
    unique: str | None
    """The JSON key of a field whose value differs in all lines."""
    equal: tuple[tuple[str, str], ...]
    """Pairs of a JSON key of a line, and the argument or attribute beside the file's id that has the same value."""


class CreateOnceSpec(NamedTuple):
    """x-create-once of a create operation. A path is a sequence of keys in a JSON object."""

    token: tuple[str, ...]
    """The path of the idempotency key."""
    stamp: tuple[str, ...]
    """The path of the digest of the arguments and the id of the call, beside the key."""
    same: tuple[tuple[str, ...], ...]
    """The paths of values that an object has in common with the request that created it."""
    rewritable: tuple[tuple[str, ...], ...]
    """The paths of values that a service may store in another form."""
    max_length: int | None = None
    """The largest number of characters of a key."""
    max_pairs: int | None = None
    """The largest number of pairs in the map that holds the key."""

    def validate_token(self, token: Any) -> str:
        """Return the idempotency key.

        Raises:
            ValueError: The key is not a string, is empty, or is too long.
        """
        if not token or not isinstance(token, str):
            raise ValueError(f"idempotency_key must be a string that is not empty, got {token!r}. Nothing was sent.")
        if self.max_length is not None and len(token) > self.max_length:
            raise ValueError(
                f"idempotency_key has {len(token)} characters, the limit is {self.max_length}. Nothing was sent."
            )
        return token

    def without_null(self, body: Any) -> Any:
        """The request body without the map for key and stamp, if the map is null. Null counts as an empty map."""
        return _without_null(body, self.token[:-1])

    def with_token(self, body: Mapping[str, Any], token: str, stamp: str) -> dict[str, Any]:
        """A copy of the request body with key and stamp added.

        Raises:
            ValueError: The map for key and stamp is full, or contains them already.
        """
        *path, name = self.token
        changed = dict(body)
        holder = changed
        for key in path:
            holder[key] = holder = dict(holder.get(key) or {})
        label = ".".join(path) or "the body"
        if taken := {name, self.stamp[-1]} & holder.keys():
            raise ValueError(f"{label} must not contain {min(taken)}: idempotency_key sets it. Nothing was sent.")
        holder |= {name: token, self.stamp[-1]: stamp}
        if self.max_pairs is not None and len(holder) > self.max_pairs:
            raise ValueError(
                f"{label} has no room for idempotency_key, it needs 2 of the {self.max_pairs} pairs. Nothing was sent."
            )
        return changed


def _without_null(value: Any, path: tuple[str, ...]) -> Any:
    if not path or not isinstance(value, Mapping) or path[0] not in value:
        return value
    name = path[0]
    if value[name] is None:
        return {key: item for key, item in value.items() if key != name}
    return {**value, name: _without_null(value[name], path[1:])}


def _folded(status: str) -> str:
    return status.lower().replace("ll", "l")
