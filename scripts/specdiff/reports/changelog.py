"""The report as the "Unreleased" section of a changelog, https://keepachangelog.com.

People must fill in the section "Fixed", because a contract does not say which changes are corrections.
"""

import re
from collections.abc import Iterator

from scripts.specdiff.engine.effects import Impact, Verdict
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import PythonChange, Report

from .inline import code, prose

_KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
# The first pattern that matches the id of a rule decides. Users lose nothing if a restriction is removed, so the kind
# is "Changed".
_BY_RULE = (
    (re.compile(r"^(security|scope|oauth)-"), "Security"),
    (re.compile(r"^(deprecation-announced|sunset-\w+)$"), "Deprecated"),
    (re.compile(r"^(condition|constraint|named-constraint|combined-schema|discriminator)-"), "Changed"),
    (re.compile(r"-(removed|refused)(-\w+)?$"), "Removed"),
    (re.compile(r"-added(-\w+)*$"), "Added"),
)
_BY_PYTHON = {"added": "Added", "removed": "Removed"}
_PLACES = 6


def render(report: Report) -> str:
    """Return the section in Markdown. A change of a Python name replaces the findings about the same name."""
    entries: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for change in sorted(report.python, key=lambda change: change.impact is not Impact.BREAKING):
        entries[_BY_PYTHON.get(change.id, "Changed")].append(_entry(change))
    known = _identifiers(f"{change.name} {change.text}" for change in report.python)
    for findings in _grouped(finding for finding in report.findings if not _is_covered(finding, known)):
        entries[_kind(findings[0])].append(_findings_entry(findings))
    lines = ["## [Unreleased]", ""]
    for kind, items in entries.items():
        if items:
            lines += [f"### {kind}", "", *dict.fromkeys(items), ""]
    return "\n".join(lines if any(entries.values()) else [*lines, "No changes that users notice.", ""])


def _entry(change: PythonChange) -> str:
    return f"- {_mark(change.impact is Impact.BREAKING)}{code(change.name)}: {prose(change.text)}."


def _mark(breaking: bool) -> str:
    return "**Breaking:** " if breaking else ""


def _is_covered(finding: Finding, known: set[str]) -> bool:
    """Whether the section needs no entry for a finding: it is about texts only, or a Python change covers it."""
    if finding.verdict is Verdict.DOCUMENTATION:
        return finding.python is Impact.NONE
    if finding.python is Impact.NONE:
        return False
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', finding.text)
    return bool(_identifiers(quoted or re.split(r"[.\[{( ]", finding.label)[-1:]) & known)


def _identifiers(texts: Iterator[str] | list[str]) -> set[str]:
    """The words of texts, in lower case and without underscores, so that contract and Python have the same spelling."""
    return {word.replace("_", "").lower() for text in texts for word in re.findall(r"\w+", text)}


def _grouped(findings: Iterator[Finding]) -> Iterator[list[Finding]]:
    """Group the findings of a rule that have the same message."""
    groups: dict[tuple[str, Verdict, Impact, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.id, finding.verdict, finding.python, finding.text), []).append(finding)
    yield from groups.values()


def _kind(finding: Finding) -> str:
    return next((kind for pattern, kind in _BY_RULE if pattern.search(finding.id)), "Changed")


def _findings_entry(findings: list[Finding]) -> str:
    first = findings[0]
    breaking = first.verdict is Verdict.BREAKING or first.python is Impact.BREAKING
    places = ", ".join(code(finding.label) for finding in findings[:_PLACES])
    more = len(findings) - _PLACES
    return f"- {_mark(breaking)}{places}{f' and {more:,} more' if more > 0 else ''}: {prose(first.text)}."
