"""The programs of earlier releases still type-check and run, unless scripts/diff announces the break."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.openapi.contract import OPENAPI_YAML, ROOT
from scripts.openapi.loading import load
from scripts.specdiff import __main__ as diff
from tests.project import freeze
from tests.support import doc_examples

RELEASES = sorted(freeze.FROZEN.glob("*.md"))
PROGRAMS = [(page.stem, number, block) for page in RELEASES for number, block in enumerate(doc_examples.blocks(page))]
# Other tests run the programs that the documentation still has.
CURRENT = {block for page in freeze.pages(ROOT) for block in doc_examples.blocks(page)}
BROKEN: list[dict[str, Any]] = load(freeze.FROZEN / "broken.yaml").document
EXPECTED = {(entry["release"], entry["program"]) for entry in BROKEN}
OLD_PROGRAMS = [program for program in PROGRAMS if program[2] not in CURRENT and program[:2] not in EXPECTED]
IDS = [f"{release}-{number}" for release, number, _ in OLD_PROGRAMS]


def type_errors(folder: Path, programs: list[tuple[str, int, str]]) -> dict[tuple[str, int], list[str]]:
    """The errors of mypy --strict by program; programs without errors are left out."""
    files = {}
    for release, number, block in programs:
        path = folder / f"release_{release.replace('.', '_')}_program_{number}.py"
        path.write_text(block, "utf-8")
        files[path.name] = (release, number)
    # scripts/check has filled the cache.
    options = ("--strict", "--config-file=", "--no-error-summary", f"--cache-dir={ROOT / '.mypy_cache'}")
    command = [sys.executable, "-m", "mypy", *options, *files]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert not ended.stderr
    errors: dict[tuple[str, int], list[str]] = {}
    for line in ended.stdout.splitlines():
        errors.setdefault(files[line.partition(":")[0]], []).append(line)
    return errors


def test_programs_pass_the_type_checker(tmp_path: Path) -> None:
    """mypy --strict accepts each program, unless its break is announced. It refuses names that do not exist."""
    wrong = ["from openai_batch_client import Nothing", "from openai_batch_client import BatchAPI\nBatchAPI(nothing=1)"]
    controls = [("wrong", number, block) for number, block in enumerate(wrong)]
    errors = type_errors(tmp_path, [*PROGRAMS, *controls])

    assert len(PROGRAMS) >= 29
    assert {("wrong", 0), ("wrong", 1)} == {name for name in errors if name not in EXPECTED}, errors


@pytest.mark.parametrize(
    ("release", "number", "block"), OLD_PROGRAMS, ids=[f"{name}-{n}" for name, n, _ in OLD_PROGRAMS]
)
def test_program_runs(
    release: str, number: int, block: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each program of a release runs and prints something, unless its break is announced."""
    doc_examples.run(block, f"{release}-{number}", monkeypatch)

    assert capsys.readouterr().out.strip()


def test_breaks_are_announced(capsys: pytest.CaptureFixture[str]) -> None:
    """scripts/diff reports the break of each entry in broken.yaml, between the contract of the release and this one."""
    for entry in BROKEN:
        old = freeze.FROZEN / f"{entry['release']}.yaml"
        diff.main([str(old), str(OPENAPI_YAML), "--format", "json", "--fail-on", "never"])
        report = json.loads(capsys.readouterr().out)
        severe = [each for each in (*report["findings"], *report["python"]) if "breaking" in each.values()]
        assert entry["announced"] in json.dumps(severe)


def test_release_is_frozen_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The programs of a release are not overwritten."""
    kept = RELEASES[0].read_text("utf-8")

    assert 1 == freeze.main("0.1.0")
    assert "a release is frozen once" in capsys.readouterr().err
    assert kept == RELEASES[0].read_text("utf-8")
    assert (ROOT / "tests" / "frozen" / "0.1.0.yaml").exists()
