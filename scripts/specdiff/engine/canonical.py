"""What a schema says, as text that is the same for all spellings of it, for parts that are compared as a whole."""

import hashlib
from collections.abc import Mapping
from typing import Any

from scripts.openapi.pointers import below

from .document import Document, spelled
from .merging import expanded
from .schema import ANNOTATIONS, Branches, Schema

_HELD = frozenset(
    [
        *("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"),
        *("unevaluatedProperties", "unevaluatedItems", "contentSchema"),
    ]
)
_NAMED = ("patternProperties", "dependentSchemas")


def meaning(document: Document, node: Any, pointer: str, shared: frozenset[str]) -> str:
    """What the schema that is written as `node` at `pointer` admits.

    References in it to components that both sides have, which are `shared`, stand for themselves: they are compared
    where they are.
    """
    schema = document.schema(node, pointer)
    return spelled(_plain(document, expanded(document, schema), shared | {schema.base or ""}))


def _plain(document: Document, schema: Schema, named: frozenset[str]) -> Any:
    """What a schema admits; references to those that are `named` are not followed."""
    if schema.base in named:
        return schema.base
    if schema.base:
        named |= {schema.base}
        schema = expanded(document, schema)
    said: dict[str, Any] = {"null": schema.nullable}
    for key, value in schema.keywords.items():
        home = schema.home(key)
        if isinstance(value, Branches):
            # Spelled as they are, each level would double the escapes of those within.
            said[key] = sorted(_digest(_plain(document, document.schema(*one), named)) for one in value)
        elif key in _HELD and isinstance(value, Mapping):
            said[key] = _plain(document, document.schema(value, home), named)
        elif key in _NAMED and isinstance(value, Mapping):
            said[key] = {
                name: _plain(document, document.schema(one, below(home, name)), named) for name, one in value.items()
            }
        elif key == "prefixItems":
            said[key] = [_plain(document, document.schema(*one), named) for one in schema.below(key)]
        elif key == "enum" or isinstance(value, frozenset):
            said[key] = sorted(spelled(one) for one in value)
        elif key not in ANNOTATIONS and key != "constant" and not key.startswith("x-"):
            said[key] = value
    properties = {name: _plain(document, document.schema(*one), named) for name, one in schema.properties.items()}
    return said | ({"properties": properties} if properties else {})


def _digest(value: Any) -> str:
    return hashlib.sha256(spelled(value).encode()).hexdigest()
