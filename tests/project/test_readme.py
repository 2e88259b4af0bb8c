"""The README and the guides tell the truth: code runs, paths exist, and the shown output is real."""

import asyncio
import random
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from scripts.batch_server.clock import ServerClock
from scripts.batch_server.running import running
from scripts.openapi.contract import OPENAPI_YAML, ROOT
from scripts.openapi.loading import load
from scripts.specdiff import __main__ as diff
from tests.project import mutate
from tests.support import doc_examples

README = ROOT / "README.md"
RECIPES = ROOT / ".github" / "RECIPES.md"
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
SECURITY = ROOT / ".github" / "SECURITY.md"
DIFF_GUIDE = ROOT / "scripts" / "specdiff" / "README.md"
BLOCKS = [(page, block) for page in (README, RECIPES) for block in doc_examples.blocks(page)]
NIGHTLY_JOB = doc_examples.blocks(README)[0]
# Runs a program with a clock that is `SPEED` times as fast as real time.
SPEED = 8
FAST = f"""
import sys, time
from openai_batch_client._runtime.clock import Clock

Clock.monotonic = lambda self: time.monotonic() * {SPEED}
Clock.sleep = lambda self, seconds: time.sleep(seconds / {SPEED})
exec(sys.argv[1])
"""


@pytest.mark.parametrize(("page", "block"), BLOCKS, ids=[f"{page.stem}-{n}" for n, (page, _) in enumerate(BLOCKS)])
def test_block_runs(
    page: Path, block: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each block of Python runs without edits and prints something; key and URL are in the environment."""
    doc_examples.run(block, str(page), monkeypatch)

    assert capsys.readouterr().out.strip()


def slow_to_create(app: Any) -> Any:
    """Delay each create request by two thirds of the settling time, also if the client is killed meanwhile."""

    async def delayed(scope: Any, receive: Any, send: Any) -> Any:
        if scope["method"] != "POST" or not scope["path"].endswith("/batches"):
            return await app(scope, receive, send)
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        await asyncio.sleep(20 / SPEED)

        async def replay() -> Any:
            return messages.pop(0) if messages else await receive()

        return await app(scope, replay, send)

    return delayed


def test_nightly_job_that_is_killed() -> None:
    """The first program, killed at a random moment and started again, makes one batch and prints all answers."""

    def run(seed: int) -> tuple[int, list[str]]:
        with running(clock=ServerClock(100), wrap=slow_to_create) as server:
            environment = {"OPENAI_API_KEY": server.key, "OPENAI_BASE_URL": server.url}

            def start() -> subprocess.Popen[str]:
                command = [sys.executable, "-c", FAST, NIGHTLY_JOB]
                return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

            with start() as process:
                time.sleep(random.Random(seed).uniform(0.3, 6))
                process.kill()
            output, _ = start().communicate(timeout=60)
            return len(server.store.batches), [
                line.partition(" ")[0] for line in output.splitlines() if "'output_text'" in line
            ]

    with ThreadPoolExecutor(6) as pool:
        assert [(1, ["sum", "product"])] * 6 == [*pool.map(run, range(6))]


def test_first_program_is_short() -> None:
    """The first program has at most 15 lines, and needs no other library."""
    assert len(NIGHTLY_JOB.splitlines()) <= 15
    assert {"openai_batch_client"} == {*re.findall(r"^(?:from|import) (\w+)", NIGHTLY_JOB, re.MULTILINE)}


def test_each_promise_of_security_has_a_test() -> None:
    """Each promise in SECURITY.md names a test that exists."""
    promises = [text for text in SECURITY.read_text("utf-8").split("\n- ")[1:] if text]
    named = [re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise) for promise in promises]

    assert all(named)
    assert [] == [
        (path, name)
        for tests in named
        for path, name in tests
        if not re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    ]


def test_every_block_is_run() -> None:
    """The tests above run every block of Python."""
    pages = README.read_text("utf-8") + RECIPES.read_text("utf-8")

    assert len(re.findall(r"^```python", pages, re.MULTILINE)) == len(BLOCKS) >= 2


def test_blocks_are_typed(tmp_path: Path) -> None:
    """Every block of Python passes mypy --strict."""
    for number, (_, block) in enumerate(BLOCKS, 1):
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
    """The README states the actual number of mutations."""
    stated = re.search(r"breaks the package in (\d+) small ways", README.read_text("utf-8"))

    assert stated is not None
    assert len(list(mutate.mutations())) == int(stated[1])


@pytest.mark.parametrize("page", [README, RECIPES, CONTRIBUTING, DIFF_GUIDE], ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link leads to a file, or to a heading of the same page."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")) if "://" not in link]

    assert links
    for link in links:
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not heading or heading in headings(target), link


def headings(page: Path) -> list[str]:
    """The headings of a page, as they are written in links."""
    written = re.findall(r"^##+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in written]


def test_named_paths_exist() -> None:
    """Every path in the map and every script in the README exists, and every script is in the map."""
    text = CONTRIBUTING.read_text("utf-8")
    paths = re.findall(r"^\| `([^`]+)` \|", text.partition("\n## Map\n")[2].partition("\n### ")[0], re.MULTILINE)
    commands = re.findall(r"^(scripts/\w+)", README.read_text("utf-8"), re.MULTILINE)
    scripts = {path.name for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix}

    assert paths
    assert commands
    assert [] == [path for path in (*paths, *commands) if not Path(ROOT, path).exists()]
    assert [] == [script for script in scripts if f"`{script}`" not in text]


@pytest.mark.parametrize(
    ("page", "cases"),
    [
        (README, ["a required parameter"]),
        (DIFF_GUIDE, ["an additional status", "another operationId", "a required parameter"]),
    ],
    ids=["readme", "diff"],
)
def test_output_of_diff_is_real(
    page: Path, cases: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page shows exactly what scripts/diff prints for the changes that the page describes."""
    text = OPENAPI_YAML.read_text("utf-8")
    edits = load(ROOT / "tests" / "specdiff" / "python_api.yaml").document
    for name in cases:
        for old, new in edits[name]["edits"]:
            text = text.replace(old, new)
    changed = tmp_path / "openapi.yaml"
    changed.write_text(text, "utf-8")
    shown = re.findall(r"^```console\n\$ scripts/diff\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)

    assert 1 == diff.main([str(OPENAPI_YAML), str(changed)])
    assert [capsys.readouterr().out] == shown, f"copy the new output of scripts/diff to {page.name}"
