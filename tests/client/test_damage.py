"""For a successful response with a damaged body, the client returns a model or raises a BatchAPIError."""

import gc
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_batch_client import BatchAPIError
from scripts.batch_server.client_names import client_name
from scripts.batch_server.schema_values import SchemaValues
from scripts.openapi.contract import Contract, ContractOperation
from tests.support import drawing
from tests.support.damages import DAMAGES
from tests.support.drawing import response_schema
from tests.support.twin import Tally, Twin
from tests.support.wire import Wire

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
CONTRACT = Contract.load()
VALUES = SchemaValues(CONTRACT)
# The damages change objects.
OPERATIONS = [one for one in CONTRACT.operations if "properties" in VALUES.whole(one.response_schema)]
# Drawing a body takes longer than reading it, so that each body is damaged in several ways.
DAMAGES_PER_BODY = 5
# 1,000 damaged bodies in total in a normal run, 170,000 in a deep run.
SHARE = 5_000 / 300 / (2 * len(OPERATIONS)) / DAMAGES_PER_BODY
MEMORY = 400 * 1024 * 1024


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_damaged_body(operation: ContractOperation, twin: Twin, wire: Wire, judged: Any) -> None:
    """A damaged body yields a printable model or BatchAPIError, quickly and without leaking memory."""
    tally: Tally = judged("hypothesis", "responses with damaged bodies")
    body_schema = response_schema(operation, str(operation.success[0]))
    arguments = drawing.arguments(operation)
    examples = int(settings().max_examples * SHARE) + 1
    outcomes: set[str] = set()
    damages: set[str] = set()
    before = resident_memory()
    with twin.connected(wire.url, title=client_name(operation), timeout=20) as api:

        @settings(max_examples=examples)
        @given(
            drawing.values(CONTRACT, body_schema, huge=500),
            st.permutations(sorted(DAMAGES)).map(lambda names: names[:DAMAGES_PER_BODY]),
            st.integers(0, 2**32),
            arguments,
        )
        def read(document: Any, names: list[str], seed: int, arguments: drawing.Arguments) -> None:
            chance = random.Random(seed)
            for name in names:
                read_damaged(document, name, chance, arguments)

        def read_damaged(document: Any, name: str, chance: random.Random, arguments: drawing.Arguments) -> None:
            wire.answer = DAMAGES[name](json.loads(json.dumps(arguments.answered(document))), chance)
            started = time.monotonic()
            result = twin.ended(api, operation.name, arguments.all)
            kind = type(result).__name__
            assert wire.answer.status // 100 == 2 or isinstance(result, BatchAPIError)
            if isinstance(result, BatchAPIError):
                assert operation.id in str(result)
                assert len(str(result)) < 2_000
            else:
                assert isinstance(result.to_dict(), dict)
                assert repr(result).startswith(kind)
            outcomes.add(kind)
            damages.add(name)
            assert time.monotonic() - started < 10
            tally.cases += 1

        read()
    gc.collect()
    assert resident_memory() - before < MEMORY
    # Some damaged bodies are still readable, others are not. A small number of examples may not show both.
    assert tally.cases < 20 or {operation.response_schema["$ref"].rpartition("/")[2], *outcomes} == outcomes
    assert tally.cases < 20 or len(outcomes) >= 2
    assert tally.cases >= examples * DAMAGES_PER_BODY
    # A small number of examples may not cover every kind of damage.
    assert tally.cases < 20 * len(DAMAGES) or damages == DAMAGES.keys()


def resident_memory() -> int:
    """Return the resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096
