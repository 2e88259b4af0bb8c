"""Matches the direct subschemas of two schemas: properties, items, and the schemas of other keywords."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.openapi.document import as_map
from scripts.openapi.pointers import below

from .document import ComparedDocument
from .matching import find_renames, match_names
from .merging import merge_all_of
from .schema import RawSchema, Schema

# The suffix of a subschema's label, by keyword. Labels are part of fingerprints. `{}` means the values of undeclared
# properties, and `{name}` means the names of properties.
_SINGLE_SCHEMAS = {
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
_SCHEMAS_BY_NAME = {"patternProperties": "{%s}", "dependentSchemas": "(with %s)"}


def match_properties(
    documents: tuple[ComparedDocument, ComparedDocument], old: Schema, new: Schema
) -> Iterator[tuple[str | None, str | None]]:
    """Yield the old and the new name of each property. The name is None where the property does not exist."""
    if not (old.properties or new.properties):
        return
    if old.types != new.types and any(schema.types and "object" not in schema.types for schema in (old, new)):
        # The change of the type is reported instead.
        return
    common, removed, added = match_names(old.properties, new.properties)
    moved_in_new = _declared_by_members(documents[1], new, removed)
    moved_in_old = _declared_by_members(documents[0], old, added)
    removed = [name for name in removed if name not in moved_in_new]
    added = [name for name in added if name not in moved_in_old]
    renames = find_renames(
        {name: old.properties[name][0] for name in removed}, {name: new.properties[name][0] for name in added}
    )
    yield from zip(common, common, strict=True)
    yield from renames.items()
    yield from ((name, None) for name in removed if name not in renames)
    yield from ((None, name) for name in added if name not in renames.values())


def _declared_by_members(document: ComparedDocument, schema: Schema, names: list[str]) -> set[str]:
    """The subset of `names` that members of `allOf` declare as properties."""
    if not names or not schema.get("allOf"):
        return set()
    return set(names) & merge_all_of(document, schema).properties.keys()


def match_subschemas(old: Schema, new: Schema) -> Iterator[tuple[str, RawSchema, RawSchema]]:
    """Yield label suffix, old and new schema of each subschema that is neither a property nor an alternative."""
    for keyword, suffix in _SINGLE_SCHEMAS.items():
        yield from _both(suffix, _single_schema(old, keyword), _single_schema(new, keyword))
    for keyword, pattern in _SCHEMAS_BY_NAME.items():
        for name in sorted(as_map(old.get(keyword)).keys() | as_map(new.get(keyword)).keys()):
            yield from _both(pattern % name, *(_schema_by_name(schema, keyword, name) for schema in (old, new)))
    for index in range(max(len(schema.subschemas("prefixItems")) for schema in (old, new))):
        yield from _both(f"[{index}]", *(_item_schema(schema, index) for schema in (old, new)))


def _both(suffix: str, old: RawSchema | None, new: RawSchema | None) -> Iterator[tuple[str, RawSchema, RawSchema]]:
    if old and new:
        yield suffix, old, new


def _single_schema(schema: Schema, keyword: str) -> RawSchema | None:
    node: Any = schema.get(keyword)
    return (node, schema.pointer_of(keyword)) if isinstance(node, Mapping) else None


def _schema_by_name(schema: Schema, keyword: str, name: str) -> RawSchema | None:
    """The schema for a name. A pattern that is absent has the schema of `additionalProperties`."""
    by_name = as_map(schema.get(keyword))
    if name in by_name:
        node: Any = by_name[name]
        return (node, below(schema.pointer_of(keyword), name)) if isinstance(node, Mapping) else None
    return _single_schema(schema, "additionalProperties") if keyword == "patternProperties" else None


def _item_schema(schema: Schema, index: int) -> RawSchema | None:
    """The schema of the item at a position: that of `prefixItems` if there is one, otherwise that of `items`."""
    prefix = schema.subschemas("prefixItems")
    return prefix[index] if index < len(prefix) else _single_schema(schema, "items")
