"""Words that the forms for people share: counts, lines, reach, version. Text of a contract is shown, never obeyed."""

from collections.abc import Iterator

from scripts.specdiff.engine.effects import Impact, Verdict
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import Report

_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: object, limit: int = 300) -> str:
    """Text on one line, cut at `limit`; what a terminal or a reader would not see as it is becomes an escape.

    That is what controls a terminal, turns the direction of writing, or cannot be written as UTF-8.
    """
    full = str(text)
    cut = f"{full[: limit - 3]}..." if len(full) > limit else full
    return cut if cut.isprintable() else "".join(one if one.isprintable() else _escape(one) for one in cut)


def _escape(character: str) -> str:
    code = ord(character)
    width = "x{:02x}" if code < 0x100 else "u{:04x}" if code < 0x10000 else "U{:08x}"
    return _NAMED.get(character, f"\\{width.format(code)}")


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def counts(report: Report) -> str:
    """How many findings there are of each verdict, the worst first, and how many of these somebody accepted."""
    return ", ".join(_count(verdict, found) for verdict, found in groups(report))


def _count(verdict: Verdict, found: list[Finding]) -> str:
    accepted = sum(one.accepted is not None for one in found)
    return f"{len(found):,} {verdict}{f' ({accepted:,} accepted)' if accepted else ''}"


def groups(report: Report) -> Iterator[tuple[Verdict, list[Finding]]]:
    """The findings by verdict, the worst first."""
    for verdict in Verdict:
        found = [one for one in report.findings if one.verdict is verdict]
        if found:
            yield verdict, found


def lines(finding: Finding) -> str:
    """Where it stands in the old and in the new document, as old:new; a dash is for the side that has nothing."""
    if finding.old_line is None and finding.new_line is None:
        return ""
    return f"{finding.old_line or '-'}:{finding.new_line or '-'}"


def operations(finding: Finding) -> list[str]:
    """The names of a few operations, or how many there are."""
    names = finding.operations
    return [visible(name, 60) for name in names] if len(names) <= 3 else [counted(len(names), "operation")]


def python(finding: Finding) -> str:
    """What it does to users of the package, where the verdict does not say so."""
    if finding.python is Impact.BREAKING:
        return "breaks Python"
    if finding.python is Impact.SAFE and finding.verdict in (Verdict.BREAKING, Verdict.RISKY):
        return "safe in Python"
    return ""


def version(report: Report) -> str:
    """Whether the new version says enough."""
    said = report.version
    text = f"version {visible(said.old, 40) or 'none'} -> {visible(said.new, 40) or 'none'}"
    if said.sufficient is None:
        return f"{text}; whether that is enough cannot be told"
    if said.sufficient:
        return f"{text}; that is enough"
    return f"{text}; at least {said.suggested} is needed"


def remarks(report: Report) -> Iterator[str]:
    """What is to be said besides the changes."""
    if report.python_note:
        yield visible(report.python_note)
    if report.beyond:
        what = counted(report.beyond, "operation or webhook", "operations and webhooks")
        yield f"{what} that only the new side has: left out"
    for fingerprint in report.unused:
        yield f"{visible(fingerprint, 80)} is accepted, and nothing of the kind was found"
