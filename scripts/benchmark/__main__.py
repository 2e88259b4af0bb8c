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
from .environments import Peer, create_peers
from .processes import running_server
from .results import Measurement


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the tables, and write the tables and the chart. The exit code is 0 even if a target is missed."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Compare this client with other clients, against a local server."
    )
    parser.add_argument(
        "--quick", action="store_true", help="run one short round of each; write no files without --output"
    )
    parser.add_argument(
        "--output", type=Path, help="the folder for benchmark.md and .svg (default: .github, unless --quick)"
    )
    parser.add_argument("--json", type=Path, help="a file for the raw figures")
    parser.add_argument("--diff", type=Path, nargs=2, metavar=("OLD", "NEW"), help="two documents for scripts/diff")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        peers, left_out = create_peers(Path(folder))
        if not options.diff:
            left_out.append("diff is left out: it needs two documents, see the option --diff.")
        measurements = []
        for measurement in _measurements(peers, Path(folder), options.quick, options.diff):
            print(f"{measurement.label}: done", file=sys.stderr)
            measurements.append(measurement)
    text = report.markdown(peers, measurements, left_out)
    # Quick figures are too noisy for the files that the README quotes.
    output = options.output or (None if options.quick else ROOT / ".github")
    if output:
        output.mkdir(parents=True, exist_ok=True)
        output.joinpath("benchmark.md").write_text(text, "utf-8")
        report.chart(measurements, output / "benchmark.svg")
    if options.json:
        raw = [asdict(measurement) for measurement in measurements]
        options.json.write_text(json.dumps(raw, indent=2) + "\n", "utf-8")
    print(text, end="")
    return 0


def _measurements(
    peers: dict[str, Peer], folder: Path, quick: bool, diff: tuple[Path, Path] | None
) -> Iterator[Measurement]:
    rounds, scale = (1, 0.02) if quick else (15, 1.0)
    with running_server() as url:
        yield from measures.clients(peers, url, rounds=rounds, scale=scale)
    yield measures.regenerate(folder / "regenerate", 1 if quick else 5)
    if diff:
        yield measures.diff(*diff, rounds=1 if quick else 5)


if __name__ == "__main__":
    sys.exit(main())
