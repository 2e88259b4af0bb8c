"""The command behind scripts/diff."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.openapi.contract import ROOT

from . import accepted, rule_help, sources
from .engine.document import ComparedDocument, DocumentError
from .engine.effects import Impact, Verdict
from .findings import compare
from .python.precheck import obstacle
from .report import PythonChange, Report
from .reports import annotations, changelog, html, json, markdown, text, wording
from .rules import RULES
from .version import judge

_FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": lambda report: text.render(report, colour=_is_colourful()),
    "markdown": markdown.render,
    "html": html.render,
    "json": json.render,
    "github": annotations.render,
    "changelog": changelog.render,
}
# Schemas may be nested deeply, and each level takes some calls.
_RECURSION = 20_000


def main(arguments: list[str] | None = None) -> int:
    """Compare, print and return the exit code: 0, 1 where the comparison fails, 2 where there was none."""
    options = _parser().parse_args(arguments)
    sys.setrecursionlimit(_RECURSION)
    if options.rules:
        sys.stdout.write(rule_help.catalogue())
        return 0
    try:
        if options.check_version and not options.old and (reason := sources.no_merge_base()):
            print(f"scripts/diff: the version is not checked: {reason}", file=sys.stderr)
            return 0
        if options.explain:
            sys.stdout.write(_explained(options.explain))
            return 0
        report = _report(options)
    except DocumentError as error:
        # What it quotes is somebody else's text.
        print(f"scripts/diff: {wording.visible(error, 2_000)}", file=sys.stderr)
        return 2
    if options.check_version:
        return _checked(report)
    sys.stdout.write(_FORMATS[options.format](report))
    return int(report.fails(options.fail_on))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/diff",
        description="Say what a change of the contract means: for callers, for Python, for its version.",
        epilog="OLD and NEW are a git revision, REVISION:PATH, a file, or - for standard input. Without them, "
        "openapi.yaml where this branch left the main one is compared with that of the working tree.",
    )
    parser.add_argument("old", nargs="?", metavar="OLD")
    parser.add_argument("new", nargs="?", metavar="NEW", help="openapi.yaml of the working tree unless given")
    parser.add_argument("--format", choices=sorted(_FORMATS), default="text", help="how to say it (default: text)")
    parser.add_argument(
        "--fail-on",
        choices=["breaking", "risky", "python", "never"],
        default="breaking",
        help="when to exit with 1: breaking (the default) and risky are of the wire; python is what breaks there or "
        "for users of the package",
    )
    parser.add_argument("--accept", type=Path, metavar="FILE", help="findings that are accepted: `fingerprint: reason`")
    parser.add_argument("--scope", choices=["old", "both"], default="both", help="old: leave out what only NEW has")
    parser.add_argument("--no-python", action="store_true", help="do not generate both sides to compare the package")
    parser.add_argument("--check-version", action="store_true", help="only say whether info.version is raised enough")
    parser.add_argument("--rules", action="store_true", help="list all rules, and end")
    parser.add_argument("--explain", metavar="RULE", help="show the page of a rule, and end")
    return parser


def _explained(name: str) -> str:
    if name not in RULES:
        meant = ", ".join(rule_help.nearest(name))
        raise DocumentError(f"there is no rule {name!r}; {f'did you mean {meant}? ' if meant else ''}--rules lists all")
    return rule_help.page(RULES[name])


def _report(options: argparse.Namespace) -> Report:
    reasons = accepted.read(options.accept) if options.accept else {}
    if options.old == options.new == "-":
        raise DocumentError("only one side can be standard input")
    old = sources.read(options.old or sources.merge_base())
    new = sources.read(options.new) if options.new else sources.working_tree()
    comparison = compare(old, new, RULES.values(), only_old=options.scope == "old")
    findings, unused = accepted.apply(comparison.findings, reasons)
    python, note = _python(old, new, options)
    verdicts = [(one.verdict, one.python if note else Impact.NONE) for one in findings]
    verdicts += [(Verdict.DOCUMENTATION, one.impact) for one in python]
    return Report(
        old.name,
        new.name,
        _path(new),
        findings,
        judge(old, new, verdicts),
        python,
        note,
        comparison.skipped,
        tuple(unused),
        (old.source_text, new.source_text),
    )


def _path(document: ComparedDocument) -> str:
    """The file of a document from the root of the project, where it is in there; without a revision."""
    if document.path is None:
        return document.name.rpartition(":")[2]
    path = document.path.resolve()
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else document.path)


def _python(
    old: ComparedDocument, new: ComparedDocument, options: argparse.Namespace
) -> tuple[tuple[PythonChange, ...], str | None]:
    if options.no_python:
        return (), "Python is not compared, as --no-python asks"
    if options.scope == "old":
        return (), "Python is not compared, as only a part of NEW counts"
    for side in (old, new):
        if reason := obstacle(side):
            return (), f"Python is not compared, as {reason}"
    # Generator and griffe take a second to import, which most comparisons of other people's documents can do without.
    from .python.api import changes

    return changes(old, new)


def _checked(report: Report) -> int:
    version = report.version
    if version.sufficient is not False:
        return 0
    said = f"still {version.new!r}" if version.new == version.old else f"{version.new!r} after {version.old!r}"
    print(
        f"scripts/diff: {report.new} changed, and its info.version is {said}; the changes ask for {version.suggested} "
        "at the least. Raise it and run scripts/regenerate; "
        f"`scripts/diff {report.old} {report.new}` lists the changes.",
        file=sys.stderr,
    )
    return 1


def _is_colourful() -> bool:
    """Whether standard output is a terminal that wants colours, https://no-color.org"""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


if __name__ == "__main__":
    # Ctrl-C, and a reader such as head that has had enough, end it without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
