"""The complete report as JSON, for programs."""

import json
from typing import Any

from scripts.specdiff.report import Report


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
            {"id": one.id, "impact": one.impact, "name": one.name, "message": one.text} for one in report.python
        ],
        "python_note": report.python_note,
        "beyond": report.skipped,
        "findings": [
            {
                "id": one.id,
                "verdict": one.verdict,
                "python": one.python,
                "message": one.message,
                "operations": list(one.operations),
                "direction": one.direction,
                "pointer": one.pointer,
                "old": one.old,
                "new": one.new,
                "old_line": one.old_line,
                "new_line": one.new_line,
                "fingerprint": one.fingerprint,
                "accepted": one.accepted,
            }
            for one in report.findings
        ],
        "unused": list(report.unused),
    }
    return json.dumps(content, indent=2, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value, key=str) if not isinstance(value, tuple) else list(value)
    return dict(value) if hasattr(value, "items") else str(value)
