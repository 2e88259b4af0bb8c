"""The client in a sync and an async twin. What takes several requests is in plans, which both carry out."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import closing, nullcontext
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from .errors import BatchAPIError
from .exchange import Request, Response
from .plans import Give, Plan, Send
from .retrying import Retry, attempts, may_repeat
from .settings import OnRetry, Settings, Timeout, connection_error, outcome_unknown

__all__ = ["AsyncClient", "Client"]

T = TypeVar("T")
# What a client of httpx opens at the most, unless told otherwise.
CONNECTIONS = 100


class Client(Settings):
    """Sends requests one at a time; safe to share between threads."""

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
            retry_budget: Seconds within which a failed request may be sent again; 0 turns that off. What may be
                repeated at all is in the contract: creating is repeated only if the server surely did not act.
            on_retry: Called with a RetryEvent before a request is sent again, be it at once or while something is
                waited for.
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
            retry_budget=retry_budget,
            on_retry=on_retry,
            strict=strict,
            headers=headers,
        )
        self._owned = http_client is None
        self._http = httpx.Client(headers=self._headers) if http_client is None else http_client

    def send(self, request: Request[T], *, timeout: Timeout | None = None, retry: bool = True) -> Response[T]:
        """Send `request`, again if that is allowed and helps, and read the answer.

        Args:
            request: What the `request` function of an operation's module gives.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's own.
            retry: Whether to send it again at all.

        Raises:
            APIStatusError: The status is not a success.
            UnexpectedResponseError: The status is a success, the body is not what the contract says.
            APIConnectionError: No answer arrived.
            CreateOutcomeUnknownError: It is not known whether the server acted, and that matters.
        """
        began = self._clock.monotonic()
        try:
            try:
                return self._exchange(request, timeout)
            except BatchAPIError as error:
                if not retry or not self._retry_budget or not may_repeat(request.operation, error):
                    raise
                failure = error
            return self._send_again(request, timeout, self._retry(request, began), failure)
        except BatchAPIError as error:
            unknown = outcome_unknown(request, error)
            if unknown is None:
                raise
            raise unknown from error

    def _send_again(
        self, request: Request[T], timeout: Timeout | None, retry: Retry, failure: BatchAPIError
    ) -> Response[T]:
        for attempt in attempts(retry):
            with attempt:
                if not retry.attempts:
                    raise failure
                self._clock.sleep(retry.delay)
                return self._exchange(request, timeout)
        raise AssertionError("stamina ends with a result or an exception")

    def _exchange(self, request: Request[T], timeout: Timeout | None) -> Response[T]:
        http_request = self._http.build_request(**self._arguments(request, timeout))
        try:
            response = self._http.send(http_request)
        except httpx.RequestError as error:
            raise connection_error(request, error) from error
        return self._read(request, response)

    def _run(self, plan: Plan[T]) -> T:
        """Carry out a plan that ends in a result."""
        value: Any = None
        failure: BatchAPIError | None = None
        try:
            while True:
                step = plan.send(value) if failure is None else plan.throw(failure)
                value, failure = self._take(step)
        except StopIteration as end:
            result: T = end.value
            return result

    def _iterate(self, plan: Plan[None]) -> Iterator[Any]:
        """Carry out a plan that gives things, as far as they are wanted."""
        value: Any = None
        failure: BatchAPIError | None = None
        with closing(plan):
            while True:
                try:
                    step = plan.send(value) if failure is None else plan.throw(failure)
                except StopIteration:
                    return
                value = failure = None
                if isinstance(step, Give):
                    yield step.item
                else:
                    value, failure = self._take(step)

    def _take(self, step: Any) -> tuple[Any, BatchAPIError | None]:
        """Take a step of a plan: its result, or what went wrong."""
        try:
            if isinstance(step, Send):
                return self.send(step.request, timeout=step.timeout, retry=step.retry), None
            self._clock.sleep(step.seconds)
        except BatchAPIError as error:
            return None, error
        return None, None

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


class AsyncClient(Settings):
    """The twin of `Client` for asyncio; safe to share between tasks."""

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
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        """Takes what `Client` takes, and an httpx.AsyncClient as `http_client`. Nothing is sent yet."""
        import asyncio

        super().__init__(
            api_key=api_key,
            base_url=base_url,
            organization=organization,
            project=project,
            timeout=timeout,
            retry_budget=retry_budget,
            on_retry=on_retry,
            strict=strict,
            headers=headers,
        )
        self._owned = http_client is None
        self._http = httpx.AsyncClient(headers=self._headers) if http_client is None else http_client
        # httpx goes through all that wait for a connection whenever one is free: with a thousand that takes ten times
        # what the requests take. So no more are let in than there are connections.
        self._turns = asyncio.Semaphore(CONNECTIONS) if http_client is None else nullcontext()

    async def send(self, request: Request[T], *, timeout: Timeout | None = None, retry: bool = True) -> Response[T]:
        """Send `request`, again if that is allowed and helps, and read the answer; see `Client.send`."""
        began = self._clock.monotonic()
        try:
            try:
                return await self._exchange(request, timeout)
            except BatchAPIError as error:
                if not retry or not self._retry_budget or not may_repeat(request.operation, error):
                    raise
                failure = error
            return await self._send_again(request, timeout, self._retry(request, began), failure)
        except BatchAPIError as error:
            unknown = outcome_unknown(request, error)
            if unknown is None:
                raise
            raise unknown from error

    async def _send_again(
        self, request: Request[T], timeout: Timeout | None, retry: Retry, failure: BatchAPIError
    ) -> Response[T]:
        async for attempt in attempts(retry):
            with attempt:
                if not retry.attempts:
                    raise failure
                await self._clock.sleep_async(retry.delay)
                return await self._exchange(request, timeout)
        raise AssertionError("stamina ends with a result or an exception")

    async def _exchange(self, request: Request[T], timeout: Timeout | None) -> Response[T]:
        http_request = self._http.build_request(**self._arguments(request, timeout))
        try:
            async with self._turns:
                response = await self._http.send(http_request)
        except httpx.RequestError as error:
            raise connection_error(request, error) from error
        return self._read(request, response)

    async def _run(self, plan: Plan[T]) -> T:
        """Carry out a plan that ends in a result."""
        value: Any = None
        failure: BatchAPIError | None = None
        try:
            while True:
                step = plan.send(value) if failure is None else plan.throw(failure)
                value, failure = await self._take(step)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _iterate(self, plan: Plan[None]) -> AsyncIterator[Any]:
        """Carry out a plan that gives things, as far as they are wanted."""
        value: Any = None
        failure: BatchAPIError | None = None
        with closing(plan):
            while True:
                try:
                    step = plan.send(value) if failure is None else plan.throw(failure)
                except StopIteration:
                    return
                value = failure = None
                if isinstance(step, Give):
                    yield step.item
                else:
                    value, failure = await self._take(step)

    async def _take(self, step: Any) -> tuple[Any, BatchAPIError | None]:
        """Take a step of a plan: its result, or what went wrong."""
        try:
            if isinstance(step, Send):
                return await self.send(step.request, timeout=step.timeout, retry=step.retry), None
            await self._clock.sleep_async(step.seconds)
        except BatchAPIError as error:
            return None, error
        return None, None

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
