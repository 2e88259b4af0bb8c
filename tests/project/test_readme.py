"""What the README shows works: every block of Python runs against the embedded server, and output is real."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.openapi.contract import OPENAPI_YAML, ROOT
from scripts.openapi.loading import load
from scripts.specdiff import __main__ as diff
from tests.project import mutate
from tests.support import doc_examples

README = ROOT / "README.md"
BLOCKS = doc_examples.blocks(README)


@pytest.mark.parametrize("block", BLOCKS, ids=[f"block-{number}" for number in range(1, len(BLOCKS) + 1)])
def test_block_runs(block: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The block runs as it stands, with key and URL in the environment, and prints something."""
    doc_examples.run(block, str(README), monkeypatch)

    assert capsys.readouterr().out.strip()


def test_every_block_is_run() -> None:
    """No block of Python is left out."""
    assert len(re.findall(r"^```python", README.read_text("utf-8"), re.MULTILINE)) == len(BLOCKS) >= 2


def test_blocks_are_typed(tmp_path: Path) -> None:
    """What the README shows passes mypy --strict, as it promises."""
    for number, block in enumerate(BLOCKS, 1):
        tmp_path.joinpath(f"block_{number}.py").write_text(block, "utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *map(str, sorted(tmp_path.glob("*.py")))],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert (0, f"Success: no issues found in {len(BLOCKS)} source files\n") == (ended.returncode, ended.stdout)


def test_number_of_mutations() -> None:
    """As many ways to break the package as it says are written down."""
    told = re.search(r"breaks the package in (\d+) small ways", README.read_text("utf-8"))

    assert told is not None
    assert len(list(mutate.mutations())) == int(told[1])


def test_named_paths_exist() -> None:
    """Every path that the README's map and its links name exists, and every script is in the map."""
    text = README.read_text("utf-8")
    paths = {
        *re.findall(r"^\| `([^`]+)` \|", text.partition("## What is where")[2], re.MULTILINE),
        *(link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link),
        *re.findall(r"^(scripts/\w+)", text, re.MULTILINE),
    }
    scripts = {path.name for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix}
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^##+ (.+)$", text, re.MULTILINE)}

    assert set() == set(re.findall(r"\]\(#([^)]+)\)", text)) - headings
    assert [] == [path for path in paths if not Path(ROOT, path).exists()]
    assert [] == [script for script in scripts if f"`{script}`" not in text and f"scripts/{script}" not in text]


def test_lifecycle_is_that_of_the_contract() -> None:
    """The diagram of a batch's life is the one that the docs draw from the contract."""
    drawn = re.search(r"^```mermaid\nstateDiagram.*?^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)

    assert drawn is not None
    assert drawn[0] in ROOT.joinpath("generated", "docs", "BatchStatus.md").read_text("utf-8")


def test_output_of_diff_is_real(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The three changes that the README speaks of give just what it shows."""
    text = OPENAPI_YAML.read_text("utf-8")
    cases = load(ROOT / "tests" / "specdiff" / "python_api.yaml").document
    for name in ("a status more", "another operationId", "a parameter that must be given"):
        for old, new in cases[name]["edits"]:
            text = text.replace(old, new)
    changed = tmp_path / "openapi.yaml"
    changed.write_text(text, "utf-8")
    shown = re.findall(r"^```console\n\$ scripts/diff\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)

    assert 1 == diff.main([str(OPENAPI_YAML), str(changed)])
    assert [capsys.readouterr().out] == shown
