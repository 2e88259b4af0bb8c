"""Corrects the verdicts on schemas by proofs about the values that the old and the new schema accept.

A rule looks at one keyword, and a proof looks at whole schemas. If the new schema certainly accepts all old values, no
request is refused. If neither a rule nor a proof says what happens, the verdict is unknown.
"""

from typing import Any

from attrs import define, evolve, field

from .effects import Effect, Verdict
from .facts import Node
from .inclusion.proof import Inclusion
from .pairs import Change, Pair, PairKind, Place, Rule
from .reach import Comparison, Scope
from .schema import is_constraint

_KINDS = (PairKind.SCHEMA, PairKind.NULL, PairKind.ALTERNATIVES, PairKind.PROPERTY)
# Of the rules about properties, only those about values; a reader may rely on a property that need not be present.
_OF_PROPERTIES = (Effect.NARROWS, Effect.MAY_NARROW, Effect.WIDENS, Effect.MAY_WIDEN, Effect.REFUSES)
_CALM = (Verdict.SAFE, Verdict.DOCUMENTATION)


@define
class Proofs:
    """Proofs for the places of a comparison."""

    comparison: Comparison
    undecided: Rule
    """The rule whose finding says that the effect of a change is unknown."""
    _requests: Inclusion = field(init=False)
    _responses: Inclusion = field(init=False)

    def __attrs_post_init__(self) -> None:
        scopes = self.comparison.scopes
        walked = {(key[1], key[2]) for key in scopes if isinstance(key, tuple) and key[0] == "schema"}
        walked |= {(place.old, place.new) for _, place in self.comparison.places if place.old and place.new}
        shared = self.comparison.old.component_schemas & self.comparison.new.component_schemas
        self._requests = Inclusion(shared, walked, "readOnly")
        self._responses = Inclusion(shared, {(new, old) for old, new in walked}, "writeOnly")

    def apply(self) -> None:
        """Correct the changes of all places."""
        changes: dict[Place, list[_Found]] = {}
        for scope in self.comparison.scopes.values():
            for found in scope.changes:
                if (place := found[1].place) is not None:
                    changes.setdefault(place, []).append(found)
        replaced: dict[int, Rule | None] = {}
        for scope, place in self.comparison.places:
            if place.old is not None and place.new is not None and (scope.is_request or scope.is_response):
                replaced |= self._corrected(scope, place, changes.get(place, []))
        for scope in self.comparison.scopes.values():
            if any(id(change) in replaced for _, _, change in scope.changes):
                corrected = [(replaced.get(id(found[2]), found[0]), *found[1:]) for found in scope.changes]
                scope.changes[:] = [(rule, pair, change) for rule, pair, change in corrected if rule is not None]

    def _corrected(self, scope: Scope, place: Place, changes: list["_Found"]) -> dict[int, Rule | None]:
        """Return the corrected rules of changes by the `id` of the change; None if the change has no effect."""
        old, new = (
            Node(document, document.schema(document.find(pointer), pointer))
            for document, pointer in zip(self.comparison.documents, (place.old or "", place.new or ""), strict=True)
        )
        judged = [found for found in changes if _is_about_values(found)]
        if not judged and _differ_in_parts(old, new):
            return {}
        is_kept = self._requests.includes(new, old) if scope.is_request or judged else True
        is_expected = self._responses.includes(old, new) if scope.is_response or (judged and is_kept) else not judged
        is_equal = not (self._requests.was_lenient or self._responses.was_lenient)
        # Readers may rely on an old property that nothing describes now.
        is_certain = is_expected and not self._responses.was_lenient
        if not place.as_text:
            self._add_undecided(scope, place, changes, is_kept, is_expected)
        if is_kept and is_expected and is_equal:
            return {id(change): None for _, _, change in judged}
        return {
            id(change): evolve(
                rule,
                proved=(
                    Verdict.SAFE if is_kept else rule.effect.request,
                    Verdict.SAFE if is_certain else rule.effect.response,
                ),
            )
            for rule, _, change in judged
            if is_kept or is_certain
        }

    def _is_explained(self, place: Place, side: int) -> bool:
        """Whether a finding about a part of the schemas says that values are refused (side 0) or new (side 1)."""
        return any(
            pair.label.startswith(place.label) and pair.label != place.label
            for scope in self.comparison.scopes.values()
            for rule, pair, _ in scope.changes
            if (rule.effect.request, rule.effect.response)[side] not in _CALM
        )

    def _add_undecided(
        self, scope: Scope, place: Place, changes: list["_Found"], is_kept: bool, is_expected: bool
    ) -> None:
        """Add a finding if some values may be refused, and no rule says so."""
        verdicts = [(rule.effect.request, rule.effect.response) for rule, _, _ in changes]
        is_silent = [all(one[side] in _CALM for one in verdicts) for side in (0, 1)]
        request = Verdict.UNKNOWN if scope.is_request and not is_kept and is_silent[0] else Verdict.SAFE
        response = Verdict.UNKNOWN if scope.is_response and not is_expected and is_silent[1] else Verdict.SAFE
        if request is Verdict.UNKNOWN and self._is_explained(place, 0):
            request = Verdict.SAFE
        if response is Verdict.UNKNOWN and self._is_explained(place, 1):
            response = Verdict.SAFE
        if Verdict.UNKNOWN in (request, response):
            sides = place.old, place.new
            pair: Pair[Any] = Pair(PairKind.PLACE, sides, place.label, *sides, self.comparison.documents, place=place)
            rule = evolve(self.undecided, proved=(request, response))
            scope.changes += ((rule, pair, change) for change in rule.check(pair))


_Found = tuple[Rule, Pair[Any], Change]


def _differ_in_parts(old: Node, new: Node) -> bool:
    """Whether two schemas only differ in annotations, and in properties that are compared on their own."""
    if old.document.is_30 != new.document.is_30:
        return False
    sides = [node.document.find(node.schema.pointer) for node in (old, new)]
    if not all(isinstance(side, dict) for side in sides):
        return False
    own = [{key: value for key, value in side.items() if is_constraint(key) and key != "properties"} for side in sides]
    return own[0] == own[1] and not own[0].keys() & _OF_UNDECLARED


_OF_UNDECLARED = {
    "additionalProperties",
    "patternProperties",
    "unevaluatedProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
}


def _is_about_values(found: _Found) -> bool:
    rule, pair, _ = found
    if pair.kind not in _KINDS or not rule.about_values or rule.effect in (Effect.HIDES, Effect.ADDS, Effect.DESCRIBES):
        return False
    return pair.kind is not PairKind.PROPERTY or rule.effect in _OF_PROPERTIES
