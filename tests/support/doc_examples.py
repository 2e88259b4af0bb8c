"""Runs the Python examples of the README and the docs against an embedded server with their files and batches."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from openai_batch_client._runtime.base_client import BaseClient
from scripts.batch_server.clock import ServerClock
from scripts.batch_server.running import running
from tests.support.example_calls import input_file
from tests.support.twin import SkippingClock

# A day on the server's clock takes a tenth of a second, so that examples with a wait end at once.
SPEED = 1_000_000


def blocks(path: Path) -> list[str]:
    """The Python blocks of a Markdown file that can run alone: those that begin with an import or a comment."""
    found = re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [block for block in found if re.match(r"(import|from|#)", block)]


@contextmanager
def service(text: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run a server with the files and batches in `text`, and set its URL and key in the environment."""
    monkeypatch.setattr(BaseClient, "_clock", SkippingClock())
    with running(clock=ServerClock(SPEED)) as server:
        for file_id in {"file-abc123", *re.findall(r"file-\w{22}", text)}:
            server.store.files[file_id] = input_file(file_id)
        request = {"input_file_id": "file-abc123", "endpoint": "/v1/responses", "completion_window": "24h"}
        for batch_id in {"batch_abc123", *re.findall(r"batch_[0-9a-f]{32}", text)}:
            server.store.create(request, batch_id)
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield


def run(block: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a block as a program."""
    with service(block, monkeypatch):
        exec(compile(block, name, "exec"), {"__name__": "__main__"})
