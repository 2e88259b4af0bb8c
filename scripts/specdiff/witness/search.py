"""Searches for values that one document admits at a place and the other refuses."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from attrs import define, field

from scripts.openapi.document import as_map
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.pairs import Place

from .atoms import distinct, long_texts
from .candidates import Candidates, branches_of, has_references
from .intent import declared_names, governed_names, uses, with_stated_types
from .patches import patched, path_to
from .validation import Judge
from .view import Node, View

_MOST_DRAWN = 1_500
_MOST_FOUND = 40
_LETTERS = re.compile("a{1,15}")
# So few branches are examined even if they are equal in both documents.
_FEW = 4


@define
class Search:
    """Searches in two documents. All its answers depend only on the documents, not on time or chance."""

    old: ComparedDocument
    new: ComparedDocument
    _views: dict[tuple[int, bool], View] = field(factory=dict)
    _drawers: dict[int, Candidates] = field(factory=dict)
    _common_judges: dict[str, Judge | None] = field(factory=dict)
    _common_values: dict[str, list[Any]] = field(factory=dict)
    _candidates: dict[tuple[Place, bool], list[Any]] = field(factory=dict)
    _judges: dict[tuple[Place, bool], tuple[Judge, Judge]] = field(factory=dict)
    _found: dict[tuple[Place, bool, bool], list[Any]] = field(factory=dict)

    def values(self, place: Place, pointers: tuple[str | None, str | None], *, is_response: bool) -> list[Any]:
        """Return values that prove a change, the shortest first, or an empty list.

        Args:
            place: The place of the change.
            pointers: The old and the new pointer of the change.
            is_response: Whether the message is a response. In a request, the value is valid in the old document only.
                In a response, it is valid in the new document only.
        """
        for isolated in (True, False):
            found = self.refuted(place, is_response=is_response, isolated=isolated)
            sides = self._with_one_change(place, pointers, is_response) if found else None
            if sides:
                changed, restored = sides
                found = [value for value in found if not changed.admits(value) or restored.admits(value)]
            if found:
                return found
        return []

    def refuted(self, place: Place, *, is_response: bool, isolated: bool = False) -> list[Any]:
        """Return values that the source admits and the target refuses, the shortest first.

        The source is the document that the sender of the message follows, the target that of the recipient. If
        `isolated`, both documents have the components of the source, so that only changes at the place count.
        """
        key = place, is_response, isolated
        if key not in self._found:
            try:
                self._found[key] = list(islice(self._refuted(place, is_response, isolated), _MOST_FOUND))
            except (LookupError, ValueError, RecursionError, OverflowError):
                # A schema that cannot be read, or that is not valid, proves nothing.
                self._found[key] = []
        return self._found[key]

    def contradictions(self, place: Place, *, is_response: bool) -> list[Any]:
        """Return values that are refuted by the changes at a place, without properties that only the target declares.

        A sender does not use properties that its document does not declare, even if the document admits them.
        """
        found = self.refuted(place, is_response=is_response, isolated=True)
        if not found:
            return []
        source, target = self._sides(place, is_response)
        unknown = declared_names(target.schema) - declared_names(source.schema)
        unknown -= governed_names(source.schema, unknown)
        meant = Judge(self.view(int(is_response), is_response), with_stated_types(source.schema), place.as_text)
        return [
            value
            for value in found
            if meant.admits(value)
            # The components of the target may admit the value.
            and not target.admits(value)
            and not uses(value, unknown)
            and not (place.as_text and (value is None or isinstance(value, list | dict)))
        ]

    def _refuted(self, place: Place, is_response: bool, isolated: bool) -> Iterator[Any]:
        source, target = self._sides(place, is_response)
        if isolated:
            target = Judge(target.view, target.schema, place.as_text, components=source.view)
        for value in self._drawn(place, source, target, is_response):
            if source.admits(value) and not target.admits(value):
                yield value

    def _sides(self, place: Place, is_response: bool) -> tuple[Judge, Judge]:
        """The judges of the source and of the target."""
        key = place, is_response
        if key not in self._judges:
            old, new = (
                Judge(view, view.schema(pointer) if pointer is not None else True, place.as_text)
                for view, pointer in ((self.view(0, is_response), place.old), (self.view(1, is_response), place.new))
            )
            self._judges[key] = (new, old) if is_response else (old, new)
        return self._judges[key]

    def view(self, side: int, is_response: bool) -> View:
        """The view of a document: of the old one for 0, of the new one for 1."""
        key = side, is_response
        if key not in self._views:
            self._views[key] = View((self.old, self.new)[side], is_response)
        return self._views[key]

    def _drawn(self, place: Place, source: Judge, target: Judge, is_response: bool) -> list[Any]:
        """The candidates for a place, the shortest first."""
        key = place, is_response
        if key not in self._candidates:
            drawn: list[Any] = []
            for judge, other in ((source, target), (target, source)):
                drawn += islice(self._near(judge, other), _MOST_DRAWN)
            if place.as_text:
                # Texts of a wanted length that are numbers, too.
                drawn += [10 ** (len(value) - 1) for value in drawn if _LETTERS.fullmatch(str(value))]
            self._candidates[key] = distinct(drawn)
        return self._candidates[key]

    def _near(self, judge: Judge, other: Judge) -> Iterator[Any]:
        """Yield values near the differences between a schema and the schema of the other document."""
        own, others = self._drawer(judge.view), self._drawer(other.view)
        parts, other_parts = own.parts(judge.schema), others.parts(other.schema)
        declared, compared = _properties(parts), _properties(other_parts)
        further = {}
        for key in dict.fromkeys([*compared, *declared]):
            sides = declared.get(key, []), compared.get(key, [])
            needed = [any(key in part.get("required", ()) for part in some) for some in (parts, other_parts)]
            if needed[0] != needed[1] or canonical_json(sides[0]) != canonical_json(sides[1]):
                values = [value for schema in sides[0] for value in own.simplest(schema)]
                further[key] = [*values, *(value for schema in sides[1] for value in others.simplest(schema))]
        yield from own.drawn(judge.schema)
        simple = own.parts(judge.schema, branches=False)
        yield from own.objects(simple, further, 0, [key for key in compared if key not in declared])
        yield from long_texts(parts, other_parts)
        known = {canonical_json(branch) for part in other_parts for branch in branches_of(part)}
        branches = [branch for part in parts for branch in branches_of(part)]
        for branch in branches:
            if len(branches) <= _FEW or canonical_json(branch) not in known:
                names = [key for key in {**declared, **compared} if key not in _properties(own.parts(branch))]
                yield from own.drawn(branch)
                yield from own.objects(own.parts(branch, branches=False), {}, 0, names)
                # A value that two alternatives admit.
                values = [value for value in own.simplest(branch) if isinstance(value, dict)][:1]
                more = [value for another in branches for value in own.simplest(another)[:1]]
                yield from ({**value, **another} for value in values for another in more if isinstance(another, dict))

    def _drawer(self, view: View) -> Candidates:
        if id(view) not in self._drawers:
            admission = _Admission(view, self._common_judges)
            self._drawers[id(view)] = Candidates(view.target, admission, self._common_values)
        return self._drawers[id(view)]

    def _with_one_change(
        self, place: Place, pointers: tuple[str | None, str | None], is_response: bool
    ) -> tuple[Judge, Judge] | None:
        """The source with only one of the changes, and the target without this change; None if that is too complex.

        A value proves the change if the first refuses the value, or the second admits it.
        """
        source, target = self._sides(place, is_response)
        bases = place.old, place.new
        paths = {path for path in map(path_to, pointers, bases) if path}
        if len(paths) != 1 or not isinstance(source.schema, Mapping) or not isinstance(target.schema, Mapping):
            return None
        (path,) = paths
        changed = patched(source.schema, target.schema, path)
        restored = patched(target.schema, source.schema, path)
        if changed is None or restored is None:
            return None
        try:
            return (
                Judge(source.view, changed, place.as_text, components=target.view),
                Judge(target.view, restored, place.as_text, components=source.view),
            )
        except (LookupError, ValueError):
            return None


@define
class _Admission:
    """Whether schemas of a view admit a value. The validators are kept."""

    view: View
    common: dict[str, Judge | None]
    """The validators of schemas without references, which are the same in all views."""
    _judges: dict[str, Judge | None] = field(factory=dict)

    def __call__(self, schema: Node, text: str, value: Any) -> bool:
        if isinstance(schema, bool):
            return schema
        # Equal schemas at several places need only one validator.
        judges = self._judges if has_references(text) else self.common
        if text not in judges:
            try:
                judges[text] = Judge(self.view, schema)
            except (LookupError, ValueError):
                judges[text] = None
        judge = judges[text]
        return judge is not None and judge.admits(value)


def _properties(parts: list[Mapping[str, Any]]) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for part in parts:
        for key, member in as_map(part.get("properties")).items():
            found.setdefault(key, []).append(member)
    return found
