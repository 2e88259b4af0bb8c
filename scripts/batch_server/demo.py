"""The command behind scripts/demo: a tour of the client, against the embedded server or a real service."""

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

from .clock import Clock
from .lifecycle import Pace
from .running import running

REQUESTS = 500
MODEL = "gpt-4.1-nano"
# Against the embedded server: a day passes in seconds.
PACE = Pace(requests_per_second=2, validating=20, finalizing=10, cancelling=15)
SPEED = 90.0

# What a server says is printed as it is, never as markup.
console = Console(highlight=False, markup=False, soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the tour; returns the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description="Uploads, creates, waits, cancels, fails, lists.")
    parser.add_argument("--live", action="store_true", help="use OPENAI_API_KEY and OPENAI_BASE_URL, after asking")
    parser.add_argument("--yes", action="store_true", help="with --live: do not ask")
    options = parser.parse_args(arguments)
    try:
        with _service(options.live, options.yes) as (url, key, pause):
            _tour(url, key, pause, REQUESTS if not options.live else 5)
    except KeyboardInterrupt:
        console.print("\nStopped. What was created on a real service goes on: list the batches to see it.")
        return 130
    except (BatchAPIError, httpx.HTTPError, ValueError) as error:
        console.print(f"scripts/demo: {error}", style="red")
        return 1
    return 0


@contextmanager
def _service(live: bool, yes: bool) -> Iterator[tuple[str, str, float]]:
    """Base URL and key of a service, and the seconds between two looks at a batch."""
    if not live:
        with running(clock=Clock(SPEED), pace=PACE) as server:
            console.print(f"An embedded Batch API is up at {server.url}; its clock runs {SPEED:.0f} times as fast.")
            yield server.url, server.key, 0.1
        return
    with BatchAPI() as api:
        url = api.base_url
    console.print(f"This uploads two small files to {url} and creates three batches with your key.")
    console.print("They cost money.", style="bold")
    if not yes and not _agreed():
        raise ValueError("nothing was sent")
    yield url, os.environ["OPENAI_API_KEY"], 10.0


def _agreed() -> bool:
    try:
        return console.input("Go on? (y/N) ").strip().lower() == "y"
    except EOFError:
        return False


def _tour(url: str, key: str, pause: float, requests: int) -> None:
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
        console.print(f"Uploaded {requests} requests as {file_id}, created {batch.id}.")
        batch = _wait(api, batch, pause, requests)
        _show_output(files, batch)

        _heading("A batch that is cancelled half-way")
        batch = api.create_batch(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h")
        time.sleep(10 * pause)
        batch = api.cancel_batch(batch.id)
        console.print(f"Created {batch.id}, let it run, and asked to cancel it: it is {batch.status}.")
        batch = _wait(api, batch, pause, requests)
        _show_output(files, batch)

        _heading("A file with faults")
        broken = _broken_requests()
        file_id = _upload(files, broken)
        batch = api.create_batch(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h")
        console.print(f"Uploaded {len(broken)} lines as {file_id}, three of them faulty, created {batch.id}.")
        batch = _wait(api, batch, pause, len(broken))
        for error in (batch.errors and batch.errors.data) or []:
            console.print(f"  line {error.line}: {error.code}: {error.message}", style="red")

        _heading("The list")
        _show_list(api.list_batches(limit=10).data)


def _heading(text: str) -> None:
    console.print(f"\n{text}", style="bold cyan")


def _requests(count: int) -> list[str]:
    # Two requests ask for a model that does not exist, so that there is an error file to see.
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


def _broken_requests() -> list[str]:
    good = _requests(3)
    return [
        good[0],
        '{"custom_id": "request-2", "method": ',
        good[0],
        good[2].replace("/v1/responses", "/v1/embeddings"),
    ]


def _upload(files: httpx.Client, lines: list[str]) -> str:
    """Upload a file of requests; files are outside this client's contract, so plain httpx does it."""
    upload = {"file": ("requests.jsonl", "\n".join(lines).encode())}
    answer = files.post("files", files=upload, data={"purpose": "batch"}).raise_for_status()
    return str(answer.json()["id"])


def _wait(api: BatchAPI, batch: Batch, pause: float, requests: int) -> Batch:
    """Follow a batch to its end, with a bar."""
    columns = (TextColumn("  {task.description:<12}"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(batch.status, total=requests)

        def show(seen: Batch) -> None:
            counts = seen.request_counts
            progress.update(task, description=seen.status, completed=counts.completed + counts.failed if counts else 0)

        return api.wait_for_batch(batch.id, timeout=86_400, on_poll=show, min_delay=pause, max_delay=pause)


def _show_output(files: httpx.Client, batch: Batch) -> None:
    """Download what a batch has produced, and say what is in it."""
    for kind, file_id in (("answers", batch.output_file_id), ("failures", batch.error_file_id)):
        if file_id:
            rows = files.get(f"files/{file_id}/content").raise_for_status().text.splitlines()
            first = json.loads(rows[0])
            console.print(f"  {len(rows)} {kind} in {file_id}; the first is to {first['custom_id']}:")
            body = first["response"]["body"]
            shown = body["error"]["message"] if "error" in body else body["output"][0]["content"][0]["text"]
            console.print(f"    {first['response']['status_code']} {shown}")
    if batch.usage:
        console.print(f"  {batch.usage.input_tokens} tokens in, {batch.usage.output_tokens} tokens out.")


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
