"""Findings: the changes with their verdicts, lines and operations. Each change is one finding."""

import datetime
import hashlib
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve, field, frozen

from scripts.openapi.time_limit import working_on

from .engine.canonical_json import canonical_json
from .engine.document import ComparedDocument
from .engine.effects import Direction, Effect, Impact, Verdict, impact, verdict
from .engine.pairs import Pair, PairKind, Place, Rule
from .engine.proofs import Proofs
from .engine.reach import Comparison, Scope
from .engine.schema import Alternatives
from .engine.walk_document import DocumentWalker
from .reasons import reason

PROVABLE = (Verdict.BREAKING, Verdict.RISKY)
"""The verdicts of findings that have a witness, or the reason why they have none."""
_TEXTS = frozenset(["title", "description", "summary", "example", "examples", "externalDocs", "$comment"])
# Such a change of several operations has the same text for each of them.
_OF_MANY_OPERATIONS = (
    *("security-", "scope-", "path-parameter-renamed", "schema-renamed", "reference-changed"),
    *("operation-regrouped", "media-type-changed"),
)
_PARAMETER = re.compile(r" (?:query|path|header|cookie) [^ ]+$")
_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


@frozen
class Witness:
    """The proof of a finding: a value that one document admits and the other refuses."""

    value: str | None
    """The value as JSON text, or None if no value proves the finding."""
    sentence: str
    """The proof as a sentence. Without a value: the reason why no value proves the finding.

    Text of a document is between backticks, and contains no backtick.
    """


@frozen
class Finding:
    """A change with its verdict."""

    id: str
    """The id of the rule that found the change."""
    verdict: Verdict
    python: Impact
    label: str
    """The place of the change. It consists of names, not of positions."""
    text: str
    operations: tuple[str, ...]
    direction: Direction
    pointer: str
    """JSON pointer in the new document, or in the old document if the part was removed."""
    old: Any
    new: Any
    old_line: int | None
    new_line: int | None
    fingerprint: str
    """Identifies the finding by rule, label, subject and values. Unrelated edits and new wordings do not change it."""
    subject: str = ""
    """Distinguishes findings of the same rule at the same label. The fingerprint contains it instead of `text`."""
    accepted: str | None = None
    """The reason why the finding was accepted."""
    witness: Witness | None = None
    """The proof of a breaking or risky finding, or the reason why no value proves it. Other findings have None."""
    place: Place | None = None
    """The schemas between which values can be compared, if the finding is about values."""
    pointers: tuple[str | None, str | None] = (None, None)
    """The pointers of the change in the old and in the new document."""
    effect: Effect = Effect.DESCRIBES
    is_excluded: bool = False
    """Whether the schema is below `not`, so that messages must not match it."""
    further_lines: tuple[int, ...] = ()
    """The lines of further parts that were added or removed together, such as alternatives."""
    old_file: str | None = None
    """The file of `old_line`, if it is not the old document itself but another file that the document refers to."""
    new_file: str | None = None
    """The file of `new_line`, if it is not the new document itself."""

    @property
    def message(self) -> str:
        return f"{self.label}: {self.text}"


@frozen
class DiffResult:
    """All findings of a comparison, the worst first."""

    old: ComparedDocument
    new: ComparedDocument
    findings: tuple[Finding, ...]
    skipped: int = 0
    """The number of operations and webhooks that were not compared because only the new document has them."""
    comparison: Comparison | None = field(default=None, repr=False, eq=False)
    """The comparison with its scopes and places, for the search for witnesses."""

    def count(self, verdict: Verdict) -> int:
        return sum(finding.verdict is verdict for finding in self.findings)


def compare(
    old: ComparedDocument,
    new: ComparedDocument,
    rules: Iterable[Rule],
    *,
    only_old: bool = False,
    today: str | None = None,
) -> DiffResult:
    """Compare two documents and judge their differences by the rules.

    Args:
        old: The document before the change.
        new: The document after the change.
        rules: The rules to apply.
        only_old: Skip operations and webhooks that only the new document has.
        today: The date as YYYY-MM-DD with which sunset dates are compared, by default the current date.
    """
    comparison = Comparison(old, new, list(rules), today or datetime.date.today().isoformat())
    DocumentWalker(comparison, only_old).walk()
    working_on("the search for the operations that each change affects", "")
    comparison.propagate()
    if undecided := next((rule for rule in comparison.rules if PairKind.PLACE in rule.kinds), None):
        Proofs(comparison, undecided).apply()
    found = [finding for scope in comparison.scopes.values() for finding in _findings(comparison, scope)]
    return DiffResult(old, new, tuple(sorted(_deduplicated(found), key=order)), comparison.skipped, comparison)


def order(finding: Finding) -> Any:
    """A sort key: verdict and line first, then the content, so that the order is deterministic."""
    line = finding.new_line or finding.old_line or 0
    return _RANKS[finding.verdict], line, finding.id, finding.label, finding.text


def _findings(comparison: Comparison, scope: Scope) -> Iterator[Finding]:
    # Most scopes of a large document have no changes, and the names of their operations are not needed.
    operations = comparison.names(scope.operations) if scope.changes else ()
    direction = scope.direction
    for rule, pair, change in scope.changes:
        old_pointer = change.old_pointer if change.old_pointer is not None else pair.old_pointer
        new_pointer = change.new_pointer if change.new_pointer is not None else pair.new_pointer
        old_file, old_line = origin(comparison.old, None if pair.is_added else old_pointer)
        new_file, new_line = origin(comparison.new, None if pair.is_removed else new_pointer)
        judged = verdict_of(rule, scope)
        yield Finding(
            rule.id,
            judged,
            impact(rule.python, direction),
            pair.label,
            change.message(direction),
            operations,
            direction,
            new_pointer if new_pointer is not None and not pair.is_removed else old_pointer or "",
            change.old,
            change.new,
            old_line,
            new_line,
            fingerprint(rule.id, pair.label, change.subject, change.old, change.new),
            change.subject,
            witness=Witness(None, reason(rule.id, pair, direction)) if judged in PROVABLE else None,
            place=pair.place,
            pointers=(old_pointer, new_pointer),
            effect=rule.effect,
            is_excluded=bool(scope.excluded_requests or scope.excluded_responses),
            further_lines=_further_lines(pair),
            old_file=old_file,
            new_file=new_file,
        )


def _further_lines(pair: Pair[Any]) -> tuple[int, ...]:
    """The lines of the added or removed alternatives, apart from the first."""
    for document, side in zip(pair.documents, pair.sides, strict=True):
        if isinstance(side, Alternatives):
            return tuple(document.loaded.origin(schema.pointer)[1] for schema in side.schemas[1:])
    return ()


def verdict_of(rule: Rule, scope: Scope) -> Verdict:
    """The verdict of a change in a scope. If the scope excludes values, fewer values in it are more values outside."""
    effect, proved = rule.effect, rule.proved or (rule.effect.request, rule.effect.response)
    found = [verdict(effect, scope.direction, proved)]
    if scope.excluded_requests or scope.excluded_responses:
        found = (
            [verdict(effect, scope.plain_direction, proved)] if scope.requests or scope.responses else [Verdict.SAFE]
        )
        calm = (Verdict.SAFE, Verdict.DOCUMENTATION)
        if scope.excluded_requests:
            found.append(proved[1] if proved[1] in (*calm, Verdict.UNKNOWN) else Verdict.BREAKING)
        if scope.excluded_responses:
            found.append(proved[0] if proved[0] in (*calm, Verdict.UNKNOWN) else Verdict.BREAKING)
    return min(found, key=lambda one: _RANKS[one])


def origin(document: ComparedDocument, pointer: str | None) -> tuple[str | None, int | None]:
    """The other file of a pointer, or None for the document itself, and the line."""
    if pointer is None:
        return None, None
    name, line, _ = document.loaded.origin(pointer)
    return None if name == document.name else name, line


def _deduplicated(findings: list[Finding]) -> Iterator[Finding]:
    """Merge the findings of the same change, and make the fingerprints unique.

    Three kinds of findings are merged:

    - findings of a part that was compared as JSON and as text,
    - equal additions, equal removals, and equal changes of parameters in several operations,
    - changed texts in the same component.
    """
    for key in (_identity, _addition_or_removal, _component_text):
        groups: dict[Hashable, list[Finding]] = {}
        for finding in findings:
            groups.setdefault(key(finding), []).append(finding)
        findings = [_merged(group) for group in groups.values()]
    seen: Counter[str] = Counter()
    for finding in findings:
        # Unnamed alternatives have the label of their schema, so their fingerprints can be equal.
        seen[finding.fingerprint] += 1
        count = seen[finding.fingerprint]
        yield finding if count == 1 else evolve(finding, fingerprint=_hash(finding.fingerprint, str(count)))


def _identity(finding: Finding) -> Hashable:
    return finding.fingerprint, finding.pointer, finding.text


def _addition_or_removal(finding: Finding) -> Hashable:
    """A key that is the same for equal additions, or equal removals, in several operations."""
    if finding.id.startswith(_OF_MANY_OPERATIONS):
        return finding.id, finding.verdict, finding.text
    if finding.id == "operation-moved":
        return finding.id, finding.verdict, _prefixes(str(finding.old), str(finding.new))
    if parameter := _PARAMETER.search(finding.label):
        values = canonical_json(_without_texts(finding.old)), canonical_json(_without_texts(finding.new))
        return finding.id, finding.verdict, finding.text, parameter[0], *values
    is_one_sided = (finding.old_line is None) != (finding.new_line is None)
    if is_one_sided and finding.operations[1:] == () and " " in finding.label:
        return finding.id, finding.verdict, finding.text, canonical_json(finding.old), canonical_json(finding.new)
    return _identity(finding)


def _prefixes(old: str, new: str) -> Hashable:
    """The changed parts at the start of two addresses, or the addresses if their methods differ."""
    (method, _, path), (new_method, _, new_path) = old.partition(" "), new.partition(" ")
    before, after = path.split("/"), new_path.split("/")
    while before and after and before[-1] == after[-1]:
        before.pop()
        after.pop()
    return ("/".join(before), "/".join(after)) if method == new_method else (old, new)


def _component_text(finding: Finding) -> Hashable:
    """A key that is the same for changed texts in the same component."""
    if finding.id == "extension-changed":
        return finding.id, finding.text
    if finding.verdict is Verdict.DOCUMENTATION:
        return finding.id, re.split(r"[.\[{(]| (?=request|header|\d)", finding.label)[0]
    return _identity(finding)


def _merged(group: list[Finding]) -> Finding:
    """Merge findings into one with the worst verdict, all operations, and the label of the first finding."""
    if len(group) == 1:
        return group[0]
    worst = min(group, key=lambda finding: _RANKS[finding.verdict])
    directions = {finding.direction for finding in group} - {Direction.NEITHER}
    direction = directions.pop() if len(directions) == 1 else Direction.BOTH if directions else Direction.NEITHER
    labels = list(dict.fromkeys(finding.label for finding in group))
    component = re.split(r"[.\[{(]", labels[0])[0]
    more = f" (and in {len(labels) - 1} more places)" if len(labels) > 1 else ""
    return evolve(
        worst,
        text=worst.text + more,
        operations=tuple(dict.fromkeys(name for finding in group for name in finding.operations)),
        direction=direction,
        python=min((finding.python for finding in group), key=list(Impact).index),
        fingerprint=fingerprint(worst.id, component, worst.subject, worst.old, worst.new)
        if more
        else worst.fingerprint,
    )


def fingerprint(rule: str, label: str, subject: str, old: Any, new: Any) -> str:
    """Return the fingerprint of a finding. The values belong to it, so that a later change is another finding."""
    return _hash(rule, label, subject, canonical_json(_without_texts(old)), canonical_json(_without_texts(new)))


def _without_texts(value: Any) -> Any:
    """A value without descriptions and examples, whose edits do not change what a reviewer accepted."""
    if isinstance(value, Mapping):
        return {key: _without_texts(inner) for key, inner in value.items() if key not in _TEXTS}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return [_without_texts(inner) for inner in value] if isinstance(value, list | tuple) else value


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
