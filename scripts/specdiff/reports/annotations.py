"""The report as workflow commands, which GitHub displays as annotations of the changed lines.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Iterator

from scripts.specdiff.engine.effects import Impact, Verdict
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import Report

from . import wording

# GitHub displays at most ten annotations of each level per step.
MOST = 10
_LEVELS = {Verdict.BREAKING: "error", Verdict.UNKNOWN: "error", Verdict.RISKY: "warning"}


def render(report: Report) -> str:
    """Return one command per line, at most ten of each level. The last notice counts the omitted commands."""
    commands: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    if report.version.sufficient is False:
        commands["warning"].append(_command("warning", wording.version(report), report.new_path, None, "Version"))
    for finding in report.findings:
        level = "notice" if finding.accepted is not None else _LEVELS.get(finding.verdict, "notice")
        commands[level].append(_finding(level, finding, report))
    # One notice is reserved for the summary.
    shown = {level: lines[: MOST - (level == "notice")] for level, lines in commands.items()}
    summary = "; ".join(_summary(report, sum(map(len, commands.values())) - sum(map(len, shown.values()))))
    if summary:
        shown["notice"].append(_command("notice", summary, report.new_path, None, "Contract"))
    return "".join(f"{command}\n" for lines in shown.values() for command in lines)


def _summary(report: Report, hidden: int) -> Iterator[str]:
    if report.findings:
        yield wording.counts(report)
    if hidden:
        yield f"{hidden:,} of these are not shown here"
    breaking = sum(change.impact is Impact.BREAKING for change in report.python)
    if report.python:
        yield f"{wording.counted(len(report.python), 'change')} in Python, {breaking:,} breaking"
    yield from wording.remarks(report)


def _finding(level: str, finding: Finding, report: Report) -> str:
    notes = [", ".join(wording.operations(finding)), wording.python(finding)]
    if finding.new_line is None and finding.old_line is not None:
        notes.append(f"line {finding.old_line} of {wording.visible(report.old, 80)}")
    if finding.accepted is not None:
        notes.append(f"accepted: {wording.visible(finding.accepted)}")
    message = f"{wording.visible(finding.label, 120)}: {wording.visible(finding.text)}"
    if finding.witness:
        notes.insert(0, wording.visible(finding.witness.sentence.rstrip(".")))
    joined = "; ".join(note for note in notes if note)
    title = f"{finding.verdict.capitalize()}: {finding.id}"
    return _command(
        level,
        f"{message} ({joined})" if joined else message,
        finding.new_file or report.new_path,
        finding.new_line,
        title,
    )


def _command(level: str, message: str, path: str, line: int | None, title: str) -> str:
    properties = {"file": wording.visible(path), "line": str(line) if line else "", "title": title}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{level} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
