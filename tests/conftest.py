"""What tests share: the sync and the async client behind one face, a server that records, and a tally of judges."""

import asyncio
import inspect
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import hypothesis
import pytest
from attrs import define, field
from hypothesis import Phase

import openai_batch_client
from openai_batch_client._runtime import reading
from openai_batch_client._runtime.clock import Clock
from scripts.codegen.contract import Contract

from .wire import Wire, listening

# What is drawn is the same in each run. `few` is for a contract that is made up by a test. Looking for the smallest
# example that fails takes minutes, so that only `deep` does it.
_DRAWN = (Phase.explicit, Phase.generate)
for name, examples, phases in (("usual", 300, _DRAWN), ("deep", 10_000, (*_DRAWN, Phase.shrink)), ("few", 25, _DRAWN)):
    hypothesis.settings.register_profile(
        name,
        max_examples=examples,
        phases=phases,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
hypothesis.settings.load_profile("usual")

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


@pytest.fixture(autouse=True)
def _no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests read JSON as it is read where the package is installed without extras."""
    monkeypatch.setattr(reading, "loads", json.loads)


@pytest.fixture(scope="session")
def wire() -> Iterator[Wire]:
    """A server that keeps what arrives and answers what it is told."""
    with listening(Contract.load()) as wire:
        yield wire


@define
class Tally:
    """How much a test gave a judge to judge."""

    judge: str
    matter: str
    cases: int = 0


@pytest.fixture
def judged(record_property: Callable[[str, object], None]) -> Iterator[Callable[[str, str], Tally]]:
    """Begins a tally that the summary of the run shows: of which judge, and of what."""
    tallies: list[Tally] = []

    def begin(judge: str, matter: str) -> Tally:
        tallies.append(Tally(judge, matter))
        return tallies[-1]

    yield begin
    for tally in tallies:
        record_property("judged", (tally.judge, tally.matter, tally.cases))


_judged: dict[tuple[str, str], list[float]] = {}
_durations: dict[str, float] = {}
_left_out: dict[tuple[str, str], int] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the tallies of all workers."""
    if report.skipped and isinstance(report.longrepr, tuple):
        why = (report.nodeid.partition("::")[0], report.longrepr[2].removeprefix("Skipped: "))
        _left_out[why] = _left_out.get(why, 0) + 1
    if report.when == "call":
        _durations[report.nodeid] = report.duration
    if report.when == "teardown":
        for name, value in report.user_properties:
            if name == "judged" and isinstance(value, (tuple, list)):
                total = _judged.setdefault((value[0], value[1]), [0, 0.0])
                total[0] += value[2]
                total[1] += _durations.get(report.nodeid, 0.0)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line a judge: what it judged, how many cases, how long; and what was left out."""
    if _judged or _left_out:
        terminalreporter.section("judges")
    for (judge, matter), (cases, seconds) in sorted(_judged.items()):
        terminalreporter.write_line(f"{judge}: {matter}: {cases:,.0f} cases, {seconds:.1f} s")
    for (path, why), count in _left_out.items():
        terminalreporter.write_line(f"LEFT OUT {path}: {count} tests: {why}")
