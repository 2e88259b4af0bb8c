"""Keeps the programs of README and docs of a release, so that later versions of the package are tested with them.

Usage: `scripts/setup python -m tests.project.freeze`. It writes VERSION.md and VERSION.yaml into tests/frozen, for the
version in openapi.yaml. Run it before each release, and never edit its output.
"""

import shutil
import sys
from pathlib import Path

from scripts.openapi.contract import OPENAPI_YAML, ROOT, Contract
from tests.support import doc_examples

FROZEN = ROOT / "tests" / "frozen"


def pages(root: Path) -> list[Path]:
    """The pages below `root` that have programs."""
    return [root / "README.md", root / ".github" / "RECIPES.md", *sorted((root / "generated" / "docs").glob("*.md"))]


def frozen_text(root: Path, version: str) -> str:
    """The programs of all pages below `root` as one Markdown text, each program once."""
    parts = [f"# Programs of the documentation of {version}\n"]
    seen: set[str] = set()
    for page in pages(root):
        for block in doc_examples.blocks(page):
            if block not in seen:
                parts.append(f"## {page.relative_to(root).as_posix()}\n\n```python\n{block}```\n")
            seen.add(block)
    return "\n".join(parts)


def main(version: str) -> int:
    """Write the programs and the contract of this version. Returns the exit code."""
    target = FROZEN / f"{version}.md"
    if target.exists():
        print(f"{target.relative_to(ROOT)} exists; a release is frozen once", file=sys.stderr)
        return 1
    target.write_text(frozen_text(ROOT, version), "utf-8")
    shutil.copy(OPENAPI_YAML, target.with_suffix(".yaml"))
    print(f"wrote {target.relative_to(ROOT)} and {target.with_suffix('.yaml').relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Contract.load().document["info"]["version"]))
