# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""One exchange as data: the operation, the request before it is sent, and the response after it was read."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar
from unicodedata import category
from urllib.parse import quote

import httpx
from attrs import define

from .facts import Operation
from .reading import Reading

__all__ = ["Operation", "Reading", "Request", "Response"]

T = TypeVar("T")
# The Unicode categories of control characters and of halves of surrogate pairs.
_UNFIT = {"Cc", "Cs"}


class Request(NamedTuple, Generic[T]):
    """What will be sent, and how to read the answer. Building one sends nothing."""

    operation: Operation
    path: str
    """The path, percent-encoded, below the base URL."""
    read: Callable[[Any, Reading], T]
    """Turns the JSON document of a success into the result."""
    query: Mapping[str, Any] | None = None
    """Query parameters; those that are None are not sent."""
    headers: Mapping[str, Any] | None = None
    """Header parameters; those that are None are not sent."""
    json: Any = None
    """The JSON document of the body, or None for no body."""


@define
class Response(Generic[T]):
    """An answer that was a success, and what was read from it."""

    status_code: int
    """The HTTP status code."""
    headers: httpx.Headers
    content: bytes
    """The body, decompressed."""
    parsed: T

    @property
    def request_id(self) -> str | None:
        """The server's name for the exchange (header x-request-id), or None; quote it when asking for support."""
        request_id: str | None = self.headers.get("x-request-id")
        return request_id


def path_segment(name: str, value: object) -> str:
    """`value` as one percent-encoded segment of a path.

    Raises:
        ValueError: For what is neither text nor a number, and for a value that would lead to another URL than the
            operation's, or to none: nothing, `.`, `..`, control characters, or half of a surrogate pair.
    """
    if not isinstance(value, (str, int, float)):
        raise ValueError(f"{name} must be text, and is of type {type(value).__name__}. Nothing was sent.")
    text = str(value)
    if text in ("", ".", "..") or not (text.isprintable() or _UNFIT.isdisjoint(map(category, text))):
        raise ValueError(f"{name} cannot be {text!r}: it would lead to another URL. Nothing was sent.")
    return quote(text, safe="")


def read_nothing(document: object, reading: Reading) -> None:
    """The result of an operation whose success has no body."""
