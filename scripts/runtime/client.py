"""The sync and the async client. Both send single requests and carry out flows."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, closing, nullcontext
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from .base_client import BaseClient, Timeout, connection_error, redirect_options
from .errors import BatchAPIError
from .flows import Emit, Flow, Join, Send, Sleep, Step
from .messages import Request, Response
from .retrying import send_with_retries

__all__ = ["AsyncClient", "Client"]

T = TypeVar("T")
# The default size of httpx's connection pool.
MAX_CONNECTIONS = 100


class Client(BaseClient[httpx.Client]):
    """Sends requests one at a time. Threads can share it."""

    def send(self, request: Request[T], *, timeout: Timeout | None = None, retry: bool = True) -> Response[T]:
        """Send a request, retry it if it fails, and read the response.

        Args:
            request: The result of the `request` function of an operation's module.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.
            retry: Whether to retry at all.

        Raises:
            APIStatusError: The status is not a success.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract.
            APIConnectionError: No response arrived.
            CreateOutcomeUnknownError: The server may have acted on a request that must not be repeated.
        """
        policy = self._retry_policy if retry else self._retry_policy.without_retries()
        return self._run(send_with_retries(request, policy, timeout))

    def _send_once(self, step: Send[T]) -> Response[T]:
        request = step.request
        http_request = self._http.build_request(**self._httpx_arguments(request, step.timeout))
        step.started = True
        try:
            response = self._http.send(http_request, **redirect_options(request))
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise connection_error(request, http_request, error) from error
        return self._parse(request, response)

    def _run(self, flow: Flow[T]) -> T:
        """Carry out a flow and return its result."""
        response: Response[Any] | None = None
        failure: BaseException | None = None
        try:
            while True:
                step = flow.send(response) if failure is None else flow.throw(failure)
                response, failure = self._perform(step)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            # The traceback of the failure refers to this frame. Deleting the variable breaks the cycle.
            del failure

    def _iterate(self, flow: Flow[None]) -> Iterator[Any]:
        """Carry out a flow and yield the items that it emits, until the caller stops."""
        response: Response[Any] | None = None
        failure: BaseException | None = None
        with closing(flow):
            while True:
                try:
                    step = flow.send(response) if failure is None else flow.throw(failure)
                except StopIteration:
                    return
                response = failure = None
                if isinstance(step, Emit):
                    yield step.item
                else:
                    response, failure = self._perform(step)

    def _perform(self, step: Step) -> tuple[Response[Any] | None, BaseException | None]:
        """Carry out a step, and return the response or the exception for the flow."""
        try:
            if isinstance(step, Send):
                return self._send_once(step), None
            if isinstance(step, Sleep):
                self._clock.sleep(step.seconds)
            elif isinstance(step, Join):
                step.future.result()
        except BatchAPIError as error:
            # The flow raises the error again, without these frames in its traceback.
            return None, error.with_traceback(None)
        except BaseException as error:  # The flow notes whether an object may exist, and raises the error again.
            return None, error
        return None, None

    def _make_http_client(self) -> httpx.Client:
        return httpx.Client(headers=self._headers)

    def close(self) -> None:
        """Close the connections, unless the caller passed `http_client`."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(BaseClient[httpx.AsyncClient]):
    """The twin of `Client` for asyncio. Tasks can share it."""

    _slots: AbstractAsyncContextManager[object] = nullcontext()

    async def send(self, request: Request[T], *, timeout: Timeout | None = None, retry: bool = True) -> Response[T]:
        """Send a request, retry it if it fails, and read the response. See `Client.send`."""
        policy = self._retry_policy if retry else self._retry_policy.without_retries()
        return await self._run(send_with_retries(request, policy, timeout))

    async def _send_once(self, step: Send[T]) -> Response[T]:
        request = step.request
        http_request = self._http.build_request(**self._httpx_arguments(request, step.timeout))
        try:
            async with self._slots:
                step.started = True
                response = await self._http.send(http_request, **redirect_options(request))
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise connection_error(request, http_request, error) from error
        return self._parse(request, response)

    async def _run(self, flow: Flow[T]) -> T:
        """Carry out a flow and return its result."""
        response: Response[Any] | None = None
        failure: BaseException | None = None
        try:
            while True:
                step = flow.send(response) if failure is None else flow.throw(failure)
                response, failure = await self._perform(step)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            # The traceback of the failure refers to this frame. Deleting the variable breaks the cycle.
            del failure

    async def _iterate(self, flow: Flow[None]) -> AsyncIterator[Any]:
        """Carry out a flow and yield the items that it emits, until the caller stops."""
        response: Response[Any] | None = None
        failure: BaseException | None = None
        with closing(flow):
            while True:
                try:
                    step = flow.send(response) if failure is None else flow.throw(failure)
                except StopIteration:
                    return
                response = failure = None
                if isinstance(step, Emit):
                    yield step.item
                else:
                    response, failure = await self._perform(step)

    async def _perform(self, step: Step) -> tuple[Response[Any] | None, BaseException | None]:
        """Carry out a step, and return the response or the exception for the flow."""
        try:
            if isinstance(step, Send):
                return await self._send_once(step), None
            if isinstance(step, Sleep):
                await self._clock.sleep_async(step.seconds)
            elif isinstance(step, Join):
                import asyncio

                # Without the shield, cancelling this task would cancel the future that other tasks wait for.
                await asyncio.shield(asyncio.wrap_future(step.future))
        except BatchAPIError as error:
            # The flow raises the error again, without these frames in its traceback.
            return None, error.with_traceback(None)
        except BaseException as error:  # The flow notes whether an object may exist, and raises the error again.
            return None, error
        return None, None

    def _make_http_client(self) -> httpx.AsyncClient:
        import asyncio

        # httpx visits all waiting requests whenever a connection is free. With a thousand, that takes ten times as long
        # as the requests. So the client sends as many at a time as there are connections.
        self._slots = asyncio.Semaphore(MAX_CONNECTIONS)
        return httpx.AsyncClient(headers=self._headers)

    async def close(self) -> None:
        """Close the connections, unless the caller passed `http_client`."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
