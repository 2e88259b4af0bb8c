"""Runs what the README and the docs show, against an embedded server that knows the ids which they name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.batch_server.clock import Clock
from scripts.batch_server.running import running
from scripts.batch_server.store import StoredFile

LINE = b'{"custom_id": "1", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "x"}}\n'
# Waiting is over at once: a day of the server passes in a moment.
SPEED = 1_000_000


def blocks(path: Path) -> list[str]:
    """The blocks of Python of a Markdown file that can run: those that begin with an import."""
    found = re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [block for block in found if re.match(r"(import|from|#)", block)]


@contextmanager
def service(text: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server with the files and batches that `text` names, and its URL and key in the environment."""
    with running(clock=Clock(SPEED)) as server:
        for file_id in {"file-abc123", *re.findall(r"file-\w{22}", text)}:
            server.store.files[file_id] = StoredFile(file_id, "in.jsonl", "batch", 0, LINE)
        request = {"input_file_id": "file-abc123", "endpoint": "/v1/responses", "completion_window": "24h"}
        for batch_id in {"batch_abc123", *re.findall(r"batch_[0-9a-f]{32}", text)}:
            server.store.create(request, batch_id)
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield


def run(block: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a block as a program of its own."""
    with service(block, monkeypatch):
        exec(compile(block, name, "exec"), {"__name__": "__main__"})
