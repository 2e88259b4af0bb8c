# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""The part of a client that is the same for sync and async: options, HTTP requests and failures."""

import json
import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, ClassVar, Generic, TypeVar

import httpx

from .answer import Answer, one_line
from .body import ACCEPT_ENCODING, Body
from .clock import Clock, validate_seconds
from .credentials import AUTHORIZATION, AuthOption, Credentials, Secret, header_fault, read_headers, read_url
from .errors import (
    APIConnectionError,
    APITimeoutError,
    BatchAPIError,
    ClientStateError,
)
from .http_library import OWN_LIBRARY, HttpLibrary, is_unresolved
from .messages import Request
from .options import CallOptions, RetryEvent, Timeout
from .reading import ReadOptions
from .redirects import is_same_origin, restore_location
from .timeouts import DEFAULT_TIMEOUT_SECONDS, LONGEST_TIMEOUT_SECONDS, TRANSFER_TIMEOUT, Limits, read_limits

T = TypeVar("T")
HttpClientT = TypeVar("HttpClientT")
F = TypeVar("F")
OnRetry = Callable[[RetryEvent], object]
# The extension of a request to another origin, which has no credentials.
FOREIGN = "openai_batch_client.foreign"


class BaseClient(Generic[HttpClientT]):
    """The options of a client, declared once for `Client` and `AsyncClient`."""

    _default_base_url: ClassVar[str] = ""
    _user_agent: ClassVar[str] = ""
    _key_header: ClassVar[str] = AUTHORIZATION
    _http_client_kind: ClassVar[str] = ""
    _clock: Clock = Clock()
    _base_url: str = ""

    def __init__(
        self,
        *,
        api_key: str | Callable[[], Any] | None = None,
        base_url: str | None = None,
        organization: str | None = None,
        project: str | None = None,
        auth: AuthOption = "api_key",
        timeout: Timeout | None = None,
        retry_budget: float = 60.0,
        on_retry: OnRetry | None = None,
        strict: bool = False,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        http_client: HttpClientT | None = None,
    ) -> None:
        """Make a client. No request is sent.

        Args:
            api_key: The API key, or a function without arguments that returns the key for each request. The async
                client also accepts an async function. Default: the environment variable OPENAI_API_KEY.
            base_url: The URL of the service. A query such as `?api-version=1` is sent with every request. Default: the
                environment variable OPENAI_BASE_URL, then the server of the contract.
            organization: The value of the header OpenAI-Organization. Default: the environment variable
                OPENAI_ORG_ID.
            project: The value of the header OpenAI-Project. Default: the environment variable OPENAI_PROJECT_ID.
            auth: How requests are authorized: "api_key" for the key in the header of the contract, an httpx.Auth, or
                None for no authorization. Such a header, or Authorization, in `headers` replaces the key, too.
            timeout: Seconds for one attempt: the connection (at most 5), the request and the whole response, but not
                the resolution of the host name. Or an httpx.Timeout: an attempt then takes at most the sum of its
                limits. With a sync `http_client`, the headers of a response may take longer: a limit then holds for
                each part of them. Default: the timeout of `http_client`, or 60. Transfers of files have their own: 300
                seconds without progress, unless the call has a timeout.
            retry_budget: Seconds in which a failed request may be retried; 0 turns retries off. The contract says
                which failures may be retried: a create only if the server surely did not act.
            on_retry: Called with a RetryEvent before each retry, and before each poll that follows a failed poll. The
                async client also accepts an async function.
            strict: Whether a response without a required field raises UnexpectedResponseError. By default the field
                is None, against its type, and a warning is logged once.
            headers: Additional headers for every request.
            query: Additional query parameters for every request.
            http_client: An HTTP client with your own transport, proxies, hooks and limits: an httpx.Client or
                httpx2.Client. You have to close it. Use it in one process and one event loop only.

        Raises:
            ValueError: There is no API key, a header cannot contain a value, or base_url is not a URL.
            TypeError: http_client is not an HTTP client of the right kind, or an option has a wrong type.
        """
        # A traceback shows the variables of this frame.
        key = Secret((api_key, os.environ.get("OPENAI_API_KEY")))
        url = Secret(base_url or os.environ.get("OPENAI_BASE_URL") or self._default_base_url)
        added = Secret(headers)
        del api_key, base_url, headers
        self._given: HttpClientT | None = http_client
        self._library: HttpLibrary = (
            OWN_LIBRARY if http_client is None else HttpLibrary.of(http_client, self._http_client_kind)
        )
        address, url_query, user, fault = read_url(url)
        if fault is not None:
            raise fault
        self._base_url = address
        self._query: dict[str, Any] = _parse_query(url_query) | dict(query or {})
        own_headers, fault = read_headers(added, "headers")
        if fault is not None:
            raise fault
        added = Secret(own_headers)
        del own_headers
        self._credentials: Credentials = Credentials(
            self._library, http_client, auth, key, added, user, self._key_header
        )
        self._headers: Secret = self._all_headers(organization, project, added)
        self._timeout: Timeout | None = timeout
        if timeout is None and http_client is None:
            self._timeout = DEFAULT_TIMEOUT_SECONDS
        self._limits: Limits = read_limits(self._timeout, http_client, self._library)
        self._retry_budget: float = validate_seconds("retry_budget", retry_budget)
        self._on_retry: OnRetry | None = on_retry
        # Only the client refers to a parsed document, so that reading may empty its lists.
        self._read_options: ReadOptions = ReadOptions(strict=strict, consume=True)
        # What the client has learned about created objects, by operation, for creates with an idempotency key.
        self._listings: dict[str, Any] = {}
        # The own HTTP clients by process, and for the async client by event loop.
        self._own: dict[Hashable, HttpClientT] = {}
        self._used_in: Hashable = None
        # The processes and event loops in which the client was closed.
        self._closed_in: set[Hashable] = set()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    @property
    def base_url(self) -> str:
        """The URL of the service, without user, password and query. The paths of the operations are below it."""
        return self._base_url

    @property
    def _account(self) -> int:
        """A hash of the URL and the credentials. Clients of one process with the same hash share creates with a key."""
        key = None if self._credentials.key is None else self._credentials.key.value
        auth = self._credentials.options.get("auth")
        return hash(
            (os.getpid(), self._base_url, repr(self._query), key, id(auth), *sorted(self._headers.value.items()))
        )

    def _all_headers(self, organization: str | None, project: str | None, added: Secret) -> Secret:
        headers = Secret({"accept": "application/json", "user-agent": self._user_agent})
        named = {
            "OpenAI-Organization": organization or os.environ.get("OPENAI_ORG_ID") or None,
            "OpenAI-Project": project or os.environ.get("OPENAI_PROJECT_ID") or None,
        }
        read, fault = read_headers(Secret({name: value for name, value in named.items() if value}), "The options")
        if fault is not None:
            raise fault
        headers.value.update(read)
        if self._credentials.header is not None:
            headers.value[self._credentials.header_name] = self._credentials.header.value
        # The caller's headers replace the client's headers.
        headers.value.update(added.value)
        headers.value["accept-encoding"] = ACCEPT_ENCODING
        return headers

    def _call_options(
        self, timeout: Timeout | None, retry_budget: float | None, extra_headers: Mapping[str, str] | None
    ) -> CallOptions:
        """The options of one call. Raises ValueError or TypeError if an option is not valid."""
        budget = self._retry_budget if retry_budget is None else validate_seconds("retry_budget", retry_budget)
        headers, fault = read_headers(Secret(extra_headers), "extra_headers")
        if fault is not None:
            raise fault
        on_retry = self._callback("on_retry", self._on_retry)
        return CallOptions(self._clock, budget, on_retry, timeout, headers)

    def _callback(self, name: str, function: F) -> F:
        """Return a function of the caller, or raise TypeError if this client cannot call it."""
        raise NotImplementedError

    def _arguments(
        self, request: Request[Any], options: CallOptions, authorization: Secret | Exception | None
    ) -> tuple[dict[str, Any], float | None]:
        """The arguments of `build_request` of the HTTP library, and the total seconds of the attempt.

        Raises:
            ValueError, TypeError: A value cannot be sent.
        """
        if isinstance(authorization, Exception):
            raise authorization
        # The own HTTP client has the headers already. Merging them into each request would be slow.
        headers = Secret({} if self._given is None else dict(self._headers.value))
        if request.is_public and self._credentials.header is not None:
            headers.value.pop(self._credentials.header_name, None)
        if authorization is not None:
            headers.value[self._credentials.header_name] = authorization.value
        for name, value in (request.headers or {}).items():
            if value is not None:
                text = str(value).lower() if isinstance(value, bool) else str(value)
                fault = header_fault(name, text)
                if fault is not None:
                    raise fault
                headers.value[name.lower()] = text
        if request.media_type is not None:
            headers.value["accept"] = f"{request.media_type}, */*;q=0.1"
        headers.value.update(options.headers)
        is_default = options.timeout is None and options.limit >= LONGEST_TIMEOUT_SECONDS and not request.is_transfer
        timeout = options.timeout if options.timeout is not None else self._timeout
        if request.is_transfer and options.timeout is None:
            timeout = TRANSFER_TIMEOUT
        limits = self._limits if is_default else read_limits(timeout, self._given, self._library, options.limit)
        arguments: dict[str, Any] = {
            "method": request.operation.method,
            "url": self._base_url + request.path,
            "headers": headers.value,
        }
        if limits.timeout is not None:
            arguments["timeout"] = limits.timeout
        query = self._query | {
            # httpx repeats a parameter only for lists and tuples.
            name: value if isinstance(value, str) or not isinstance(value, Sequence) else [*value]
            for name, value in (request.query or {}).items()
            if value is not None
        }
        encoded = str(httpx.QueryParams(query)) if query else ""
        if query and self._given is None:
            # The own HTTP client has no default parameters. With the query in the URL, httpx parses the URL once.
            arguments["url"] += f"?{encoded}"
        elif query:
            arguments["params"] = query
        if request.json is not None or request.sends_null:
            headers.value["content-type"] = "application/json"
            text = json.dumps(request.json, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            arguments["content"] = text.encode()
        return arguments, None if request.is_transfer else limits.total

    def _build(self, http: Any, request: Request[Any], arguments: dict[str, Any], url: str | None = None) -> Any:
        """Make the request of the HTTP library.

        Args:
            http: The HTTP client.
            request: The request of the operation.
            arguments: The arguments of `build_request`.
            url: The URL to which the server redirects, or None.

        Raises:
            ValueError: The URL is too long.
            APIConnectionError: The HTTP library failed for another reason.
        """
        if url is not None:
            arguments = arguments | {"url": url, "params": _parse_query(httpx.URL(url).query.decode()) or None}
        try:
            http_request = http.build_request(**arguments)
            name = self._credentials.header_name
            if request.is_public and self._credentials.header is not None and name not in arguments["headers"]:
                # The own HTTP client adds the key to each request.
                http_request.headers.pop(name, None)
            return http_request
        except self._library.module.InvalidURL as error:
            raise ValueError(f"An argument does not fit into a URL ({error}). Nothing was sent.") from None
        except Exception as error:
            if request.body is not None and isinstance(error, (TypeError, AttributeError)):
                raise TypeError(
                    f"data or files cannot be sent: {one_line(str(error), 500)}. Nothing was sent."
                ) from None
            operation = request.operation.id
            message = f"{operation}: the HTTP client cannot make the request: {one_line(repr(error), 500)}"
            reason = f"{type(error).__name__} is not a failure of the network"
            failure = APIConnectionError(message, operation=operation, sent=False, permanent_reason=reason)
            raise failure from error.with_traceback(None)

    def _redirected(self, http: Any, request: Request[Any], arguments: dict[str, Any], url: str, last: Any) -> Any:
        """Make the request to the URL of a redirect. Another origin gets no credentials, and no redirect from there."""
        if is_same_origin(httpx.URL(url), httpx.URL(self._base_url)) and FOREIGN not in last.extensions:
            return self._build(http, request, arguments, url)
        kept = {"accept", "range"}
        headers = {name: value for name, value in arguments["headers"].items() if name in kept}
        headers |= {"user-agent": self._user_agent, "accept-encoding": "identity"}
        extensions = {"timeout": last.extensions.get("timeout", {}), FOREIGN: True}
        return self._library.module.Request("GET", url, headers=headers, extensions=extensions)

    def _auth_options(self, request: Request[Any], http_request: Any) -> dict[str, Any]:
        """The arguments of `send` that authorize a request."""
        is_public = request.is_public or FOREIGN in http_request.extensions
        return {"auth": None} if is_public else self._credentials.options

    def _home(self) -> Hashable:
        """The process, and for the async client the event loop, in which connections can be used."""
        raise NotImplementedError

    def _make_http_client(self, home: Hashable) -> HttpClientT:
        raise NotImplementedError

    def _connected(self, operation: str) -> Any:
        """The HTTP client for this process and event loop.

        Raises:
            ClientStateError: It is closed, or belongs to another process or event loop.
        """
        home = self._home()
        if self._given is None:
            http: Any = self._own.get(home)
            if home in self._closed_in or (http is not None and http.is_closed):
                message = f"{operation}: the client is closed. Make another client. Nothing was sent."
                raise ClientStateError(message, operation=operation)
            return http if http is not None else self._own.setdefault(home, self._make_http_client(home))
        http = self._given
        if http.is_closed:
            message = f"{operation}: the http_client is closed. Make another client. Nothing was sent."
            raise ClientStateError(message, operation=operation)
        if self._used_in not in (None, home):
            message = (
                f"{operation}: the http_client was used in another process or event loop, whose connections it keeps. "
                "Make a client for each process and event loop, or pass no http_client. Nothing was sent."
            )
            raise ClientStateError(message, operation=operation)
        self._used_in = home
        return http

    def _failure(self, request: Request[Any], http_request: Any, error: Exception) -> BatchAPIError:
        """The exception for a request that failed in the HTTP library, a transport, a hook or an Auth."""
        operation, library = request.operation.id, self._library
        library.remove_secrets(error, http_request)
        reason = one_line(str(error) or type(error).__name__, 500)
        # netloc omits the user name and password that the URL of a proxy may contain.
        host = http_request.url.netloc.decode()
        sent = library.was_sent(error)
        if library.is_timeout(error) or isinstance(error, TimeoutError):
            message = f"{operation}: no response from {host} in time ({reason})"
            return APITimeoutError(message, operation=operation, sent=sent)
        return APIConnectionError(
            f"{operation}: no response from {host}: {reason}",
            operation=operation,
            sent=sent,
            permanent_reason=library.permanent_reason(error),
            unresolved=is_unresolved(error),
        )

    def _answer(self, response: Any, body: Body | None = None) -> Answer:
        """The status, headers and body of a response of the HTTP library. Without `body`, a hook has read it."""
        headers = response.headers if self._library is OWN_LIBRARY else httpx.Headers(response.headers.raw)
        restore_location(response.status_code, headers)
        if body is None:
            body = Body({})
            body.add(response.content)
        return Answer(response.status_code, headers, body.content(), body.problem)

    def _answer_of_status_error(self, error: Any) -> Answer:
        """The answer of an HTTPStatusError, which a hook of the caller has raised."""
        try:
            return self._answer(error.response)
        except self._library.module.StreamError:  # The hook has not read the body.
            return self._answer(error.response, Body({}))


def _parse_query(query: str) -> dict[str, Any]:
    parsed = httpx.QueryParams(query)
    return {name: parsed.get_list(name) for name in parsed}


def no_cookies() -> CookieJar:
    """A jar that keeps no cookies."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))
