"""Batches of the embedded server follow the contract's lifecycle in any order of requests, restarts and clock steps."""

import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from attrs import define, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, multiple, precondition, rule, run_state_machine_as_test

import openai_batch_client
from openai_batch_client import APIStatusError
from scripts.batch_server.app import create_app
from scripts.batch_server.client_names import BatchNames, client_name
from scripts.batch_server.clock import ServerClock
from scripts.batch_server.resources import lifecycle
from scripts.batch_server.running import base_url, serving
from scripts.batch_server.schema_values import SchemaValues
from scripts.batch_server.status_timeline import Pace
from scripts.openapi.contract import Contract, snake_case
from tests.support.twin import Tally

CONTRACT = Contract.load()
KEY = "sk-life"


NAMES = BatchNames.of(CONTRACT)
CREATE, CANCEL, LIST, RETRIEVE = NAMES.create, NAMES.cancel, NAMES.list, NAMES.retrieve
PAGES = NAMES.resource.pagination
VALUES = SchemaValues(CONTRACT)
ITEM = VALUES.properties(NAMES.resource.schema)
STATUS = str(NAMES.resource.status_field)
ENUM = lifecycle(CONTRACT, NAMES.resource)
SUCCESSORS: Mapping[str, Sequence[str]] = ENUM["x-lifecycle"]
FIRST = next(iter(SUCCESSORS))
TARGET = CANCEL.document["x-lifecycle"]["towards"]
REQUEST = NAMES.request
INPUT_FILE = VALUES.properties(CREATE.request_schema)[NAMES.file_field]["x-file"]
# The fields of a line that have the value of a field of the request.
EQUAL = {name: REQUEST[other] for name, other in INPUT_FILE.get("equal", {}).items()}


@define
class LastState:
    """The last known state of a batch."""

    document: dict[str, Any]
    at: float
    entered: dict[str, int] = field(factory=dict)


def possible_statuses(status: str, entered: dict[str, int], since: int) -> Iterator[str]:
    """The last status of each path through the lifecycle that enters all of `entered` in the order of their times.

    A path continues through statuses without a time stamp in the contract.
    """
    if not entered:
        yield status
    for successor in SUCCESSORS[status]:
        if successor in entered:
            if entered[successor] >= since:
                rest = {name: at for name, at in entered.items() if name != successor}
                yield from possible_statuses(successor, rest, entered[successor])
        elif f"{successor}_at" not in ITEM:
            yield from possible_statuses(successor, entered, since)


def reaches(status: str, goal: str) -> bool:
    """Whether a batch can get from `status` to `goal`."""
    return goal in SUCCESSORS[status] or any(reaches(after, goal) for after in SUCCESSORS[status])


class BatchStateMachine(RuleBasedStateMachine):
    """Sends requests with a client, and checks each returned batch against the lifecycle and its last state."""

    tally: Tally
    ids = Bundle("ids")

    def __init__(self, pace: Pace | None = None) -> None:
        super().__init__()
        self.clock = ServerClock(0, start=1_764_012_488)
        self.app = create_app(CONTRACT, key=KEY, clock=self.clock, pace=pace, validate_responses=False)
        self.restarts = 0
        self.last: dict[str, LastState] = {}
        self.newest_first: list[str] = []
        self.stack = ExitStack()
        self.start()

    def start(self) -> None:
        """Start the server at a new port with its old batches, and a new client."""
        port = self.stack.enter_context(serving(self.app))
        title = client_name(CREATE)
        options = {"api_key": KEY, "base_url": base_url(CONTRACT, port), "retry_budget": 0}
        self.api = self.stack.enter_context(getattr(openai_batch_client, title)(**options))

    def teardown(self) -> None:
        """Stop the server and close the client."""
        self.stack.close()

    def check(self, result: Any) -> dict[str, Any]:
        """Check a returned batch against the lifecycle and its last state, and return it as JSON."""
        document: dict[str, Any] = result.to_dict()
        status, now = document[STATUS], self.clock.now()
        entered = {name: document[f"{name}_at"] for name in SUCCESSORS if document.get(f"{name}_at") is not None}
        created = document[PAGES["order"]["by"]]
        assert status in possible_statuses(FIRST, entered, created), f"{status} after {entered}"
        assert all(created <= at <= now for at in entered.values())
        counted = [value for value in document.values() if isinstance(value, dict) and "total" in value]
        assert all(2 * count["total"] >= sum(count.values()) for count in counted)
        identity = document[PAGES["item_id"]]
        if before := self.last.get(identity):
            assert before.entered.items() <= entered.items(), "a time stamp changed"
            new = {name: at for name, at in entered.items() if name not in before.entered}
            assert all(at >= int(before.at) for at in new.values()), "a new time stamp is before the last request"
            if not SUCCESSORS[before.document[STATUS]]:
                assert before.document == document, "the batch changed after a final status"
        self.last[identity] = LastState(document, now, entered)
        self.tally.cases += 1
        return document

    def make(self, lines: int, invalid: bool) -> str:
        """Create a batch with this number of lines, and return its id."""
        equal = dict.fromkeys(EQUAL, "elsewhere") if invalid else EQUAL
        row = {"method": "POST", "body": {"model": "m", "input": "x"}, **equal}
        content = "\n".join(json.dumps(row | {"custom_id": str(number)}) for number in range(lines)).encode()
        stored = self.app.store.files.upload("in.jsonl", INPUT_FILE["upload"]["purpose"], content)
        result = getattr(self.api, CREATE.name)(**REQUEST | {NAMES.file_field: stored.id})
        document = self.check(result)
        assert document[STATUS] == FIRST
        self.newest_first.insert(0, document[PAGES["item_id"]])
        return self.newest_first[0]

    @rule(target=ids, lines=st.integers(1, 50), invalid=st.booleans())
    def create(self, lines: int, invalid: bool) -> str:
        return self.make(lines, invalid)

    @rule(identity=ids)
    def retrieve(self, identity: str) -> None:
        assert self.check(getattr(self.api, RETRIEVE.name)(identity))[PAGES["item_id"]] == identity

    @rule(identity=ids)
    def cancel(self, identity: str) -> None:
        """The batch enters the target status, or the request fails if the lifecycle has no path to that status."""
        before = self.check(getattr(self.api, RETRIEVE.name)(identity))[STATUS]
        # The low-level function; the method returns the present state where the server responds with an error.
        module = importlib.import_module(
            f"openai_batch_client.api.{snake_case(CANCEL.tag.replace(' ', '_'))}.{CANCEL.name}"
        )
        if before == TARGET or reaches(before, TARGET):
            after = self.check(module.sync(identity, client=self.api))[STATUS]
            assert after == TARGET
        else:
            with pytest.raises(APIStatusError):
                module.sync(identity, client=self.api)

    @rule(seconds=st.sampled_from([0.5, 1, 7, 19, 30, 600, 86_400]))
    def time_passes(self, seconds: float) -> None:
        self.clock.step(seconds)

    @precondition(lambda self: not self.restarts)
    @rule()
    def restart(self) -> None:
        self.restarts += 1
        self.stack.close()
        self.start()

    @rule(target=ids, size=st.integers(1, 4), meanwhile=st.lists(st.integers(1, 3), max_size=4))
    def list_pages(self, size: int, meanwhile: list[int]) -> Any:
        """Pages contain each batch once, newest first, and no batch that is created between two pages."""
        expected, listed, created = list(self.newest_first), [], []
        cursor: dict[str, str] = {}
        while True:
            page = getattr(self.api, LIST.name)(**{snake_case(PAGES["page_size"]): size}, **cursor)
            items = getattr(page, snake_case(PAGES["items"]))
            listed += [self.check(item)[PAGES["item_id"]] for item in items]
            assert len(items) <= size
            if not getattr(page, snake_case(PAGES["more"])):
                break
            cursor = {snake_case(PAGES["cursor"]): getattr(page, snake_case(PAGES["next_cursor"]))}
            created += [self.make(lines, False) for lines in meanwhile[:1]]
            del meanwhile[:1]
        assert expected == listed
        return multiple(*created)


def test_sequences(judged: Any) -> None:
    """Drawn sequences of creating, retrieving, cancelling, listing, clock steps and restarts follow the lifecycle."""

    class TalliedMachine(BatchStateMachine):
        tally: Tally = judged("hypothesis", "states of batches in the embedded server")

    examples = max(settings().max_examples // 10, 5)
    run_state_machine_as_test(TalliedMachine, settings=settings(max_examples=examples, stateful_step_count=40))
    assert TalliedMachine.tally.cases > 10 * examples


def test_every_status_is_reached() -> None:
    """An invalid, a completed, a cancelled and a slow batch together pass through every status.

    A test can lead a batch to each further final status.
    """
    seen: set[str] = set()
    for invalid, cancelled, pace in ((True, False, 9.0), (False, False, 1.0), (False, True, 1.0), (False, False, 1e-5)):
        machine = BatchStateMachine(Pace(requests_per_second=pace))
        machine.tally = Tally("", "")
        identity = machine.make(9, invalid)
        for number in range(30):
            seen.add(machine.check(getattr(machine.api, RETRIEVE.name)(identity))[STATUS])
            machine.clock.step(5 if number < 25 else 86_400)
            if cancelled and number == 3:
                machine.cancel(identity)
        machine.teardown()
    for status in [status for status, after in SUCCESSORS.items() if not after and status not in seen]:
        machine = BatchStateMachine()
        machine.tally = Tally("", "")
        identity = machine.make(9, False)
        machine.app.store.lead(identity, status)
        machine.clock.step(86_400)
        seen.add(machine.check(getattr(machine.api, RETRIEVE.name)(identity))[STATUS])
        machine.teardown()

    assert SUCCESSORS.keys() == seen


@pytest.mark.parametrize("name", [name for name, schema in CONTRACT.schemas.items() if "x-lifecycle" in schema])
def test_client_has_the_lifecycle(name: str) -> None:
    """The client's map of following statuses is the contract's `x-lifecycle`."""
    module = importlib.import_module(f"openai_batch_client.models.{snake_case(name)}")
    successors = {
        status: list(after) for status, after in vars(module)[f"{snake_case(name).upper()}_SUCCESSORS"].items()
    }

    assert CONTRACT.schemas[name]["x-lifecycle"] == successors
