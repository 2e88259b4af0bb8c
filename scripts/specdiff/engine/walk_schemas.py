"""Compares schemas and their subschemas. Each pair of components is compared once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from scripts.openapi.document import as_map
from scripts.openapi.pointers import FILES, keys, last
from scripts.openapi.time_limit import working_on

from .acceptance import is_trivial, schemas_of_property
from .all_of import (
    changed_requirements,
    mark_repeated_declarations,
    must_be_merged,
    ref_as_all_of,
    without_requirements,
)
from .canonical_json import is_equal
from .discriminators import mapped_targets, subtypes
from .document import ComparedDocument
from .identifiers import dynamic_targets
from .match_subschemas import match_properties, match_subschemas
from .matching import Matches, match_schemas
from .medium import Medium
from .merging import merge_all_of, property_of, resolve_ref
from .pairs import PairKind, Place, Side
from .reach import Comparison, Propagation, Scope
from .references import NEGATING_KEYWORDS, changed_flags, references
from .schema import WRAPPER_ANNOTATIONS, Alternatives, RawSchema, Schema, differ


@frozen
class Context:
    """The scope and the label of two schemas."""

    scope: Scope
    label: str
    medium: Medium = Medium.JSON
    json_parts: frozenset[str] = frozenset()
    """The properties of a form that are sent as JSON because of their `encoding`."""
    place: Place | None = None
    """The innermost place that contains the two schemas."""

    @property
    def as_text(self) -> bool:
        """Whether values are sent as text, see `Pair.as_text`."""
        return self.medium is not Medium.JSON

    def below(self, suffix: str) -> "Context":
        """Return the context of a subschema for the same value."""
        return evolve(self, label=self.label + suffix)

    def inside(self, suffix: str, name: str | None = None) -> "Context":
        """Return the context of a schema for a property or item of the value; `name` is the name of the property."""
        medium = Medium.JSON if name in self.json_parts else self.medium.inner
        return evolve(self, label=self.label + suffix, medium=medium, json_parts=frozenset())


@define
class SchemaWalker:
    """Compares schemas, and keeps a list of the components that are not compared yet."""

    comparison: Comparison
    _waiting: list[tuple[Context, str, str]] = field(factory=list)
    _changed_flags: frozenset[str] = field(init=False, repr=False)
    """The components that became read-only or write-only, or no longer are. Their users judge the change."""

    def __attrs_post_init__(self) -> None:
        self._changed_flags = changed_flags(*self.documents)

    @property
    def documents(self) -> tuple[ComparedDocument, ComparedDocument]:
        return self.comparison.documents

    def walk(self, context: Context, old: RawSchema, new: RawSchema, *, defaults: bool = True) -> None:
        """Compare two schemas as written; `defaults=False` skips the rules about default values."""
        if self._is_unchanged(old[0], new[0]):
            self.walk_references(context, self._references(new[0]))
            return
        schemas = self.documents[0].schema(*old), self.documents[1].schema(*new)
        if not (is_binary(self.documents, schemas[0]) and is_trivial(schemas[1])):
            if _judges_alone(new[1]):
                context = self._placed(context, old[1], new[1])
            self.compare(context, *schemas, defaults=defaults)

    def _is_unchanged(self, old: Any, new: Any) -> bool:
        """Whether two schemas as written are equal. Version 3.0 gives some keywords another meaning."""
        if self.documents[0].is_30 != self.documents[1].is_30 or not is_equal(old, new):
            return False
        return not self._changed_flags or self._changed_flags.isdisjoint(at for at, _ in self._references(new))

    def _placed(self, context: Context, old: str, new: str) -> Context:
        """Return the context with a place of its own, which is recorded."""
        place = Place(old, new, context.label, context.as_text)
        self.comparison.places[context.scope, place] = None
        return evolve(context, place=place)

    def walk_component(self, context: Context, old: str, new: str, propagation: Propagation = Propagation.SAME) -> None:
        """Schedule the comparison of two components, unless they were scheduled before."""
        label = last(new)
        key = ("schema", old, new, context.medium, context.json_parts)
        scope, is_new = self.comparison.scope_below(context.scope, key, label, propagation)
        if is_new:
            self._waiting.append((Context(scope, label, context.medium, context.json_parts), old, new))

    def walk_references(self, context: Context, found: Iterable[tuple[str, Propagation]]) -> None:
        """Schedule the components that an unchanged schema refers to."""
        for pointer, propagation in found:
            if all(document.find(pointer) is not None for document in self.documents):
                self.walk_component(context, pointer, pointer, propagation)

    def _references(self, node: Any) -> Iterator[tuple[str, Propagation]]:
        return references(self.comparison.new, node, self.comparison.extension_references)

    def finish(self) -> None:
        """Compare the scheduled components, and all components that they refer to."""
        old_document, new_document = self.documents
        while self._waiting:
            context, old, new = self._waiting.pop()
            working_on(f"the comparison of {context.label}", new)
            node = new_document.find(new)
            self._walk_subtypes(context, old, new)
            if old == new and self._is_unchanged(old_document.find(old), node):
                self.walk_references(context, self._references(node))
            else:
                context = self._placed(context, old, new)
                self.compare(context, old_document.component(old), new_document.component(new))

    def _walk_subtypes(self, context: Context, old: str, new: str) -> None:
        """Schedule the components that extend a component, if a discriminator can select them."""
        if "discriminator" in as_map(self.documents[1].find(new)):
            kept = set(subtypes(self.documents[0], old)) & set(subtypes(self.documents[1], new))
            for pointer in sorted(kept):
                self.walk_component(context, pointer, pointer)

    def _judge(
        self,
        context: Context,
        kind: PairKind,
        old: Side | None,
        new: Side | None,
        pointers: tuple[str | None, str | None] | None = None,
    ) -> None:
        label, place = context.label, context.place
        self.comparison.judge(context.scope, kind, old, new, label, pointers, medium=context.medium, place=place)

    def compare(self, context: Context, old: Schema, new: Schema, *, defaults: bool = True) -> None:
        """Judge two schemas, and compare their subschemas."""
        if context.medium is Medium.PART and any(
            "object" in resolve_ref(document, schema).types
            for document, schema in zip(self.documents, (old, new), strict=True)
        ):
            context = evolve(context, medium=Medium.JSON)
        if self._compare_with_union(context, old, new):
            return
        old, new = ref_as_all_of(self.documents[0], old, new), ref_as_all_of(self.documents[1], new, old)
        if old.ref and new.ref:
            self.walk_component(context, old.ref, new.ref)
            # The name of another file is no name of a component, so a moved schema is not a renamed schema.
            if old.ref != new.ref and not any(ref.startswith(f"/{FILES}/") for ref in (old.ref, new.ref)):
                pointers = old.pointer, new.pointer
                self._judge(context, PairKind.REFERENCE, old.ref, new.ref, pointers)
        elif old.ref or new.ref:
            inner = self._merged_context(context, "resolved", old, new)
            if inner is None:
                return
            context = inner
            old, new = resolve_ref(self.documents[0], old), resolve_ref(self.documents[1], new)
        if old.get("$ref") != new.get("$ref"):
            # Nothing is known about one of the schemas.
            self._judge(context, PairKind.UNREAD, old.get("$ref"), new.get("$ref"), (old.pointer, new.pointer))
            return
        if old.get("$dynamicRef") != new.get("$dynamicRef"):
            dynamic = [evolve(side, keywords=_only(side, "$dynamicRef"), properties={}) for side in (old, new)]
            self._judge(context, PairKind.SCHEMA, dynamic[0], dynamic[1])
            return
        self._walk_indirect(context, old, new)
        members = self._match(old.subschemas("allOf"), new.subschemas("allOf"))
        if must_be_merged(old, new, members):
            inner = self._merged_context(context, "merged", old, new)
            if inner is None:
                return
            context = inner
            old, new = self._merge_members(0, old, members.removed), self._merge_members(1, new, members.added)
        else:
            self._judge_alternatives(context, "allOf", members)
        if moved := changed_requirements(self.documents, (old, new), members):
            for before, after in moved:
                # Values of properties are JSON, not text.
                inner = evolve(context.below(f".{before.name}"), medium=Medium.JSON)
                self._judge(inner, PairKind.PROPERTY, before, after)
            names = {before.name for before, _ in moved}
            (old, new), members = without_requirements((old, new), members, names)
        marked = mark_repeated_declarations(self.documents, old, new)
        # Most pairs differ only in the schemas of their properties.
        if differ(*marked):
            self._judge(context, PairKind.SCHEMA, *marked)
        if defaults:
            self._judge(context, PairKind.DEFAULT, old, new)
        self._judge(context, PairKind.ANNOTATIONS, old, new)
        for kind in (PairKind.LIFESPAN, PairKind.EXTENSIONS):
            pointers = old.pointer, new.pointer
            self._judge(context, kind, old.keywords, new.keywords, pointers)
        self._compare_properties(context, old, new)
        self._compare_subschemas(context, old, new)
        for member, new_member in members.pairs:
            self.compare(context, member, new_member)
        self._compare_alternatives(context, old, new)

    def _walk_indirect(self, context: Context, old: Schema, new: Schema) -> None:
        """Schedule the components that a schema names otherwise than by `$ref`."""
        for referred in self.comparison.extension_references:
            sides = referred(self.documents[0], old.keywords), referred(self.documents[1], new.keywords)
            for old_pointer, new_pointer in zip(*sides, strict=False):
                self.walk_component(context, old_pointer, new_pointer)
        before, after = (
            mapped_targets(document, schema.get("discriminator"))
            for document, schema in zip(self.documents, (old, new), strict=True)
        )
        for value in before.keys() & after.keys():
            self.walk_component(context, before[value], after[value])
        if reference := new.get("$dynamicRef"):
            targets = dynamic_targets(self.documents[1], reference)
            self.walk_references(context, ((pointer, Propagation.UNKNOWN) for pointer in targets))

    def _merged_context(self, context: Context, how: str, old: Schema, new: Schema) -> Context | None:
        """Return the context of two merged schemas, or None if the same schemas were merged before."""
        key = (how, old.pointer, new.pointer, context.medium, context.json_parts)
        scope, is_new = self.comparison.scope_below(context.scope, key, context.label)
        return evolve(context, scope=scope) if is_new else None

    def _match(self, old: list[RawSchema], new: list[RawSchema]) -> Matches:
        before, after = (
            [document.schema(*member) for member in members]
            for document, members in zip(self.documents, (old, new), strict=True)
        )
        return match_schemas(self.documents, before, after)

    def _merge_members(self, side: int, schema: Schema, members: list[Schema]) -> Schema:
        document = self.documents[side]
        return merge_all_of(document, schema, [(document.find(member.pointer), member.pointer) for member in members])

    def _compare_alternatives(self, context: Context, old: Schema, new: Schema) -> None:
        if not (old.alternatives_keyword and new.alternatives_keyword):
            return
        common: list[str] = [
            keyword for keyword in ("oneOf", "anyOf") if keyword in old.keywords and keyword in new.keywords
        ]
        before_and_after = common or [old.alternatives_keyword], common or [new.alternatives_keyword]
        for old_keyword, new_keyword in zip(*before_and_after, strict=True):
            matches = self._match(old.subschemas(old_keyword), new.subschemas(new_keyword))
            for before, after in matches.pairs:
                self.compare(context.below(after.label_suffix), before, after)
            self._judge_alternatives(context, new_keyword, matches)

    def _compare_with_union(self, context: Context, old: Schema, new: Schema) -> bool:
        """Compare a schema with a union, as if the schema were a union with one alternative.

        Returns:
            Whether the comparison applies: exactly one schema is a union, and the union has no other constraints.
        """
        if (old.alternatives_keyword is None) == (new.alternatives_keyword is None):
            return False
        plain, union = (new, old) if old.alternatives_keyword else (old, new)
        keyword = union.alternatives_keyword or ""
        has_others = any(
            other not in WRAPPER_ANNOTATIONS | {"type", "discriminator", keyword} and not other.startswith("x-")
            for other in union.keywords
        )
        if has_others or union.ref or union.properties or not (plain.constrains or plain.ref or plain.properties):
            return False
        if plain.ref and resolve_ref(self.documents[plain is new], plain).alternatives_keyword:
            return False
        self._judge(context, PairKind.NULL, old, new)
        # Null is a flag of the union, so its alternatives are compared without null.
        before, after = (
            [evolve(plain, nullable=False)]
            if schema is plain
            else [document.schema(*member) for member in schema.subschemas(keyword)]
            for document, schema in zip(self.documents, (old, new), strict=True)
        )
        matches = match_schemas(self.documents, before, after)
        for old_member, new_member in matches.pairs:
            self.compare(context, old_member, new_member)
        self._judge_alternatives(context, keyword, matches)
        return True

    def _judge_alternatives(self, context: Context, keyword: str, matches: Matches) -> None:
        """Judge the removed members and the added members. Rules also see the kept members."""
        if matches.removed:
            kept = [old for old, _ in matches.pairs]
            self._judge(context, PairKind.ALTERNATIVES, Alternatives(keyword, matches.removed, kept), None)
        if matches.added:
            kept = [new for _, new in matches.pairs]
            self._judge(context, PairKind.ALTERNATIVES, None, Alternatives(keyword, matches.added, kept))

    def _compare_subschemas(self, context: Context, old: Schema, new: Schema) -> None:
        for suffix, before, after in match_subschemas(old, new):
            is_inside = suffix[0] in "[{" and suffix != "{name}"
            self.walk(context.inside(suffix) if is_inside else context.below(suffix), before, after)
        for keyword in NEGATING_KEYWORDS:
            # A rule compares the schemas below these keywords as a whole.
            if keyword in old.keywords and keyword in new.keywords:
                self.walk_references(context, self._references({keyword: new.get(keyword)}))

    def _compare_properties(self, context: Context, old: Schema, new: Schema) -> None:
        for old_name, new_name in match_properties(self.documents, old, new):
            inner = context.inside(f".{new_name or old_name}", old_name or new_name)
            if old_name is None and new_name is not None:
                self._judge_added_property(inner, old, new, new_name)
            elif old_name is not None and new_name is None:
                inner = self._property_context(inner, 0, old.properties[old_name])
                removed = evolve(property_of(self.documents[0], old, old_name), owner=new)
                self._judge(inner, PairKind.PROPERTY, removed, None)
                for after in _undeclared(new, old_name)[:1]:
                    self.walk(inner, old.properties[old_name], after)
            elif old_name is not None and new_name is not None:
                self._compare_property(inner, context, (old, old_name), (new, new_name))

    def _judge_added_property(self, context: Context, old: Schema, new: Schema, name: str) -> None:
        context = self._property_context(context, 1, new.properties[name])
        added = evolve(property_of(self.documents[1], new, name), owner=old)
        self._judge(context, PairKind.PROPERTY, None, added)
        # In the old document, another keyword may apply to a property with this name.
        for before in _undeclared(old, name)[:1]:
            self.walk(context, before, new.properties[name])

    def _compare_property(
        self, context: Context, outer: Context, old: tuple[Schema, str], new: tuple[Schema, str]
    ) -> None:
        """Compare two properties, each given by its owner and name; `outer` is the context of the owner."""
        (old_owner, old_name), (new_owner, new_name) = old, new
        before, after = old_owner.properties[old_name], new_owner.properties[new_name]
        context = self._property_context(context, 1, after)
        is_required = old_name in old_owner.required, new_name in new_owner.required
        if old_name == new_name and is_required[0] == is_required[1] and self._is_unchanged(before[0], after[0]):
            self.walk_references(context, self._references(after[0]))
            return
        pair = property_of(self.documents[0], *old), property_of(self.documents[1], *new)
        self._judge(context, PairKind.PROPERTY, *pair)
        # The scope of a read-only property excludes requests, but the change of the flag affects requests. Therefore
        # the scope of the owner records it.
        self._judge(evolve(context, scope=outer.scope), PairKind.DIRECTION, *pair)
        keywords = pair[0].schema.keywords, pair[1].schema.keywords
        pointers = pair[0].pointer, pair[1].pointer
        self._judge(context, PairKind.STABILITY, *keywords, pointers)
        self.walk(context, before, after)

    def _property_context(self, context: Context, side: int, raw: RawSchema) -> Context:
        """Return the context of a property. A read-only or write-only property has its own scope."""
        for keyword, propagation in (("readOnly", Propagation.READ_ONLY), ("writeOnly", Propagation.WRITE_ONLY)):
            if self._has_flag(side, raw, keyword):
                key = propagation, context.scope, raw[1]
                scope, _ = self.comparison.scope_below(context.scope, key, context.label, propagation)
                return evolve(context, scope=scope)
        return context

    def _has_flag(self, side: int, raw: RawSchema, keyword: str) -> bool:
        if isinstance(raw[0], Mapping) and "$ref" not in raw[0] and "allOf" not in raw[0]:
            return raw[0].get(keyword) is True
        document = self.documents[side]
        return resolve_ref(document, document.schema(*raw)).get(keyword) is True


def _only(schema: Schema, keyword: str) -> dict[str, Any]:
    return {keyword: schema.get(keyword)} if keyword in schema.keywords else {}


def _undeclared(schema: Schema, name: str) -> list[RawSchema]:
    """The schemas that apply to a property which a schema does not declare."""
    return [raw for raw in schemas_of_property(schema, name) if isinstance(raw[0], Mapping)]


def is_binary(documents: tuple[ComparedDocument, ComparedDocument], schema: Schema) -> bool:
    """Whether a schema allows any binary data; version 3.0 has a format for them, and version 3.1 has no schema."""
    return documents[0].is_30 != documents[1].is_30 and schema.get("contentMediaType") == "application/octet-stream"


# Keywords whose schema judges the values inside a value, whatever the rest of the owner says.
_OF_ALL_OTHERS = ("items", "additionalProperties")
_OF_SOME = ("properties", "patternProperties", "prefixItems")


def _judges_alone(pointer: str) -> bool:
    """Whether the schema at a pointer decides alone whether its values are valid, unlike an alternative."""
    owner, name = ["", *keys(pointer)][-2:]
    return owner in _OF_SOME or name in _OF_ALL_OTHERS or name == "schema"
