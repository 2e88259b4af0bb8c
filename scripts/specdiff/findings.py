"""What a comparison gives: findings with verdict, place, lines and reach, each change once."""

import datetime
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from attrs import evolve, frozen

from .engine.document import Document, spelled
from .engine.effects import Direction, Impact, Verdict, impact, verdict
from .engine.sites import Graph, Site
from .engine.walk_document import DocumentWalker
from .rules import by_kind

_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


@frozen
class Finding:
    """One change, judged."""

    id: str
    """The rule that found it."""
    verdict: Verdict
    python: Impact
    where: str
    text: str
    operations: tuple[str, ...]
    direction: Direction
    pointer: str
    """JSON pointer in the new document, or in the old one where that has nothing there."""
    old: Any
    new: Any
    old_line: int | None
    new_line: int | None
    fingerprint: str
    """The same for the same rule, place and subject, whatever the words and whatever else changed."""
    subject: str = ""
    """What it is about, where a place can have several findings of one rule; no words of a message."""
    accepted: str | None = None
    """Why somebody accepted it."""

    @property
    def message(self) -> str:
        return f"{self.where}: {self.text}"


@frozen
class Comparison:
    """All findings, the worst first, and what was left out."""

    old: Document
    new: Document
    findings: tuple[Finding, ...]
    beyond: int = 0
    """How many operations and webhooks of the new document were left out."""

    def count(self, verdict: Verdict) -> int:
        return sum(finding.verdict is verdict for finding in self.findings)


def compare(old: Document, new: Document, *, scoped: bool = False, today: str | None = None) -> Comparison:
    """Compare two documents; `scoped` leaves out what only the new one has, `today` is for comparing sunsets."""
    graph = Graph(old, new, by_kind(), today or datetime.date.today().isoformat())
    DocumentWalker(graph, scoped).walk()
    graph.spread()
    found = [finding for site in graph.sites.values() for finding in _findings(graph, site)]
    ordered = sorted(_joined(found), key=_order)
    return Comparison(old, new, tuple(ordered), graph.beyond)


def _order(finding: Finding) -> Any:
    """The worst first, then as they stand in the document, then by what they are, so that a run is like the next."""
    line = finding.new_line or finding.old_line or 0
    return _RANKS[finding.verdict], line, finding.id, finding.where, finding.text


def _findings(graph: Graph, site: Site) -> Iterator[Finding]:
    operations = tuple(name for name in graph.names(site.operations) if name)
    for rule, pair, change in site.found:
        old_at = change.old_at if change.old_at is not None else pair.old_at
        new_at = change.new_at if change.new_at is not None else pair.new_at
        direction = site.direction
        yield Finding(
            rule.id,
            verdict(rule.effect, direction),
            impact(rule.reach, direction),
            pair.where,
            change.text,
            operations,
            direction,
            new_at if new_at is not None and pair.new is not None else old_at or "",
            change.old,
            change.new,
            graph.old.line(old_at) if old_at is not None and pair.old is not None else None,
            graph.new.line(new_at) if new_at is not None and pair.new is not None else None,
            _hash(rule.id, pair.where, change.subject),
            change.subject,
        )


def _joined(findings: list[Finding]) -> Iterator[Finding]:
    """One finding for what is one change.

    The same rule at the same place was met twice, as JSON and as text for example; or the same thing came or went in
    many operations; or only words differ, in many places of one component.
    """
    for key in (_same, _repeated, _wordy):
        groups: dict[Any, list[Finding]] = {}
        for finding in findings:
            groups.setdefault(key(finding), []).append(finding)
        findings = [_one(group) for group in groups.values()]
    met: Counter[str] = Counter()
    for finding in findings:
        # Alternatives without a name have no place that is only theirs.
        met[finding.fingerprint] += 1
        times = met[finding.fingerprint]
        yield finding if times == 1 else evolve(finding, fingerprint=_hash(finding.fingerprint, str(times)))


def _same(finding: Finding) -> Any:
    return finding.fingerprint, finding.pointer, finding.text


def _repeated(finding: Finding) -> Any:
    """What came or went as a whole in one operation, as it may have in others."""
    came_or_went = (finding.old_line is None) != (finding.new_line is None)
    if came_or_went and finding.operations[1:] == () and " " in finding.where:
        return finding.id, finding.verdict, finding.text, spelled(finding.old), spelled(finding.new)
    return _same(finding)


def _wordy(finding: Finding) -> Any:
    if finding.id == "extension-changed":
        return finding.id, finding.text
    if finding.verdict is Verdict.DOCUMENTATION:
        return finding.id, re.split(r"[.\[{(]| (?=request|header|\d)", finding.where)[0]
    return _same(finding)


def _one(group: list[Finding]) -> Finding:
    """Several findings as one, with the worst verdict, all operations, and the place of the first."""
    if len(group) == 1:
        return group[0]
    worst = min(group, key=lambda one: _RANKS[one.verdict])
    sides = {one.direction for one in group} - {Direction.NEITHER}
    direction = sides.pop() if len(sides) == 1 else Direction.BOTH if sides else Direction.NEITHER
    places = list(dict.fromkeys(one.where for one in group))
    place = re.split(r"[.\[{(]", places[0])[0]
    more = f" (and in {len(places) - 1} more places)" if len(places) > 1 else ""
    return evolve(
        worst,
        text=worst.text + more,
        operations=tuple(dict.fromkeys(name for one in group for name in one.operations)),
        direction=direction,
        python=min((one.python for one in group), key=list(Impact).index),
        fingerprint=_hash(worst.id, place, worst.subject) if more else worst.fingerprint,
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
