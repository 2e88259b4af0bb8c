"""What tests share: the sync and the async client behind one face, and an environment without keys of the machine."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from attrs import define, field

import openai_batch_client
from openai_batch_client._runtime.clock import Clock

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


async def _collect(source: AsyncIterator[Any], given: list[Any]) -> None:
    async for item in source:
        given.append(item)  # noqa: PERF401 -- what came before a failure is to stay


@pytest.fixture(params=["sync", "async"])
def twin(request: pytest.FixtureRequest) -> Iterator[Twin]:
    """The sync client, then the async one: both have the same features and the same tests."""
    with asyncio.Runner() as runner:
        if request.param == "sync":
            yield Twin("", httpx.Client, runner)
        else:
            yield Twin("Async", httpx.AsyncClient, runner)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests do not depend on the keys and URLs of the machine that they run on."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
