"""The command behind scripts/bench."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attrs import asdict

from scripts.openapi.contract import ROOT

from . import measures, report
from .environments import Peer, make
from .figures import Row
from .running import served


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write table and chart; returns the exit code, which is 0 whatever comes out."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measure this client beside its peers, on loopback alone."
    )
    parser.add_argument(
        "--quick", action="store_true", help="one short round of each; only printed, unless --output is given"
    )
    parser.add_argument("--output", type=Path, help="where benchmark.md and .svg go (default: .github, unless --quick)")
    parser.add_argument("--json", type=Path, help="a file for the raw figures")
    parser.add_argument("--diff", type=Path, nargs=2, metavar=("OLD", "NEW"), help="two documents for scripts/diff")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        peers, left_out = make(Path(folder))
        if options.diff and not (ROOT / "scripts" / "specdiff").is_dir():
            left_out.append("diff is left out: scripts/specdiff is not there.")
        elif not options.diff:
            left_out.append("diff is left out: no documents were named with --diff.")
        rows = []
        for row in _rows(peers, Path(folder), options.quick, options.diff):
            print(f"{row.what}: done", file=sys.stderr)
            rows.append(row)
    text = report.markdown(peers, rows, left_out)
    # What is checked in and quoted is what was measured at length.
    output = options.output or (None if options.quick else ROOT / ".github")
    if output:
        output.mkdir(parents=True, exist_ok=True)
        output.joinpath("benchmark.md").write_text(text, "utf-8")
        report.chart(rows, output / "benchmark.svg")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", "utf-8")
    print(text, end="")
    return 0


def _rows(peers: dict[str, Peer], folder: Path, quick: bool, diff: tuple[Path, Path] | None) -> Iterator[Row]:
    rounds, scale = (1, 0.02) if quick else (15, 1.0)
    with served() as url:
        yield from measures.rows(peers, url, rounds=rounds, scale=scale)
    yield measures.regenerate(folder / "regenerate", 1 if quick else 5)
    if diff and (ROOT / "scripts" / "specdiff").is_dir():
        yield measures.diff(*diff, rounds=1 if quick else 5)


if __name__ == "__main__":
    sys.exit(main())
