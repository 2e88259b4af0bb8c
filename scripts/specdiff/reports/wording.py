"""Phrases that several report formats share. Text of a contract is untrusted, so `visible` escapes it."""

from collections.abc import Iterator

from scripts.specdiff.engine.effects import Impact, Verdict
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import PythonChange, Report

_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: object, limit: int = 300) -> str:
    """Return text as one line of at most `limit` characters, in which unprintable characters are escaped.

    Such characters control a terminal, change the direction of text, or cannot be encoded as UTF-8.
    """
    full = str(text)
    cut = f"{full[: limit - 3]}..." if len(full) > limit else full
    return cut if cut.isprintable() else "".join(char if char.isprintable() else _escape(char) for char in cut)


def _escape(character: str) -> str:
    code = ord(character)
    width = "x{:02x}" if code < 0x100 else "u{:04x}" if code < 0x10000 else "U{:08x}"
    return _NAMED.get(character, f"\\{width.format(code)}")


def parts(sentence: str) -> list[tuple[bool, str]]:
    """The parts of a sentence, and whether each part is between backticks."""
    return [(index % 2 == 1, part) for index, part in enumerate(sentence.split("`")) if part]


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number and its noun, such as "2 operations"."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def counts(report: Report) -> str:
    """The number of findings of each verdict, the worst verdict first, with the number of accepted findings."""
    return ", ".join(_count(verdict, findings) for verdict, findings in groups(report))


def _count(verdict: Verdict, findings: list[Finding]) -> str:
    accepted = sum(finding.accepted is not None for finding in findings)
    return f"{len(findings):,} {verdict}{f' ({accepted:,} accepted)' if accepted else ''}"


def groups(report: Report) -> Iterator[tuple[Verdict, list[Finding]]]:
    """The findings by verdict, the worst verdict first."""
    for verdict in Verdict:
        findings = [finding for finding in report.findings if finding.verdict is verdict]
        if findings:
            yield verdict, findings


def lines(finding: Finding) -> str:
    """The lines in the old and the new document as `old:new`. A missing line is a dash.

    If a line is in another file, the name of the file precedes it, as in `12 -> pet.yaml:3`.
    """
    if finding.old_line is None and finding.new_line is None:
        return ""
    sides = ((finding.old_file, finding.old_line), (finding.new_file, finding.new_line))
    if not (finding.old_file or finding.new_file):
        return ":".join(str(line or "-") for _, line in sides)
    texts = [f"{visible(file, 80)}:{line}" if file else str(line) for file, line in sides if line]
    return " -> ".join(dict.fromkeys(texts))


def operations(finding: Finding) -> list[str]:
    """The names of up to three operations, or their number."""
    names = finding.operations
    return [visible(name, 60) for name in names] if len(names) <= 3 else [counted(len(names), "operation")]


def python(finding: Finding) -> str:
    """Whether users of the package must change their code."""
    return "breaks Python" if finding.python is Impact.BREAKING else ""


def program(change: PythonChange) -> list[str]:
    """The lines of the program that type-checks with the old package only; the last line uses the changed name."""
    return [visible(line) for line in (change.witness or "").splitlines()]


def version(report: Report) -> str:
    """Whether the new version is sufficient for the changes."""
    judged = report.version
    text = f"version {visible(judged.old, 40) or 'none'} -> {visible(judged.new, 40) or 'none'}"
    if not (judged.old and judged.new):
        return text
    if judged.sufficient is None:
        return f"{text}; the old version is not a semantic version"
    if judged.sufficient:
        return f"{text}; this is sufficient"
    return f"{text}; at least {judged.suggested} is needed"


def remarks(report: Report) -> Iterator[str]:
    """Yield remarks about the comparison itself."""
    if report.python_note:
        yield visible(report.python_note)
    if report.skipped:
        skipped = counted(report.skipped, "operation or webhook", "operations and webhooks")
        yield f"skipped {skipped} found only in NEW"
    for fingerprint in report.unused:
        yield f"{visible(fingerprint, 80)} is accepted, but no finding has this fingerprint"
    for fingerprint in report.expired:
        yield f"{visible(fingerprint, 80)} was accepted until a date that has passed, so the finding counts again"
