"""Walks two schemas side by side: once for each pair of components, whatever the number of ways that lead there."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from .document import Document, as_map, join, spelled
from .meaning import meaning
from .merging import expanded, flattened
from .pairing import branches, differs_in_itself, renamed, together
from .schema import Branches, Schema
from .sites import Flow, Graph, Site

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
# Under these what admits more makes the whole admit less, so that a change is one in either direction.
_TURNING = ("not", "if")
_NAMED = {"patternProperties": "{%s}", "dependentSchemas": "(with %s)"}


@frozen
class Property:
    """A property and whether it must be there."""

    name: str
    required: bool
    schema: Schema
    owner: Schema
    read_only: bool
    write_only: bool


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
    def _documents(self) -> tuple[Document, Document]:
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
            self._follow(site, _references(self.graph.new, new[0]), textual)
        else:
            sides = self.graph.old.schema(*old), self.graph.new.schema(*new)
            self.compare(site, *sides, where, textual=textual, defaults=defaults)

    def finish(self) -> None:
        """Compare the components that were met on the way, and those that these lead to."""
        while self._waiting:
            site, old, new, where, textual = self._waiting.pop()
            if old == new and self.graph.old.text(old) == self.graph.new.text(new):
                if old not in self._references:
                    self._references[old] = list(_references(self.graph.new, self.graph.new.find(new)))
                self._follow(site, iter(self._references[old]), textual)
            else:
                self.compare(site, self.graph.old.component(old), self.graph.new.component(new), where, textual=textual)

    def component(self, site: Site, old: str, new: str, *, textual: bool = False, flow: Flow = Flow.SAME) -> None:
        """Compare two components, later and only once."""
        where = new.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        other, is_new = self.graph.site(("schema", old, new, textual), where)
        site.leads_to.add((other, flow))
        if is_new:
            self._waiting.append((other, old, new, where, textual))

    def _follow(self, site: Site, references: Iterator[tuple[str, Flow]], textual: bool) -> None:
        for target, flow in references:
            if self.graph.old.find(target) is not None and self.graph.new.find(target) is not None:
                self.component(site, target, target, textual=textual, flow=flow)

    def compare(
        self, site: Site, old: Schema, new: Schema, where: str, *, textual: bool = False, defaults: bool = True
    ) -> None:
        """Show two schemas to the rules, and go on to what they hold."""
        if (old.branches is None) != (new.branches is None) and self._one_sided(site, old, new, where, textual):
            return
        old, new = _combining(self.graph.old, old, new), _combining(self.graph.new, new, old)
        if old.base and new.base:
            self.component(site, old.base, new.base, textual=textual)
            if old.base != new.base:
                self._judge(site, "reference", old, new, where, textual)
        elif old.base or new.base:
            site, is_new = self._sub_site(site, ("seen through", old.pointer, new.pointer, textual), where)
            if not is_new:
                return
            old, new = expanded(self.graph.old, old), expanded(self.graph.new, new)
        combined, gone, came = branches(self._documents, self._parts(0, old, "allOf"), self._parts(1, new, "allOf"))
        if gone or came:
            if (gone and came) or differs_in_itself(old, new) or all(_is_nameless(one) for one in [*gone, *came]):
                site, is_new = self._sub_site(site, ("as one", old.pointer, new.pointer, textual), where)
                if not is_new:
                    return
                old = flattened(self.graph.old, old, [(self.graph.old.find(one.pointer), one.pointer) for one in gone])
                new = flattened(self.graph.new, new, [(self.graph.new.find(one.pointer), one.pointer) for one in came])
            else:
                self._branches(site, "allOf", combined, gone, came, where, textual)
        (old, new), combined = self._asked_elsewhere(site, (old, new), combined, where)
        self._judge(site, "schema", *self._overlaid(old, new), where, textual)
        if defaults:
            self._judge(site, "default", old, new, where, textual)
        self._judge(site, "words", old, new, where, textual)
        self.graph.judge(site, "extensions", old.keywords, new.keywords, where, (old.pointer, new.pointer))
        self._properties(site, old, new, where, textual)
        self._inner(site, old, new, where, textual)
        for one, other in combined:
            self.compare(site, one, other, where, textual=textual)
        if old.branches and new.branches:
            held: list[str] = [key for key in ("oneOf", "anyOf") if key in old.keywords and key in new.keywords]
            for before, after in zip(held or [old.branches], held or [new.branches], strict=True):
                kept, gone, came = branches(self._documents, self._parts(0, old, before), self._parts(1, new, after))
                for one, other in kept:
                    self.compare(site, one, other, f"{where}{_branch_name(other)}", textual=textual)
                self._branches(site, after, kept, gone, came, where, textual)

    def _asked_elsewhere(
        self, site: Site, sides: tuple[Schema, Schema], combined: list[tuple[Schema, Schema]], where: str
    ) -> tuple[tuple[Schema, Schema], list[tuple[Schema, Schema]]]:
        """Judge what one part requires and another one declares as a property of the whole; give the parts without."""
        inline = [pair for pair in combined if not any(part.base for part in pair)]
        before, after = (
            {name for part in parts for name in _undeclared(part)} for parts in zip(sides, *inline, strict=True)
        )
        if before == after:
            return sides, combined
        wholes = [
            flattened(document, side, list(side.get("allOf", ())))
            for document, side in zip(self._documents, sides, strict=True)
        ]
        names = (before ^ after) & wholes[0].properties.keys() & wholes[1].properties.keys()
        for name in sorted(names):
            pair = self._property(0, wholes[0], name), self._property(1, wholes[1], name)
            at = tuple(whole.properties[name][1] for whole in wholes)
            self.graph.judge(site, "property", *pair, f"{where}.{name}", (at[0], at[1]))
        return _without(sides, names), [_without(pair, names) if pair in inline else pair for pair in combined]

    def _sub_site(self, site: Site, key: Any, where: str, flow: Flow = Flow.SAME) -> tuple[Site, bool]:
        other, is_new = self.graph.site(key, where)
        site.leads_to.add((other, flow))
        return other, is_new

    def _judge(self, site: Site, kind: str, old: Any, new: Any, where: str, textual: bool) -> None:
        at = (_pointer(old), _pointer(new))
        self.graph.judge(site, kind, old, new, where, at, textual=textual)

    def _parts(self, side: int, schema: Schema, keyword: str) -> list[Schema]:
        held = schema.get(keyword)
        document = self._documents[side]
        return [document.schema(node, pointer) for node, pointer in held] if isinstance(held, Branches) else []

    def _one_sided(self, site: Site, old: Schema, new: Schema, where: str, textual: bool) -> bool:
        """One side has alternatives and the other one is plain: that is one alternative, if nothing else is said."""
        plain, union = (new, old) if old.branches else (old, new)
        said = {key for key in union.keywords if key not in ("type", "discriminator", union.branches)}
        silent = not any(key in said for key in said if key not in _WORDS and not key.startswith("x-"))
        if not silent or union.base or union.properties or not (plain.constrains or plain.base or plain.properties):
            return False
        if plain.base and expanded(self._documents[plain is new], plain).branches:
            return False
        keyword = union.branches or ""
        # Null is admitted by the union as a whole, and not by one of its alternatives.
        bare = evolve(plain, nullable=False)
        for rule in ("became-nullable", "became-not-nullable"):
            self.graph.judge_by(site, rule, old, new, where, (old.pointer, new.pointer), kind="schema")
        before = [bare] if plain is old else self._parts(0, old, keyword)
        after = [bare] if plain is new else self._parts(1, new, keyword)
        kept, gone, came = branches(self._documents, before, after)
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

    def _properties(self, site: Site, old: Schema, new: Schema, where: str, textual: bool) -> None:
        if not old.properties and not new.properties:
            return
        if old.types != new.types and any(side.types and "object" not in side.types for side in (old, new)):
            # That it is no object any more says it all.
            return
        both, gone, came = together(old.properties, new.properties)
        inherited = self._inherited(0, old, came), self._inherited(1, new, gone)
        gone = [name for name in gone if name not in inherited[1]]
        came = [name for name in came if name not in inherited[0]]
        names = {name: name for name in both} | renamed(
            {name: old.properties[name][0] for name in gone}, {name: new.properties[name][0] for name in came}
        )
        for name, other in names.items():
            before, after = old.properties[name], new.properties[other]
            asked = name in old.required, other in new.required
            inner = f"{where}.{other}"
            if (
                name == other
                and asked[0] == asked[1]
                and before[0] == after[0]
                and spelled(before[0]) == spelled(after[0])
            ):
                part = self._flowing(site, (1, after), inner)
                self._follow(part, _references(self.graph.new, after[0]), textual)
                continue
            part = self._flowing(site, (1, after), inner)
            at = (before[1], after[1])
            pair = self._property(0, old, name), self._property(1, new, other)
            self.graph.judge(part, "property", *pair, inner, at, textual=textual)
            self.graph.judge(site, "direction", *pair, inner, at)
            for rule in ("stability-lowered", "stability-raised"):
                self.graph.judge_by(part, rule, *pair, inner, at, kind="property")
            self.walk(part, before, after, inner, textual=textual)
        for name in gone:
            if name not in names:
                part = self._flowing(site, (0, old.properties[name]), f"{where}.{name}")
                one = self._property(0, old, name)
                # Whether what is not declared is refused is for the new owner to say.
                one = evolve(one, owner=new)
                self.graph.judge(part, "property", one, None, f"{where}.{name}", (old.properties[name][1], None))
        for name in came:
            if name not in names.values():
                part = self._flowing(site, (1, new.properties[name]), f"{where}.{name}")
                one = self._property(1, new, name)
                one = evolve(one, owner=old)
                self.graph.judge(part, "property", None, one, f"{where}.{name}", (None, new.properties[name][1]))
                # Under this name there could be what fits the schema for other properties.
                if isinstance(others := old.get("additionalProperties"), Mapping):
                    places = (others, old.home("additionalProperties")), new.properties[name]
                    self.walk(part, *places, f"{where}.{name}", textual=textual)

    def _inherited(self, side: int, schema: Schema, names: list[str]) -> set[str]:
        """Which of some properties a schema has by what it combines."""
        held = schema.get("allOf")
        if not names or not isinstance(held, Branches):
            return set()
        return set(names) & flattened(self._documents[side], schema, list(held)).properties.keys()

    def _overlaid(self, old: Schema, new: Schema) -> tuple[Schema, Schema]:
        """Two schemas that say which properties more, or fewer, of the schemas that they combine speak of."""
        if not all(isinstance(side.get("allOf"), Branches) for side in (old, new)):
            return old, new
        before, after = self._declarations(0, old), self._declarations(1, new)
        names = [name for name in before if len(before[name]) != len(after.get(name, before[name]))]
        if not names:
            return old, new
        said = [frozenset(f"{name}: {sorted(held[name])}" for name in names) for held in (before, after)]
        one, other = (
            evolve(schema, keywords={**schema.keywords, "unjoined": schema.get("unjoined", frozenset()) | more})
            for schema, more in zip((old, new), said, strict=True)
        )
        return one, other

    def _declarations(self, side: int, schema: Schema) -> dict[str, set[str]]:
        """What a schema and those that it combines say of each property."""
        document = self._documents[side]
        shared = self.graph.old.names & self.graph.new.names
        found: dict[str, set[str]] = {}
        for part in (evolve(schema, keywords={}), *self._parts(side, schema, "allOf")):
            whole = expanded(document, part)
            held = whole.get("allOf")
            if isinstance(held, Branches):
                whole = flattened(document, whole, list(held))
            for name, place in whole.properties.items():
                found.setdefault(name, set()).add(meaning(document, *place, shared))
        return found

    def _property(self, side: int, owner: Schema, name: str) -> Property:
        schema = self._documents[side].schema(*owner.properties[name])
        whole = expanded(self._documents[side], schema)
        flags = (whole.get(keyword) is True for keyword in ("readOnly", "writeOnly"))
        return Property(name, name in owner.required, schema, owner, *flags)

    def _flowing(self, site: Site, side: tuple[int, tuple[Any, str]], where: str) -> Site:
        """The site for a property: another one where it is only read, or only written."""
        number, (node, pointer) = side
        for keyword, flow in (("readOnly", Flow.READ_ONLY), ("writeOnly", Flow.WRITE_ONLY)):
            if self._says(number, node, pointer, keyword):
                return self._sub_site(site, (flow, id(site), pointer), where, flow)[0]
        return site

    def _says(self, side: int, node: Any, pointer: str, keyword: str) -> bool:
        if isinstance(node, Mapping) and "$ref" not in node and "allOf" not in node:
            return node.get(keyword) is True
        return expanded(self._documents[side], self._documents[side].schema(node, pointer)).get(keyword) is True

    def _inner(self, site: Site, old: Schema, new: Schema, where: str, textual: bool) -> None:
        for keyword, suffix in _SINGLE.items():
            before, after = old.get(keyword), new.get(keyword)
            if isinstance(before, Mapping) and isinstance(after, Mapping):
                places = (before, old.home(keyword)), (after, new.home(keyword))
                self.walk(site, *places, f"{where}{suffix}", textual=textual)
        for keyword in _TURNING:
            # Whether they differ themselves is for a rule to say.
            if keyword in old.keywords and keyword in new.keywords:
                self._follow(site, _references(self.graph.new, {keyword: new.get(keyword)}), textual)
        for keyword, pattern in _NAMED.items():
            before, after = as_map(old.get(keyword)), as_map(new.get(keyword))
            for name in sorted(before.keys() | after.keys()):
                # Names that fit no pattern have the schema for other properties.
                sides = [
                    (held[name], join(side.home(keyword), name))
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


_WORDS = frozenset(
    "title description summary deprecated example examples externalDocs default readOnly writeOnly".split()  # noqa: SIM905
)


def _combining(document: Document, one: Schema, other: Schema) -> Schema:
    """A reference as a combination of one schema, where the other side combines that with more."""
    held = other.get("allOf")
    if not one.base or other.base or not isinstance(held, Branches):
        return one
    if all(document.target(as_map(node).get("$ref")) != one.base for node, _ in held):
        return one
    words = {key: value for key, value in one.keywords.items() if key in _WORDS or key.startswith("x-")}
    alone = Branches([(document.find(one.pointer), one.pointer)])
    return Schema(one.pointer, {**words, "allOf": alone}, one.homes, None, one.nullable)


def _undeclared(schema: Schema) -> frozenset[str]:
    return schema.required - schema.properties.keys()


def _without(pair: tuple[Schema, Schema], names: set[str]) -> tuple[Schema, Schema]:
    """Two schemas that do not require some properties which they do not declare."""
    old, new = (
        evolve(side, keywords={**side.keywords, "required": side.required - (names & _undeclared(side))})
        if names & _undeclared(side)
        else side
        for side in pair
    )
    return old, new


def _is_nameless(schema: Schema) -> bool:
    """Whether a schema is said in place, so that what it says counts, not that it is there."""
    return not schema.base and not schema.get("title")


def _pointer(schema: Schema | None) -> str | None:
    return schema.pointer if schema else None


def _name(schema: Schema) -> str:
    if schema.base:
        return schema.base.rpartition("/")[2]
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


def _references(document: Document, node: Any, flow: Flow = Flow.SAME) -> Iterator[tuple[str, Flow]]:
    """The components that a schema refers to, as it is written, and how directions go on there."""
    if isinstance(node, list):
        for item in node:
            yield from _references(document, item, flow)
    elif isinstance(node, Mapping):
        if flow is Flow.SAME and node.get("readOnly") is True:
            flow = Flow.READ_ONLY
        elif flow is Flow.SAME and node.get("writeOnly") is True:
            flow = Flow.WRITE_ONLY
        target = document.target(node.get("$ref"))
        if target is not None:
            yield target, flow
        for key, value in node.items():
            if key == "properties":
                for one in as_map(value).values():
                    yield from _references(document, one, flow)
            elif key in _TURNING:
                for other, _ in _references(document, value, flow):
                    yield from ((other, Flow.SAME), (other, Flow.TURNED))
            elif key not in ("$ref", "example", "examples", "enum", "const", "default", "discriminator"):
                yield from _references(document, value, flow)
