"""The report as plain text: a line for each finding, and below it the line of its proof."""

from collections.abc import Iterator

from scripts.specdiff.engine.effects import Impact, Verdict
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import Report

from . import wording

_PAINT = {
    Verdict.BREAKING: "1;31",
    Verdict.UNKNOWN: "35",
    Verdict.RISKY: "33",
    Verdict.SAFE: "32",
    Verdict.DOCUMENTATION: "36",
}
_IMPACT_PAINT = {Impact.BREAKING: "1;31", Impact.SAFE: "32", Impact.NONE: "36"}
_FAINT = "2"
# The maximum widths of the columns: label, message, rule and lines.
_WIDTHS = (40, 72, 32, 13)


def render(report: Report, *, colour: bool = False) -> str:
    """Return the report as text, with ANSI colours if `colour` is true."""
    return "\n".join(_lines(report, _Pen(colour))) + "\n"


class _Pen:
    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour and text else text


def _lines(report: Report, pen: _Pen) -> Iterator[str]:
    if not report.findings and not report.python:
        yield "No changes."
    for verdict, findings in wording.groups(report):
        yield pen.paint(f"{verdict.capitalize()} ({len(findings):,})", _PAINT[verdict])
        yield from _table(findings, pen)
        yield ""
    for impact in Impact:
        changes = [change for change in report.python if change.impact is impact]
        if changes:
            title = "Python" if impact is Impact.NONE else f"Python, {impact}"
            yield pen.paint(f"{title} ({len(changes):,})", _IMPACT_PAINT[impact])
            for change in changes:
                yield f"  {wording.visible(change.name)}: {wording.visible(change.text)}"
                if program := wording.program(change):
                    yield pen.paint(f"    {program[-1].strip()}", _FAINT)
            yield ""
    if report.findings or report.python or report.version.old != report.version.new:
        line = wording.version(report)
        yield pen.paint(line, _PAINT[Verdict.BREAKING]) if report.version.sufficient is False else line
    yield from wording.remarks(report)


def _table(findings: list[Finding], pen: _Pen) -> Iterator[str]:
    rows = [
        (
            wording.visible(finding.label, 120),
            wording.visible(finding.text),
            finding.id,
            wording.lines(finding),
            _notes(finding),
        )
        for finding in findings
    ]
    widths = [min(max(len(row[column]) for row in rows), most) for column, most in enumerate(_WIDTHS)]
    for finding, row in zip(findings, rows, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        line = "  ".join((*cells, row[-1])).rstrip()
        yield f"  {pen.paint(line, _FAINT) if finding.accepted is not None else line}"
        if finding.witness:
            yield f"    {pen.paint(wording.visible(finding.witness.sentence), _FAINT)}"


def _notes(finding: Finding) -> str:
    notes = [", ".join(wording.operations(finding)), wording.python(finding)]
    if finding.accepted is not None:
        notes.append(f"accepted: {wording.visible(finding.accepted)}")
    return "; ".join(note for note in notes if note)
