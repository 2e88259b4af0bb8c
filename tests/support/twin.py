"""Runs a test on the sync and on the async client, through httpx or httpx2, with one interface and a fake clock."""

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import httpx
import pytest
from attrs import define, field

import openai_batch_client
from openai_batch_client._runtime.clock import Clock

# More requests or sleeps than any test needs. Beyond that an endless loop fails instead of hanging.
LIMIT = 10_000
Failure = type[httpx.RequestError]
Answer = Callable[[httpx.Request], httpx.Response | Failure] | httpx.Response
# Values of the fixture `twin`: a client, and an HTTP library if it is not httpx.
OF_HTTPX = ["sync", "async"]
OF_HTTPX2 = ["sync-httpx2", "async-httpx2"]
through_both_libraries = pytest.mark.parametrize("twin", [*OF_HTTPX, *OF_HTTPX2], indirect=True)


class FakeClock(Clock):
    """A clock that only `sleep` moves, with jitter that always draws the longest delay."""

    def __init__(self) -> None:
        self.time = 1_764_012_488.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def uniform(self, low: float, high: float) -> float:
        return max(low, high)

    def sleep(self, seconds: float) -> None:
        assert len(self.slept) < LIMIT, "the client sleeps in an endless loop"
        self.slept.append(seconds)
        self.time += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


class SkippingClock(Clock):
    """Real time, but a sleep skips the time instead of waiting."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped

    def sleep(self, seconds: float) -> None:
        self.skipped += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.skipped += seconds


@define
class Twin:
    """The sync or the async client. `run` awaits coroutines, and returns all other values unchanged."""

    prefix: str
    http: Any
    """The HTTP library: the module httpx or httpx2."""
    runner: asyncio.Runner
    clock: FakeClock = field(factory=FakeClock)
    """The clock of the clients that `api` creates."""
    sent: list[httpx.Request] = field(factory=list)
    """The requests that an `answer` received."""

    @property
    def http_client(self) -> Any:
        """The class of the HTTP clients."""
        return getattr(self.http, f"{self.prefix}Client")

    def api(
        self,
        answer: Answer | None = None,
        *,
        title: str = "BatchAPI",
        package: ModuleType = openai_batch_client,
        **options: Any,
    ) -> Any:
        """Create a client of the class `title` or its async twin.

        Args:
            answer: The response to all requests, or a function that returns the response to a request, or the class of
                the exception that is raised. Classes of httpx stand for the classes of `http` with the same names.
            title: The class, without its prefix.
            package: The package of the class.
            options: The options of the class.
        """

        def play(request: Any) -> Any:
            assert answer is not None
            assert len(self.sent) < LIMIT, "the client sends requests in an endless loop"
            self.sent.append(request)
            played = answer if isinstance(answer, httpx.Response) else answer(request)
            if isinstance(played, type):
                raise getattr(self.http, played.__name__)("broken", request=request)
            if played is not answer and isinstance(played, self.http.Response):
                return played
            headers = played.headers.multi_items()
            return self.http.Response(played.status_code, headers=headers, content=played.content)

        if answer is not None:
            options["http_client"] = self.http_client(transport=self.http.MockTransport(play))
        options.setdefault("api_key", "sk-test")
        api = getattr(package, f"{self.prefix}{title}")(**options)
        api._clock = self.clock
        return api

    @contextmanager
    def connected(self, url: str, *, title: str = "BatchAPI", **options: Any) -> Iterator[Any]:
        """Create a client for the server at `url`, without retries unless `options` set a `retry_budget`."""
        options = {"api_key": "sk-test", "retry_budget": 0, "base_url": url, **options}
        api = getattr(openai_batch_client, f"{self.prefix}{title}")(**options)
        try:
            yield api
        finally:
            self.run(api.close())

    def call(self, api: Any, operation: str, arguments: Mapping[str, Any]) -> Any:
        """Call the method of an operation with arguments under their names in the contract, and return its result."""
        method = getattr(api, operation)
        names: dict[str, str] = {}
        for name in inspect.signature(method).parameters:
            # The options of the method come last. A parameter `timeout` of the contract has the name `timeout_`.
            names.setdefault(_plain(name), name)
        return self.run(method(**{names[_plain(name)]: value for name, value in arguments.items()}))

    def ended(self, api: Any, operation: str, arguments: Mapping[str, Any]) -> Any:
        """The result of `call`, or the BatchAPIError that it raised. All other exceptions are raised."""
        try:
            return self.call(api, operation, arguments)
        except openai_batch_client.BatchAPIError as error:
            return error

    def run(self, value: Any, into: list[Any] | None = None) -> Any:
        """The result of a method of either client; for a generator, the list of its items.

        Args:
            value: The returned coroutine, generator or value.
            into: The list for a generator's items, which then has the items before a failure.
        """
        items: list[Any] = [] if into is None else into
        if inspect.isasyncgen(value):
            self.runner.run(_collect(value, items))
            return items
        if inspect.isgenerator(value):
            items.extend(value)
            return items
        return self.runner.run(value) if inspect.iscoroutine(value) else value


def as_json(result: Any) -> Any:
    """A result of the client as JSON: models become objects, in lists and maps, too."""
    if isinstance(result, list):
        return [as_json(item) for item in result]
    if isinstance(result, dict):
        return {key: as_json(item) for key, item in result.items()}
    return result.to_dict() if hasattr(result, "to_dict") else result


def _plain(name: str) -> str:
    """The letters and digits that a name of the contract and its Python name share."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


async def _collect(source: AsyncIterator[Any], items: list[Any]) -> None:
    async for item in source:
        items.append(item)  # noqa: PERF401 -- a comprehension would lose the items before a failure


@define
class Tally:
    """The number of cases that an independent judge, such as openapi-core, checked in a test."""

    judge: str
    matter: str
    cases: int = 0
