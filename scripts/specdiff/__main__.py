"""The command scripts/diff."""

import argparse
import gc
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    # Exit without a traceback on Ctrl-C, also during the imports, or if a reader such as `head` closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)

from attrs import evolve

from scripts.openapi.loading import MAX_BYTES
from scripts.openapi.time_limit import DEFAULT_SECONDS

from . import external_diff, rule_help, sources
from .catalogue import RULES
from .comparing import Options, report
from .engine.document import DocumentError
from .report import Report
from .reports import wording
from .sources import Sources

_FORMATS = {
    "text": "text",
    "markdown": "markdown",
    "html": "html",
    "json": "json",
    "github": "annotations",
    "changelog": "changelog",
}
"""The formats, and the modules of `reports` that write them."""
# The recursion needs several calls for each level of a nested schema.
_RECURSION_LIMIT = 20_000


def main(arguments: list[str] | None = None) -> int:
    """Compare two documents and print a report.

    Returns:
        The exit code: 0 for success, 1 for findings that fail the comparison, 2 if the documents cannot be compared.
    """
    options = _parser().parse_args(arguments)
    if options.rules:
        sys.stdout.write(rule_help.listing())
        return 0
    if external_diff.is_called_by_git(options.documents):
        # The pager shows the history of the contract, for which the packages would be generated again and again.
        compared = evolve(_options(options), no_python="the use of git")
        colour = _has_colours() or external_diff.has_pager()
        external_diff.show(options.documents, _sources(options), compared, colour=colour)
        return 0
    try:
        if options.check_version and not options.documents and (reason := sources.no_merge_base()):
            print(f"scripts/diff: the version is not checked: {reason}", file=sys.stderr)
            return 0
        if options.hook:
            return _hook(options)
        if options.explain:
            sys.stdout.write(_rule_page(options.explain))
            return 0
        made = _report(options)
    except DocumentError as error:
        # The message may quote the document, which is untrusted text.
        print(f"scripts/diff: {wording.visible(error, 2_000)}", file=sys.stderr)
        return 2
    if options.check_version:
        return _check_version(made)
    sys.stdout.write(_rendered(made, options.format))
    return int(made.fails(options.fail_on))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/diff",
        description="Explain the changes of a contract: their effect on callers, on Python code, and on the version.",
        epilog="OLD and NEW are each a file, a git revision, REVISION:PATH, or - for standard input. The default of "
        "OLD is the merge base with the main branch.",
    )
    parser.add_argument(
        "documents", nargs="*", metavar="OLD [NEW]", help="default: the merge base, and the file of the working tree"
    )
    parser.add_argument(
        "--path",
        metavar="FILE",
        help="the document in the repository (default: openapi.yaml, .yml or .json)",
    )
    parser.add_argument(
        "--hook", action="store_true", help="compare each named FILE with the merge base, see the guide"
    )
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
    parser.add_argument(
        "--max-size",
        type=float,
        default=MAX_BYTES / 1_000_000,
        metavar="MB",
        help="the maximum size of a document with its files; 0 means no limit (default: %(default)g)",
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


def _hook(options: argparse.Namespace) -> int:
    """Compare each named file with its version at the merge base, and print the reports that have findings."""
    code = 0
    for name in options.documents:
        found = evolve(_sources(options), path=name).sides_of_hook()
        if found is None:
            continue
        made = report(*found, _options(options))
        if made.findings:
            sys.stdout.write(f"{wording.visible(name)}\n{_rendered(made, options.format)}")
        code = max(code, int(made.fails(options.fail_on)))
    return code


def _sources(options: argparse.Namespace) -> Sources:
    return Sources(options.path, int(options.max_size * 1_000_000))


def _options(options: argparse.Namespace) -> Options:
    no_python = "--no-python" if options.no_python else None
    return Options(options.accept, options.scope == "old", no_python, options.time_limit, not options.no_witnesses)


def _report(options: argparse.Namespace) -> Report:
    if len(options.documents) > 2:
        raise DocumentError(f"OLD and NEW are two documents, and {len(options.documents)} were named")
    old, new = [*options.documents, None, None][:2]
    return report(*_sources(options).sides(old, new), _options(options))


def _rendered(made: Report, form: str) -> str:
    # A command writes one format, and the import of all of them would take longer than a small comparison.
    module = import_module(f"scripts.specdiff.reports.{_FORMATS[form]}")
    options = {"colour": _has_colours()} if form == "text" else {}
    return str(module.render(made, **options))


def _check_version(made: Report) -> int:
    version = made.version
    if version.sufficient is not False:
        return 0
    new = f"still {version.new!r}" if version.new == version.old else f"{version.new!r} after {version.old!r}"
    print(
        f"scripts/diff: {made.new} changed, and its info.version is {new}; the changes require {version.suggested} "
        "or a higher version. Raise the version and run scripts/regenerate. "
        f"`scripts/diff {made.old} {made.new}` lists the changes.",
        file=sys.stderr,
    )
    return 1


def _has_colours() -> bool:
    """Whether standard output is a terminal that shows colours, https://no-color.org"""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


if __name__ == "__main__":
    sys.setrecursionlimit(_RECURSION_LIMIT)
    # A comparison creates many objects and few cycles. The search for cycles would take a fifth of the time.
    gc.disable()
    sys.exit(main())
