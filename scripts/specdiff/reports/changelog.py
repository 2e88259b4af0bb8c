"""The report as the "Unreleased" section of a changelog, https://keepachangelog.com.

A contract does not say which of its changes are corrections, so people must fill in the section "Fixed".
"""

import re
from collections.abc import Iterator

from scripts.specdiff.engine.effects import Impact, Verdict
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import PythonChange, Report

from .inline import code, prose

_KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
# The first pattern that matches the id of a rule decides. A removed restriction is a change, as users lose nothing.
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
    """Return the section in Markdown with its heading; a change of a Python name replaces the findings about it."""
    entries: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for change in sorted(report.python, key=lambda one: one.impact is not Impact.BREAKING):
        entries[_BY_PYTHON.get(change.id, "Changed")].append(_entry(change))
    known = _identifiers(f"{one.name} {one.text}" for one in report.python)
    for findings in _grouped(one for one in report.findings if not _is_covered(one, known)):
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
    """Whether a finding is about documentation only, or a Python change mentions its subject or its label."""
    if finding.verdict is Verdict.DOCUMENTATION:
        return finding.python is Impact.NONE
    if finding.python is Impact.NONE:
        return False
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', finding.text)
    return bool(_identifiers(quoted or re.split(r"[.\[{( ]", finding.label)[-1:]) & known)


def _identifiers(texts: Iterator[str] | list[str]) -> set[str]:
    """The words of texts in a spelling that contract and Python share."""
    return {word.replace("_", "").lower() for text in texts for word in re.findall(r"\w+", text)}


def _grouped(findings: Iterator[Finding]) -> Iterator[list[Finding]]:
    """Group findings of one rule that have the same message at different places."""
    groups: dict[tuple[str, Verdict, Impact, str], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.id, one.verdict, one.python, one.text), []).append(one)
    yield from groups.values()


def _kind(finding: Finding) -> str:
    return next((kind for pattern, kind in _BY_RULE if pattern.search(finding.id)), "Changed")


def _findings_entry(findings: list[Finding]) -> str:
    first = findings[0]
    breaking = first.verdict is Verdict.BREAKING or first.python is Impact.BREAKING
    places = ", ".join(code(one.label) for one in findings[:_PLACES])
    more = len(findings) - _PLACES
    return f"- {_mark(breaking)}{places}{f' and {more:,} more' if more > 0 else ''}: {prose(first.text)}."
