"""Breaks a copy of the generated package in each way of mutations.yaml, and reports which mutations the tests notice.

Usage: `scripts/setup python -m tests.project.mutate [--part K/N] [TEXT ...]`. Each text selects the mutations whose
file or description contains it. `--part 2/6` tries the second of six parts. A run takes an hour, so it is not part of
the tests.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from attrs import frozen

from scripts.openapi.contract import ROOT
from scripts.openapi.loading import load
from tests.support import project_copy

FILE = Path(__file__).with_name("mutations.yaml")
PACKAGE = ROOT / "generated" / "openai_batch_client"
# These tests do not use the package, or they compare its files without running them.
EXCLUDED_TESTS = (
    *("codegen/*", "specdiff/*", "client/test_names", "batch_server/test_demo", "batch_server/test_prism"),
    *("batch_server/test_schemathesis", "project/test_[!c]*"),
)
# These tests are quick and precise.
FIRST_TESTS = (
    *("client/test_exchanges", "client/test_client", "client/test_retries", "client/test_create_once"),
    *("client/test_paging", "client/test_waiting", "client/test_outcome", "client/test_providers"),
    *("client/test_credentials", "client/test_wait_on_odd_answers", "client/test_total_time"),
    *("client/test_hostile_servers", "client/test_loops_and_forks", "batch_server/test_generated_client"),
)
# In seconds. Some mutations cause an endless loop.
TIMEOUT = 240


@frozen
class Mutation:
    """One way to break the package."""

    path: str
    description: str
    old: str
    new: str
    everywhere: bool = False
    """Whether the old text may occur more than once. Each occurrence is then replaced."""

    def fault(self) -> str | None:
        """The reason why the entry does not fit the package, or None."""
        count = PACKAGE.joinpath(self.path).read_text("utf-8").count(self.old)
        if count == 1 or (count and self.everywhere):
            return None
        return f"{FILE.name}: {self.description!r}: the old text occurs {count} times in {self.path}; correct the entry"

    def apply(self, package: Path) -> str:
        """Break the package, and return the original text of the file."""
        path = package / self.path
        original = path.read_text("utf-8")
        path.write_text(original.replace(self.old, self.new), "utf-8")
        return original


def mutations() -> Iterator[Mutation]:
    """All mutations, in the order of the file."""
    entries: dict[str, Any] = load(FILE).document
    for path, rows in entries.items():
        for description, old, new, *everywhere in rows:
            yield Mutation(path, description, old, new, bool(everywhere))


def first_failure(mutation: Mutation, root: Path, tests: list[str]) -> str | None:
    """The first test in the copy `root` that fails because of a mutation, or None."""
    package = root / "generated" / "openai_batch_client"
    original = mutation.apply(package)
    try:
        completed = project_copy.pytest(root, "-x", "--no-header", *tests, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return f"the tests do not end within {TIMEOUT} s"
    finally:
        package.joinpath(mutation.path).write_text(original, "utf-8")
    failed = [line for line in completed.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return failed[0].split(" - ")[0] if failed else None


def selection(arguments: list[str]) -> list[Mutation]:
    """The mutations that the command line selects."""
    parser = argparse.ArgumentParser(prog="python -m tests.project.mutate")
    parser.add_argument("--part", default="1/1", metavar="K/N")
    parser.add_argument("texts", nargs="*", metavar="TEXT")
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"[1-9]\d*/[1-9]\d*", options.part):
        parser.error(f"--part must be two numbers such as 2/6, got {options.part!r}")
    part, parts = map(int, options.part.split("/"))
    if part > parts:
        parser.error(f"there is no part {part} of {parts}")
    found = [
        mutation
        for mutation in mutations()
        if not options.texts or any(text in f"{mutation.path}: {mutation.description}" for text in options.texts)
    ]
    return found[part - 1 :: parts]


def main(arguments: list[str]) -> int:
    """Try the selected mutations. The exit code is 1 if the tests miss a mutation, or if none is selected."""
    selected = selection(arguments)
    if faults := [fault for mutation in mutations() if (fault := mutation.fault())]:
        raise SystemExit("\n".join(faults))
    folder = ROOT / "tests"
    paths = {*folder.glob("*/test_*.py")} - {path for name in EXCLUDED_TESTS for path in folder.glob(f"{name}.py")}
    names = (path.relative_to(folder).with_suffix("").as_posix() for path in paths)
    tests = [f"tests/{name}.py" for name in sorted(names, key=lambda name: (name not in FIRST_TESTS, name))]
    local = threading.local()
    with tempfile.TemporaryDirectory() as copies:

        def attempt(mutation: Mutation) -> str | None:
            if not hasattr(local, "root"):
                local.root = project_copy.copied(
                    Path(tempfile.mkdtemp(dir=copies)),
                    (*project_copy.SOURCES, "openapi.yaml", "generated", "README.md"),
                )
                unchanged = project_copy.pytest(local.root, "-x", *tests)
                if unchanged.returncode:
                    raise SystemExit(f"The tests fail without a mutation:\n{unchanged.stdout}")
            return first_failure(mutation, local.root, tests)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            missed = 0
            for mutation, test in zip(selected, pool.map(attempt, selected), strict=True):
                missed += test is None
                print(
                    f"{'noticed' if test else 'MISSED '}  {mutation.path}: {mutation.description}  {test or ''}",
                    flush=True,
                )
    print(f"{len(selected) - missed} of {len(selected)} mutations are noticed.")
    return 1 if missed or not selected else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
