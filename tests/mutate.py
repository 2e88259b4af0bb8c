"""Breaks a copy of the generated package in each way of mutations.yaml, and reports which of them the tests notice.

It takes some minutes and is not part of the tests: `scripts/setup python -m tests.mutate [words]`, where words choose
mutations by what is broken.
"""

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from attrs import frozen
from ruamel.yaml import YAML

from . import elsewhere

FILE = Path(__file__).with_name("mutations.yaml")
# What does not look at the package, or would notice any change of a file without looking at what it does.
BLIND = ("crash", "demo", "docs", "growth", "hostile", "prism", "readme", "regenerate", "schemathesis", "scripts")
# Quick and exact ones first.
FIRST = ("exchanges", "client", "retries", "create_once", "paging", "waiting", "outcome", "providers", "served")
LIMIT = 600


@frozen
class Mutation:
    """One way to break the package."""

    path: str
    broken: str
    old: str
    new: str
    everywhere: bool = False
    """Whether the text may be there more than once, and is replaced everywhere."""

    def apply(self, package: Path) -> str:
        """Break the package, and give the text that was there."""
        path = package / self.path
        text = path.read_text("utf-8")
        count = text.count(self.old)
        if count != 1 and not (count and self.everywhere):
            raise SystemExit(f"{FILE}: {self.broken!r}: the old text is {count} times in {path}; mend the entry")
        path.write_text(text.replace(self.old, self.new), "utf-8")
        return text


def mutations() -> Iterator[Mutation]:
    """All of them, in the order of the file."""
    entries: dict[str, Any] = YAML(typ="safe").load(FILE)
    for path, rows in entries.items():
        for broken, old, new, *everywhere in rows:
            yield Mutation(path, broken, old, new, bool(everywhere))


def notice(mutation: Mutation, root: Path, tests: list[str]) -> str | None:
    """The first test of the copy `root` that notices a mutation, or None."""
    package = root / "generated" / "openai_batch_client"
    before = mutation.apply(package)
    try:
        ended = elsewhere.pytest(root, "-x", "--no-header", *tests, timeout=LIMIT)
    finally:
        package.joinpath(mutation.path).write_text(before, "utf-8")
    failed = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return failed[0].split(" - ")[0] if failed else None


def main(words: list[str]) -> int:
    """Try mutations; the exit code is 1 if one is not noticed."""
    chosen = [one for one in mutations() if not words or any(word in one.broken for word in words)]
    names = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")} - set(BLIND)
    tests = [f"tests/test_{name}.py" for name in sorted(names, key=lambda name: (name not in FIRST, name))]
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
