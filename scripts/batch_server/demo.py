"""scripts/demo: a tour of the client against the embedded server, or against a real service."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # Ctrl-C during the imports, which take a second, ends the program without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

import openai_batch_client
from openai_batch_client import BatchAPIError, RequestResult, outcome
from scripts.openapi.contract import Contract, snake_case

from .client_names import BatchNames
from .clock import ServerClock
from .recording import Recorder, new_folder
from .running import running
from .status_timeline import Pace

REQUESTS = 500
MODEL = "gpt-4.1-nano"
# The pace of the embedded server, whose clock makes a batch of 500 requests complete in seconds.
PACE = Pace(requests_per_second=2, validating=20, finalizing=10, cancelling=15)
SPEED = 90.0
# The contract decides the names of the methods.
CONTRACT = Contract.load()
NAMES = BatchNames.of(CONTRACT)
Client: Any = getattr(openai_batch_client, NAMES.client)

# Text from a server must not be read as markup.
console = Console(highlight=False, markup=False, soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the tour, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="Submit requests, read results, and cancel and list batches."
    )
    parser.add_argument("--live", action="store_true", help="use a real service: OPENAI_API_KEY and OPENAI_BASE_URL")
    parser.add_argument("--yes", action="store_true", help="with --live: skip the confirmation")
    parser.add_argument(
        "--record",
        metavar="DIR",
        help="write the exchanges with the service to DIR, in the form of tests/exchanges/: without the key, and with "
        "invented ids and texts. DIR must be empty or absent. Read the files before you share them",
    )
    options = parser.parse_args(arguments)
    try:
        folder = options.record and new_folder(options.record)
    except (OSError, ValueError) as error:
        parser.error(f"argument --record: {error}")
    try:
        with (
            _service(options.live, options.yes) as (url, key, poll_delay),
            _recording(folder, url, key, options.live) as http_client,
            Client(api_key=key, base_url=url, http_client=http_client) as api,
        ):
            _tour(api, poll_delay, _requests(5 if options.live else REQUESTS))
    except KeyboardInterrupt:
        console.print("\nStopped. Batches on a real service continue to run; list them to see their status.")
        return 130
    except (BatchAPIError, ValueError) as error:
        console.print(f"scripts/demo: {error}", style="red")
        return 1
    return 0


@contextmanager
def _service(live: bool, yes: bool) -> Iterator[tuple[str, str, float]]:
    """The base URL and API key of the service, and the seconds between two polls."""
    if not live:
        with running(clock=ServerClock(SPEED), pace=PACE) as server:
            console.print(
                f"An embedded Batch API runs at {server.url}; its clock is {SPEED:.0f} times as fast as real time."
            )
            yield server.url, server.key, 0.1
        return
    with Client() as api:
        url = api.base_url
    console.print(f"This uploads two small files to {url} and creates two batches with your key.")
    console.print("They cost money.", style="bold")
    if not yes and not _confirmed():
        raise ValueError("cancelled; nothing was sent")
    yield url, os.environ["OPENAI_API_KEY"], 10.0


def _recording(folder: Path | None, url: str, key: str, is_live: bool) -> AbstractContextManager[Any]:
    """The HTTP client that records, or None: then the client makes its own."""
    if folder is None:
        return nullcontext()
    recorder = Recorder(folder, CONTRACT, Client, base_url=url, key=key, is_live=is_live)
    return recorder.http_client(lambda text: console.print(f"\n{text}"))


def _confirmed() -> bool:
    try:
        return console.input("Continue? (y/N) ").strip().lower() == "y"
    except EOFError:
        return False


def _tour(api: Any, poll_delay: float, requests: list[tuple[str, dict[str, Any]]]) -> None:
    _heading("A batch of requests")
    batch = _submit(api, requests)
    console.print(f"Submitted {len(requests)} requests as {batch.id}.")
    batch = _wait(api, batch, poll_delay, len(requests))
    _show_results(api, batch)

    _heading("A batch that is cancelled while it runs")
    batch = _submit(api, requests)
    time.sleep(10 * poll_delay)
    batch = getattr(api, NAMES.cancel.name)(batch.id)
    console.print(f"Submitted {batch.id} and cancelled it after some seconds: it is {batch.status}.")
    batch = _wait(api, batch, poll_delay, len(requests))
    _show_results(api, batch)
    remaining = sum(1 for _ in api.remaining_requests(batch, requests=requests))
    console.print(f"  {remaining} requests have no answer and may be sent again.")

    _heading("Requests with errors")
    try:
        _submit(api, [requests[0], requests[0], ("", {})])
    except ValueError as error:
        console.print(f"  {error}", style="red")

    _heading("The list of batches")
    paging = NAMES.resource.pagination
    page = getattr(api, NAMES.list.name)(**{snake_case(paging["page_size"]): 10})
    _show_list(getattr(page, snake_case(paging["items"])))


def _heading(text: str) -> None:
    console.print(f"\n{text}", style="bold cyan")


def _requests(count: int) -> list[tuple[str, dict[str, Any]]]:
    # Two requests name a model that does not exist, so that the batch has an error file.
    models = {3: "unknown-model", 4: "unknown-model"}
    return [
        (f"request-{n}", {"model": models.get(n, MODEL), "input": f"Say the number {n} in words."})
        for n in range(1, count + 1)
    ]


@contextmanager
def _bar(description: str, total: int | None) -> Iterator[Any]:
    """Show a progress bar, and yield a function that updates it."""
    columns = (TextColumn("  {task.description:<12}"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(description, total=total)
        yield lambda **values: progress.update(task, **values)


def _submit(api: Any, requests: list[tuple[str, dict[str, Any]]]) -> Any:
    with _bar("check", len(requests)) as update:
        return getattr(api, f"submit_{NAMES.noun}")(
            requests,
            **{name: value for name, value in NAMES.request.items() if name != NAMES.file_field},
            metadata={"job": "demo"},
            on_progress=lambda at: update(description=at.stage, completed=at.done, total=at.total),
        )


def _wait(api: Any, batch: Any, poll_delay: float, requests: int) -> Any:
    """Wait until a batch is final, with a progress bar."""
    with _bar(batch.status, requests) as update:

        def show(polled: Any) -> None:
            counts = polled.request_counts
            update(description=polled.status, completed=counts.completed + counts.failed if counts else 0)

        wait = getattr(api, f"wait_for_{NAMES.noun}")
        return wait(batch.id, timeout=86_400, on_poll=show, min_delay=poll_delay, max_delay=poll_delay)


def _show_results(api: Any, batch: Any) -> None:
    """Read the results of a batch, and print their numbers, the first answer and the first error."""
    first: dict[bool, RequestResult] = {}
    numbers = {True: 0, False: 0}
    with _bar("download", None) as update:
        for result in api.iter_results(batch, on_progress=lambda at: update(completed=at.done, total=at.total)):
            first.setdefault(result.ok, result)
            numbers[result.ok] += 1
    console.print(f"  The outcome is {outcome(batch)}: {numbers[True]} answers and {numbers[False]} errors.")
    for is_ok, result in first.items():
        text = result.body["output"][0]["content"][0]["text"] if is_ok else result.error and result.error.message
        console.print(f"    {result.custom_id}: {result.status_code} {text}")
    if batch.usage:
        console.print(f"  {batch.usage.input_tokens} input tokens, {batch.usage.output_tokens} output tokens.")


def _show_list(batches: list[Any]) -> None:
    table = Table("id", "status", "done", "failed", "job", box=None, pad_edge=False)
    colours = {"completed": "green", "failed": "red", "cancelled": "yellow"}
    for batch in batches:
        counts = batch.request_counts
        table.add_row(
            batch.id,
            Text(batch.status, style=colours.get(batch.status, "")),
            str(counts.completed if counts else ""),
            str(counts.failed if counts else ""),
            (batch.metadata or {}).get("job", ""),
        )
    console.print(table)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
