# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""The async client, the twin of `client`."""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Hashable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    aclosing,
    asynccontextmanager,
    closing,
    nullcontext,
    suppress,
)
from functools import cached_property
from inspect import isawaitable
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx

from .answer import Answer
from .base_client import BaseClient, no_cookies
from .body import Body
from .credentials import Secret
from .errors import BatchAPIError
from .event_loops import call_soon, current_event_loop
from .flows import Call, Close, Emit, EmitAll, Flow, Join, Read, Send, Sleep, Step, Work
from .http_library import AsyncHttpClient
from .messages import AsyncStreamedResponse, Opened, Request, Response, raw_request
from .options import Timeout
from .parsing import parse
from .redirects import hide_location, redirection
from .retrying import send_with_retries

__all__ = ["AsyncClient"]

T = TypeVar("T")
F = TypeVar("F")
# The default size of httpx's connection pool.
MAX_CONNECTIONS = 100
# A response that was closed can have some chunks left, which were received before.
MAX_LEFT_CHUNKS = 100
# Requests end this many seconds after the total time, so that a timeout of a phase is reported as such.
GRACE_SECONDS = 0.05


class AsyncClient(BaseClient[AsyncHttpClient]):
    """The twin of `Client` for asyncio and trio. Tasks can share it.

    It keeps connections for each event loop. Close it in each event loop that has used it; the others can still use it.
    """

    _http_client_kind = "AsyncClient"

    async def send(
        self,
        request: Request[T],
        *,
        timeout: Timeout | None = None,
        retry_budget: float | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Response[T]:
        """Send a request, retry it if it fails, and read the response. See `Client.send`."""
        return await self._run(send_with_retries(request, self._call_options(timeout, retry_budget, extra_headers)))

    async def request(
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
        """Send a request to an endpoint outside the contract. See `Client.request`."""
        request = raw_request(method, path, params=params, json=json, data=data, files=files)
        return await self._run(send_with_retries(request, self._call_options(timeout, retry_budget, extra_headers)))

    @asynccontextmanager
    async def stream(
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
    ) -> AsyncGenerator[AsyncStreamedResponse]:
        """Like `request`, but the body is read in chunks. See `Client.stream`."""
        request = raw_request(method, path, params=params, json=json, data=data, files=files, is_streamed=True)
        options = self._call_options(timeout, retry_budget, extra_headers)
        # The context closes the response, and not the end of the flow.
        opened: Any = await self._run(send_with_retries(request, options), keeps_open=True)
        try:
            async with aclosing(self._chunks(opened, request)) as chunks:
                yield AsyncStreamedResponse(opened.status_code, httpx.Headers(opened.headers.raw), chunks)
        finally:
            await self._close_opened(opened)

    async def _chunks(self, opened: Opened, request: Request[Any]) -> AsyncGenerator[bytes]:
        while (chunk := await self._read_chunk(Read(opened, request))) is not None:
            yield chunk

    async def _send_once(self, step: Send[T]) -> Response[T]:
        import anyio

        request = step.request
        http = self._connected(request.operation.id)
        authorization: Secret | Exception | None = None
        if self._credentials.provider and not request.is_public:
            key = self._credentials.provider()
            authorization = self._credentials.authorize((await key) if isawaitable(key) else key)
            del key
        arguments, seconds = self._arguments(request, step.options, authorization)
        redirects = 0
        answer: Answer | Opened | None = None
        with request.body.open() if request.body else nullcontext({}) as body:
            http_request = self._build(http, request, {**arguments, **body})
            async with self._slot():
                step.started = True
                is_late = False
                try:
                    with anyio.fail_after(None if seconds is None else seconds + GRACE_SECONDS):
                        while True:
                            answer = await self._receive(http, request, http_request)
                            if isinstance(answer, Opened):
                                return cast("Response[T]", answer)
                            url = redirection(request, http_request.url, answer, redirects)
                            if url is None:
                                break
                            redirects += 1
                            http_request = self._redirected(http, request, arguments, url, http_request)
                except TimeoutError:
                    is_late = True
                if is_late:
                    # The caught exception would refer to these frames, which hold the headers.
                    failure = TimeoutError("the total time has passed")
                    raise self._failure(request, http_request, failure) from failure
        return parse(request, cast("Answer", answer), self._read_options, self._clock)

    async def _receive(self, http: AsyncHttpClient, request: Request[Any], http_request: Any) -> Answer | Opened:
        """Send a request of the HTTP library and receive its response."""
        try:
            options = self._auth_options(request, http_request)
            response = await http.send(http_request, stream=True, follow_redirects=False, **options)
            if request.is_streamed and response.is_success:
                is_read = response.is_stream_consumed
                return Opened(response, _once(response.content) if is_read else response.aiter_raw())
            try:
                if response.is_stream_consumed:
                    return self._answer(response)
                body = Body(response.headers)
                async for chunk in response.aiter_raw():
                    if not body.add(chunk):
                        break
                return self._answer(response, body)
            finally:
                await response.aclose()
        except self._library.module.HTTPStatusError as error:
            return self._answer_of_status_error(error)
        except Exception as error:
            raise self._failure(request, http_request, error) from error

    async def _run(self, flow: Flow[T], keeps_open: bool = False) -> T:
        """Carry out a flow and return its result. See `Client._run`."""
        response: Any = None
        failure: BaseException | None = None
        opened: list[Opened] = []
        try:
            while True:
                step = flow.send(response) if failure is None else flow.throw(failure)
                response, failure = await self._perform(step)
                if type(response) is Opened:
                    opened.append(response)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            # The traceback of the failure refers to this frame. Deleting the variable breaks the cycle.
            del failure
            for each in opened if not keeps_open else ():
                await self._close_opened(each)

    async def _iterate(self, flow: Flow[None]) -> AsyncIterator[Any]:
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
                        for item in step.items:
                            yield item
                    else:
                        response, failure = await self._perform(step)
                        if type(response) is Opened:
                            opened.append(response)
        finally:
            for each in opened:
                await self._close_opened(each)

    async def _perform(self, step: Step) -> tuple[Any, BaseException | None]:
        """Carry out a step, and return the result or the exception for the flow."""
        try:
            if isinstance(step, Send):
                return await self._send_once(step), None
            if isinstance(step, Read):
                return await self._read_chunk(step), None
            if isinstance(step, Work):
                import anyio.to_thread

                return await anyio.to_thread.run_sync(step.function), None
            if isinstance(step, Sleep):
                await self._clock.sleep_async(step.seconds)
            elif isinstance(step, Close):
                await self._close_opened(step.opened)
            elif isinstance(step, Join):
                await _wait(step)
            elif isinstance(step, Call):
                result = step.function(step.argument)
                if isawaitable(result):
                    await result
        except BatchAPIError as error:
            # The flow raises the error again, without these frames in its traceback.
            return None, error.with_traceback(None)
        except BaseException as error:  # The flow notes whether an object may exist, and raises the error again.
            return None, error
        return None, None

    async def _read_chunk(self, step: Read) -> bytes | None:
        try:
            return await anext(step.opened.chunks, None)
        except Exception as error:
            raise self._failure(step.request, step.opened.response.request, error) from error

    async def _close_opened(self, opened: Opened) -> None:
        if not opened.is_closed:
            opened.is_closed = True
            with suppress(Exception):
                await opened.response.aclose()
            # The generators inside httpx end only if they are resumed. Trio warns about the others.
            with suppress(Exception):
                for _ in range(MAX_LEFT_CHUNKS):
                    await anext(opened.chunks)

    def _callback(self, name: str, function: F) -> F:  # noqa: ARG002 -- this client accepts all functions
        return function

    def _home(self) -> Hashable:
        return os.getpid(), current_event_loop()

    @cached_property
    def _slots(self) -> dict[Hashable, AbstractAsyncContextManager[object]]:
        """For each home, the places for requests that are sent at the same time."""
        return {}

    def _slot(self) -> AbstractAsyncContextManager[object]:
        return self._slots.get(self._home()) or nullcontext()

    def _make_http_client(self, home: Hashable) -> AsyncHttpClient:
        import anyio

        # The connections of event loops that have ended cannot be used any more.
        for other in {*self._slots, *self._closed_in}:
            if isinstance(other, tuple) and not call_soon(other[1], _nothing):
                self._own.pop(other, None)
                self._slots.pop(other, None)
                self._closed_in.discard(other)
        # httpx visits all waiting requests whenever a connection is free. With a thousand, that takes ten times as long
        # as the requests. So the client sends as many at a time as there are connections.
        self._slots[home] = anyio.Semaphore(MAX_CONNECTIONS)
        hooks = {"response": [_hide_location_async]}
        return httpx.AsyncClient(headers=self._headers.value, cookies=no_cookies(), event_hooks=hooks)

    async def close(self) -> None:
        """Close the connections, unless the caller passed `http_client`."""
        if self._given is None:
            self._closed_in.add(self._home())
            http = self._own.pop(self._home(), None)
            if http is not None:
                await http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _wait(step: Join) -> None:
    """Wait for the flow of another task or thread."""
    import anyio

    event, event_loop = anyio.Event(), current_event_loop()
    step.future.add_done_callback(lambda _: call_soon(event_loop, event.set))
    await event.wait()


async def _hide_location_async(response: httpx.Response) -> None:
    hide_location(response)


def _nothing() -> None:
    """Does nothing. An event loop that cannot call it has ended."""
