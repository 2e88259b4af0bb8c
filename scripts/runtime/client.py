"""Sends requests and reads answers; the part of the client that knows HTTP, in a sync and an async twin."""

import json
import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar

import httpx

from .errors import APIConnectionError, APITimeoutError, UnexpectedResponseError, status_error
from .exchange import Request, Response
from .reading import ShapeError

__all__ = ["AsyncClient", "Client"]

T = TypeVar("T")
Timeout = float | httpx.Timeout

CONNECT_TIMEOUT = 5.0


class _Settings:
    """What both twins are told, and what follows from it."""

    _default_base_url: ClassVar[str] = ""
    _user_agent: ClassVar[str] = ""

    def __init__(
        self,
        *,
        api_key: str | Callable[[], str] | None,
        base_url: str | None,
        organization: str | None,
        project: str | None,
        timeout: Timeout,
        strict: bool,
        headers: Mapping[str, str] | None,
    ) -> None:
        given = api_key if api_key is not None else os.environ.get("OPENAI_API_KEY")
        if not given:
            raise ValueError("There is no API key: pass api_key, or set OPENAI_API_KEY in the environment.")
        self._api_key = given if callable(given) else _sendable(given)
        url = base_url or os.environ.get("OPENAI_BASE_URL") or self._default_base_url
        if not url.startswith(("https://", "http://")):
            raise ValueError(f"base_url must begin with https:// or http://, and is {url!r}.")
        self._base_url = url.rstrip("/")
        self._timeout = _timeout(timeout)
        self._strict = strict
        self._headers = {"Accept": "application/json", "User-Agent": self._user_agent}
        for name, value in (
            ("OpenAI-Organization", organization or os.environ.get("OPENAI_ORG_ID")),
            ("OpenAI-Project", project or os.environ.get("OPENAI_PROJECT_ID")),
        ):
            if value:
                self._headers[name] = value
        self._headers.update(headers or {})

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    @property
    def base_url(self) -> str:
        """Where requests go; the operations' paths are below it."""
        return self._base_url

    def _arguments(self, request: Request[Any], timeout: Timeout | None) -> dict[str, Any]:
        """What httpx's build_request takes."""
        key = self._api_key if isinstance(self._api_key, str) else _sendable(self._api_key())
        headers = {**self._headers, "Authorization": f"Bearer {key}"}
        for name, value in (request.headers or {}).items():
            if value is not None:
                headers[name] = str(value).lower() if isinstance(value, bool) else str(value)
        arguments: dict[str, Any] = {
            "method": request.operation.method,
            "url": self._base_url + request.path,
            "headers": headers,
            "timeout": self._timeout if timeout is None else _timeout(timeout),
        }
        if request.query:
            arguments["params"] = {name: value for name, value in request.query.items() if value is not None}
        if request.json is not None:
            arguments["json"] = request.json
        return arguments

    def _read(self, request: Request[T], response: httpx.Response) -> Response[T]:
        """What an answer holds; raises the exception that it stands for when it is not a success."""
        operation = request.operation.id
        if not response.is_success:
            raise status_error(response, operation=operation)
        try:
            document = json.loads(response.content) if response.content else None
            parsed = request.read(document, strict=self._strict)
        except ShapeError as error:
            raise UnexpectedResponseError(response, operation=operation, reason=str(error)) from None
        except (ValueError, RecursionError) as error:
            raise UnexpectedResponseError(response, operation=operation, reason="the body is not JSON") from error
        return Response(response.status_code, response.headers, response.content, parsed)


class Client(_Settings):
    """Sends requests one at a time; safe to share between threads."""

    def __init__(
        self,
        *,
        api_key: str | Callable[[], str] | None = None,
        base_url: str | None = None,
        organization: str | None = None,
        project: str | None = None,
        timeout: Timeout = 60.0,
        strict: bool = False,
        headers: Mapping[str, str] | None = None,
        http_client: httpx.Client | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            api_key: The API key, or a function without arguments that gives it for each request. Default: the
                environment's OPENAI_API_KEY.
            base_url: Where the service is. Default: the environment's OPENAI_BASE_URL, then the contract's server.
            organization: Sent as OpenAI-Organization. Default: the environment's OPENAI_ORG_ID.
            project: Sent as OpenAI-Project. Default: the environment's OPENAI_PROJECT_ID.
            timeout: Seconds to wait for an answer (5 at most for a connection), or an httpx.Timeout.
            strict: Whether an answer that lacks a required field raises UnexpectedResponseError. By default the
                field is None, although its type does not say so, and a warning is logged once.
            headers: More headers for every request.
            http_client: Sends the requests, with its own transport, proxies, hooks and limits. It is not closed here.

        Raises:
            ValueError: If there is no API key, it cannot be sent in a header, or base_url is not a URL.
        """
        super().__init__(
            api_key=api_key,
            base_url=base_url,
            organization=organization,
            project=project,
            timeout=timeout,
            strict=strict,
            headers=headers,
        )
        self._owned = http_client is None
        self._http = httpx.Client() if http_client is None else http_client

    def send(self, request: Request[T], *, timeout: Timeout | None = None) -> Response[T]:
        """Send `request` and read the answer.

        Args:
            request: What the `request` function of an operation's module gives.
            timeout: Seconds, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The status is not a success.
            UnexpectedResponseError: The status is a success, the body is not what the contract says.
            APIConnectionError: No answer arrived.
        """
        http_request = self._http.build_request(**self._arguments(request, timeout))
        try:
            response = self._http.send(http_request)
        except httpx.RequestError as error:
            raise connection_error(request, error) from error
        return self._read(request, response)

    def close(self) -> None:
        """Close the connections, unless they belong to a given http_client."""
        if self._owned:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(_Settings):
    """The twin of `Client` for asyncio; safe to share between tasks."""

    def __init__(
        self,
        *,
        api_key: str | Callable[[], str] | None = None,
        base_url: str | None = None,
        organization: str | None = None,
        project: str | None = None,
        timeout: Timeout = 60.0,
        strict: bool = False,
        headers: Mapping[str, str] | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        """Takes what `Client` takes, and an httpx.AsyncClient as `http_client`. Nothing is sent yet."""
        super().__init__(
            api_key=api_key,
            base_url=base_url,
            organization=organization,
            project=project,
            timeout=timeout,
            strict=strict,
            headers=headers,
        )
        self._owned = http_client is None
        self._http = httpx.AsyncClient() if http_client is None else http_client

    async def send(self, request: Request[T], *, timeout: Timeout | None = None) -> Response[T]:
        """Send `request` and read the answer; see `Client.send`."""
        http_request = self._http.build_request(**self._arguments(request, timeout))
        try:
            response = await self._http.send(http_request)
        except httpx.RequestError as error:
            raise connection_error(request, error) from error
        return self._read(request, response)

    async def close(self) -> None:
        """Close the connections, unless they belong to a given http_client."""
        if self._owned:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def connection_error(request: Request[Any], error: httpx.RequestError) -> APIConnectionError:
    """The exception for a request that got no answer."""
    # The chained cause keeps the request that it was sent with, and that would keep the key.
    error.request.headers.pop("Authorization", None)
    operation = request.operation.id
    reason = str(error) or type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        return APITimeoutError(f"{operation}: no answer in time ({reason})", operation=operation)
    return APIConnectionError(f"{operation}: no answer: {reason}", operation=operation)


def _timeout(timeout: Timeout) -> httpx.Timeout:
    if isinstance(timeout, httpx.Timeout):
        return timeout
    return httpx.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT))


def _sendable(key: str) -> str:
    """`key`, if a header can carry it; what cannot be sent must not reach an error message of the HTTP library."""
    if not key or not key.isascii() or not key.isprintable() or key != key.strip():
        raise ValueError(
            "The API key holds characters that a header cannot carry (a newline at its end, perhaps), or nothing."
        )
    return key
