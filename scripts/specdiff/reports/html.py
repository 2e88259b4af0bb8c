"""The report as a single HTML page, which needs no other file and no network.

Its content security policy allows only its own style and script, by their hashes. Text of a contract cannot run.
"""

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from pathlib import Path

from scripts.specdiff.engine.effects import Impact, Verdict
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import Report
from scripts.specdiff.rule_help import advice

from . import wording
from .excerpts import Excerpts, Row

_STYLE = Path(__file__).with_name("html.css").read_text("utf-8")
_SCRIPT = Path(__file__).with_name("html.js").read_text("utf-8")
# The maximum number of characters in excerpts. All further findings show only line numbers, to limit the page's size.
_MOST_EXCERPTS = 2_500_000
_WIDEST_LINE = 300
# Fewer breaking findings are open when the page is loaded.
_FEW = 10


def render(report: Report) -> str:
    """Return the page."""
    return "\n".join(_Page(report).lines()) + "\n"


def _text(text: object, limit: int = 1_000) -> str:
    return escape(wording.visible(text, limit))


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


class _Page:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._excerpts = Excerpts(report)
        self._left = _MOST_EXCERPTS
        names = {name for finding in report.findings for name in finding.operations}
        self._operations = {name: index for index, name in enumerate(sorted(names))}
        breaking = sum(_is_breaking(finding) for finding in report.findings)
        self._opens = 0 < breaking < _FEW

    def lines(self) -> Iterator[str]:
        policy = (
            f"default-src 'none'; style-src {_hash(_STYLE)}; script-src {_hash(_SCRIPT)}; "
            "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
        )
        yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
        yield f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">'
        yield f"<title>Contract changes: {_text(wording.counts(self._report) or 'none')}</title>"
        yield f"<style>{_STYLE}</style>\n</head>\n<body>"
        yield from self._header()
        yield "<main>"
        yield from self._python()
        yield from self._filters()
        for verdict, findings in wording.groups(self._report):
            yield f'<section class="group {verdict}"><h2>{verdict.capitalize()} <span>{len(findings):,}</span></h2>'
            for finding in findings:
                yield from self._finding(finding)
            yield "</section>"
        yield f"</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>"

    def _header(self) -> Iterator[str]:
        report = self._report
        yield "<header><h1>Contract changes</h1>"
        yield f"<p><code>{_text(report.old, 200)}</code> against <code>{_text(report.new, 200)}</code></p>"
        yield '<ul class="counts">'
        for verdict, number in report.summary.items():
            yield f'<li class="{verdict}"><strong>{number:,}</strong> {verdict}</li>'
        yield "</ul>"
        weak = report.version.sufficient is False
        yield f'<p class="version{" weak" if weak else ""}">V{_text(wording.version(report))[1:]}</p>'
        if not report.findings and not report.python:
            yield "<p>No changes.</p>"
        yield from (f"<p>{_text(remark)}</p>" for remark in wording.remarks(report))
        yield "</header>"

    def _python(self) -> Iterator[str]:
        if not self._report.python:
            return
        yield f"<section><h2>Python <span>{len(self._report.python):,}</span></h2>"
        yield '<table class="python"><thead><tr><th scope="col">Impact</th><th scope="col">Name</th>'
        yield '<th scope="col">Change</th></tr></thead><tbody>'
        for change in sorted(self._report.python, key=lambda change: list(Impact).index(change.impact)):
            yield f'<tr><td><span class="badge {change.impact}">{change.impact}</span></td>'
            yield f"<td><code>{_text(change.name)}</code></td><td>{_text(change.text)}"
            if program := wording.program(change):
                yield "<details><summary>a program that only the old package accepts</summary>"
                yield f"<pre>{'&#10;'.join(map(_text, program))}</pre></details>"
            yield "</td></tr>"
        yield "</tbody></table></section>"

    def _filters(self) -> Iterator[str]:
        if not self._report.findings:
            return
        # The filters work only with the script, so they are hidden until the script runs.
        yield '<form id="filters" role="search" aria-label="Filter the findings" hidden>'
        yield '<label class="wide">Text <input type="search" name="text" autocomplete="off"></label>'
        yield '<label class="wide">Operation <select name="operation"><option value="">any</option>'
        for name, index in self._operations.items():
            yield f'<option value="{index}">{_text(name, 80)}</option>'
        yield "</select></label>"
        yield from _choices("verdict", "Verdict", list(Verdict))
        if self._report.is_ours:
            yield from _choices("python", "Python", list(Impact))
        yield '<p><button type="button" id="open">Open all shown</button> '
        yield '<button type="button" id="close">Close all</button> '
        yield '<button type="reset">Reset</button> <output id="shown" aria-live="polite"></output></p></form>'

    def _finding(self, finding: Finding) -> Iterator[str]:
        reach = " ".join(str(self._operations[name]) for name in finding.operations)
        accepted = " accepted" if finding.accepted is not None else ""
        is_open = " open" if self._opens and _is_breaking(finding) else ""
        yield (
            f'<details class="finding{accepted}" id="f-{_text(finding.fingerprint)}" '
            f'data-verdict="{finding.verdict}" data-python="{finding.python}" data-operations="{reach}"{is_open}>'
        )
        yield f'<summary><span class="badge {finding.verdict}">{finding.verdict}</span>'
        yield f"<span><code>{_text(finding.label, 200)}</code> {_text(finding.text)}"
        if finding.accepted is not None:
            yield f'<span class="note">accepted: {_text(finding.accepted)}</span>'
        note = wording.python(finding)
        yield f'<span class="note">{note}</span></span>' if note else "</span>"
        count = len(finding.operations)
        yield f'<span class="reach">{wording.counted(count, "operation") if count else ""}</span></summary>'
        if finding.witness:
            yield f'<p class="proof">{_sentence(finding.witness.sentence)}</p>'
        names = ", ".join(f"<code>{_text(name, 80)}</code>" for name in finding.operations)
        affected, instead = advice(finding.id, with_package=self._report.is_ours)
        facts = {
            "Who notices": _sentence(affected) if finding.verdict in _NOTICED else "",
            "Instead": _sentence(instead) if finding.verdict in _NOTICED else "",
            "Rule": f"<code>{_text(finding.id)}</code>",
            "Direction": _text(finding.direction),
            "Python": _text(finding.python) if self._report.is_ours else "",
            "Fingerprint": f"<code>{_text(finding.fingerprint)}</code>",
            "Place": f"<code>{_text(finding.pointer)}</code>",
            "Operations": names or "none",
        }
        facts = {name: fact for name, fact in facts.items() if fact}
        yield "<dl>"
        for name, fact in facts.items():
            wide = ' class="all"' if name in ("Who notices", "Instead", "Place", "Operations") else ""
            yield f"<div{wide}><dt>{name}</dt><dd>{fact}</dd></div>"
        yield "</dl>"
        yield self._excerpt(finding)
        yield "</details>"

    def _excerpt(self, finding: Finding) -> str:
        if self._left <= 0:
            return f"<p>Lines {wording.lines(finding) or 'unknown'}: omitted to limit the size of the page.</p>"
        sides = [_text(name, 60) for name in (self._report.old, self._report.new)]
        heads = "".join(f'<th scope="col" colspan="2">{name}</th>' for name in sides)
        rows = "\n".join(_row(row) for row in self._excerpts.rows(finding))
        widths = '<colgroup><col class="number"><col><col class="number"><col></colgroup>'
        caption = "<caption>Old and new lines; differences are marked</caption>"
        table = (
            f'<table class="lines">{caption}{widths}<thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table>'
        )
        self._left -= len(table)
        return table


def _is_breaking(finding: Finding) -> bool:
    return finding.verdict in (Verdict.BREAKING, Verdict.UNKNOWN) and finding.accepted is None


def _sentence(sentence: str) -> str:
    parts = wording.parts(sentence)
    return "".join(f"<code>{_text(part)}</code>" if is_quoted else _text(part) for is_quoted, part in parts)


def _choices(name: str, title: str, values: list[Verdict] | list[Impact]) -> Iterator[str]:
    yield f"<fieldset><legend>{title}</legend>"
    for value in values:
        yield f'<label><input type="checkbox" name="{name}" value="{value}" checked> {value}</label>'
    yield "</fieldset>"


_NOTICED = (Verdict.BREAKING, Verdict.UNKNOWN, Verdict.RISKY)


def _row(row: Row) -> str:
    if row.omitted:
        return f'<tr class="gap"><td colspan="4">{wording.counted(row.omitted, "line")} left out</td></tr>'
    old, new = (wording.visible(side[1], _WIDEST_LINE) if side else None for side in (row.old, row.new))
    marked = _marked(old, new) if row.differs else (escape(old or ""), escape(new or ""))
    cells = []
    for side, tag, text in ((row.old, "del", marked[0]), (row.new, "ins", marked[1])):
        if side is None:
            cells.append('<td class="number"></td><td class="nothing"></td>')
        else:
            shown = f"<{tag}>{text}</{tag}>" if row.differs else text
            cells.append(f'<td class="number">{side[0]}</td><td>{shown}</td>')
    return f"<tr>{''.join(cells)}</tr>"


def _marked(old: str | None, new: str | None) -> tuple[str, str]:
    """Two lines as HTML. If the lines are similar, their different parts are marked."""
    if old is None or new is None:
        return escape(old or ""), escape(new or "")
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - start) if old[-1 - at] != new[-1 - at]), shorter - start)
    if len(old[:start].lstrip()) + tail < min(len(old.strip()), len(new.strip())) / 3:
        return escape(old), escape(new)
    return _emphasised(old, start, tail), _emphasised(new, start, tail)


def _emphasised(line: str, start: int, tail: int) -> str:
    end = len(line) - tail
    middle = f"<mark>{escape(line[start:end])}</mark>" if end > start else ""
    return f"{escape(line[:start])}{middle}{escape(line[end:])}"
