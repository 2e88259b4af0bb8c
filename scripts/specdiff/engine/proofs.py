"""Corrects the verdicts on schemas by proofs about the values that the old and the new schema accept.

A rule looks at one keyword, and a proof looks at whole schemas. If the new schema certainly accepts all old values, no
request is refused. If neither a rule nor a proof says what happens, the verdict is unknown.
"""

from typing import Any

from attrs import define, evolve, field

from .effects import Effect, Verdict
from .facts import Node
from .inclusion import Inclusion
from .pairs import Change, Pair, PairKind, Place, Rule
from .reach import Comparison, Scope

_KINDS = (PairKind.SCHEMA, PairKind.NULL, PairKind.UNION, PairKind.ALTERNATIVES, PairKind.PROPERTY)
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
        self._requests = Inclusion(walked, "readOnly")
        self._responses = Inclusion({(new, old) for old, new in walked}, "writeOnly")

    def apply(self) -> None:
        """Correct the changes of all places."""
        changes: dict[Any, list[tuple[Rule, Pair[Any], Change]]] = {}
        for scope in self.comparison.scopes.values():
            for change in scope.changes:
                if (place := change[1].place) is not None:
                    changes.setdefault((scope, place), []).append(change)
        for scope, place in self.comparison.places:
            if place.old is not None and place.new is not None:
                self._correct(scope, place, changes.get((scope, place), []))

    def _correct(self, scope: Scope, place: Place, changes: list[tuple[Rule, Pair[Any], Change]]) -> None:
        judged = [change for change in changes if _is_about_values(change)]
        old, new = (
            Node(document, document.schema(document.find(pointer), pointer))
            for document, pointer in zip(self.comparison.documents, (place.old or "", place.new or ""), strict=True)
        )
        is_kept = self._requests.includes(new, old)
        is_expected = self._responses.includes(old, new)
        replaced: dict[int, Rule | None] = {}
        for rule, _, change in judged:
            if is_kept and is_expected:
                replaced[id(change)] = None
            elif is_kept or is_expected:
                request = Verdict.SAFE if is_kept else rule.effect.request
                response = Verdict.SAFE if is_expected else rule.effect.response
                replaced[id(change)] = evolve(rule, proved=(request, response))
        if replaced:
            scope.changes[:] = [
                (replaced.get(id(change), rule) or rule, pair, change)
                for rule, pair, change in scope.changes
                if replaced.get(id(change), rule) is not None
            ]
        self._add_undecided(scope, place, changes, is_kept, is_expected)

    def _add_undecided(self, scope: Scope, place: Place, changes: list[Any], is_kept: bool, is_expected: bool) -> None:
        """Add a finding if some values may be refused, and no rule says so."""
        if place.as_text:
            return
        verdicts = [(rule.effect.request, rule.effect.response) for rule, _, _ in changes]
        request = Verdict.UNKNOWN if not is_kept and all(one[0] in _CALM for one in verdicts) else Verdict.SAFE
        response = Verdict.UNKNOWN if not is_expected and all(one[1] in _CALM for one in verdicts) else Verdict.SAFE
        if Verdict.UNKNOWN in (request, response):
            pair: Pair[Any] = Pair(
                PairKind.PLACE, (place.old, place.new), place.label, place.old, place.new, self.comparison.documents, place=place
            )
            rule = evolve(self.undecided, proved=(request, response))
            scope.changes += ((rule, pair, change) for change in rule.check(pair))


def _is_about_values(change: tuple[Rule, Pair[Any], Change]) -> bool:
    rule, pair, _ = change
    if pair.kind not in _KINDS or not rule.about_values or rule.effect in (Effect.HIDES, Effect.ADDS, Effect.DESCRIBES):
        return False
    return pair.kind is not PairKind.PROPERTY or rule.effect in _OF_PROPERTIES
