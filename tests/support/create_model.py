"""A model of a service, its clients and their time, for an exhaustive search through creates with a key.

Each run asks an oracle at every choice. The search repeats the run with each sequence of answers, in lexicographic
order, as long as the sequence has at most a given number of departures from the ordinary course.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
from attrs import define, field, frozen

from openai_batch_client import Batch, BatchAPI, errors
from openai_batch_client._runtime.answer import Answer
from openai_batch_client._runtime.clock import Clock
from openai_batch_client._runtime.flows import Flow, Join, Send, Sleep, Step
from openai_batch_client._runtime.parsing import parse
from openai_batch_client._runtime.reading import ReadOptions
from scripts.openapi.loading import load
from tests.support.contract_names import IDS

T = TypeVar("T")
FILE = Path(__file__).with_suffix(".yaml")
DATA: Mapping[str, Any] = load(FILE).document
# These numbers are sums of powers of two, so that the times in a run are exact.
START = 1_764_012_488.0
SETTLING_TIME = 32.0
LOST_AFTER = 8.0
KEY = "nightly"
ARGUMENTS: dict[str, Any] = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}
# More steps than any call needs. Beyond that an endless loop fails instead of hanging.
LIMIT = 500
# The exceptions that say that a batch may exist.
DOUBT = (
    errors.CreateOutcomeUnknownError,
    errors.DuplicateBatchError,
    errors.IdempotencyConflictError,
    errors.MetadataNotKeptError,
)
# All clients use this HTTP client, which sends nothing: making an SSL context takes longer than a run.
_HTTP = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(500)))
_numbers = itertools.count()


@define
class Oracle:
    """Answers the questions of a run: with `prefix` as far as it goes, then with the ordinary answer."""

    departures: int
    """The largest number of answers that are not the ordinary answer."""
    prefix: list[int] = field(factory=list)
    taken: list[int] = field(factory=list)
    """The position of each answer."""
    open: list[int] = field(factory=list)
    """The number of answers that each question admitted."""
    story: list[str] = field(factory=list)
    """The departures, in words."""

    def choose(self, question: str, answers: list[T]) -> T:
        """An answer. The first answer is the ordinary answer."""
        place = len(self.taken)
        position = self.prefix[place] if place < len(self.prefix) else 0
        self.open.append(len(answers) if len(self.story) < self.departures else 1)
        self.taken.append(position)
        if position:
            self.story.append(f"{question}: {answers[position]}")
        return answers[position]

    def following(self) -> list[int] | None:
        """The prefix of the next run, or None after the last run."""
        taken = [*self.taken]
        for count in reversed(self.open):
            last = taken.pop()
            if last + 1 < count:
                return [*taken, last + 1]
        return None


@frozen
class Post:
    """How a create request can end; see the file."""

    acted: bool
    ends: Any
    commit: float = 0.0
    list: float = 0.0


POSTS = {name: Post(**row) for name, row in DATA["posts"].items()}


@frozen
class Scenario:
    """What is searched; see the file."""

    departures: int
    calls: list[Mapping[str, Any]]
    posts: list[str]
    older: int = 0
    page_size: int = 100
    hidden: bool = False
    pages: list[str] = field(factory=list)
    others: list[str] = field(factory=list)
    crashes: bool = False
    pauses: bool = False
    ids: bool = False
    turns: bool = False
    deeper: int = 1
    retry_budget: float = 0.0

    @property
    def is_concurrent(self) -> bool:
        """Whether several processes create at the same time, so that one of them may cancel its batch."""
        return any("process" in call and "after" not in call for call in self.calls)


SCENARIOS = {name: Scenario(**row) for name, row in DATA["scenarios"].items()}


class ModelClock(Clock):
    """The time of a run. The search moves it. Random delays are always the longest."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def uniform(self, low: float, high: float) -> float:
        return max(low, high)


class SteppedAPI(BatchAPI):
    """A client whose methods return the flow, so that the search carries out each step."""

    def _run(self, flow: Flow[Any], keeps_open: bool = False) -> Any:  # noqa: ARG002 -- the model opens no response
        return flow


@define
class Stored:
    """A batch of the service."""

    id: str
    body: Mapping[str, Any]
    created_at: int
    exists_at: float
    listed_at: float
    status: str = "validating"

    @property
    def has_key(self) -> bool:
        return KEY == (self.body.get("metadata") or {}).get("idempotency_key")

    @property
    def is_live(self) -> bool:
        return self.status == "validating"

    def shown(self, *, hidden: bool = False) -> dict[str, Any]:
        """The JSON object of the batch."""
        metadata = None if hidden else self.body.get("metadata")
        own = {"id": self.id, "object": "batch", "status": self.status, "created_at": self.created_at}
        return {**self.body, **own, "metadata": metadata}


@define
class Call:
    """A call of create_batch, which may crash and begin again."""

    name: str
    process: str
    options: Mapping[str, Any]
    flow: Flow[Any]
    api: SteppedAPI
    wake: float
    """When the next step begins."""
    answer: Any = None
    failure: BaseException | None = None
    step: Step | None = None
    joined: Join | None = None
    steps: int = 0
    result: Any = None
    """The batch or the exception, after the end."""
    sent: bool = False
    """Whether a create request of this call may have been received."""

    @property
    def has_ended(self) -> bool:
        return self.result is not None


class Interrupt(KeyboardInterrupt):
    """The user interrupts the process."""


class Run:
    """One run of a scenario."""

    def __init__(self, scenario: Scenario, oracle: Oracle) -> None:
        self.scenario = scenario
        self.oracle = oracle
        self.clock = ModelClock()
        self.batches: list[Stored] = []
        self.faults = 0
        """The number of departures after which a call may end with an exception."""
        self.calls: list[Call] = []
        self.ended: list[Call] = []
        """The calls that crashed or were interrupted, and began again."""
        self._running: Call | None = None
        self._clients: dict[tuple[str, str], SteppedAPI] = {}
        self._accounts: dict[str, str] = {}
        """The API key of each process. Only clients with the same key share something."""
        self._pages: dict[Any, httpx.Response] = {}
        for _ in range(scenario.older):
            self._store({**ARGUMENTS, "metadata": {"job": "other"}}, age=60.0)

    def play(self) -> None:
        """Carry out all calls."""
        scenario = self.scenario
        waiting = [*enumerate(scenario.calls, 1)]
        while True:
            while waiting and (all(call.has_ended for call in self.calls) or not waiting[0][1].get("after")):
                number, options = waiting.pop(0)
                self._begin(f"call {number}", options.get("process", "first"), options)
            active = [call for call in self.calls if not call.has_ended]
            if not active:
                return
            ready = [call for call in active if call.wake <= self.clock.time and self._may_go_on(call)]
            if not ready:
                self.clock.time = min(call.wake for call in active if self._may_go_on(call))
                continue
            # Without a departure, a call goes on until it waits; with turns, the other call goes on.
            ready.sort(key=lambda call: (call is self._running) is scenario.turns)
            names = [call.name for call in ready]
            self._running = ready[names.index(self.oracle.choose("the next step belongs to", names))]
            self._go_on(self._running)

    def violation(self) -> str | None:
        """How the run breaks the promise, or None."""
        concurrent = self.scenario.is_concurrent
        own = [batch for batch in self.batches if batch.has_key]
        live = [batch.id for batch in own if batch.is_live]
        results = [call.result for call in self.calls]
        returned = {result.id for result in results if isinstance(result, Batch)}
        if len(own) > 1 and not concurrent:
            return f"{len(own)} batches were created with the key"
        if len(live) > 1 and not any(isinstance(result, DOUBT) for result in results):
            return f"{' and '.join(live)} are live"
        for call in [*self.ended, *self.calls]:
            result = call.result
            if isinstance(result, Interrupt):
                notes = " ".join(getattr(result, "__notes__", ()))
                if call.sent and KEY not in notes and not any(batch.id in notes for batch in self.batches):
                    return f"{call.name} was interrupted without a note: {notes!r}"
            elif not isinstance(result, (Batch, errors.BatchAPIError)):
                return f"{call.name} ended with {result!r}"
        if returned - {*live}:
            return f"a call returned {', '.join(returned)}, and live are only {live}"
        if len(returned) > 1:
            return f"the calls returned {' and '.join(returned)}"
        ends = (Batch, Interrupt, errors.DuplicateBatchError) if concurrent else (Batch, Interrupt)
        if not self.faults and not all(isinstance(result, ends) for result in results):
            return f"nothing failed for good, but a call ended with {results!r}"
        if live and len(self.calls) == 1 and not self.ended:
            result = results[0]
            if not isinstance(result, (Batch, *DOUBT)):
                return f"a batch exists, and the call ended with {result!r}"
        return None

    def _begin(self, name: str, process: str, options: Mapping[str, Any]) -> None:
        account = self._accounts.setdefault(process, f"sk-{next(_numbers)}")
        place = (process, options.get("client", "first"))
        if place not in self._clients:
            self._clients[place] = SteppedAPI(
                api_key=account, http_client=_HTTP, retry_budget=self.scenario.retry_budget
            )
            self._clients[place]._clock = self.clock
        api = self._clients[place]
        flow: Any = api.create_batch(
            **ARGUMENTS,
            idempotency_key=KEY,
            restartable=options.get("restartable", False),
            settling_time=options.get("settling_time", SETTLING_TIME),
        )
        self.calls.append(Call(name, process, options, flow, api, self.clock.time))

    def _may_go_on(self, call: Call) -> bool:
        return call.joined is None or call.joined.future.done()

    def _go_on(self, call: Call) -> None:
        """Resume the flow of a call, and begin its next step."""
        call.steps += 1
        assert call.steps < LIMIT, f"{call.name} is an endless loop"
        call.joined = None
        if call.step is None:
            answer, failure = call.answer, call.failure
            call.answer = call.failure = None
            try:
                call.step = call.flow.send(answer) if failure is None else call.flow.throw(failure)
            except StopIteration as end:
                call.result = end.value
                return
            except (errors.BatchAPIError, Interrupt) as error:
                call.result = error
                if isinstance(error, Interrupt) and call.options.get("again"):
                    self._again(call, call.process)
                return
            if self.scenario.pauses and isinstance(call.step, Send):
                pause = self.oracle.choose(f"{call.name} pauses before {call.step.request.operation.id}", [0.0, 2.0])
                if pause:
                    call.wake = self.clock.time + pause * SETTLING_TIME
                    return
        step, call.step = call.step, None
        if isinstance(step, Sleep):
            call.wake = self.clock.time + step.seconds
        elif isinstance(step, Join):
            call.joined = step
        elif isinstance(step, Send):
            self._send(call, step)

    def _send(self, call: Call, step: Send[Any]) -> None:
        step.started = True
        operation = step.request.operation.id
        if operation == IDS["create_batch"]:
            self._create(call, step)
            return
        if (
            self.scenario.crashes
            and self.oracle.choose(f"{call.name} before {operation}", ["alive", "crash"]) == "crash"
        ):
            self._crash(call)
            return
        ends = self.scenario.pages if operation == IDS["list_batches"] else self.scenario.others
        end = self.oracle.choose(f"{operation} of {call.name}", ["done", *ends])
        self.faults += end not in ("done", "newcomer")
        if end == "newcomer":
            self._store({**ARGUMENTS, "metadata": {"job": "other"}})
        answer: Any
        if operation == IDS["list_batches"]:
            answer = self._page(step.request.query or {})
        else:
            answer = self._batch(step.request.path, cancel=operation == IDS["cancel_batch"] and end != "status 500")
        if end == "lost":
            self._lose(call, operation)
            return
        broken = {"error object": {"error": {"message": "odd"}}, "null data": {"object": "list", "data": None}}
        if end == "status 500":
            answer = httpx.Response(500)
        elif end in broken:
            answer = httpx.Response(200, json=broken[end])
        self._answer(call, step, answer)

    def _create(self, call: Call, step: Send[Any]) -> None:
        name = self.oracle.choose(f"{IDS['create_batch']} of {call.name}", self.scenario.posts)
        post = POSTS[name]
        ended = self.clock.time + (LOST_AFTER if post.ends == "lost" else 0.0)
        is_final = name in ("refused", "refused for now") if not self.scenario.retry_budget else name == "refused"
        self.faults += is_final or (call.options.get("settling_time", 0) is None and post.ends != "answered")
        call.sent = True
        batch = None
        if post.acted:
            first = self.scenario.ids and self.oracle.choose("the id sorts", ["last", "first"]) == "first"
            batch = self._store(step.request.json, exists_at=ended + post.commit * SETTLING_TIME, first=first)
            batch.listed_at = batch.exists_at + post.list * SETTLING_TIME
            if post.ends == "lost" and not post.commit:
                batch.exists_at = batch.listed_at = self.clock.time
                batch.listed_at += (LOST_AFTER if post.list else 0.0) + post.list * SETTLING_TIME
        if post.ends == "lost":
            self._lose(call, IDS["create_batch"])
        elif post.ends == "crash":
            self._crash(call)
        elif post.ends == "interrupt":
            call.failure = Interrupt()
        elif post.ends == "answered":
            assert batch is not None
            self._answer(call, step, httpx.Response(200, json=batch.shown()))
        elif post.ends == "cut":
            self._answer(call, step, httpx.Response(200, content=b'{"id": "batch_'))
        elif post.ends == "429 of a proxy":
            self._answer(call, step, httpx.Response(429, headers={"Retry-After": "1"}, text="slow down"))
        else:
            error = {"error": {"message": "no", "code": "no"}}
            self._answer(call, step, httpx.Response(int(post.ends), headers={"Retry-After": "1"}, json=error))

    def _answer(self, call: Call, step: Send[Any], response: httpx.Response) -> None:
        try:
            answer = Answer(response.status_code, response.headers, response.content)
            call.answer = parse(step.request, answer, ReadOptions(), self.clock)
        except errors.BatchAPIError as error:
            call.failure = error

    def _lose(self, call: Call, operation: str) -> None:
        call.failure = errors.APITimeoutError(f"{operation}: no response", operation=operation, sent=True)
        call.wake = self.clock.time + LOST_AFTER

    def _crash(self, call: Call) -> None:
        """End a process, and begin the call again in a new process."""
        # The client of a process that ended is not used again, so what closing the flow does to it does not matter.
        call.flow.close()
        call.result = errors.BatchAPIError("crashed", operation=IDS["create_batch"])
        self._again(call, f"process {next(_numbers)}")

    def _again(self, call: Call, process: str) -> None:
        self.calls.remove(call)
        self.ended.append(call)
        self._begin(f"{call.name} again", process, call.options)

    def _store(
        self, body: Mapping[str, Any], *, age: float = 0.0, exists_at: float | None = None, first: bool = False
    ) -> Stored:
        moment = self.clock.time - age
        number = len(self.batches)
        batch_id = f"batch_{50 - number if first else 50 + number}"
        exists_at = moment if exists_at is None else exists_at
        self.batches.append(Stored(batch_id, body, int(moment), exists_at, exists_at))
        return self.batches[-1]

    def _page(self, query: Mapping[str, Any]) -> httpx.Response:
        shown = [batch for batch in reversed(self.batches) if batch.listed_at <= self.clock.time]
        shown.sort(key=lambda batch: batch.created_at, reverse=True)
        ids = [batch.id for batch in shown]
        start = ids.index(query["after"]) + 1 if query.get("after") else 0
        end = start + self.scenario.page_size
        page = (end < len(shown), *((batch.id, batch.status) for batch in shown[start:end]))
        if page not in self._pages:
            data = [batch.shown(hidden=self.scenario.hidden) for batch in shown[start:end]]
            self._pages[page] = httpx.Response(200, json={"object": "list", "data": data, "has_more": page[0]})
        return self._pages[page]

    def _batch(self, path: str, *, cancel: bool) -> httpx.Response:
        for batch in self.batches:
            if batch.id in path.split("/") and batch.exists_at <= self.clock.time:
                if cancel:
                    batch.status = "cancelling"
                return httpx.Response(200, json=batch.shown())
        return httpx.Response(404, json={"error": {"message": "no such batch"}})


@frozen
class Violation:
    """A run that breaks the promise."""

    fault: str
    story: tuple[str, ...]
    """The departures from the ordinary course."""
    prefix: tuple[int, ...]
    """The answers of the oracle, which repeat the run."""


def runs(scenario: Scenario, departures: int) -> Iterator[Run]:
    """All runs of a scenario with at most `departures` departures from the ordinary course."""
    prefix: list[int] | None = []
    while prefix is not None:
        run = Run(scenario, Oracle(departures, prefix))
        run.play()
        yield run
        prefix = run.oracle.following()


def first_violation(
    scenario: Scenario, departures: int, count: Callable[[], object] = lambda: None
) -> Violation | None:
    """A violation with as few departures as possible, or None. `count` is called for each run."""
    for bound in range(departures + 1):
        for run in runs(scenario, bound):
            if len(run.oracle.story) < bound:
                continue
            count()
            fault = run.violation()
            if fault is not None:
                return Violation(fault, tuple(run.oracle.story), tuple(run.oracle.taken))
    return None
