"""The promise of create_batch with a key holds in every run of a model, and the search notices a damaged protocol."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.support import create_model
from tests.support.create_model import SCENARIOS
from tests.support.sampling import sample
from tests.support.twin import Tally

DAMAGES: dict[str, dict[str, str]] = create_model.DATA["damages"]
# The modules of the protocol, each after the modules that it imports.
MODULES = ("retrying", "sharing", "listing", "looking", "creating")
# How much deeper the search goes: a deep run takes minutes, and the profile `few` is for quick runs.
EXTRA = {10_000: 1, 25: -1}.get(settings().max_examples, 0)


@pytest.fixture(autouse=True)
def _without_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Log nothing: a search would log thousands of warnings."""
    monkeypatch.setattr(logging.getLogger("openai_batch_client"), "disabled", True)


@contextmanager
def damaged(name: str, old: str, new: str) -> Iterator[None]:
    """Replace a text in a module of the runtime, in memory only."""
    names = MODULES[MODULES.index(name) :]
    modules = [import_module(f"openai_batch_client._runtime.{each}") for each in names]
    originals = [dict(vars(module)) for module in modules]
    try:
        for module in modules:
            assert module.__file__
            source = Path(module.__file__).read_text("utf-8")
            if module is modules[0]:
                assert 1 == source.count(old), f"the old text must occur once in {name}.py: {old}"
                source = source.replace(old, new)
            # The modules that follow import the names of the damaged module again.
            exec(compile(source, module.__file__, "exec"), vars(module))
        yield
    finally:
        for module, original in zip(modules, originals, strict=True):
            vars(module).clear()
            vars(module).update(original)


@pytest.mark.parametrize("name", sample(list(SCENARIOS), 2))
def test_promise_holds_in_every_run(name: str, judged: Callable[[str, str], Tally]) -> None:
    """No run of a scenario breaks the promise. A failure shows the run with the fewest departures."""
    tally = judged("the model", "runs of creates with a key")

    def count() -> None:
        tally.cases += 1

    scenario = SCENARIOS[name]
    departures = scenario.departures + (EXTRA * scenario.deeper if EXTRA > 0 else EXTRA)
    assert create_model.first_violation(scenario, departures, count) is None
    assert tally.cases > 10 or EXTRA < 0


@pytest.mark.parametrize("description", DAMAGES)
def test_damage_is_found(description: str) -> None:
    """The search finds each damage of the protocol."""
    damage: dict[str, Any] = DAMAGES[description]
    scenario = SCENARIOS[damage["scenario"]]
    with damaged(damage["module"], damage["old"], damage["new"]):
        assert create_model.first_violation(scenario, scenario.departures) is not None
