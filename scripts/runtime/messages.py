"""A request before it is sent, and a response after it was parsed, as records."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar
from unicodedata import category
from urllib.parse import quote

import httpx
from attrs import define

from .reading import MAX_ID_LENGTH, ReadOptions
from .spec import OperationSpec

__all__ = ["OperationSpec", "ReadOptions", "Request", "Response"]

T = TypeVar("T")
# The Unicode categories of control characters and of halves of surrogate pairs.
_FORBIDDEN_CATEGORIES = {"Cc", "Cs"}


class Request(NamedTuple, Generic[T]):
    """A request of an operation, and the function that reads its response. Making a Request sends nothing."""

    operation: OperationSpec
    path: str
    """The percent-encoded path below the base URL."""
    read: Callable[[Any, ReadOptions], T]
    """Turns the JSON document of a success into the result."""
    query: Mapping[str, Any] | None = None
    """Query parameters. None values are not sent."""
    headers: Mapping[str, Any] | None = None
    """Header parameters. None values are not sent."""
    json: Any = None
    """The JSON document of the body, or None for no body."""
    item_id: Any = None
    """The id that the result must have, or None."""

    def with_extra(self, extra_body: Mapping[str, Any] | None) -> "Request[T]":
        """A copy whose body has additional fields, which replace fields of the same name.

        Raises:
            TypeError: `extra_body` is not a mapping.
        """
        return self if extra_body is None else self._replace(json={**self.json, **extra_body})


@define
class Response(Generic[T]):
    """A successful response."""

    status_code: int
    """The HTTP status code."""
    headers: httpx.Headers
    content: bytes
    """The body, decompressed."""
    parsed: T
    """The result of the operation."""

    @property
    def request_id(self) -> str | None:
        """The server's id of the request (header x-request-id), or None. Quote it when you ask for support."""
        request_id: str | None = self.headers.get("x-request-id")
        return request_id


def path_segment(name: str, value: object) -> str:
    """Percent-encode `value` as one segment of a path.

    Raises:
        ValueError: The value is neither a string nor a number, or it would change the URL: an empty string, `.`,
            `..`, a control character, half of a surrogate pair, or more than 4,096 characters.
    """
    if not isinstance(value, (str, int, float)):
        raise ValueError(f"{name} must be a string, got {type(value).__name__}. Nothing was sent.")
    text = str(value)
    if len(text) > MAX_ID_LENGTH:
        raise ValueError(f"{name} has {len(text):,} characters, which do not fit into a URL. Nothing was sent.")
    if text in ("", ".", "..") or not (text.isprintable() or _FORBIDDEN_CATEGORIES.isdisjoint(map(category, text))):
        raise ValueError(f"{name} cannot be {text!r}: it would lead to another URL. Nothing was sent.")
    return quote(text, safe="")


def read_nothing(document: object, options: ReadOptions) -> None:
    """The result of an operation whose success has no body."""
