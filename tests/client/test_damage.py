"""Whatever is wrong with the body of a success, the client raises its own exceptions, or reads a model after all."""

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
from scripts.openapi.contract import Contract, ContractOperation
from tests.support import drawing
from tests.support.damages import DAMAGES
from tests.support.drawing import response_schema
from tests.support.twin import Tally, Twin
from tests.support.wire import Wire

CONTRACT = Contract.load()
OPERATIONS = [operation for operation in CONTRACT.operations if operation.response_schema]
# In the usual run 5,000 bodies in all, in the deep one 170,000.
SHARE = 5_000 / 300 / (2 * len(OPERATIONS))
MEMORY = 400 * 1024 * 1024


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_nothing_else_is_raised(operation: ContractOperation, twin: Twin, wire: Wire, judged: Any) -> None:
    """A damaged body costs an exception of ours that can be shown, or is a model that can; nothing hangs or grows."""
    tally: Tally = judged("hypothesis", "responses with damaged bodies")
    body_schema = response_schema(operation, str(operation.success[0]))
    arguments = drawing.arguments(operation)
    examples = int(settings().max_examples * SHARE) + 1
    ends: set[str] = set()
    done: set[str] = set()
    resident = memory()
    with twin.connected(wire.url, title=f"{operation.tag}API", timeout=20) as api:

        @settings(max_examples=examples)
        @given(
            drawing.values(CONTRACT, body_schema, huge=500),
            st.sampled_from(sorted(DAMAGES)),
            st.randoms(use_true_random=False),
            arguments,
        )
        def read(document: Any, name: str, chance: random.Random, arguments: drawing.Arguments) -> None:
            wire.answer = DAMAGES[name](json.loads(json.dumps(document)), chance)
            began = time.monotonic()
            result = twin.ended(api, operation.name, arguments.all)
            kind = type(result).__name__
            assert wire.answer.status // 100 == 2 or isinstance(result, BatchAPIError)
            if isinstance(result, BatchAPIError):
                assert operation.id in str(result)
                assert len(str(result)) < 2_000
            else:
                assert result.to_dict()
                assert repr(result).startswith(kind)
            ends.add(kind)
            done.add(name)
            assert time.monotonic() - began < 10
            tally.cases += 1

        read()
    gc.collect()
    assert memory() - resident < MEMORY
    # Some are read all the same, and some are not.
    assert operation.response_schema["$ref"].rpartition("/")[2] in ends
    assert len(ends) >= 2
    assert tally.cases >= examples
    # With few examples, chance leaves out some kinds of damage.
    assert examples < 20 * len(DAMAGES) or done == DAMAGES.keys()


def memory() -> int:
    """The memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096
