"""A create with a key makes one batch or raises, on servers that are as untidy as services in the field."""

import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import yaml
from attrs import frozen

from openai_batch_client import Batch, errors
from scripts.openapi.contract import ROOT
from tests.support.sampling import IS_DEEP
from tests.support.twin import OF_HTTPX, OF_HTTPX2, Twin
from tests.support.untidy_server import CREATE, Habits, SharedClock, UntidyServer, client_of, untidy

TABLE = yaml.safe_load((ROOT / "tests" / "client" / "untidy_servers.yaml").read_text("utf-8"))
FAULTS: dict[str, list[str]] = TABLE["faults"]
AGAIN = "none, same key again"
# The hypothesis profile that the weekly run uses.
# In other runs, each service meets one in this many of its faults.
SAMPLE = 3
# In other runs, httpx2 carries out one in this many of the cases that httpx carries out.
SAMPLE_OF_HTTPX2 = 6


@frozen
class Case:
    """A service with a fault."""

    server: str
    habits: Habits
    fault: str
    faults: list[str]
    ends: list[str]
    holds: bool
    settling_time: float
    follow_redirects: bool

    def __str__(self) -> str:
        return f"{self.server}; {self.fault}".replace(" ", "_")


def cases() -> Iterator[Case]:
    """The cases of the table: all in the hypothesis profile `deep`, otherwise a sample that is the same in each run."""
    for server in TABLE["servers"]:
        faults = server.get("faults", [*FAULTS])
        if not IS_DEEP:
            # The first fault, and others that do not change if the table grows.
            count = server.get("sample", -(-len(faults) // SAMPLE))
            faults = [faults[0], *random.Random(server["name"]).sample(faults[1:], count - 1)]
        for fault in faults:
            ends = server["ends"]
            if isinstance(ends, dict):
                ends = ends.get(fault, ends["else"])
            yield Case(
                server["name"],
                Habits(**server.get("habits", {})),
                fault,
                {**FAULTS, **TABLE["special_faults"]}[fault],
                ends if isinstance(ends, list) else [ends],
                server.get("holds", True),
                server.get("settling_time", 30),
                server.get("follow_redirects", False),
            )


CASES = [*cases()]
# Without a settling time, most cases end in the same way.
UNSETTLED = CASES if IS_DEEP else [case for case in CASES if case.habits.newer == 0][::10]


def runs(cases: list[Case]) -> list[Any]:
    """The cases with each client: all of them through httpx, and all or a sample of them through httpx2."""
    sample = cases if IS_DEEP else random.Random(1).sample(cases, len(cases) // SAMPLE_OF_HTTPX2)
    pairs = [*product(OF_HTTPX, cases), *product(OF_HTTPX2, sample)]
    return [pytest.param(twin, case, id=f"{twin}-{case}") for twin, case in pairs]


@pytest.mark.parametrize(("twin", "case"), runs(CASES), indirect=["twin"])
def test_one_batch_or_an_exception(twin: Twin, case: Case) -> None:
    """On each service and with each fault, a create with a key ends as the table says."""
    arguments = {"settling_time": case.settling_time}
    with untidy(SharedClock(), case.habits, case.faults) as server:
        with client_of(server, twin, follow_redirects=case.follow_redirects) as api:
            results = [create(twin, api, server, **arguments)]
            if case.fault == AGAIN and isinstance(results[0], Batch):
                results.append(create(twin, api, server, **arguments))
        if len(results) == 2:
            # A client that has seen nothing yet, as in another process.
            with client_of(server, twin) as api:
                results.append(create(twin, api, server, **arguments, restartable=True))
        made = [row.document["id"] for row in server.created]
        ends = ["one" if isinstance(result, Batch) else type(result).__name__ for result in results]

        if "any" not in case.ends:
            assert {*ends} <= {*case.ends}, results
        if case.holds:
            assert len(made) <= 1
            assert server.live() == made
        if case.ends == ["one"]:
            assert [result.id for result in results] == made * len(results)


@pytest.mark.parametrize(("twin", "case"), runs(UNSETTLED), indirect=["twin"])
def test_without_settling_time_at_most_one_create_request(twin: Twin, case: Case) -> None:
    """With settling_time=None, no service and no fault leads to a second create request."""
    with untidy(SharedClock(), case.habits, case.faults) as server:
        with client_of(server, twin, follow_redirects=case.follow_redirects) as api:
            result = create(twin, api, server, settling_time=None)

        assert server.posts <= 1
        assert len(server.created) <= 1
        assert not isinstance(result, Batch) or server.live() == [result.id]


def create(twin: Twin, api: Any, server: UntidyServer, **arguments: Any) -> Any:
    """The batch of a create with a key, or the BatchAPIError, whose message must be true."""
    before = server.posts
    result = twin.ended(api, "create_batch", {**CREATE, "idempotency_key": "nightly", **arguments})
    sent = server.posts - before
    if isinstance(result, Batch):
        assert result.id in server.live()
        return result
    text, made = str(result), [row.document["id"] for row in server.created]
    assert sent == 0 or not ("Nothing was sent" in text or "Nothing was created" in text), text
    assert sent <= 1 or "not repeated" not in text, text
    if made and sent:
        assert "may exist" in text or "was created" in text or isinstance(result, errors.DuplicateBatchError), text
    if isinstance(result, errors.CreateOutcomeUnknownError):
        assert {*result.candidates} <= {*server.ids()}, text
    return result
