"""The report as a comment on a pull request, within GitHub's maximum length of comments.

Findings are list items and not table rows, because Markdown parsers disagree about `|` in a code span of a table.
"""

from collections.abc import Iterator

from attrs import evolve, frozen

from scripts.specdiff.engine.effects import Impact, Verdict
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import PythonChange, Report
from scripts.specdiff.rule_help import advice

from . import wording
from .inline import code, prose

MARKER = "<!-- contract-diff -->"
"""The first line of a comment. The workflow finds its own comment by this line."""
# GitHub rejects comments of more than 65,536 characters.
LIMIT = 60_000
# Reserved for the line that counts the omitted findings.
_ROOM = 60
_UNFOLDED = (Verdict.BREAKING, Verdict.UNKNOWN, Verdict.RISKY)


@frozen
class _Section:
    title: str
    items: list[str]
    folded: bool = False
    comes_first: bool = False
    """Whether the items are kept before those of other sections, if the comment is too long."""

    @property
    def frame(self) -> tuple[list[str], list[str]]:
        """The lines before and after the items."""
        title = f"{self.title} ({len(self.items):,})"
        if self.folded:
            return ["<details>", f"<summary>{title}</summary>", ""], ["", "</details>", ""]
        return [f"#### {title}", ""], [""]


def render(report: Report) -> str:
    """Return the report in GitHub's Markdown, at most `LIMIT` characters long."""
    sections = list(_sections(report))
    if sections and all(section.folded for section in sections):
        # Readers should see something without a click.
        sections[0] = evolve(sections[0], folded=False)
    lines = [MARKER, *_head(report)]
    left = LIMIT - _size(lines) - sum(_size([*before, *after]) + _ROOM for before, after in (s.frame for s in sections))
    fitting: dict[str, list[str]] = {section.title: [] for section in sections}
    for section in sorted(sections, key=lambda section: not section.comes_first):
        for item in section.items:
            if _size([item]) > left:
                break
            left -= _size([item])
            fitting[section.title].append(item)
    for section in sections:
        before, after = section.frame
        more = len(section.items) - len(fitting[section.title])
        lines += [*before, *fitting[section.title], *([f"- ... and {more:,} more"] if more else []), *after]
    return "\n".join(lines).rstrip() + "\n"


def _size(lines: list[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _head(report: Report) -> Iterator[str]:
    changed = report.findings or report.python
    yield (
        f"### Contract: {wording.counts(report) or 'no changes in requests or responses'}"
        if changed
        else "### Contract: no changes"
    )
    yield ""
    yield f"{code(report.old)} against {code(report.new)}"
    if changed or report.version.old != report.version.new:
        yield ""
        version = prose(wording.version(report)).replace("version", "Version", 1)
        yield f"**{version}**" if report.version.sufficient is False else version
    yield ""


def _sections(report: Report) -> Iterator[_Section]:
    findings = dict(wording.groups(report))
    for verdict in _UNFOLDED:
        if verdict in findings:
            yield _Section(verdict.capitalize(), [_finding(finding) for finding in findings[verdict]])
    for impact in Impact:
        changes = [_change(change) for change in report.python if change.impact is impact]
        title = "Python" if impact is Impact.NONE else f"Python, {impact}"
        if changes:
            yield _Section(title, changes, folded=impact is not Impact.BREAKING)
    for verdict in (Verdict.SAFE, Verdict.DOCUMENTATION):
        if verdict in findings:
            yield _Section(verdict.capitalize(), [_finding(finding) for finding in findings[verdict]], folded=True)
    if rules := list(_advice(report)):
        yield _Section("Who notices, and what to do instead", rules, folded=True, comes_first=True)
    remarks = [f"- {prose(remark)}" for remark in wording.remarks(report)]
    if remarks:
        yield _Section("Remarks", remarks)


def _advice(report: Report) -> Iterator[str]:
    """Yield the advice of each rule with a finding that callers may notice."""
    for name in dict.fromkeys(finding.id for finding in report.findings if finding.verdict in _UNFOLDED):
        affected, instead = advice(name, with_package=report.is_ours)
        if affected or instead:
            yield f"- {code(name)}: {' '.join(filter(None, (affected, instead and f'**Instead:** {instead}')))}"


def _finding(finding: Finding) -> str:
    lines = wording.lines(finding)
    names = wording.operations(finding)
    reach = ", ".join(map(code, names)) if len(finding.operations) <= 3 else names[0]
    notes = [code(finding.id), f"lines {lines}" if lines else "", reach, wording.python(finding)]
    text = f"- {code(finding.label)}: {prose(finding.text)} ({'; '.join(note for note in notes if note)})"
    if finding.accepted is not None:
        text += f"; accepted: {prose(finding.accepted)}"
    return text if finding.witness is None else f"{text}\n  - {_sentence(finding.witness.sentence)}"


def _sentence(sentence: str) -> str:
    parts = wording.parts(sentence)
    return "".join(code(part, 300) if is_quoted else _plain(part) for is_quoted, part in parts)


def _plain(part: str) -> str:
    """Words between two quotes, with the spaces around them."""
    return f"{part[: len(part) - len(part.lstrip())]}{prose(part)}{part[len(part.rstrip()) :] if part.strip() else ''}"


def _change(change: PythonChange) -> str:
    line = f"- {code(change.name)}: {prose(change.text)}"
    program = wording.program(change)
    return f"{line}\n  - {code(program[-1].strip(), 300)} type-checks with the old package only" if program else line
