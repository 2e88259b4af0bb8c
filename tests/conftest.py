"""Fixtures for all tests, the hypothesis profiles, and a summary of the cases that independent judges checked."""

import asyncio
import importlib
import json
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from hypothesis import Phase

from openai_batch_client._runtime import reading
from scripts.openapi.contract import Contract
from tests.support import contract_names
from tests.support.twin import OF_HTTPX, Tally, Twin
from tests.support.wire import Wire, listening

pytest_plugins = ["tests.support.coverage_plugin"]
# The checks of this module explain their failures like those of a test.
pytest.register_assert_rewrite("tests.support.exchange_files")

if contract_names.needs_names():
    contract_names.install()

# Each run draws the same examples. The profile `few` is for tests that run other tests on a modified contract.
# Only `deep` shrinks a failing example, because shrinking takes minutes.
_WITHOUT_SHRINKING = (Phase.explicit, Phase.generate)
for name, examples, phases in (
    ("usual", 60, _WITHOUT_SHRINKING),
    ("deep", 10_000, (*_WITHOUT_SHRINKING, Phase.shrink)),
    ("few", 10, _WITHOUT_SHRINKING),
):
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


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names a document for test_any_contract.py."""
    text = "an OpenAPI document, also compressed as .gz; each of its operations is tried in our contract"
    parser.addoption("--contract", metavar="FILE", help=text)


@pytest.fixture(params=OF_HTTPX)
def twin(request: pytest.FixtureRequest) -> Iterator[Twin]:
    """Run the test with the sync client, then with the async client."""
    client, _, library = request.param.partition("-")
    with asyncio.Runner() as runner:
        yield Twin({"sync": "", "async": "Async"}[client], importlib.import_module(library or "httpx"), runner)


@pytest.fixture(autouse=True, scope="session")
def _without_certificates() -> Iterator[None]:
    """Load no certificates, because that takes most of the time of making a client. No test trusts a server by TLS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl.SSLContext, "load_verify_locations", lambda *_, **__: None)
        yield


@pytest.fixture(autouse=True)
def _without_openai_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the API keys and URLs of this machine from the environment."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _without_speed_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse JSON like an installation without the extra `speed`."""
    monkeypatch.setattr(reading, "loads", json.loads)


@pytest.fixture(scope="session")
def wire() -> Iterator[Wire]:
    """A server that records each request and sends a fixed response."""
    with listening(Contract.load()) as wire:
        yield wire


@pytest.fixture
def judged(record_property: Callable[[str, object], None]) -> Iterator[Callable[[str, str], Tally]]:
    """A function that creates a tally for a judge and a subject. The summary of the test run shows all tallies."""
    tallies: list[Tally] = []

    def begin(judge: str, matter: str) -> Tally:
        tallies.append(Tally(judge, matter))
        return tallies[-1]

    yield begin
    for tally in tallies:
        record_property("judged", (tally.judge, tally.matter, tally.cases))


_judged: dict[tuple[str, str], list[float]] = {}
_durations: dict[str, float] = {}
_skipped: dict[tuple[str, str], int] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the tallies, durations and skipped tests of all pytest workers."""
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = (report.nodeid.partition("::")[0], report.longrepr[2].removeprefix("Skipped: "))
        _skipped[reason] = _skipped.get(reason, 0) + 1
    if report.when == "call":
        _durations[report.nodeid] = report.duration
    if report.when == "teardown":
        for name, value in report.user_properties:
            if name == "judged" and isinstance(value, (tuple, list)):
                total = _judged.setdefault((value[0], value[1]), [0, 0.0])
                total[0] += value[2]
                total[1] += _durations.get(report.nodeid, 0.0)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print a line for each judge with its cases and seconds, and a line for each reason of skipped tests."""
    if _judged or _skipped:
        terminalreporter.section("judges")
    for (judge, matter), (cases, seconds) in sorted(_judged.items()):
        terminalreporter.write_line(f"{judge}: {matter}: {cases:,.0f} cases, {seconds:.1f} s")
    for (path, reason), count in _skipped.items():
        terminalreporter.write_line(f"SKIPPED {path}: {count} tests: {reason}")
