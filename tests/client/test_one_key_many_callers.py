"""Threads, tasks, processes and restarted programs that use one key get one batch."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from openai_batch_client import Batch, errors
from openai_batch_client._runtime.clock import Clock
from tests.support.sampling import IS_DEEP
from tests.support.twin import Twin
from tests.support.untidy_server import CREATE, Habits, SharedClock, UntidyServer, client_of, untidy
from tests.support.waiting import wait_until

# The hypothesis profile that the weekly run uses.
KEYED = {**CREATE, "idempotency_key": "nightly"}
PROGRAM = """
import asyncio, json, sys
from openai_batch_client import AsyncBatchAPI, BatchAPI, BatchAPIError

title, url, arguments = json.loads(sys.argv[1])

async def create():
    async with AsyncBatchAPI(api_key="sk-test", base_url=url) as api:
        return await api.create_batch(**arguments)

try:
    if title:
        batch = asyncio.run(create())
    else:
        with BatchAPI(api_key="sk-test", base_url=url) as api:
            batch = api.create_batch(**arguments)
    print(batch.id)
except BatchAPIError as error:
    print(type(error).__name__)
"""


def start(server: UntidyServer, prefix: str, **arguments: Any) -> subprocess.Popen[str]:
    """Start a process that creates a batch and prints its id, or the name of the exception."""
    argument = json.dumps([prefix, server.url, {**KEYED, **arguments}])
    return subprocess.Popen([sys.executable, "-c", PROGRAM, argument], stdout=subprocess.PIPE, text=True)


def printed(process: subprocess.Popen[str]) -> str:
    """Wait for a process and return what it printed."""
    output, _ = process.communicate(timeout=60)
    assert 0 == process.returncode
    return output.strip()


def test_conflict(twin: Twin) -> None:
    """The key of a batch with another endpoint is a conflict that carries the batch, and nothing is created."""
    with untidy(SharedClock()) as server:
        for _ in range(2):
            with client_of(server, twin) as api:
                batch = twin.run(api.create_batch(**KEYED))
                with pytest.raises(errors.IdempotencyConflictError) as caught:
                    twin.run(api.create_batch(**{**KEYED, "endpoint": "/v1/embeddings"}))
            assert caught.value.batch.id == batch.id == server.created[0].document["id"]

    assert 1 == server.posts


def test_two_keys_where_the_list_hides_metadata(twin: Twin) -> None:
    """Where the list of 250 batches hides all metadata, each key has a batch, and a second client finds both."""
    with untidy(SharedClock(), Habits(metadata="absent", older=250)) as server:
        for _ in range(2):
            with client_of(server, twin) as api:
                batches = [twin.run(api.create_batch(**{**KEYED, "idempotency_key": key})) for key in ("a", "b")]
            assert [row.document["id"] for row in server.created] == [batch.id for batch in batches]


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("is_answered_late", [True, False])
def test_processes_at_once(count: int, is_answered_late: bool) -> None:
    """Processes whose creates overlap leave one live batch, and all return it; or one of them tells of the others.

    If the server answers late, all batches exist before the first answer. Then each process finds the first batch.
    """
    barrier = threading.Barrier(count, timeout=30)
    with untidy(Clock()) as server:
        server.on_create = lambda _: barrier.wait()
        server.on_created = barrier.wait if is_answered_late else None
        processes = [start(server, ["", "Async"][number % 2], settling_time=3) for number in range(count)]
        results = [printed(process) for process in processes]

    assert count == len(server.created)
    told = not is_answered_late and "DuplicateBatchError" in results
    assert told or server.live() * count == results


def test_process_that_looked_before_its_twin(twin: Twin) -> None:
    """A create that commits after the last look of another process leaves no second live batch unnoticed."""
    with untidy(SharedClock(), Habits(ids="falling")) as server, client_of(server, twin) as api:
        results: list[Any] = []

        def create_first(number: int) -> None:
            if number == 1:
                sync = Twin("", twin.http, twin.runner)
                # Another key of the service stands for another process.
                with client_of(server, sync, api_key="sk-other") as other:
                    results.append(other.create_batch(**KEYED))

        server.on_create = create_first
        results.append(twin.ended(api, "create_batch", KEYED))

    told = [result for result in results if isinstance(result, errors.DuplicateBatchError)]
    assert told or (len(server.live()) == 1 and [result.id for result in results] == server.live() * 2), results


MOMENTS: dict[str, Callable[[UntidyServer], object]] = {
    "before the create request": lambda server: server.requests,
    "during the create request": lambda server: server.posts,
    "as the answer is sent": lambda server: server.answered,
    "in the look after the answer": lambda server: server.posts and server.requests[-1][0] == "GET",
}


def test_killed_and_started_again() -> None:
    """A program that is killed at any moment and started again creates one batch, although a commit takes 2 s."""

    def run(prefix: str, moment: Callable[[UntidyServer], object]) -> list[Any]:
        arguments: dict[str, Any] = {"restartable": True, "settling_time": 6}
        with untidy(Clock(), Habits(commit=2)) as server:
            with start(server, prefix, **arguments) as process:
                wait_until(lambda: moment(server))
                process.kill()
            result = printed(start(server, prefix, **arguments))
        return [result, *(row.document["id"] for row in server.created)]

    runs = [(prefix, moment) for moment in MOMENTS.values() for prefix in ("", "Async")]
    with ThreadPoolExecutor(len(runs)) as pool:
        ends = [*pool.map(lambda each: run(*each), runs)]

    assert [] == [(*where, end) for where, end in zip(runs, ends, strict=True) if len(end) != 2 or end[0] != end[1]]


@pytest.mark.parametrize("fault", ["ok", "dropped", "undone 500"])
def test_threads_and_tasks_share_a_request(twin: Twin, fault: str) -> None:
    """Eight threads or tasks with one key get the batch of one create request; after a failure, of one leader."""
    with untidy(SharedClock(), faults=[fault]) as server, client_of(server, twin) as api:
        server.on_create = lambda _: time.sleep(0.2)

        async def gather() -> list[Batch]:
            return [*await asyncio.gather(*(api.create_batch(**KEYED) for _ in range(8)))]

        batches: list[Batch]
        if twin.prefix:
            batches = twin.run(gather())
        else:
            with ThreadPoolExecutor(8) as pool:
                batches = [*pool.map(lambda _: api.create_batch(**KEYED), range(8))]

    assert [server.created[0].document["id"]] * 8 == [batch.id for batch in batches]
    assert (1, 2 if fault == "undone 500" else 1) == (len(server.created), server.posts)


@pytest.mark.parametrize("twin", ["async"], indirect=True)
def test_cancelled_leader(twin: Twin) -> None:
    """If the task that sends is cancelled, a waiting task finds the batch that commits 2 s later, and sends nothing."""
    with untidy(SharedClock(), Habits(commit=2), ["held"]) as server, client_of(server, twin) as api:

        async def cancel_leader() -> Batch:
            leader = asyncio.create_task(api.create_batch(**KEYED))
            await asyncio.sleep(0)
            follower: asyncio.Task[Batch] = asyncio.create_task(api.create_batch(**KEYED))
            while not server.created:
                await asyncio.sleep(0.01)
            leader.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await leader
            assert any("nightly" in note for note in caught.value.__notes__)
            return await follower

        batch = twin.run(cancel_leader())
        server.release.set()

    assert ([batch.id], 1) == ([row.document["id"] for row in server.created], server.posts)


class Interruption(BaseException):
    """Ends a thread or task, as KeyboardInterrupt ends a program."""


def hook_of(twin: Twin, error: BaseException, method: str) -> dict[str, list[Any]]:
    """An event hook of httpx that raises `error` at the first answer to `method`."""

    def raise_once(response: Any) -> None:
        if response.request.method == method and error.__traceback__ is None:
            raise error

    async def raise_once_async(response: Any) -> None:
        raise_once(response)

    return {"response": [raise_once_async if twin.prefix else raise_once]}


def test_failed_leader(twin: Twin) -> None:
    """If the thread or task that sends is interrupted, a waiting one finds the batch, and sends nothing."""
    with untidy(SharedClock()) as server:
        server.on_create = lambda _: time.sleep(0.2)
        hooks = hook_of(twin, Interruption(), "POST")
        with client_of(server, twin, event_hooks=hooks) as api:

            async def gather() -> list[Any]:
                return await asyncio.gather(*(api.create_batch(**KEYED) for _ in range(3)), return_exceptions=True)

            def create(_: int) -> Any:
                try:
                    return api.create_batch(**KEYED)
                except Interruption as error:
                    return error

            if twin.prefix:
                results = twin.run(gather())
            else:
                with ThreadPoolExecutor(3) as pool:
                    results = [*pool.map(create, range(3))]

    assert 1 == len([result for result in results if isinstance(result, Interruption)])
    assert {row.document["id"] for row in server.created} == {each.id for each in results if isinstance(each, Batch)}
    assert 1 == server.posts


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Interruption(), SystemExit(1)], ids=repr)
@pytest.mark.parametrize(("method", "notes"), [("POST", 1), ("GET", 0)])
def test_note_on_a_foreign_exception(twin: Twin, error: BaseException, method: str, notes: int) -> None:
    """An exception of a hook has a note with the key and the way to find the batch, if a create may have been sent."""
    error = type(error)(*error.args)
    with untidy(SharedClock()) as server, client_of(server, twin, event_hooks=hook_of(twin, error, method)) as api:
        with pytest.raises(type(error)) as caught:
            twin.run(api.create_batch(**KEYED))
        found = twin.run(api.find_batch(idempotency_key="nightly"))

    written = getattr(caught.value, "__notes__", [])
    assert notes == len(written) == len(server.created)
    assert all("nightly" in note and "find" in note for note in written)
    assert [found.id for _ in range(notes)] == [row.document["id"] for row in server.created]


def test_hook_that_fails_after_a_create(twin: Twin) -> None:
    """If a hook fails after a create request, the client finds the batch and sends no other request."""
    hooks = hook_of(twin, ValueError("hook"), "POST")
    with untidy(SharedClock()) as server, client_of(server, twin, event_hooks=hooks) as api:
        batch = twin.run(api.create_batch(**KEYED))

    assert ([batch.id], 1) == ([row.document["id"] for row in server.created], server.posts)


def test_hook_that_refuses_a_create(twin: Twin) -> None:
    """If a hook fails before each create request, the client looks for the batch and does not repeat the request."""

    def refuse(request: Any) -> None:
        if request.method == "POST":
            raise ValueError("hook")

    async def refuse_async(request: Any) -> None:
        refuse(request)

    hooks = {"request": [refuse_async if twin.prefix else refuse]}
    with (
        untidy(SharedClock()) as server,
        client_of(server, twin, event_hooks=hooks) as api,
        pytest.raises(
            errors.CreateOutcomeUnknownError, match="the request failed in a way that does not pass"
        ) as caught,
    ):
        twin.run(api.create_batch(**KEYED))

    assert (0, 1) == (server.posts, caught.value.attempts)


@pytest.mark.parametrize("option", ["on_retry", "api_key"])
def test_note_on_an_exception_of_the_callers_function(twin: Twin, option: str) -> None:
    """An exception of on_retry or api_key after a create request that may have acted has a note with the key."""

    def fail(*arguments: Any) -> str:
        if arguments or server.posts:
            raise ZeroDivisionError
        return "sk-test"

    with (
        untidy(SharedClock(), faults=["undone dropped", "undone dropped"]) as server,
        client_of(server, twin, **{option: fail}) as api,
        pytest.raises(ZeroDivisionError) as caught,
    ):
        twin.run(api.create_batch(**KEYED))

    assert 1 == server.posts
    assert any("nightly" in note and "find" in note for note in caught.value.__notes__)


# The async client takes the same steps. It is slow to test, so only the weekly run does.
@pytest.mark.parametrize("twin", ["sync", "async"] if IS_DEEP else ["sync"], indirect=True)
def test_cost(twin: Twin) -> None:
    """300 creates with keys in an account of 5,000 batches take at most 50 requests and 3 requests for each create."""
    with untidy(SharedClock(), Habits(older=5000, tick=0.3)) as server, client_of(server, twin) as api:
        for number in range(300):
            twin.run(api.create_batch(**CREATE, idempotency_key=f"key-{number}"))

    assert 300 == len(server.created) == server.posts
    assert len(server.requests) <= 50 + 3 * 300
