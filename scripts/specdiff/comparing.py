"""Compares two documents and collects everything that a report shows."""

import os
from pathlib import Path

from attrs import evolve, frozen

from scripts.openapi.contract import ROOT
from scripts.openapi.time_limit import DEFAULT_SECONDS, TimeLimitExceeded, time_limit

from . import accepted
from .catalogue import RULES
from .engine.canonical_json import canonical_json
from .engine.document import ComparedDocument, DocumentError
from .engine.effects import Impact, Verdict
from .findings import DiffResult, compare
from .python.agreement import agree
from .python.precheck import is_ours, obstacle
from .report import PythonChange, Report
from .version import judge


@frozen
class Options:
    """The options of a comparison."""

    accept: Path | None = None
    """The file with the accepted findings."""
    only_old: bool = False
    """Whether to ignore operations and webhooks that only the new document has."""
    no_python: str | None = None
    """The reason why Python is not compared, or None to compare it."""
    time_limit: float = DEFAULT_SECONDS
    witnesses: bool = True
    """Whether to search for values that prove the findings."""


def report(old: ComparedDocument, new: ComparedDocument, options: Options) -> Report:
    """Compare two documents.

    Raises:
        DocumentError: The comparison takes too long, or the file of accepted findings cannot be read.
    """
    acceptances = accepted.read(options.accept) if options.accept else {}
    result = _compared(old, new, options)
    findings, unused, expired = accepted.apply(result.findings, acceptances)
    ours = is_ours(old) or is_ours(new)
    python, note = _python(old, new, options) if ours else ((), None)
    if not ours:
        # Callers of other documents do not use the package of this project.
        findings = tuple(evolve(finding, python=Impact.NONE) for finding in findings)
    elif note is None:
        findings = agree(findings, python)
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
        (old.loaded.content, new.loaded.content),
        files=(old.other_contents, new.other_contents),
        is_ours=ours,
        expired=tuple(expired),
    )


def _compared(old: ComparedDocument, new: ComparedDocument, options: Options) -> DiffResult:
    try:
        with time_limit(options.time_limit):
            result = compare(old, new, RULES.values(), only_old=options.only_old)
            if not options.witnesses or (result.comparison and not result.comparison.places):
                return result
            # The validator is imported only if there is something to prove.
            from .witness.proof import prove

            return prove(result)
    except TimeLimitExceeded as error:
        name, line, column = new.loaded.origin(error.pointer)
        raise DocumentError(f"{name}:{line}:{column}: {error}") from None


def _path(document: ComparedDocument) -> str:
    """The file of a document without a revision, relative to the root of the project if possible."""
    if document.path is None:
        return document.name.rpartition(":")[2]
    path = document.path.resolve()
    for root in (Path.cwd(), ROOT):
        if path.is_relative_to(root):
            return str(path.relative_to(root))
    return os.fspath(document.path)


def _python(
    old: ComparedDocument, new: ComparedDocument, options: Options
) -> tuple[tuple[PythonChange, ...], str | None]:
    """Return the changes of the Python package, or the reason why they are unknown."""
    if options.no_python:
        return (), f"Python is not compared because of {options.no_python}"
    if options.only_old:
        return (), "Python is not compared because of --scope old"
    for document in (old, new):
        if reason := obstacle(document):
            return (), f"Python is not compared, because {reason}"
    if canonical_json(old.data) == canonical_json(new.data):
        return (), None
    # This import takes a second, because it also imports the generator and griffe.
    from .python.api import changes

    return changes(old, new, options.time_limit)
