"""Runs the Python examples of the README, the recipes and the docs against an embedded server with their batches."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from openai_batch_client._runtime.base_client import BaseClient
from scripts.batch_server.client_names import BatchNames
from scripts.batch_server.clock import ServerClock
from scripts.batch_server.running import RunningServer, running
from scripts.openapi.contract import Contract
from tests.support.example_calls import create_documented, input_file
from tests.support.twin import SkippingClock

# A day on the server's clock takes a tenth of a second, so that examples with a wait end at once.
SPEED = 1_000_000
NAMES = BatchNames.of(Contract.load())


def blocks(path: Path) -> list[str]:
    """The Python blocks of a Markdown file that can run alone: those that begin with an import or a comment."""
    found = re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [block for block in found if re.match(r"(import|from|#)", block)]


def as_azure(app: Any) -> Any:
    """Serve `app` also as Azure does: below /openai, and with the key in the header api-key."""

    async def translated(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith("/openai"):
            path = scope["path"].removeprefix("/openai")
            headers = [
                (b"authorization", b"Bearer " + value) if name == b"api-key" else (name, value)
                for name, value in scope["headers"]
            ]
            scope = {**scope, "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
        await app(scope, receive, send)

    return translated


@contextmanager
def service(text: str, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Iterator[RunningServer]:
    """Run a server with the files and batches in `text`, in an empty folder, with its URL and key in the environment.

    Args:
        text: The program.
        monkeypatch: Sets the clock, the environment and the folder.
        options: Passed to `running`.
    """
    monkeypatch.setattr(BaseClient, "_clock", SkippingClock())
    options = {"clock": ServerClock(SPEED), "wrap": as_azure, **options}
    with running(**options) as server, tempfile.TemporaryDirectory() as folder, monkeypatch.context() as patch:
        for file_id in {"file-abc123", *re.findall(r"file-\w{22}", text)}:
            server.store.files.by_id[file_id] = input_file(file_id)
        batches = server.store.batches
        request = {**NAMES.request, NAMES.file_field: "file-abc123"}
        for batch_id in {"batch_abc123", *re.findall(r"batch_(?:[0-9a-f]{32}|abc\d{3})\b", text)}:
            batches.create(request, batch_id)
        create_documented(server.store, {batch.id for batch in batches.objects})
        patch.setenv("OPENAI_API_KEY", server.key)
        patch.setenv("OPENAI_BASE_URL", server.url)
        patch.setenv("AZURE_OPENAI_API_KEY", server.key)
        patch.setenv("AZURE_OPENAI_ENDPOINT", server.url.removesuffix("/v1"))
        patch.chdir(folder)
        yield server


def run(block: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a block as a program."""
    with service(block, monkeypatch):
        execute(block, name)


def execute(block: str, name: str) -> None:
    """Run a block in a service that runs already."""
    exec(compile(block, name, "exec"), {"__name__": "__main__"})
