"""Walks two schemas side by side: once for each pair of components, whatever the number of ways that lead there."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, evolve, field

from scripts.openapi.document import as_map
from scripts.openapi.pointers import below, last

from .all_of import asked_elsewhere, combining, overlaid
from .canonical_json import canonical_json
from .document import ComparedDocument
from .matching import branches, differs_in_itself
from .merging import merge_all_of, resolve_ref
from .pairs import PairKind
from .reach import Comparison, Propagation, Scope
from .references import TURNING, references
from .schema import WORDS, Alternatives, Schema, Subschemas
from .walk_properties import walk_properties

_SINGLE = {
    "items": "[]",
    "additionalProperties": "{}",
    "propertyNames": "{name}",
    "contains": "[contains]",
    "unevaluatedProperties": "{unevaluated}",
    "unevaluatedItems": "[unevaluated]",
    "contentSchema": "(content)",
    "then": "(then)",
    "else": "(else)",
}
_NAMED = {"patternProperties": "{%s}", "dependentSchemas": "(with %s)"}


@define
class SchemaWalker:
    """Compares schemas and remembers which components are still to be compared."""

    comparison: Comparison
    _waiting: list[tuple[Scope, str, str, str, bool]] = field(factory=list)
    _references: dict[str, list[tuple[str, Propagation]]] = field(factory=dict)

    @property
    def documents(self) -> tuple[ComparedDocument, ComparedDocument]:
        return self.comparison.old, self.comparison.new

    def walk(
        self,
        scope: Scope,
        old: tuple[Any, str],
        new: tuple[Any, str],
        where: str,
        *,
        as_text: bool = False,
        defaults: bool = True,
    ) -> None:
        """Compare two schemas as they are written; without `defaults` whatever value stands in for none."""
        if old[0] == new[0] and canonical_json(old[0]) == canonical_json(new[0]):
            self.follow(scope, references(self.comparison.new, new[0]), as_text)
        else:
            sides = self.comparison.old.schema(*old), self.comparison.new.schema(*new)
            self.compare(scope, *sides, where, as_text=as_text, defaults=defaults)

    def finish(self) -> None:
        """Compare the components that were met on the way, and those that these lead to."""
        while self._waiting:
            scope, old, new, where, as_text = self._waiting.pop()
            if old == new and self.comparison.old.text(old) == self.comparison.new.text(new):
                if old not in self._references:
                    self._references[old] = list(references(self.comparison.new, self.comparison.new.find(new)))
                self.follow(scope, iter(self._references[old]), as_text)
            else:
                self.compare(
                    scope,
                    self.comparison.old.component(old),
                    self.comparison.new.component(new),
                    where,
                    as_text=as_text,
                )

    def component(
        self, scope: Scope, old: str, new: str, *, as_text: bool = False, flow: Propagation = Propagation.SAME
    ) -> None:
        """Compare two components, later and only once."""
        where = last(new)
        other, is_new = self.comparison.scope(("schema", old, new, as_text), where)
        scope.leads_to.add((other, flow))
        if is_new:
            self._waiting.append((other, old, new, where, as_text))

    def follow(self, scope: Scope, references: Iterator[tuple[str, Propagation]], as_text: bool) -> None:
        for target, flow in references:
            if self.comparison.old.find(target) is not None and self.comparison.new.find(target) is not None:
                self.component(scope, target, target, as_text=as_text, flow=flow)

    def compare(
        self, scope: Scope, old: Schema, new: Schema, where: str, *, as_text: bool = False, defaults: bool = True
    ) -> None:
        """Show two schemas to the rules, and go on to what they hold."""
        if (old.alternatives_keyword is None) != (new.alternatives_keyword is None) and self._one_sided(
            scope, old, new, where, as_text
        ):
            return
        old, new = combining(self.comparison.old, old, new), combining(self.comparison.new, new, old)
        if old.ref and new.ref:
            self.component(scope, old.ref, new.ref, as_text=as_text)
            if old.ref != new.ref:
                self.comparison.judge(scope, PairKind.REFERENCE, old.ref, new.ref, where, (old.pointer, new.pointer))
        elif old.ref or new.ref:
            scope, is_new = self.comparison.scope_below(
                scope, ("seen through", old.pointer, new.pointer, as_text), where
            )
            if not is_new:
                return
            old, new = resolve_ref(self.comparison.old, old), resolve_ref(self.comparison.new, new)
        combined, gone, came = branches(self.documents, self.parts(0, old, "allOf"), self.parts(1, new, "allOf"))
        if gone or came:
            if (gone and came) or differs_in_itself(old, new) or all(_is_nameless(one) for one in [*gone, *came]):
                scope, is_new = self.comparison.scope_below(scope, ("as one", old.pointer, new.pointer, as_text), where)
                if not is_new:
                    return
                old = merge_all_of(
                    self.comparison.old, old, [(self.comparison.old.find(one.pointer), one.pointer) for one in gone]
                )
                new = merge_all_of(
                    self.comparison.new, new, [(self.comparison.new.find(one.pointer), one.pointer) for one in came]
                )
            else:
                self._branches(scope, "allOf", combined, gone, came, where, as_text)
        (old, new), combined = asked_elsewhere(self, scope, (old, new), combined, where)
        self._judge(scope, PairKind.SCHEMA, *overlaid(self, old, new), where, as_text)
        if defaults:
            self._judge(scope, PairKind.DEFAULT, old, new, where, as_text)
        self._judge(scope, PairKind.ANNOTATIONS, old, new, where, as_text)
        for kind in (PairKind.LIFESPAN, PairKind.EXTENSIONS):
            self.comparison.judge(scope, kind, old.keywords, new.keywords, where, (old.pointer, new.pointer))
        walk_properties(self, scope, old, new, where, as_text)
        self._inner(scope, old, new, where, as_text)
        for one, other in combined:
            self.compare(scope, one, other, where, as_text=as_text)
        if old.alternatives_keyword and new.alternatives_keyword:
            held: list[str] = [key for key in ("oneOf", "anyOf") if key in old.keywords and key in new.keywords]
            for before, after in zip(
                held or [old.alternatives_keyword], held or [new.alternatives_keyword], strict=True
            ):
                kept, gone, came = branches(self.documents, self.parts(0, old, before), self.parts(1, new, after))
                for one, other in kept:
                    self.compare(scope, one, other, f"{where}{_branch_name(other)}", as_text=as_text)
                self._branches(scope, after, kept, gone, came, where, as_text)

    def _judge(self, scope: Scope, kind: PairKind, old: Any, new: Any, where: str, as_text: bool) -> None:
        at = (_pointer(old), _pointer(new))
        self.comparison.judge(scope, kind, old, new, where, at, as_text=as_text)

    def parts(self, side: int, schema: Schema, keyword: str) -> list[Schema]:
        held = schema.get(keyword)
        document = self.documents[side]
        return [document.schema(node, pointer) for node, pointer in held] if isinstance(held, Subschemas) else []

    def _one_sided(self, scope: Scope, old: Schema, new: Schema, where: str, as_text: bool) -> bool:
        """One side has alternatives and the other one is plain: that is one alternative, if nothing else is said."""
        plain, union = (new, old) if old.alternatives_keyword else (old, new)
        said = {key for key in union.keywords if key not in ("type", "discriminator", union.alternatives_keyword)}
        silent = not any(key in said for key in said if key not in WORDS and not key.startswith("x-"))
        if not silent or union.ref or union.properties or not (plain.constrains or plain.ref or plain.properties):
            return False
        if plain.ref and resolve_ref(self.documents[plain is new], plain).alternatives_keyword:
            return False
        keyword = union.alternatives_keyword or ""
        # Null is admitted by the union as a whole, and not by one of its alternatives.
        bare = evolve(plain, nullable=False)
        self._judge(scope, PairKind.NULL, old, new, where, as_text)
        before = [bare] if plain is old else self.parts(0, old, keyword)
        after = [bare] if plain is new else self.parts(1, new, keyword)
        kept, gone, came = branches(self.documents, before, after)
        self._judge(scope, PairKind.UNION, old, new, where, as_text)
        for one, other in kept:
            self.compare(scope, one, other, where, as_text=as_text)
        self._branches(scope, keyword, kept, gone, came, where, as_text)
        return True

    def _branches(
        self,
        scope: Scope,
        keyword: str,
        kept: list[tuple[Schema, Schema]],
        gone: list[Schema],
        came: list[Schema],
        where: str,
        as_text: bool,
    ) -> None:
        """Alternatives that came or went, each with those that stand beside it."""
        others = tuple(one for one, _ in kept), tuple(other for _, other in kept)
        for side, schemas in enumerate((gone, came)):
            if schemas:
                names = tuple(_name(schema) for schema in schemas)
                held = Alternatives(keyword, tuple(schemas), names, others[side])
                first = schemas[0].pointer
                old, new = (held, None) if side == 0 else (None, held)
                at = (first, None) if side == 0 else (None, first)
                self.comparison.judge(scope, PairKind.ALTERNATIVES, old, new, where, at, as_text=as_text)

    def _inner(self, scope: Scope, old: Schema, new: Schema, where: str, as_text: bool) -> None:
        for keyword, suffix in _SINGLE.items():
            before, after = old.get(keyword), new.get(keyword)
            if isinstance(before, Mapping) and isinstance(after, Mapping):
                places = (before, old.pointer_of(keyword)), (after, new.pointer_of(keyword))
                self.walk(scope, *places, f"{where}{suffix}", as_text=as_text)
        for keyword in TURNING:
            # Whether they differ themselves is for a rule to say.
            if keyword in old.keywords and keyword in new.keywords:
                self.follow(scope, references(self.comparison.new, {keyword: new.get(keyword)}), as_text)
        for keyword, pattern in _NAMED.items():
            before, after = as_map(old.get(keyword)), as_map(new.get(keyword))
            for name in sorted(before.keys() | after.keys()):
                # Names that fit no pattern have the schema for other properties.
                sides = [
                    (held[name], below(side.pointer_of(keyword), name))
                    if name in held
                    else (side.get("additionalProperties"), side.pointer_of("additionalProperties"))
                    for held, side in ((before, old), (after, new))
                    if name in held or keyword == "patternProperties"
                ]
                if len(sides) == 2 and all(isinstance(node, Mapping) for node, _ in sides):
                    self.walk(scope, sides[0], sides[1], where + pattern % name, as_text=as_text)
        before, after = (
            [*side.below("prefixItems"), *(side.below("items") if isinstance(side.get("items"), Mapping) else ())]
            for side in (old, new)
        )
        positions = max(len(side.below("prefixItems")) for side in (old, new))
        for index in range(positions if before and after else 0):
            # Where one side has no schema for a position, that for other items holds there.
            first, second = (
                side[index] if index < len(side) else side[-1] if isinstance(schema.get("items"), Mapping) else None
                for side, schema in ((before, old), (after, new))
            )
            if first and second:
                self.walk(scope, first, second, f"{where}[{index}]", as_text=as_text)


def _is_nameless(schema: Schema) -> bool:
    """Whether a schema is said in place, so that what it says counts, not that it is there."""
    return not schema.ref and not schema.get("title")


def _pointer(schema: Schema | None) -> str | None:
    return schema.pointer if schema else None


def _name(schema: Schema) -> str:
    if schema.ref:
        return last(schema.ref)
    title = schema.get("title")
    types = sorted(schema.types)
    return str(title) if title else " or ".join(types) if types else "a schema"


def _branch_name(schema: Schema) -> str:
    """How an alternative shows in a place: by its title, or not at all where its own name will show."""
    title = schema.get("title")
    return (
        ""
        if schema.ref
        else f"({title})"
        if title
        else f"({' or '.join(sorted(schema.types))})"
        if schema.types
        else ""
    )
