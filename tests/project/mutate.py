"""Breaks a copy of the generated package in each way of mutations.yaml, and reports which of them the tests notice.

It takes some minutes and is not part of the tests. `scripts/setup python -m tests.project.mutate [words]`: words choose
mutations by the file or by what is broken.
"""

import os
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
from tests.support import project_copy as elsewhere

FILE = Path(__file__).with_name("mutations.yaml")
PACKAGE = ROOT / "generated" / "openai_batch_client"
# What does not look at the package, or would notice any change of a file without looking at what it does.
BLIND = (
    *("codegen/*", "specdiff/*", "client/test_names", "batch_server/test_demo", "batch_server/test_prism"),
    *("batch_server/test_schemathesis", "project/test_[!c]*"),
)
# Quick and exact ones first.
FIRST = (
    *("client/test_exchanges", "client/test_client", "client/test_retries", "client/test_create_once"),
    *("client/test_paging", "client/test_waiting", "client/test_outcome", "client/test_providers"),
    "batch_server/test_generated_client",
)
# In seconds; some mutations make the package go on for ever.
LIMIT = 240


@frozen
class Mutation:
    """One way to break the package."""

    path: str
    broken: str
    old: str
    new: str
    everywhere: bool = False
    """Whether the text may be there more than once, and is replaced everywhere."""

    def fault(self) -> str | None:
        """What is wrong with the entry, or None."""
        count = PACKAGE.joinpath(self.path).read_text("utf-8").count(self.old)
        if count == 1 or (count and self.everywhere):
            return None
        return f"{FILE.name}: {self.broken!r}: the old text is {count} times in {self.path}; mend the entry"

    def apply(self, package: Path) -> str:
        """Break the package, and give the text that was there."""
        path = package / self.path
        text = path.read_text("utf-8")
        path.write_text(text.replace(self.old, self.new), "utf-8")
        return text


def mutations() -> Iterator[Mutation]:
    """All of them, in the order of the file."""
    entries: dict[str, Any] = load(FILE).document
    for path, rows in entries.items():
        for broken, old, new, *everywhere in rows:
            yield Mutation(path, broken, old, new, bool(everywhere))


def notice(mutation: Mutation, root: Path, tests: list[str]) -> str | None:
    """The first test of the copy `root` that notices a mutation, or None."""
    package = root / "generated" / "openai_batch_client"
    before = mutation.apply(package)
    try:
        ended = elsewhere.pytest(root, "-x", "--no-header", *tests, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"none fails, but they do not end within {LIMIT} s"
    finally:
        package.joinpath(mutation.path).write_text(before, "utf-8")
    failed = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return failed[0].split(" - ")[0] if failed else None


def main(words: list[str]) -> int:
    """Try mutations; the exit code is 1 if one is not noticed."""
    chosen = [one for one in mutations() if not words or any(word in f"{one.path}: {one.broken}" for word in words)]
    if faults := [fault for one in mutations() if (fault := one.fault())]:
        raise SystemExit("\n".join(faults))
    here = ROOT / "tests"
    seeing = {*here.glob("*/test_*.py")} - {path for name in BLIND for path in here.glob(f"{name}.py")}
    names = (path.relative_to(ROOT).with_suffix("").as_posix().removeprefix("tests/") for path in seeing)
    tests = [f"tests/{name}.py" for name in sorted(names, key=lambda name: (name not in FIRST, name))]
    local = threading.local()
    with tempfile.TemporaryDirectory() as folder:

        def attempt(mutation: Mutation) -> str | None:
            if not hasattr(local, "root"):
                local.root = elsewhere.copied(
                    Path(tempfile.mkdtemp(dir=folder)), (*elsewhere.SOURCES, "openapi.yaml", "generated", "README.md")
                )
                whole = elsewhere.pytest(local.root, "-x", *tests)
                if whole.returncode:
                    raise SystemExit(f"The tests do not pass as it is:\n{whole.stdout}")
            return notice(mutation, local.root, tests)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            missed = 0
            for mutation, test in zip(chosen, pool.map(attempt, chosen), strict=True):
                missed += test is None
                print(
                    f"{'noticed' if test else 'MISSED '}  {mutation.path}: {mutation.broken}  {test or ''}", flush=True
                )
    print(f"{len(chosen) - missed} of {len(chosen)} are noticed.")
    return 1 if missed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
