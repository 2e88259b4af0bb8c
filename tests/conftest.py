"""Fixtures of all tests, hypothesis profiles, and the summary of what the judges judged."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import hypothesis
import pytest
from hypothesis import Phase

from openai_batch_client._runtime import reading
from scripts.openapi.contract import Contract
from tests.support.twin import Tally, Twin
from tests.support.wire import Wire, listening

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
