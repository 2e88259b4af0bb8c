"""The command behind scripts/diff."""

import argparse
import sys
from pathlib import Path

from . import accepted, sources
from .document import Document, DocumentError
from .findings import compare
from .report import Report
from .reports import data
from .version import judge

_FORMATS = {"json": data.render}
# Schemas may be nested deeply, and each level takes some calls.
_RECURSION = 20_000


def main(arguments: list[str] | None = None) -> int:
    """Compare, print and return the exit code: 0, 1 where the comparison fails, 2 where there was none."""
    parser = argparse.ArgumentParser(
        prog="scripts/diff",
        description="Say what a change of the contract means: for callers, for Python, for its version.",
        epilog="OLD and NEW are a git revision, REVISION:PATH, a file, or - for standard input. Without them, "
        "openapi.yaml where this branch left the main one is compared with that of the working tree.",
    )
    parser.add_argument("old", nargs="?", metavar="OLD")
    parser.add_argument("new", nargs="?", metavar="NEW", help="openapi.yaml of the working tree unless given")
    parser.add_argument("--format", choices=sorted(_FORMATS), default="json", help="how to say it (default: text)")
    parser.add_argument(
        "--fail-on", choices=["breaking", "risky", "never"], default="breaking", help="when to exit with 1"
    )
    parser.add_argument("--accept", type=Path, metavar="FILE", help="findings that are accepted: `fingerprint: reason`")
    parser.add_argument("--scope", choices=["old", "both"], default="both", help="old: leave out what only NEW has")
    options = parser.parse_args(arguments)
    sys.setrecursionlimit(_RECURSION)
    try:
        old = sources.read(options.old or sources.merge_base())
        new = sources.read(options.new) if options.new else sources.working_tree()
        report = _report(old, new, options)
    except DocumentError as error:
        print(f"scripts/diff: {error}", file=sys.stderr)
        return 2
    sys.stdout.write(_FORMATS[options.format](report))
    return int(report.fails(options.fail_on))


def _report(old: Document, new: Document, options: argparse.Namespace) -> Report:
    reasons = accepted.read(options.accept) if options.accept else {}
    comparison = compare(old, new, scoped=options.scope == "old")
    findings, unused = accepted.apply(comparison.findings, reasons)
    version = judge(old, new, [(one.verdict, one.python) for one in findings])
    return Report(old.name, new.name, new.name, findings, version, beyond=comparison.beyond, unused=tuple(unused))


if __name__ == "__main__":
    sys.exit(main())
