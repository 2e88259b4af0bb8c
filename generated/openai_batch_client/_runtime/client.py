# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""The sync client. It sends single requests and carries out flows."""

import os
from collections.abc import Generator, Hashable, Iterator, Mapping
from contextlib import (
    closing,
    contextmanager,
    nullcontext,
    suppress,
)
from inspect import isawaitable
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx

from .answer import Answer
from .base_client import BaseClient, no_cookies
from .body import Body
from .errors import BatchAPIError
from .flows import Call, Close, Emit, EmitAll, Flow, Join, Read, Send, Sleep, Step, Work, is_async
from .http_library import HttpClient
from .messages import Opened, Request, Response, StreamedResponse, raw_request
from .options import Timeout
from .parsing import parse
from .redirects import hide_location, redirection
from .retrying import send_with_retries
from .total_time import is_over, limit_streams, total_time

__all__ = ["Client"]

T = TypeVar("T")
F = TypeVar("F")


class Client(BaseClient[HttpClient]):
    """Sends requests one at a time. Threads can share it, and it can be used after a fork."""

    _http_client_kind = "Client"

    def send(
        self,
        request: Request[T],
        *,
        timeout: Timeout | None = None,
        retry_budget: float | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Response[T]:
        """Send a request, retry it if it fails, and read the response.

        Args:
            request: The result of the `request` function of an operation's module.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.
            retry_budget: Seconds in which the request may be retried; None means the client's budget.
            extra_headers: Additional headers for this call.

        Raises:
            APIStatusError: The status is not a success.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract.
            APIConnectionError: No response arrived.
            CreateOutcomeUnknownError: The server may have acted on a request that must not be repeated.
            ClientStateError: The client is closed.
        """
        return self._run(send_with_retries(request, self._call_options(timeout, retry_budget, extra_headers)))

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float = 0.0,
        timeout: Timeout | None = None,
    ) -> Response[Any]:
        """Send a request to an endpoint outside the contract, below the base URL, with the client's authorization.

        Args:
            method: The HTTP method.
            path: The percent-encoded path below the base URL, such as `/files`. It begins with a slash.
            params: Query parameters.
            json: The JSON document of the body.
            data: The fields of a form.
            files: Files of a multipart form, as httpx takes them.
            extra_headers: Additional headers.
            retry_budget: Seconds in which a failed request may be retried. The default is 0, because the client does
                not know whether a retry is safe.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout. With `files`, the
                time without progress.

        Returns:
            The response. `parsed` is the JSON document, or None if the body is not JSON.

        Raises:
            BatchAPIError: The request failed. The subclass depends on the failure.
            ValueError: The path would leave the base URL, or is not valid in a URL. Nothing was sent.
        """
        request = raw_request(method, path, params=params, json=json, data=data, files=files)
        return self._run(send_with_retries(request, self._call_options(timeout, retry_budget, extra_headers)))

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float = 0.0,
        timeout: Timeout | None = None,
    ) -> Generator[StreamedResponse]:
        """Like `request`, but the body is read in chunks. Use it in a `with` statement.

        Redirects to other origins are followed without credentials. `timeout` limits the time without progress.
        """
        request = raw_request(method, path, params=params, json=json, data=data, files=files, is_streamed=True)
        options = self._call_options(timeout, retry_budget, extra_headers)
        # The context closes the response, and not the end of the flow.
        opened: Any = self._run(send_with_retries(request, options), keeps_open=True)
        try:
            yield StreamedResponse(opened.status_code, httpx.Headers(opened.headers.raw), self._chunks(opened, request))
        finally:
            self._close_opened(opened)

    def _chunks(self, opened: Opened, request: Request[Any]) -> Iterator[bytes]:
        while (chunk := self._read_chunk(Read(opened, request))) is not None:
            yield chunk

    def _send_once(self, step: Send[T]) -> Response[T]:
        request = step.request
        http = self._connected(request.operation.id)
        provider = None if request.is_public else self._credentials.provider
        authorization = self._credentials.authorize(provider()) if provider else None
        arguments, seconds = self._arguments(request, step.options, authorization)
        with request.body.open() if request.body else nullcontext({}) as body, total_time(seconds):
            http_request = self._build(http, request, {**arguments, **body})
            step.started = True
            redirects = 0
            while True:
                answer = self._receive(http, request, http_request)
                if isinstance(answer, Opened):
                    return cast("Response[T]", answer)
                url = redirection(request, http_request.url, answer, redirects)
                if url is None:
                    return parse(request, answer, self._read_options, self._clock)
                redirects += 1
                http_request = self._redirected(http, request, arguments, url, http_request)

    def _receive(self, http: HttpClient, request: Request[Any], http_request: Any) -> Answer | Opened:
        """Send a request of the HTTP library and receive its response."""
        try:
            response = http.send(
                http_request, stream=True, follow_redirects=False, **self._auth_options(request, http_request)
            )
            if request.is_streamed and response.is_success:
                is_read = response.is_stream_consumed
                return Opened(response, iter([response.content]) if is_read else response.iter_raw())
            try:
                if response.is_stream_consumed:
                    return self._answer(response)
                body = Body(response.headers)
                for chunk in response.iter_raw():
                    if not body.add(chunk):
                        break
                    if is_over():
                        raise TimeoutError("the total time has passed")
                return self._answer(response, body)
            finally:
                response.close()
        except self._library.module.HTTPStatusError as error:
            return self._answer_of_status_error(error)
        except Exception as error:
            raise self._failure(request, http_request, error) from error

    def _run(self, flow: Flow[T], keeps_open: bool = False) -> T:
        """Carry out a flow and return its result. `keeps_open`: the caller closes the opened response."""
        response: Any = None
        failure: BaseException | None = None
        opened: list[Opened] = []
        try:
            while True:
                step = flow.send(response) if failure is None else flow.throw(failure)
                response, failure = self._perform(step)
                if type(response) is Opened:
                    opened.append(response)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            # The traceback of the failure refers to this frame. Deleting the variable breaks the cycle.
            del failure
            for each in opened if not keeps_open else ():
                self._close_opened(each)

    def _iterate(self, flow: Flow[None]) -> Iterator[Any]:
        """Carry out a flow and yield the items that it emits, until the caller stops."""
        response: Any = None
        failure: BaseException | None = None
        opened: list[Opened] = []
        try:
            with closing(flow):
                while True:
                    try:
                        step = flow.send(response) if failure is None else flow.throw(failure)
                    except StopIteration:
                        return
                    response = failure = None
                    if isinstance(step, Emit):
                        yield step.item
                    elif isinstance(step, EmitAll):
                        yield from step.items
                    else:
                        response, failure = self._perform(step)
                        if type(response) is Opened:
                            opened.append(response)
        finally:
            for each in opened:
                self._close_opened(each)

    def _perform(self, step: Step) -> tuple[Any, BaseException | None]:
        """Carry out a step, and return the result or the exception for the flow."""
        try:
            if isinstance(step, Send):
                return self._send_once(step), None
            if isinstance(step, Read):
                return self._read_chunk(step), None
            if isinstance(step, Work):
                return step.function(), None
            if isinstance(step, Sleep):
                self._clock.sleep(step.seconds)
            elif isinstance(step, Close):
                self._close_opened(step.opened)
            elif isinstance(step, Join):
                step.future.result()
            elif isinstance(step, Call):
                result = step.function(step.argument)
                if isawaitable(result):
                    getattr(result, "close", lambda: None)()
                    raise TypeError(f"{step.name} is an async function. Use the async client.")
        except BatchAPIError as error:
            # The flow raises the error again, without these frames in its traceback.
            return None, error.with_traceback(None)
        except BaseException as error:  # The flow notes whether an object may exist, and raises the error again.
            return None, error
        return None, None

    def _read_chunk(self, step: Read) -> bytes | None:
        try:
            return next(step.opened.chunks, None)
        except Exception as error:
            raise self._failure(step.request, step.opened.response.request, error) from error

    def _close_opened(self, opened: Opened) -> None:
        if not opened.is_closed:
            opened.is_closed = True
            with suppress(Exception):
                opened.response.close()

    def _callback(self, name: str, function: F) -> F:
        if function is not None and is_async(function):
            raise TypeError(f"{name} is an async function. Use the async client. Nothing was sent.")
        return function

    def _home(self) -> Hashable:
        return os.getpid()

    def _make_http_client(self, home: Hashable) -> HttpClient:  # noqa: ARG002 -- each process makes the same
        hooks = {"response": [hide_location]}
        http = httpx.Client(headers=self._headers.value, cookies=no_cookies(), event_hooks=hooks)
        limit_streams(http)
        return http

    def close(self) -> None:
        """Close the connections, unless the caller passed `http_client`."""
        if self._given is None:
            self._closed_in.add(self._home())
            http = self._own.pop(self._home(), None)
            if http is not None:
                http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
