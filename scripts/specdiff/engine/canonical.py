"""Turns a schema into a canonical text, for comparing schemas as a whole, for example below `not`."""

import hashlib
from collections.abc import Mapping
from typing import Any

from scripts.openapi.pointers import below

from .canonical_json import canonical_json
from .document import ComparedDocument
from .merging import resolve_ref
from .schema import RawSchema, Schema, Subschemas, is_constraint

_SINGLE_SCHEMAS = frozenset(
    [
        *("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"),
        *("unevaluatedProperties", "unevaluatedItems", "contentSchema"),
    ]
)
_SCHEMAS_BY_NAME = ("patternProperties", "dependentSchemas")


def canonical(document: ComparedDocument, raw: RawSchema, shared: frozenset[str]) -> str:
    """Return a text that is the same for equivalent schemas.

    Args:
        document: The document of the schema.
        raw: The schema.
        shared: Pointers of components whose references are not resolved, because the components are compared anyway.
    """
    schema = document.schema(*raw)
    resolved = resolve_ref(document, schema)
    return canonical_json(_constraints(document, resolved, shared, frozenset([schema.ref or ""])))


def _constraints(document: ComparedDocument, schema: Schema, shared: frozenset[str], named: frozenset[str]) -> Any:
    """The constraints of a schema as JSON; references to components in `shared` and `named` are not resolved."""
    if schema.ref in named or schema.ref in shared:
        return schema.ref
    if schema.ref:
        named |= {schema.ref}
        schema = resolve_ref(document, schema)

    def inner(raw: RawSchema) -> Any:
        return _constraints(document, document.schema(*raw), shared, named)

    result: dict[str, Any] = {"null": schema.nullable}
    for keyword, value in schema.keywords.items():
        pointer = schema.pointer_of(keyword)
        if isinstance(value, Subschemas):
            # A digest has a fixed length. In nested JSON text, each level would escape all quotes again.
            result[keyword] = sorted(_digest(inner(member)) for member in value)
        elif keyword in _SINGLE_SCHEMAS and isinstance(value, Mapping):
            result[keyword] = inner((value, pointer))
        elif keyword in _SCHEMAS_BY_NAME and isinstance(value, Mapping):
            result[keyword] = {name: inner((node, below(pointer, name))) for name, node in value.items()}
        elif keyword == "prefixItems":
            result[keyword] = [inner(item) for item in schema.subschemas(keyword)]
        elif keyword == "enum" or isinstance(value, frozenset):
            result[keyword] = sorted(map(canonical_json, value))
        elif is_constraint(keyword) and keyword != "constant":
            result[keyword] = value
    if schema.properties:
        result["properties"] = {name: inner(raw) for name, raw in schema.properties.items()}
    return result


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
