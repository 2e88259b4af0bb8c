"""Plants lies in a copy of openapi.yaml, regenerates the copy, and reports which lies the tests notice.

Usage: `scripts/setup python -m tests.project.lies [TEXT ...]`. Each text selects the lies whose description has it.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from attrs import frozen

from scripts.openapi.contract import OPENAPI_YAML
from scripts.openapi.loading import load
from tests.support import project_copy

FILE = Path(__file__).with_name("lies.yaml")
# The tests that know the real service, the quick tests first.
TESTS = (
    *("client/test_exchanges", "project/test_contract", "client/test_create_once", "client/test_paging"),
    *("client/test_retries", "client/test_requests", "client/test_outcome", "client/test_official_sdk"),
    *("client/test_submit", "client/test_results", "client/test_waiting", "client/test_providers"),
)
TIMEOUT = 300


@frozen
class Lie:
    """A change of openapi.yaml that is not true of the service."""

    description: str
    replaced: tuple[tuple[str, str], ...]

    def told(self, text: str) -> str:
        """The text of openapi.yaml with the lie.

        Raises:
            ValueError: The entry does not fit the contract.
        """
        for old, new in self.replaced:
            if old not in text:
                raise ValueError(f"{FILE.name}: {self.description!r}: openapi.yaml has no text {old!r}")
            text = text.replace(old, new, 1)
        return text


def lies() -> list[Lie]:
    """All lies, in the order of the file."""
    entries: list[dict[str, Any]] = load(FILE).document
    return [Lie(entry["lie"], tuple(entry["replace"].items())) for entry in entries]


def notice(lie: Lie, folder: Path) -> str | None:
    """The reason for which the project refuses a lie, or None. `folder` is empty, and receives the copy.

    Raises:
        RuntimeError: scripts/regenerate does not work, whatever the contract says.
    """
    root = project_copy.copied(folder)
    root.joinpath("openapi.yaml").write_text(lie.told(OPENAPI_YAML.read_text("utf-8")), "utf-8")
    generated = project_copy.run(root, "-m", "scripts.codegen")
    if generated.returncode:
        refusals = [line for line in generated.stderr.splitlines() if re.search(r"openapi\.yaml:\d", line)]
        if not refusals:
            raise RuntimeError(f"scripts/regenerate does not work: {generated.stderr.strip()}")
        return f"scripts/regenerate: {refusals[-1]}"
    for name in TESTS:
        try:
            ended = project_copy.pytest(root, "-x", "--no-header", f"tests/{name}.py", timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            return f"{name} does not end within {TIMEOUT} s"
        failed = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
        if ended.returncode:
            return failed[0].split(" - ")[0] if failed else f"{name} does not start"
    return None


def main(texts: list[str]) -> int:
    """Try the selected lies. The exit code is 1 if the tests miss a lie, or if none is selected."""
    selected = [lie for lie in lies() if not texts or any(text in lie.description for text in texts)]
    missed = 0
    for lie in selected:
        with tempfile.TemporaryDirectory() as folder:
            reason = notice(lie, Path(folder))
        missed += reason is None
        print(f"{'noticed' if reason else 'MISSED '}  {lie.description}  {reason or ''}", flush=True)
    print(f"{len(selected) - missed} of {len(selected)} lies are noticed.")
    return 1 if missed or not selected else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
