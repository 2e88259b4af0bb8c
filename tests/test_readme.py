"""What the README shows works: every block of Python in it runs against the embedded server."""

import re
from pathlib import Path

import pytest

from scripts.batch_server.clock import Clock
from scripts.batch_server.running import running
from scripts.batch_server.store import StoredFile
from scripts.codegen.contract import ROOT

README = ROOT / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)
LINE = b'{"custom_id": "1", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "x"}}\n'


@pytest.mark.parametrize("block", BLOCKS, ids=[f"block-{number}" for number in range(1, len(BLOCKS) + 1)])
def test_block_runs(block: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The block runs as it stands, with key and URL in the environment, and prints something."""
    with running(clock=Clock(0)) as server:
        server.store.files["file-abc123"] = StoredFile("file-abc123", "in.jsonl", "batch", 0, LINE)
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        exec(compile(block, str(README), "exec"), {"__name__": "__main__"})

    assert capsys.readouterr().out.strip()


def test_there_are_blocks() -> None:
    """The README shows how to use the package."""
    assert len(BLOCKS) >= 2


def test_named_paths_exist() -> None:
    """Every path that the README's map and its links name exists, and every script is in the map."""
    text = README.read_text("utf-8")
    paths = {
        *re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE),
        *(link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link),
        *re.findall(r"^(scripts/\w+)", text, re.MULTILINE),
    }
    scripts = {path.name for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix}

    assert [] == [path for path in paths if not Path(ROOT, path).exists()]
    assert [] == [script for script in scripts if f"`{script}`" not in text and f"scripts/{script}" not in text]
