"""The command scripts/diff."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.openapi.contract import ROOT
from scripts.openapi.time_limit import DEFAULT_SECONDS, TimeLimitExceeded, time_limit

from . import accepted, rule_help, sources
from .catalogue import RULES
from .engine.document import ComparedDocument, DocumentError
from .engine.effects import Impact, Verdict
from .findings import DiffResult, compare
from .python.precheck import obstacle
from .report import PythonChange, Report
from .reports import annotations, changelog, html, json, markdown, text, wording
from .version import judge

_FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": lambda report: text.render(report, colour=_has_colours()),
    "markdown": markdown.render,
    "html": html.render,
    "json": json.render,
    "github": annotations.render,
    "changelog": changelog.render,
}
# The recursion needs several calls for each level of a nested schema.
_RECURSION_LIMIT = 20_000


def main(arguments: list[str] | None = None) -> int:
    """Compare two documents and print a report.

    Returns:
        The exit code: 0 for success, 1 for findings that fail the comparison, 2 if the documents cannot be compared.
    """
    options = _parser().parse_args(arguments)
    sys.setrecursionlimit(_RECURSION_LIMIT)
    if options.rules:
        sys.stdout.write(rule_help.listing())
        return 0
    try:
        if options.check_version and not options.old and (reason := sources.no_merge_base()):
            print(f"scripts/diff: the version is not checked: {reason}", file=sys.stderr)
            return 0
        if options.explain:
            sys.stdout.write(_rule_page(options.explain))
            return 0
        report = _report(options)
    except DocumentError as error:
        # The message may quote the document, which is untrusted text.
        print(f"scripts/diff: {wording.visible(error, 2_000)}", file=sys.stderr)
        return 2
    if options.check_version:
        return _check_version(report)
    sys.stdout.write(_FORMATS[options.format](report))
    return int(report.fails(options.fail_on))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/diff",
        description="Explain the changes of a contract: their effect on callers, on Python code, and on the version.",
        epilog="OLD and NEW are each a file, a git revision, REVISION:PATH, or - for standard input. The default of "
        "OLD is the merge base with the main branch.",
    )
    parser.add_argument("old", nargs="?", metavar="OLD")
    parser.add_argument("new", nargs="?", metavar="NEW", help="default: openapi.yaml of the working tree")
    parser.add_argument("--format", choices=sorted(_FORMATS), default="text", help="format of the report")
    parser.add_argument(
        "--fail-on",
        choices=["breaking", "risky", "python", "never"],
        default="breaking",
        help="exit with 1 on breaking findings (default); on breaking or risky findings; on breaking findings or "
        "breaking changes of the Python package; or never",
    )
    parser.add_argument(
        "--accept", type=Path, metavar="FILE", help="accept the findings in lines `fingerprint: reason`"
    )
    parser.add_argument("--scope", choices=["old", "both"], default="both", help="old: ignore additions in NEW")
    parser.add_argument("--no-python", action="store_true", help="do not generate and compare the Python packages")
    parser.add_argument("--no-witnesses", action="store_true", help="do not search for values that prove the findings")
    parser.add_argument(
        "--time-limit",
        type=float,
        default=DEFAULT_SECONDS,
        metavar="SECONDS",
        help="stop if the comparison takes longer; 0 means no limit (default: %(default)g)",
    )
    parser.add_argument("--check-version", action="store_true", help="only check whether info.version is sufficient")
    parser.add_argument("--rules", action="store_true", help="list all rules and exit")
    parser.add_argument("--explain", metavar="RULE", help="show the help of a rule and exit")
    return parser


def _rule_page(name: str) -> str:
    if name not in RULES:
        similar = ", ".join(rule_help.nearest(name))
        hint = f"did you mean {similar}? " if similar else ""
        raise DocumentError(f"there is no rule {name!r}; {hint}--rules lists all rules")
    return rule_help.page(RULES[name])


def _report(options: argparse.Namespace) -> Report:
    reasons = accepted.read(options.accept) if options.accept else {}
    if options.old == options.new == "-":
        raise DocumentError("only one side can be standard input")
    old = sources.read(options.old or sources.merge_base())
    new = sources.read(options.new) if options.new else sources.working_tree()
    result = _compared(old, new, options)
    findings, unused = accepted.apply(result.findings, reasons)
    python, note = _python(old, new, options)
    # If the packages were not compared, the version depends on the impacts that the rules estimate.
    consequences = [(finding.verdict, finding.python if note else Impact.NONE) for finding in findings]
    consequences += [(Verdict.DOCUMENTATION, change.impact) for change in python]
    return Report(
        old.name,
        new.name,
        _path(new),
        findings,
        judge(old, new, consequences),
        python,
        note,
        result.skipped,
        tuple(unused),
        (old.source_text, new.source_text),
    )


def _compared(old: ComparedDocument, new: ComparedDocument, options: argparse.Namespace) -> DiffResult:
    try:
        with time_limit(options.time_limit):
            result = compare(old, new, RULES.values(), only_old=options.scope == "old")
            if options.no_witnesses or not result.findings:
                return result
            # The validator is imported only if there is something to prove.
            from .witness.proof import prove

            return prove(result)
    except TimeLimitExceeded as error:
        line, column = new.loaded.place(error.pointer)
        raise DocumentError(f"{new.name}:{line}:{column}: {error}") from None


def _path(document: ComparedDocument) -> str:
    """The file of a document without a revision, relative to the root of the project if possible."""
    if document.path is None:
        return document.name.rpartition(":")[2]
    path = document.path.resolve()
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else document.path)


def _python(
    old: ComparedDocument, new: ComparedDocument, options: argparse.Namespace
) -> tuple[tuple[PythonChange, ...], str | None]:
    """Return the changes of the Python package, or the reason why they are unknown."""
    if options.no_python:
        return (), "Python is not compared because of --no-python"
    if options.scope == "old":
        return (), "Python is not compared because of --scope old"
    for document in (old, new):
        if reason := obstacle(document):
            return (), f"Python is not compared, because {reason}"
    # This import takes a second, because it also imports the generator and griffe.
    from .python.api import changes

    return changes(old, new, options.time_limit)


def _check_version(report: Report) -> int:
    version = report.version
    if version.sufficient is not False:
        return 0
    new = f"still {version.new!r}" if version.new == version.old else f"{version.new!r} after {version.old!r}"
    print(
        f"scripts/diff: {report.new} changed, and its info.version is {new}; the changes require {version.suggested} "
        "or a higher version. Raise the version and run scripts/regenerate. "
        f"`scripts/diff {report.old} {report.new}` lists the changes.",
        file=sys.stderr,
    )
    return 1


def _has_colours() -> bool:
    """Whether standard output is a terminal that shows colours, https://no-color.org"""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


if __name__ == "__main__":
    # Exit without a traceback on Ctrl-C, or if a reader such as `head` closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
