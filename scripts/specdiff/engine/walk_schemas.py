"""Walks two schemas side by side: once for each pair of components, whatever the number of ways that lead there."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from scripts.openapi.document import as_map
from scripts.openapi.pointers import below, last

from .all_of import asked_elsewhere, combining, overlaid
from .document import Document, spelled
from .merging import expanded, flattened
from .pairing import branches, differs_in_itself
from .references import TURNING, references
from .schema import WORDS, Branches, Schema
from .sites import Flow, Graph, Site
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


@frozen
class Alternatives:
    """Some of the schemas that `allOf`, `anyOf` or `oneOf` holds: those that came, or those that went."""

    keyword: str
    schemas: tuple[Schema, ...]
    names: tuple[str, ...]
    kept: tuple[Schema, ...] = ()
    """Those that stand beside them on both sides."""


@define
class SchemaWalker:
    """Compares schemas and remembers which components are still to be compared."""

    graph: Graph
    _waiting: list[tuple[Site, str, str, str, bool]] = field(factory=list)
    _references: dict[str, list[tuple[str, Flow]]] = field(factory=dict)

    @property
    def documents(self) -> tuple[Document, Document]:
        return self.graph.old, self.graph.new

    def walk(
        self,
        site: Site,
        old: tuple[Any, str],
        new: tuple[Any, str],
        where: str,
        *,
        textual: bool = False,
        defaults: bool = True,
    ) -> None:
        """Compare two schemas as they are written; without `defaults` whatever value stands in for none."""
        if old[0] == new[0] and spelled(old[0]) == spelled(new[0]):
            self.follow(site, references(self.graph.new, new[0]), textual)
        else:
            sides = self.graph.old.schema(*old), self.graph.new.schema(*new)
            self.compare(site, *sides, where, textual=textual, defaults=defaults)

    def finish(self) -> None:
        """Compare the components that were met on the way, and those that these lead to."""
        while self._waiting:
            site, old, new, where, textual = self._waiting.pop()
            if old == new and self.graph.old.text(old) == self.graph.new.text(new):
                if old not in self._references:
                    self._references[old] = list(references(self.graph.new, self.graph.new.find(new)))
                self.follow(site, iter(self._references[old]), textual)
            else:
                self.compare(site, self.graph.old.component(old), self.graph.new.component(new), where, textual=textual)

    def component(self, site: Site, old: str, new: str, *, textual: bool = False, flow: Flow = Flow.SAME) -> None:
        """Compare two components, later and only once."""
        where = last(new)
        other, is_new = self.graph.site(("schema", old, new, textual), where)
        site.leads_to.add((other, flow))
        if is_new:
            self._waiting.append((other, old, new, where, textual))

    def follow(self, site: Site, references: Iterator[tuple[str, Flow]], textual: bool) -> None:
        for target, flow in references:
            if self.graph.old.find(target) is not None and self.graph.new.find(target) is not None:
                self.component(site, target, target, textual=textual, flow=flow)

    def compare(
        self, site: Site, old: Schema, new: Schema, where: str, *, textual: bool = False, defaults: bool = True
    ) -> None:
        """Show two schemas to the rules, and go on to what they hold."""
        if (old.branches is None) != (new.branches is None) and self._one_sided(site, old, new, where, textual):
            return
        old, new = combining(self.graph.old, old, new), combining(self.graph.new, new, old)
        if old.base and new.base:
            self.component(site, old.base, new.base, textual=textual)
            if old.base != new.base:
                self._judge(site, "reference", old, new, where, textual)
        elif old.base or new.base:
            site, is_new = self.graph.below(site, ("seen through", old.pointer, new.pointer, textual), where)
            if not is_new:
                return
            old, new = expanded(self.graph.old, old), expanded(self.graph.new, new)
        combined, gone, came = branches(self.documents, self.parts(0, old, "allOf"), self.parts(1, new, "allOf"))
        if gone or came:
            if (gone and came) or differs_in_itself(old, new) or all(_is_nameless(one) for one in [*gone, *came]):
                site, is_new = self.graph.below(site, ("as one", old.pointer, new.pointer, textual), where)
                if not is_new:
                    return
                old = flattened(self.graph.old, old, [(self.graph.old.find(one.pointer), one.pointer) for one in gone])
                new = flattened(self.graph.new, new, [(self.graph.new.find(one.pointer), one.pointer) for one in came])
            else:
                self._branches(site, "allOf", combined, gone, came, where, textual)
        (old, new), combined = asked_elsewhere(self, site, (old, new), combined, where)
        self._judge(site, "schema", *overlaid(self, old, new), where, textual)
        if defaults:
            self._judge(site, "default", old, new, where, textual)
        self._judge(site, "words", old, new, where, textual)
        for kind in ("lifespan", "extensions"):
            self.graph.judge(site, kind, old.keywords, new.keywords, where, (old.pointer, new.pointer))
        walk_properties(self, site, old, new, where, textual)
        self._inner(site, old, new, where, textual)
        for one, other in combined:
            self.compare(site, one, other, where, textual=textual)
        if old.branches and new.branches:
            held: list[str] = [key for key in ("oneOf", "anyOf") if key in old.keywords and key in new.keywords]
            for before, after in zip(held or [old.branches], held or [new.branches], strict=True):
                kept, gone, came = branches(self.documents, self.parts(0, old, before), self.parts(1, new, after))
                for one, other in kept:
                    self.compare(site, one, other, f"{where}{_branch_name(other)}", textual=textual)
                self._branches(site, after, kept, gone, came, where, textual)

    def _judge(self, site: Site, kind: str, old: Any, new: Any, where: str, textual: bool) -> None:
        at = (_pointer(old), _pointer(new))
        self.graph.judge(site, kind, old, new, where, at, textual=textual)

    def parts(self, side: int, schema: Schema, keyword: str) -> list[Schema]:
        held = schema.get(keyword)
        document = self.documents[side]
        return [document.schema(node, pointer) for node, pointer in held] if isinstance(held, Branches) else []

    def _one_sided(self, site: Site, old: Schema, new: Schema, where: str, textual: bool) -> bool:
        """One side has alternatives and the other one is plain: that is one alternative, if nothing else is said."""
        plain, union = (new, old) if old.branches else (old, new)
        said = {key for key in union.keywords if key not in ("type", "discriminator", union.branches)}
        silent = not any(key in said for key in said if key not in WORDS and not key.startswith("x-"))
        if not silent or union.base or union.properties or not (plain.constrains or plain.base or plain.properties):
            return False
        if plain.base and expanded(self.documents[plain is new], plain).branches:
            return False
        keyword = union.branches or ""
        # Null is admitted by the union as a whole, and not by one of its alternatives.
        bare = evolve(plain, nullable=False)
        self._judge(site, "null", old, new, where, textual)
        before = [bare] if plain is old else self.parts(0, old, keyword)
        after = [bare] if plain is new else self.parts(1, new, keyword)
        kept, gone, came = branches(self.documents, before, after)
        self._judge(site, "union", old, new, where, textual)
        for one, other in kept:
            self.compare(site, one, other, where, textual=textual)
        self._branches(site, keyword, kept, gone, came, where, textual)
        return True

    def _branches(
        self,
        site: Site,
        keyword: str,
        kept: list[tuple[Schema, Schema]],
        gone: list[Schema],
        came: list[Schema],
        where: str,
        textual: bool,
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
                self.graph.judge(site, "alternatives", old, new, where, at, textual=textual)

    def _inner(self, site: Site, old: Schema, new: Schema, where: str, textual: bool) -> None:
        for keyword, suffix in _SINGLE.items():
            before, after = old.get(keyword), new.get(keyword)
            if isinstance(before, Mapping) and isinstance(after, Mapping):
                places = (before, old.home(keyword)), (after, new.home(keyword))
                self.walk(site, *places, f"{where}{suffix}", textual=textual)
        for keyword in TURNING:
            # Whether they differ themselves is for a rule to say.
            if keyword in old.keywords and keyword in new.keywords:
                self.follow(site, references(self.graph.new, {keyword: new.get(keyword)}), textual)
        for keyword, pattern in _NAMED.items():
            before, after = as_map(old.get(keyword)), as_map(new.get(keyword))
            for name in sorted(before.keys() | after.keys()):
                # Names that fit no pattern have the schema for other properties.
                sides = [
                    (held[name], below(side.home(keyword), name))
                    if name in held
                    else (side.get("additionalProperties"), side.home("additionalProperties"))
                    for held, side in ((before, old), (after, new))
                    if name in held or keyword == "patternProperties"
                ]
                if len(sides) == 2 and all(isinstance(node, Mapping) for node, _ in sides):
                    self.walk(site, sides[0], sides[1], where + pattern % name, textual=textual)
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
                self.walk(site, first, second, f"{where}[{index}]", textual=textual)


def _is_nameless(schema: Schema) -> bool:
    """Whether a schema is said in place, so that what it says counts, not that it is there."""
    return not schema.base and not schema.get("title")


def _pointer(schema: Schema | None) -> str | None:
    return schema.pointer if schema else None


def _name(schema: Schema) -> str:
    if schema.base:
        return last(schema.base)
    title = schema.get("title")
    types = sorted(schema.types)
    return str(title) if title else " or ".join(types) if types else "a schema"


def _branch_name(schema: Schema) -> str:
    """How an alternative shows in a place: by its title, or not at all where its own name will show."""
    title = schema.get("title")
    return (
        ""
        if schema.base
        else f"({title})"
        if title
        else f"({' or '.join(sorted(schema.types))})"
        if schema.types
        else ""
    )
