"""A request before it is sent, and a response after it was parsed, as records."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar
from unicodedata import category
from urllib.parse import quote, unquote

import httpx

from .parts import RawBody, RequestBody
from .reading import MAX_ID_LENGTH, ReadOptions, ShapeError
from .spec import OperationSpec

__all__ = ["AsyncStreamedResponse", "OperationSpec", "ReadOptions", "Request", "Response", "StreamedResponse"]

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
    body: RequestBody | None = None
    """A body that is not JSON."""
    is_transfer: bool = False
    """Whether the body or the response may be large. `timeout` then limits the time without progress only."""
    accepts_text: bool = False
    """Whether the result of a body that is not JSON is None."""
    is_streamed: bool = False
    """Whether the result is an Opened response, whose body is read in chunks."""
    sends_null: bool = False
    """Whether the body is the JSON document null, if `json` is None."""
    media_type: str | None = None
    """The media type of a result that is not JSON: text for `text/...`, otherwise bytes."""
    is_public: bool = False
    """Whether the request is sent without the API key."""
    idempotency_key: str | None = None
    """The key with which the service acts once, however often the request is repeated."""

    def with_extra(self, extra_body: Mapping[str, Any] | None) -> "Request[T]":
        """A copy whose body has additional fields, which replace fields of the same name.

        Raises:
            TypeError: `extra_body` is not a mapping.
        """
        return self if extra_body is None else self._replace(json={**self.json, **extra_body})

    def with_key(self, header: str, key: Any) -> "Request[T]":
        """A copy with an idempotency key in a header, or the request itself without a key.

        Raises:
            ValueError: The key is not a string, or is empty.
        """
        if key is None:
            return self
        if not isinstance(key, str) or not key:
            raise ValueError(f"idempotency_key must be a string that is not empty, got {key!r}. Nothing was sent.")
        return self._replace(headers={**(self.headers or {}), header: key}, idempotency_key=key)


class Response(NamedTuple, Generic[T]):
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


class Opened:
    """A successful response whose body is read in chunks."""

    def __init__(self, response: Any, chunks: Any) -> None:
        self.response = response
        """The response of the HTTP library."""
        self.chunks = chunks
        """The iterator over the chunks of the body."""
        self.is_closed = False

    @property
    def status_code(self) -> int:
        status: int = self.response.status_code
        return status

    @property
    def headers(self) -> Any:
        return self.response.headers


class StreamedResponse(NamedTuple):
    """A successful response whose body is read in chunks."""

    status_code: int
    """The HTTP status code."""
    headers: httpx.Headers
    chunks: Iterator[bytes]
    """The body as it arrives. By default, the client asks for a body that is not compressed."""


class AsyncStreamedResponse(NamedTuple):
    """The twin of StreamedResponse for the async client."""

    status_code: int
    """The HTTP status code."""
    headers: httpx.Headers
    chunks: AsyncIterator[bytes]
    """The body as it arrives."""


def raw_request(
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
    data: Mapping[str, Any] | None = None,
    files: Any = None,
    is_streamed: bool = False,
) -> Request[Any]:
    """Make a request to any path below the base URL.

    Raises:
        ValueError: The path would leave the base URL, or is not valid in a URL.
    """
    if not re.fullmatch(r"[A-Za-z]+", method):
        raise ValueError(f"{method!r} is not an HTTP method. Nothing was sent.")
    if not re.fullmatch(r"/([A-Za-z0-9/_.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*", path) or path.startswith("//"):
        fault = "must begin with one slash, be percent-encoded and have no query"
        raise ValueError(f"path {fault}, got {path!r}. Nothing was sent.")
    # Servers may decode the path several times, and remove parameters, before they look for dots.
    decoded = unquote(unquote(unquote(path)))
    segments = {segment.partition(";")[0] for segment in decoded.replace("\\", "/").split("/")}
    is_text = "\N{REPLACEMENT CHARACTER}" not in decoded and _FORBIDDEN_CATEGORIES.isdisjoint(map(category, decoded))
    if not is_text or segments & {".", ".."}:
        raise ValueError(f"path must stay below the base URL, got {path!r}. Nothing was sent.")
    body = {name: value for name, value in (("data", data), ("files", files)) if value is not None}
    if body and json is not None:
        raise ValueError("json cannot be combined with data and files. Nothing was sent.")
    return Request(
        OperationSpec(id=f"{method.upper()} {path}", method=method.upper(), retry="safe"),
        path,
        read=read_anything,
        query=params,
        # The chunks of a stream are not decompressed.
        headers={"accept-encoding": "identity"} if is_streamed else None,
        json=json,
        body=RawBody(body) if body else None,
        accepts_text=True,
        is_transfer=bool(files) or is_streamed,
        is_streamed=is_streamed,
    )


def read_anything(document: Any, options: ReadOptions) -> Any:  # noqa: ARG001 -- the signature of Request.read
    """The JSON document of a response, unchanged."""
    return document


def path_segment(name: str, value: object) -> str:
    """Percent-encode `value` as one segment of a path.

    Raises:
        ValueError: The value is neither a string nor a number, or it would change the URL: an empty string, `.`,
            `..`, a control character, half of a surrogate pair, or more than 4,096 characters.
    """
    if not isinstance(value, (str, int, float)):
        raise ValueError(f"{name} must be a string, got {type(value).__name__}. Nothing was sent.")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if len(text) > MAX_ID_LENGTH:
        raise ValueError(f"{name} has {len(text):,} characters, which do not fit into a URL. Nothing was sent.")
    if text in ("", ".", "..") or not (text.isprintable() or _FORBIDDEN_CATEGORIES.isdisjoint(map(category, text))):
        raise ValueError(f"{name} cannot be {text!r}: it would lead to another URL. Nothing was sent.")
    return quote(text, safe="")


def read_nothing(document: object, options: ReadOptions) -> None:
    """The result of an operation whose success has no body."""


def read_value(document: Any, options: ReadOptions) -> Any:  # noqa: ARG001 -- the signature of Request.read
    """The JSON document of a response, unchanged.

    Raises:
        ShapeError: It is missing or null.
    """
    if document is None:
        raise ShapeError("the result", "is required and missing")
    return document
