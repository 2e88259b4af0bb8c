"""Determines the operations that a change affects, and the direction.

A shared part is compared once. Afterwards, each user of the part propagates its operations and directions to the part.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

from attrs import define, field

from .canonical_json import is_equal
from .document import ComparedDocument
from .effects import Direction
from .medium import Medium
from .pairs import Change, ExtensionReferences, Pair, PairKind, Place, Rule, Side

# Of more bits, a text is faster than arithmetic with long numbers.
_FEW = 20


# Rules of these kinds judge only these keys. Most objects have none of them, so their rules are not called.
_KEYS = {PairKind.LIFESPAN: ("deprecated", "x-sunset"), PairKind.STABILITY: ("x-stability-level",)}
_KEYS |= {PairKind.EXTENSIONS: ()}
# Rules of these kinds find nothing if both sides are equal.
_EXTENSIONS = PairKind.EXTENSIONS
_WITHOUT_DATES = (_EXTENSIONS, PairKind.SECURITY, PairKind.SERVERS)


class Propagation(Enum):
    """How a scope propagates its direction to a scope below."""

    SAME = "same"
    NEGATED = "negated"
    """The scope below excludes values, for example by `not`."""
    REVERSED = "reversed"
    """Requests become responses and vice versa, for example from an operation to its responses or callbacks."""
    READ_ONLY = "read only"
    WRITE_ONLY = "write only"
    UNKNOWN = "unknown"
    """The scope below may belong to the message, but the reference was not followed."""


@define(eq=False)
class Scope:
    """An operation, message, component or property. All changes of a scope affect the same operations.

    Sets of operations are bit masks, see `Comparison.bit`.
    """

    label: str
    changes: list[tuple[Rule, Pair[Any], Change]] = field(factory=list)
    leads_to: set[tuple["Scope", Propagation]] = field(factory=set, repr=False)
    requests: int = 0
    """The operations whose requests contain the scope."""
    responses: int = 0
    """The operations whose responses contain the scope."""
    unknown: int = 0
    """The operations whose messages may contain the scope, and the documents and extensions that refer to it."""
    unseen_by: int = 0
    """The operations that refer to the scope but are not affected, for example by a read-only property in requests."""

    excluded_requests: int = 0
    """The operations whose requests must not match the scope."""
    excluded_responses: int = 0

    @property
    def reach(self) -> tuple[int, ...]:
        """All sets of operations."""
        excluded = self.excluded_requests, self.excluded_responses
        return self.requests, self.responses, self.unknown, self.unseen_by, *excluded

    @property
    def is_request(self) -> bool:
        """Whether callers fail if the scope accepts fewer values."""
        return bool(self.requests or self.excluded_responses)

    @property
    def is_response(self) -> bool:
        """Whether callers fail if the scope accepts more values."""
        return bool(self.responses or self.excluded_requests)

    @property
    def direction(self) -> Direction:
        if (self.requests or self.excluded_requests) and (self.responses or self.excluded_responses):
            return Direction.BOTH
        if self.requests or self.excluded_requests:
            return Direction.REQUEST
        if self.responses or self.excluded_responses:
            return Direction.RESPONSE
        return Direction.UNKNOWN if self.unknown else Direction.NEITHER

    @property
    def plain_direction(self) -> Direction:
        """The direction of the messages that match the scope, without those that must not match it."""
        if self.requests and self.responses:
            return Direction.BOTH
        return Direction.REQUEST if self.requests else Direction.RESPONSE

    @property
    def operations(self) -> int:
        """All operations that refer to the scope."""
        excluded = self.excluded_requests | self.excluded_responses
        return self.requests | self.responses | excluded | self.unknown | self.unseen_by


@define
class Comparison:
    """A comparison in progress: the documents, the rules, and the scopes with their changes."""

    old: ComparedDocument
    new: ComparedDocument
    rules: Iterable[Rule]
    today: str
    scopes: dict[Any, Scope] = field(factory=dict)
    operations: dict[str, int] = field(factory=dict)
    """The bit of each operation, by its label."""
    skipped: int = 0
    """The number of operations and webhooks that were not compared because only the new document has them."""
    places: dict[tuple[Any, Place], None] = field(factory=dict, repr=False)
    """The places whose schemas differ, each with its scope, in the order of the walk."""
    has_operations: bool = True
    """Whether a document has operations or webhooks. Otherwise other documents use its components."""
    _labels: list[str] = field(init=False, repr=False, factory=list)
    """The labels of the operations, in the order of their bits."""
    _names: dict[int, tuple[str, ...]] = field(init=False, repr=False, factory=dict)
    extension_references: list[ExtensionReferences] = field(init=False, repr=False)
    _rules_by_kind: dict[PairKind, list[Rule]] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._rules_by_kind = {kind: [] for kind in PairKind}
        for rule in self.rules:
            for kind in rule.kinds:
                self._rules_by_kind[kind].append(rule)
        self.extension_references = [rule.references for rule in self.rules if rule.references]

    @property
    def documents(self) -> tuple[ComparedDocument, ComparedDocument]:
        return self.old, self.new

    def scope(self, key: Any, label: str) -> tuple[Scope, bool]:
        """Return the scope of a key, and whether it was created by this call."""
        is_new = key not in self.scopes
        if is_new:
            self.scopes[key] = Scope(label)
        return self.scopes[key], is_new

    def scope_below(
        self, parent: Scope, key: Any, label: str, propagation: Propagation = Propagation.SAME
    ) -> tuple[Scope, bool]:
        """Return the scope of a key, linked below `parent`, and whether this call created it."""
        scope, is_new = self.scope(key, label)
        parent.leads_to.add((scope, propagation))
        return scope, is_new

    def bit(self, operation: str) -> int:
        """Return the bit of an operation."""
        return self.operations.setdefault(operation, 1 << len(self.operations))

    def names(self, bits: int) -> tuple[str, ...]:
        """The labels of a set of operations, in document order. Equal sets share one tuple."""
        if len(self._labels) != len(self.operations):
            self._labels = list(self.operations)
        known = self._names.get(bits)
        if known is None:
            known = self._names[bits] = tuple(filter(None, map(self._labels.__getitem__, _positions(bits))))
        return known

    def judge(
        self,
        scope: Scope,
        kind: PairKind,
        old: Side | None,
        new: Side | None,
        label: str,
        pointers: tuple[str | None, str | None] | None = None,
        *,
        medium: Medium = Medium.JSON,
        place: Place | None = None,
    ) -> None:
        """Apply the rules of a kind to a pair, and record the changes.

        `pointers` is required for objects, arrays and strings, because these have no attribute `pointer`.
        """
        if kind in _KEYS and not any(_has_key(kind, side) for side in (old, new)):
            return
        if kind in _WITHOUT_DATES and is_equal(*(_judged(kind, side) for side in (old, new))):
            return
        if pointers is None:
            pointers = getattr(old, "pointer", None), getattr(new, "pointer", None)
        pair = Pair(kind, (old, new), label, *pointers, self.documents, medium, self.today, place)
        for rule in self._rules_by_kind[kind]:
            scope.changes += ((rule, pair, change) for change in rule.check(pair))

    def judge_unread(self, scope: Scope, old: Any, new: Any, label: str, pointers: tuple[str, str]) -> bool:
        """Judge two parts if one of them is a reference that cannot be followed. Return whether this is the case."""
        before, after = (
            document.unread_reference(node) for document, node in zip(self.documents, (old, new), strict=True)
        )
        if before != after:
            self.judge(scope, PairKind.UNREAD, before, after, label, pointers)
        return before is not None or after is not None

    def propagate(self) -> None:
        """Compute the operations and directions of all scopes."""
        # Each scope comes before the scopes below it, except in cycles. So most documents need two rounds, and a long
        # cycle of components needs no more.
        ordered = _parents_first(self.scopes.values())
        changed = set(ordered)
        while changed:
            waiting, changed = changed, set[Scope]()
            for scope in ordered:
                if scope not in waiting and scope not in changed:
                    continue
                changed.discard(scope)
                for target, propagation in scope.leads_to:
                    before = target.reach
                    self._propagate(scope, target, propagation)
                    if before != target.reach:
                        changed.add(target)

    @staticmethod
    def _propagate(scope: Scope, target: Scope, propagation: Propagation) -> None:
        requests, responses, unknown, unseen_by = scope.requests, scope.responses, scope.unknown, scope.unseen_by
        excluded = scope.excluded_requests, scope.excluded_responses
        if propagation is Propagation.REVERSED:
            requests, responses, excluded = responses, requests, excluded[::-1]
        elif propagation is Propagation.NEGATED:
            requests, responses, excluded = *excluded, (requests, responses)
        elif propagation is Propagation.READ_ONLY:
            requests, unseen_by = 0, unseen_by | requests
        elif propagation is Propagation.WRITE_ONLY:
            responses, unseen_by = 0, unseen_by | responses
        elif propagation is Propagation.UNKNOWN:
            requests, responses, unknown, excluded = 0, 0, unknown | requests | responses, (0, 0)
        target.unknown = _union(target.unknown, unknown)
        target.requests = _union(target.requests, requests)
        target.responses = _union(target.responses, responses)
        target.unseen_by = _union(target.unseen_by, unseen_by)
        target.excluded_requests = _union(target.excluded_requests, excluded[0])
        target.excluded_responses = _union(target.excluded_responses, excluded[1])


def _has_key(kind: PairKind, side: Any) -> bool:
    """Whether an object has a key that rules of a kind judge."""
    if kind is PairKind.EXTENSIONS:
        return any(str(key).startswith("x-") for key in side or ())
    return any(key in (side or ()) for key in _KEYS[kind])


def _judged(kind: PairKind, side: Any) -> Any:
    """The part of a side that rules judge."""
    return (
        {key: value for key, value in (side or {}).items() if str(key).startswith("x-")}
        if kind is _EXTENSIONS
        else side
    )


def _positions(bits: int) -> Iterator[int]:
    """The positions of the bits that are 1, the lowest first."""
    if bits.bit_count() > _FEW:
        yield from (position for position, bit in enumerate(reversed(f"{bits:b}")) if bit == "1")
        return
    while bits:
        yield (bits & -bits).bit_length() - 1
        bits &= bits - 1


def _parents_first(scopes: Iterable[Scope]) -> list[Scope]:
    """Order scopes so that each scope comes before the scopes to which it leads, except in cycles."""
    ordered: list[Scope] = []
    seen: set[Scope] = set()
    for start in scopes:
        if start in seen:
            continue
        seen.add(start)
        path = [(start, iter(start.leads_to))]
        while path:
            _, targets = path[-1]
            target = next((target for target, _ in targets if target not in seen), None)
            if target is None:
                ordered.append(path.pop()[0])
            else:
                seen.add(target)
                path.append((target, iter(target.leads_to)))
    return ordered[::-1]


def _union(some: int, others: int) -> int:
    """The union of two sets of operations. In a large document a set has kilobytes, so equal sets share one integer."""
    return some | others if some and others else some or others
