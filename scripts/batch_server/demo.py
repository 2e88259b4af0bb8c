"""scripts/demo: a tour of the client against the embedded server, or against a real service."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from openai_batch_client import Batch, BatchAPI, BatchAPIError

from .clock import ServerClock
from .running import running
from .status_timeline import Pace

REQUESTS = 500
MODEL = "gpt-4.1-nano"
# The pace of the embedded server, whose clock makes a batch of 500 requests complete in seconds.
PACE = Pace(requests_per_second=2, validating=20, finalizing=10, cancelling=15)
SPEED = 90.0

# Text from a server must not be read as markup.
console = Console(highlight=False, markup=False, soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the tour, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="Upload a file, then create, wait for, cancel and list batches."
    )
    parser.add_argument("--live", action="store_true", help="use a real service: OPENAI_API_KEY and OPENAI_BASE_URL")
    parser.add_argument("--yes", action="store_true", help="with --live: skip the confirmation")
    options = parser.parse_args(arguments)
    try:
        with _service(options.live, options.yes) as (url, key, poll_delay):
            _tour(url, key, poll_delay, REQUESTS if not options.live else 5)
    except KeyboardInterrupt:
        console.print("\nStopped. Batches on a real service continue to run; list them to see their status.")
        return 130
    except (BatchAPIError, httpx.HTTPError, ValueError) as error:
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
    with BatchAPI() as api:
        url = api.base_url
    console.print(f"This uploads two small files to {url} and creates three batches with your key.")
    console.print("They cost money.", style="bold")
    if not yes and not _confirmed():
        raise ValueError("cancelled; nothing was sent")
    yield url, os.environ["OPENAI_API_KEY"], 10.0


def _confirmed() -> bool:
    try:
        return console.input("Continue? (y/N) ").strip().lower() == "y"
    except EOFError:
        return False


def _tour(url: str, key: str, poll_delay: float, requests: int) -> None:
    files = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60)
    with files, BatchAPI(api_key=key, base_url=url) as api:
        _heading("A batch of requests")
        file_id = _upload(files, _requests(requests))
        batch = api.create_batch(
            input_file_id=file_id,
            endpoint="/v1/responses",
            completion_window="24h",
            metadata={"job": "demo"},
        )
        console.print(f"Uploaded {requests} requests as {file_id} and created {batch.id}.")
        batch = _wait(api, batch, poll_delay, requests)
        _show_results(files, batch)

        _heading("A batch that is cancelled while it runs")
        batch = api.create_batch(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h")
        time.sleep(10 * poll_delay)
        batch = api.cancel_batch(batch.id)
        console.print(f"Created {batch.id} and cancelled it after some seconds: it is {batch.status}.")
        batch = _wait(api, batch, poll_delay, requests)
        _show_results(files, batch)

        _heading("An input file with errors")
        invalid = _invalid_requests()
        file_id = _upload(files, invalid)
        batch = api.create_batch(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h")
        console.print(f"Uploaded {len(invalid)} lines as {file_id}, three of them with errors, and created {batch.id}.")
        batch = _wait(api, batch, poll_delay, len(invalid))
        for error in (batch.errors and batch.errors.data) or []:
            console.print(f"  line {error.line}: {error.code}: {error.message}", style="red")

        _heading("The list of batches")
        _show_list(api.list_batches(limit=10).data)


def _heading(text: str) -> None:
    console.print(f"\n{text}", style="bold cyan")


def _requests(count: int) -> list[str]:
    # Two requests name a model that does not exist, so that the batch has an error file.
    return [
        json.dumps(
            {
                "custom_id": f"request-{number}",
                "method": "POST",
                "url": "/v1/responses",
                "body": {
                    "model": "unknown-model" if number in (3, 4) else MODEL,
                    "input": f"Say the number {number} in words.",
                },
            }
        )
        for number in range(1, count + 1)
    ]


def _invalid_requests() -> list[str]:
    valid = _requests(3)
    return [
        valid[0],
        '{"custom_id": "request-2", "method": ',
        valid[0],
        valid[2].replace("/v1/responses", "/v1/embeddings"),
    ]


def _upload(files: httpx.Client, lines: list[str]) -> str:
    """Upload an input file with httpx, as the contract has no operations for files."""
    upload = {"file": ("requests.jsonl", "\n".join(lines).encode())}
    response = files.post("files", files=upload, data={"purpose": "batch"}).raise_for_status()
    return str(response.json()["id"])


def _wait(api: BatchAPI, batch: Batch, poll_delay: float, requests: int) -> Batch:
    """Wait until a batch is final, with a progress bar."""
    columns = (TextColumn("  {task.description:<12}"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(batch.status, total=requests)

        def show(polled: Batch) -> None:
            counts = polled.request_counts
            progress.update(
                task, description=polled.status, completed=counts.completed + counts.failed if counts else 0
            )

        return api.wait_for_batch(batch.id, timeout=86_400, on_poll=show, min_delay=poll_delay, max_delay=poll_delay)


def _show_results(files: httpx.Client, batch: Batch) -> None:
    """Download the output and error files of a batch, and print their number of lines and first line."""
    for kind, file_id in (("responses", batch.output_file_id), ("errors", batch.error_file_id)):
        if file_id:
            rows = files.get(f"files/{file_id}/content").raise_for_status().text.splitlines()
            first = json.loads(rows[0])
            console.print(f"  {len(rows)} {kind} in {file_id}; the first is for {first['custom_id']}:")
            body = first["response"]["body"]
            text = body["error"]["message"] if "error" in body else body["output"][0]["content"][0]["text"]
            console.print(f"    {first['response']['status_code']} {text}")
    if batch.usage:
        console.print(f"  {batch.usage.input_tokens} input tokens, {batch.usage.output_tokens} output tokens.")


def _show_list(batches: list[Batch]) -> None:
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
    sys.exit(main())
