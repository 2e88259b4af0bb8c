"""What users of the package want to know of a comparison, as the "Unreleased" section of a changelog.

https://keepachangelog.com. Nothing in a contract says that it was wrong before, so what was fixed is left to people.
"""

import re
from collections.abc import Iterator

from scripts.specdiff.engine.effects import Impact, Verdict
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import PythonChange, Report

from .inline import code, prose

_KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
# Looked for in the id of a rule, in this order. What rules take away from a schema is not something users lose.
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
    """The section in Markdown, with its heading; where Python names are known, they are what is spoken of."""
    entries: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for change in sorted(report.python, key=lambda one: one.impact is not Impact.BREAKING):
        entries[_BY_PYTHON.get(change.id, "Changed")].append(_entry(change))
    known = _identifiers(f"{one.name} {one.text}" for one in report.python)
    for findings in _alike(one for one in report.findings if not _is_told(one, known)):
        entries[_kind(findings[0])].append(_told(findings))
    lines = ["## [Unreleased]", ""]
    for kind, items in entries.items():
        if items:
            lines += [f"### {kind}", "", *dict.fromkeys(items), ""]
    return "\n".join(lines if any(entries.values()) else [*lines, "Nothing that users notice.", ""])


def _entry(change: PythonChange) -> str:
    return f"- {_mark(change.impact is Impact.BREAKING)}{code(change.name)}: {prose(change.text)}."


def _mark(breaking: bool) -> str:
    return "**Breaking:** " if breaking else ""


def _is_told(finding: Finding, known: set[str]) -> bool:
    """Whether it is words only, or the Python changes speak of it already: of what it is about, or where it is."""
    if finding.verdict is Verdict.DOCUMENTATION:
        return finding.python is Impact.NONE
    if finding.python is Impact.NONE:
        return False
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', finding.text)
    return bool(_identifiers(quoted or re.split(r"[.\[{( ]", finding.where)[-1:]) & known)


def _identifiers(texts: Iterator[str] | list[str]) -> set[str]:
    """The words of texts, in the one spelling that contract and Python share."""
    return {word.replace("_", "").lower() for text in texts for word in re.findall(r"\w+", text)}


def _alike(findings: Iterator[Finding]) -> Iterator[list[Finding]]:
    """Findings that say the same of different places, together."""
    groups: dict[tuple[str, Verdict, Impact, str], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.id, one.verdict, one.python, one.text), []).append(one)
    yield from groups.values()


def _kind(finding: Finding) -> str:
    return next((kind for pattern, kind in _BY_RULE if pattern.search(finding.id)), "Changed")


def _told(findings: list[Finding]) -> str:
    first = findings[0]
    breaking = first.verdict is Verdict.BREAKING or first.python is Impact.BREAKING
    places = ", ".join(code(one.where) for one in findings[:_PLACES])
    more = len(findings) - _PLACES
    return f"- {_mark(breaking)}{places}{f' and {more:,} more' if more > 0 else ''}: {prose(first.text)}."
