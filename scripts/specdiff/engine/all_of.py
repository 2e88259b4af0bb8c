"""Finds changes that result from several members of `allOf` together."""

from attrs import evolve

from scripts.openapi.document import as_map

from .canonical import canonical
from .document import ComparedDocument
from .matching import Matches, has_other_constraints
from .merging import merge_all_of, property_of, resolve_ref
from .schema import CONFLICTS, WRAPPER_ANNOTATIONS, Property, Schema, Subschemas

Documents = tuple[ComparedDocument, ComparedDocument]
Schemas = tuple[Schema, Schema]


def must_be_merged(old: Schema, new: Schema, members: Matches) -> bool:
    """Whether the removed and added members of `allOf` are merged into the schema before the comparison.

    Members are reported by name if members were only added or only removed, and all other constraints are equal.
    """
    unmatched = members.removed + members.added
    if not unmatched:
        return False
    are_nameless = all(not schema.ref and not schema.get("title") for schema in unmatched)
    return are_nameless or bool(members.removed and members.added) or has_other_constraints(old, new)


def changed_requirements(documents: Documents, schemas: Schemas, members: Matches) -> list[tuple[Property, Property]]:
    """Return the properties that a schema or member newly requires, or no longer requires, without declaring them."""
    inline = [pair for pair in members.pairs if not _has_ref(pair)]
    before, after = (
        {name for part in parts for name in _required_elsewhere(part)} for parts in zip(schemas, *inline, strict=True)
    )
    if before == after:
        return []
    old, new = (merge_all_of(document, schema) for document, schema in zip(documents, schemas, strict=True))
    names = sorted((before ^ after) & old.properties.keys() & new.properties.keys())
    return [(property_of(documents[0], old, name), property_of(documents[1], new, name)) for name in names]


def without_requirements(schemas: Schemas, members: Matches, names: set[str]) -> tuple[Schemas, Matches]:
    """Remove these properties from `required` in each schema and member that does not declare them."""

    def reduced(pair: Schemas) -> Schemas:
        old, new = (
            evolve(schema, keywords={**schema.keywords, "required": schema.required - ignored})
            if (ignored := names & _required_elsewhere(schema))
            else schema
            for schema in pair
        )
        return old, new

    pairs = [pair if _has_ref(pair) else reduced(pair) for pair in members.pairs]
    return reduced(schemas), members._replace(pairs=pairs)


def _has_ref(schemas: Schemas) -> bool:
    return any(schema.ref for schema in schemas)


def _required_elsewhere(schema: Schema) -> frozenset[str]:
    """The properties that a schema requires but does not declare."""
    return schema.required - schema.properties.keys()


def mark_repeated_declarations(documents: Documents, old: Schema, new: Schema) -> Schemas:
    """Record a conflict for each property that `allOf` now declares in more or in fewer ways."""
    if not all(schema.get("allOf") for schema in (old, new)):
        return old, new
    before, after = _declarations(documents, 0, old), _declarations(documents, 1, new)
    names = [name for name in before if len(before[name]) != len(after.get(name, before[name]))]
    marked = [
        evolve(schema, keywords={**schema.keywords, CONFLICTS: schema.get(CONFLICTS, frozenset()) | conflicts})
        if (conflicts := frozenset(f"{name}: {sorted(declarations[name])}" for name in names))
        else schema
        for schema, declarations in ((old, before), (new, after))
    ]
    return marked[0], marked[1]


def _declarations(documents: Documents, side: int, schema: Schema) -> dict[str, set[str]]:
    """The distinct declarations of each property, in a schema and in the members of its `allOf`."""
    document = documents[side]
    shared = documents[0].shared_schemas(documents[1])
    declarations: dict[str, set[str]] = {}
    members = [document.schema(*member) for member in schema.subschemas("allOf")]
    for part in (evolve(schema, keywords={}), *members):
        merged = merge_all_of(document, resolve_ref(document, part))
        for name, raw in merged.properties.items():
            declarations.setdefault(name, set()).add(canonical(document, raw, shared))
    return declarations


def ref_as_all_of(document: ComparedDocument, schema: Schema, other: Schema) -> Schema:
    """Rewrite a `$ref` as an `allOf` with one member, if the `allOf` of the other document has the same reference."""
    members = other.subschemas("allOf")
    targets = [document.target(as_map(node).get("$ref")) for node, _ in members]
    if not schema.ref or other.ref or schema.ref not in targets:
        return schema
    annotations = {
        keyword: value
        for keyword, value in schema.keywords.items()
        if keyword in WRAPPER_ANNOTATIONS or keyword.startswith("x-")
    }
    member = Subschemas([(document.find(schema.pointer), schema.pointer)])
    return evolve(schema, keywords={**annotations, "allOf": member}, ref=None, properties={})
