"""The complete report as JSON, for programs."""

import json
from typing import Any

from scripts.openapi.pointers import within_file
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import Report
from scripts.specdiff.rule_help import advice


def render(report: Report) -> str:
    """Return the report as JSON; scripts/specdiff/README.md describes its fields."""
    version = report.version
    content: dict[str, Any] = {
        "old": report.old,
        "new": report.new,
        "summary": report.summary,
        "version": {
            "old": version.old,
            "new": version.new,
            "suggested": version.suggested,
            "sufficient": version.sufficient,
        },
        "python": [
            {
                "id": change.id,
                "impact": change.impact,
                "name": change.name,
                "message": change.text,
                "witness": change.witness,
            }
            for change in report.python
        ],
        "python_note": report.python_note,
        "beyond": report.skipped,
        "findings": [
            {
                "id": finding.id,
                "verdict": finding.verdict,
                "python": finding.python,
                "message": finding.message,
                "operations": list(finding.operations),
                "direction": finding.direction,
                "pointer": within_file(finding.pointer),
                "old": finding.old,
                "new": finding.new,
                "old_line": finding.old_line,
                "new_line": finding.new_line,
                "old_file": finding.old_file,
                "new_file": finding.new_file,
                "fingerprint": finding.fingerprint,
                "witness": _witness(finding),
                "accepted": finding.accepted,
            }
            for finding in report.findings
        ],
        "rules": {name: _rule(name, report) for name in sorted({finding.id for finding in report.findings})},
        "unused": list(report.unused),
        "expired": list(report.expired),
    }
    if not report.is_ours:
        # Users of other documents have no use for the package of this project.
        for part in (content, *content["findings"]):
            part.pop("python", None)
        del content["python_note"]
    return json.dumps(content, indent=2, ensure_ascii=False, default=_plain) + "\n"


def _witness(finding: Finding) -> dict[str, str | None] | None:
    return {"value": finding.witness.value, "sentence": finding.witness.sentence} if finding.witness else None


def _rule(name: str, report: Report) -> dict[str, str]:
    affected, instead = advice(name, with_package=report.is_ours)
    return {"affected": affected, "instead": instead}


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value, key=str) if not isinstance(value, tuple) else list(value)
    return dict(value) if hasattr(value, "items") else str(value)
