"""The part of a client that is the same for sync and async: options, HTTP requests, and parsing of responses."""

import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

import httpx

from .clock import Clock, validate_seconds
from .errors import APIConnectionError, APITimeoutError, UnexpectedResponseError, status_error
from .messages import Request, Response
from .reading import ReadOptions, ShapeError, read_json
from .retrying import RetryEvent, RetryPolicy, was_sent

T = TypeVar("T")
HttpClientT = TypeVar("HttpClientT", httpx.Client, httpx.AsyncClient)
Timeout = float | httpx.Timeout
OnRetry = Callable[[RetryEvent], object]

CONNECT_TIMEOUT_SECONDS = 5.0


class BaseClient(Generic[HttpClientT]):
    """The options of a client, declared once for `Client` and `AsyncClient`."""

    _default_base_url: ClassVar[str] = ""
    _user_agent: ClassVar[str] = ""
    _clock = Clock()

    def __init__(
        self,
        *,
        api_key: str | Callable[[], str] | None = None,
        base_url: str | None = None,
        organization: str | None = None,
        project: str | None = None,
        timeout: Timeout = 60.0,
        retry_budget: float = 60.0,
        on_retry: OnRetry | None = None,
        strict: bool = False,
        headers: Mapping[str, str] | None = None,
        http_client: HttpClientT | None = None,
    ) -> None:
        """Make a client. No request is sent.

        Args:
            api_key: The API key, or a function without arguments that returns the key for each request. Default: the
                environment variable OPENAI_API_KEY.
            base_url: The URL of the service. Default: the environment variable OPENAI_BASE_URL, then the server of
                the contract.
            organization: The value of the header OpenAI-Organization. Default: the environment variable
                OPENAI_ORG_ID.
            project: The value of the header OpenAI-Project. Default: the environment variable OPENAI_PROJECT_ID.
            timeout: Seconds to wait for a response (at most 5 for the connection), or an httpx.Timeout.
            retry_budget: Seconds in which a failed request may be retried; 0 turns retries off. The contract says
                which failures may be retried: a create only if the server surely did not act.
            on_retry: Called with a RetryEvent before each retry, and before each poll that follows a failed poll.
            strict: Whether a response without a required field raises UnexpectedResponseError. By default the field
                is None, against its type, and a warning is logged once.
            headers: Additional headers for every request.
            http_client: An HTTP client with your own transport, proxies, hooks and limits. You have to close it.

        Raises:
            ValueError: There is no API key, a header cannot contain the key, or base_url is not a URL.
        """
        key = api_key if api_key is not None else os.environ.get("OPENAI_API_KEY")
        if not key:
            raise ValueError("There is no API key: pass api_key, or set OPENAI_API_KEY in the environment.")
        self._api_key = key if callable(key) else _validate_key(key)
        url = base_url or os.environ.get("OPENAI_BASE_URL") or self._default_base_url
        if not _is_url(url):
            raise ValueError(f"base_url must be https:// or http:// with a host and without ? or #, and is {url!r}.")
        self._base_url = url.rstrip("/")
        self._timeout = _httpx_timeout(timeout)
        self._retry_budget = validate_seconds("retry_budget", retry_budget)
        self._on_retry = on_retry
        # Only the client refers to a parsed document, so that reading may empty its lists.
        self._read_options = ReadOptions(strict=strict, consume=True)
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
        self._owns_http = http_client is None
        # What the client has learned about created objects, by operation, for creates with an idempotency key.
        self._listings: dict[str, Any] = {}
        self._http: HttpClientT = self._make_http_client() if http_client is None else http_client

    def _make_http_client(self) -> HttpClientT:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    @property
    def base_url(self) -> str:
        """The URL of the service. The paths of the operations are below it."""
        return self._base_url

    @property
    def _retry_policy(self) -> RetryPolicy:
        return RetryPolicy(self._clock, self._retry_budget, self._on_retry)

    @property
    def _account(self) -> int:
        """A hash of the URL and the credentials. Clients of one process with the same hash share creates with a key."""
        return hash((os.getpid(), self._base_url, self._api_key, *sorted(self._headers.items())))

    def _httpx_arguments(self, request: Request[Any], timeout: Timeout | None) -> dict[str, Any]:
        """The arguments of httpx's `build_request`."""
        # Our own HTTP client has the headers already. Merging them into each request would be slow.
        headers = {} if self._owns_http else dict(self._headers)
        if not isinstance(self._api_key, str):
            headers["Authorization"] = f"Bearer {_validate_key(self._api_key())}"
        for name, value in (request.headers or {}).items():
            if value is not None:
                headers[name] = str(value).lower() if isinstance(value, bool) else str(value)
        arguments: dict[str, Any] = {
            "method": request.operation.method,
            "url": self._base_url + request.path,
            "headers": headers,
            "timeout": self._timeout if timeout is None else _httpx_timeout(timeout),
        }
        query = {name: value for name, value in (request.query or {}).items() if value is not None}
        if query and self._owns_http:
            # Our own HTTP client has no default parameters. With the query in the URL, httpx parses the URL once.
            arguments["url"] += f"?{httpx.QueryParams(query)}"
        elif query:
            arguments["params"] = query
        if request.json is not None:
            arguments["json"] = request.json
        return arguments

    def _parse(self, request: Request[T], response: httpx.Response) -> Response[T]:
        """Read a response.

        Raises:
            APIStatusError: The status is not a success.
            UnexpectedResponseError: The body does not fit the contract.
        """
        operation = request.operation.id
        if not response.is_success:
            raise status_error(response, operation=operation, now=self._clock.now())
        try:
            document = read_json(response.content) if response.content else None
            parsed = request.read(document, self._read_options)
        except ShapeError as error:
            raise UnexpectedResponseError(response, operation=operation, reason=str(error), field=error.field) from None
        except (ValueError, RecursionError) as error:
            raise UnexpectedResponseError(response, operation=operation, reason="the body is not JSON") from error
        return Response(response.status_code, response.headers, response.content, parsed)


def redirect_options(request: Request[Any]) -> dict[str, Any]:
    """The arguments of httpx's `send` that keep a request from being sent twice by a redirect."""
    return {} if request.operation.retry == "safe" else {"follow_redirects": False}


def connection_error(
    request: Request[Any], http_request: httpx.Request, error: httpx.RequestError | httpx.InvalidURL
) -> APIConnectionError:
    """The exception for a request without a response, or with a redirect to an invalid URL."""
    failed = error.request if isinstance(error, httpx.RequestError) else http_request
    # The chained cause keeps the HTTP request. Remove the key from it.
    failed.headers.pop("Authorization", None)
    operation = request.operation.id
    reason = str(error) or type(error).__name__
    # netloc omits the user name and password that the URL of a proxy or server may contain.
    message = f"{operation}: no response from {failed.url.netloc.decode()}"
    if isinstance(error, httpx.TimeoutException):
        return APITimeoutError(f"{message} in time ({reason})", operation=operation, sent=was_sent(error))
    return APIConnectionError(f"{message}: {reason}", operation=operation, sent=was_sent(error))


def _is_url(text: str) -> bool:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    return url.scheme in ("https", "http") and bool(url.host) and not {"?", "#"} & set(text)


def _httpx_timeout(timeout: Timeout) -> httpx.Timeout:
    if isinstance(timeout, httpx.Timeout):
        return timeout
    return httpx.Timeout(validate_seconds("timeout", timeout), connect=min(timeout, CONNECT_TIMEOUT_SECONDS))


def _validate_key(key: str) -> str:
    """Return `key`, or raise if a header cannot contain it: the error of httpx would show the key."""
    if not key or not key.isascii() or not key.isprintable() or key != key.strip():
        raise ValueError("The API key is empty, or has a character that a header cannot contain, such as a newline.")
    return key
