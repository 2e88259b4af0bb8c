"""The sync and the async client behind one face, with a clock that tests move."""

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from attrs import define, field

import openai_batch_client
from openai_batch_client._runtime.clock import Clock

# More than any test needs: what goes on for ever fails instead of hanging.
ENDLESS = 10_000
Answer = Callable[[httpx.Request], httpx.Response] | httpx.Response


class FakeClock(Clock):
    """Time that passes only by sleeping, and chance that always takes the longest."""

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
        assert len(self.slept) < ENDLESS, "it would wait for ever"
        self.slept.append(seconds)
        self.time += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


@define
class Twin:
    """One of the two clients. What is awaited there goes through `run`, which gives other values back as they are."""

    prefix: str
    http_client: type[httpx.Client | httpx.AsyncClient]
    runner: asyncio.Runner
    clock: FakeClock = field(factory=FakeClock)
    """What the clients of this twin go by."""
    sent: list[httpx.Request] = field(factory=list)
    """The requests that arrived at an `answer`."""

    def api(self, answer: Answer | None = None, *, title: str = "BatchAPI", **options: Any) -> Any:
        """The class `title` of the package or its twin; with `answer`, that function or response plays the server."""

        def play(request: httpx.Request) -> httpx.Response:
            assert answer is not None
            assert len(self.sent) < ENDLESS, "it would ask for ever"
            self.sent.append(request)
            if isinstance(answer, httpx.Response):
                return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
            return answer(request)

        if answer is not None:
            options["http_client"] = self.http_client(transport=httpx.MockTransport(play))
        options.setdefault("api_key", "sk-test")
        api = getattr(openai_batch_client, f"{self.prefix}{title}")(**options)
        api._clock = self.clock
        return api

    @contextmanager
    def connected(self, url: str, *, title: str = "BatchAPI", **options: Any) -> Iterator[Any]:
        """The class `title` or its twin with a server at `url`, that tries once unless `options` say otherwise."""
        options = {"api_key": "sk-test", "retry_budget": 0, "base_url": url, **options}
        api = getattr(openai_batch_client, f"{self.prefix}{title}")(**options)
        try:
            yield api
        finally:
            self.run(api.close())

    def call(self, api: Any, operation: str, arguments: Mapping[str, Any]) -> Any:
        """The result of the method of an operation, called with arguments by the names of the contract."""
        method = getattr(api, operation)
        names = {_plain(name): name for name in inspect.signature(method).parameters}
        return self.run(method(**{names[_plain(name)]: value for name, value in arguments.items()}))

    def ended(self, api: Any, operation: str, arguments: Mapping[str, Any]) -> Any:
        """What `call` gives, or the client's own exception that it raises; any other is raised here, too."""
        try:
            return self.call(api, operation, arguments)
        except openai_batch_client.BatchAPIError as error:
            return error

    def run(self, value: Any, into: list[Any] | None = None) -> Any:
        """The result of a method of either client; of one that gives several things, the list of them.

        `into` is that list, for what was given before a failure.
        """
        given: list[Any] = [] if into is None else into
        if inspect.isasyncgen(value):
            self.runner.run(_collect(value, given))
            return given
        if inspect.isgenerator(value):
            given.extend(value)
            return given
        return self.runner.run(value) if inspect.iscoroutine(value) else value


def _plain(name: str) -> str:
    """What is left of a name when it becomes one of Python's."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


async def _collect(source: AsyncIterator[Any], given: list[Any]) -> None:
    async for item in source:
        given.append(item)  # noqa: PERF401 -- what came before a failure is to stay


@define
class Tally:
    """How much a test gave a judge to judge."""

    judge: str
    matter: str
    cases: int = 0
