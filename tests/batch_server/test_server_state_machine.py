"""The life of batches in the embedded server is the contract's, whatever is asked for, in whatever order, whenever."""

import importlib
import json
from collections.abc import Iterator
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
from scripts.batch_server.clock import Clock
from scripts.batch_server.lifecycle import Pace
from scripts.batch_server.running import base_url, serving
from scripts.openapi.contract import Contract, ContractOperation, snake_case
from tests.support.twin import Tally

CONTRACT = Contract.load()
KEY = "sk-life"


def by_extension(name: str, key: str) -> ContractOperation:
    """The operation whose extension has a key."""
    return next(one for one in CONTRACT.operations if key in one.document.get(name, ()))


CREATE = by_extension("x-create-once", "token")
CHANGE = by_extension("x-lifecycle", "towards")
LIST = next(one for one in CONTRACT.operations if one.id == CREATE.document["x-create-once"]["found_by"])
READ = next(one for one in CONTRACT.operations if one.method == "GET" and one.response_schema == CREATE.response_schema)
PAGES = LIST.document["x-pagination"]
ITEM = CONTRACT.resolve(CREATE.response_schema)["properties"]
STATUS, ENUM = next(
    (name, CONTRACT.resolve(schema)) for name, schema in ITEM.items() if "x-lifecycle" in CONTRACT.resolve(schema)
)
SUCCESSORS: dict[str, list[str]] = ENUM["x-lifecycle"]
FIRST = next(iter(SUCCESSORS))
TOWARDS = CHANGE.document["x-lifecycle"]["towards"]
REQUEST = next(
    CONTRACT.resolve(example)["value"]
    for example in CREATE.document["requestBody"]["content"]["application/json"]["examples"].values()
)
(FILE_FIELD,) = (pointer.removeprefix("/") for pointer in CREATE.document["x-create-once"]["same"])


@define
class Seen:
    """What was last seen of a batch."""

    document: dict[str, Any]
    at: float
    entered: dict[str, int] = field(factory=dict)


def walks(here: str, entered: dict[str, int], since: int) -> Iterator[str]:
    """Where each way through the lifecycle ends that enters all of `entered` in the order of their times."""
    if not entered:
        yield here
    for status in SUCCESSORS[here]:
        if status in entered:
            if entered[status] >= since:
                rest = {name: at for name, at in entered.items() if name != status}
                yield from walks(status, rest, entered[status])
        elif f"{status}_at" not in ITEM:
            yield from walks(status, entered, since)


def reaches(status: str, goal: str) -> bool:
    """Whether one status can come after another."""
    return goal in SUCCESSORS[status] or any(reaches(after, goal) for after in SUCCESSORS[status])


class Lives(RuleBasedStateMachine):
    """A server and a client, both of which may begin anew."""

    tally: Tally
    ids = Bundle("ids")

    def __init__(self, pace: Pace | None = None) -> None:
        super().__init__()
        self.clock = Clock(0, start=1_764_012_488)
        self.app = create_app(CONTRACT, key=KEY, clock=self.clock, pace=pace, validate_responses=False)
        self.restarts = 0
        self.seen: dict[str, Seen] = {}
        self.newest_first: list[str] = []
        self.stack = ExitStack()
        self.start()

    def start(self) -> None:
        """A server at a new port, with what it held before, and a new client."""
        port = self.stack.enter_context(serving(self.app))
        title = f"{CREATE.tag}API"
        options = {"api_key": KEY, "base_url": base_url(CONTRACT, port), "retry_budget": 0}
        self.api = self.stack.enter_context(getattr(openai_batch_client, title)(**options))

    def teardown(self) -> None:
        """End both."""
        self.stack.close()

    def look(self, result: Any) -> dict[str, Any]:
        """Hold a batch, as it was given, to the lifecycle and to what was seen of it before."""
        document: dict[str, Any] = result.to_dict()
        status, now = document[STATUS], self.clock.now()
        entered = {name: document[f"{name}_at"] for name in SUCCESSORS if document.get(f"{name}_at") is not None}
        created = document[PAGES["order"]["by"]]
        assert status in walks(FIRST, entered, created), f"{status} after {entered}"
        assert all(created <= at <= now for at in entered.values())
        counted = [value for value in document.values() if isinstance(value, dict) and "total" in value]
        assert all(2 * count["total"] >= sum(count.values()) for count in counted)
        identity = document[PAGES["item_id"]]
        if before := self.seen.get(identity):
            assert before.entered.items() <= entered.items(), "a time changed"
            new = {name: at for name, at in entered.items() if name not in before.entered}
            assert all(at >= int(before.at) for at in new.values()), "a time was added that had passed already"
            if not SUCCESSORS[before.document[STATUS]]:
                assert before.document == document, "it changed after its end"
        self.seen[identity] = Seen(document, now, entered)
        self.tally.cases += 1
        return document

    def make(self, lines: int, faulty: bool) -> str:
        """Create a batch of so many lines."""
        # The form of an input file is not in the contract; its lines name the endpoint that the batch is for.
        url = next(value for value in REQUEST.values() if value.startswith("/"))
        row = {"method": "POST", "url": "/elsewhere" if faulty else url, "body": {"model": "m", "input": "x"}}
        content = "\n".join(json.dumps(row | {"custom_id": str(number)}) for number in range(lines)).encode()
        stored = self.app.store.add_file("in.jsonl", "batch", content)
        result = getattr(self.api, CREATE.name)(**REQUEST | {FILE_FIELD: stored.id})
        document = self.look(result)
        assert document[STATUS] == FIRST
        self.newest_first.insert(0, document[PAGES["item_id"]])
        return self.newest_first[0]

    @rule(target=ids, lines=st.integers(1, 50), faulty=st.booleans())
    def create(self, lines: int, faulty: bool) -> str:
        return self.make(lines, faulty)

    @rule(identity=ids)
    def retrieve(self, identity: str) -> None:
        assert self.look(getattr(self.api, READ.name)(identity))[PAGES["item_id"]] == identity

    @rule(identity=ids)
    def change(self, identity: str) -> None:
        """It moves to what the contract says, or is refused where no way leads there any more."""
        before = self.look(getattr(self.api, READ.name)(identity))[STATUS]
        # One level below the method, which forgives what has happened already.
        module = importlib.import_module(f"openai_batch_client.api.{snake_case(CHANGE.tag)}.{CHANGE.name}")
        if before == TOWARDS or reaches(before, TOWARDS):
            after = self.look(module.sync(identity, client=self.api))[STATUS]
            assert after == TOWARDS
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
    def go_through(self, size: int, meanwhile: list[int]) -> Any:
        """Each batch once, newest first; those that are created between two pages come before all others."""
        expected, found, made = list(self.newest_first), [], []
        cursor: dict[str, str] = {}
        while True:
            page = getattr(self.api, LIST.name)(**{PAGES["page_size"]: size}, **cursor)
            items = getattr(page, PAGES["items"])
            found += [self.look(item)[PAGES["item_id"]] for item in items]
            assert len(items) <= size
            if not getattr(page, PAGES["more"]):
                break
            cursor = {PAGES["cursor"]: getattr(page, PAGES["next_cursor"])}
            made += [self.make(lines, False) for lines in meanwhile[:1]]
            del meanwhile[:1]
        assert expected == found
        return multiple(*made)


def test_lives(judged: Any) -> None:
    """However creating, looking, cancelling, time and restarts follow on each other, the rules of a life hold."""

    class Told(Lives):
        tally: Tally = judged("hypothesis", "states of batches in the embedded server, in sequences")

    examples = max(settings().max_examples // 10, 5)
    run_state_machine_as_test(Told, settings=settings(max_examples=examples, stateful_step_count=40))
    assert Told.tally.cases > 10 * examples


def test_every_status_is_lived() -> None:
    """There are lives in which all of them are seen: of a faulty file, a good one, a cancelled and a slow batch."""
    seen: set[str] = set()
    for faulty, cancelled, pace in ((True, False, 9.0), (False, False, 1.0), (False, True, 1.0), (False, False, 1e-5)):
        lives = Lives(Pace(requests_per_second=pace))
        lives.tally = Tally("", "")
        identity = lives.make(9, faulty)
        for number in range(30):
            seen.add(lives.look(getattr(lives.api, READ.name)(identity))[STATUS])
            lives.clock.step(5 if number < 25 else 86_400)
            if cancelled and number == 3:
                lives.change(identity)
        lives.teardown()

    assert SUCCESSORS.keys() == seen


@pytest.mark.parametrize("name", [name for name, schema in CONTRACT.schemas.items() if "x-lifecycle" in schema])
def test_client_knows_the_life(name: str) -> None:
    """What the client takes for the end of a wait, and for the way there, is the contract's."""
    module = importlib.import_module(f"openai_batch_client.models.{snake_case(name)}")
    successors = {
        status: list(after) for status, after in vars(module)[f"{snake_case(name).upper()}_SUCCESSORS"].items()
    }

    assert CONTRACT.schemas[name]["x-lifecycle"] == successors
