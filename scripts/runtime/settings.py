"""What a client is told and what follows from it: how requests are made, and how answers are read."""

import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

import httpx

from .clock import Clock, seconds
from .errors import (
    APIConnectionError,
    APITimeoutError,
    BatchAPIError,
    CreateOutcomeUnknownError,
    UnexpectedResponseError,
    status_error,
)
from .exchange import Request, Response
from .reading import Reading, ShapeError, read_json
from .retrying import Retry, RetryEvent, is_ambiguous, was_sent

T = TypeVar("T")
Timeout = float | httpx.Timeout
OnRetry = Callable[[RetryEvent], object]

CONNECT_TIMEOUT = 5.0


class Settings:
    """What both twins are told, and what follows from it."""

    _default_base_url: ClassVar[str] = ""
    _user_agent: ClassVar[str] = ""
    _clock = Clock()
    _owned: bool
    """Whether the HTTP client is our own."""

    def __init__(
        self,
        *,
        api_key: str | Callable[[], str] | None,
        base_url: str | None,
        organization: str | None,
        project: str | None,
        timeout: Timeout,
        retry_budget: float,
        on_retry: OnRetry | None,
        strict: bool,
        headers: Mapping[str, str] | None,
    ) -> None:
        given = api_key if api_key is not None else os.environ.get("OPENAI_API_KEY")
        if not given:
            raise ValueError("There is no API key: pass api_key, or set OPENAI_API_KEY in the environment.")
        self._api_key = given if callable(given) else _sendable(given)
        url = base_url or os.environ.get("OPENAI_BASE_URL") or self._default_base_url
        if not _is_url(url):
            raise ValueError(f"base_url must be https:// or http:// with a host and without ? or #, and is {url!r}.")
        self._base_url = url.rstrip("/")
        self._timeout = _timeout(timeout)
        self._retry_budget = seconds("retry_budget", retry_budget)
        self._on_retry = on_retry
        # What the client parses, it gives to nobody.
        self._reading = Reading(strict=strict, owned=True)
        self._headers = {"Accept": "application/json", "User-Agent": self._user_agent}
        for name, value in (
            ("OpenAI-Organization", organization or os.environ.get("OPENAI_ORG_ID")),
            ("OpenAI-Project", project or os.environ.get("OPENAI_PROJECT_ID")),
        ):
            if value:
                self._headers[name] = value
        self._headers.update(headers or {})
        if isinstance(self._api_key, str):
            self._headers["Authorization"] = f"Bearer {self._api_key}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    @property
    def base_url(self) -> str:
        """Where requests go; the operations' paths are below it."""
        return self._base_url

    def _arguments(self, request: Request[Any], timeout: Timeout | None) -> dict[str, Any]:
        """What httpx's build_request takes."""
        # Our own HTTP client has these already: merging them into each request takes long.
        headers = {} if self._owned else dict(self._headers)
        if not isinstance(self._api_key, str):
            headers["Authorization"] = f"Bearer {_sendable(self._api_key())}"
        for name, value in (request.headers or {}).items():
            if value is not None:
                headers[name] = str(value).lower() if isinstance(value, bool) else str(value)
        arguments: dict[str, Any] = {
            "method": request.operation.method,
            "url": self._base_url + request.path,
            "headers": headers,
            "timeout": self._timeout if timeout is None else _timeout(timeout),
        }
        query = {name: value for name, value in (request.query or {}).items() if value is not None}
        if query and self._owned:
            # Nor does it have parameters of its own to merge: httpx need not take the URL apart twice.
            arguments["url"] += f"?{httpx.QueryParams(query)}"
        elif query:
            arguments["params"] = query
        if request.json is not None:
            arguments["json"] = request.json
        return arguments

    def _retry(self, request: Request[Any], began: float) -> Retry:
        """What decides on further attempts."""
        return Retry(request.operation, self._clock, began, self._retry_budget, self._on_retry)

    def _read(self, request: Request[T], response: httpx.Response) -> Response[T]:
        """What an answer holds; raises the exception that it stands for when it is not a success."""
        operation = request.operation.id
        if not response.is_success:
            raise status_error(response, operation=operation, now=self._clock.now())
        try:
            document = read_json(response.content) if response.content else None
            parsed = request.read(document, self._reading)
        except ShapeError as error:
            raise UnexpectedResponseError(response, operation=operation, reason=str(error), field=error.field) from None
        except (ValueError, RecursionError) as error:
            raise UnexpectedResponseError(response, operation=operation, reason="the body is not JSON") from error
        return Response(response.status_code, response.headers, response.content, parsed)


def outcome_unknown(request: Request[Any], error: BatchAPIError) -> CreateOutcomeUnknownError | None:
    """The exception for a request that must not be repeated and that the server may have acted on, else None."""
    if request.operation.retry == "safe" or not is_ambiguous(error):
        return None
    operation = request.operation.id
    words = (
        f"{operation}: it is not known whether the server acted on the request, so it was not repeated: {error} "
        "List what there is before you try again, or give an idempotency key, so that the client can."
    )
    unknown = CreateOutcomeUnknownError(words, operation=operation)
    unknown.attempts = error.attempts
    return unknown


def connection_error(request: Request[Any], error: httpx.RequestError) -> APIConnectionError:
    """The exception for a request that got no answer."""
    # The chained cause keeps the request that it was sent with, and that would keep the key.
    error.request.headers.pop("Authorization", None)
    operation = request.operation.id
    reason = str(error) or type(error).__name__
    # Without the name and password that a proxy's or a server's URL may hold.
    words = f"{operation}: no answer from {error.request.url.netloc.decode()}"
    if isinstance(error, httpx.TimeoutException):
        return APITimeoutError(f"{words} in time ({reason})", operation=operation, sent=was_sent(error))
    return APIConnectionError(f"{words}: {reason}", operation=operation, sent=was_sent(error))


def _is_url(text: str) -> bool:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    return url.scheme in ("https", "http") and bool(url.host) and not {"?", "#"} & set(text)


def _timeout(timeout: Timeout) -> httpx.Timeout:
    if isinstance(timeout, httpx.Timeout):
        return timeout
    return httpx.Timeout(seconds("timeout", timeout), connect=min(timeout, CONNECT_TIMEOUT))


def _sendable(key: str) -> str:
    """`key`, if a header can carry it; what cannot be sent must not reach an error message of the HTTP library."""
    if not key or not key.isascii() or not key.isprintable() or key != key.strip():
        raise ValueError(
            "The API key holds characters that a header cannot carry (a newline at its end, perhaps), or nothing."
        )
    return key
