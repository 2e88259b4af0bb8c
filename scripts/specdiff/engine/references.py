"""Finds the components that a schema refers to, and the direction of each reference."""

from collections.abc import Iterator, Sequence
from typing import Any

from scripts.openapi.document import as_map

from .discriminators import mapped_targets
from .document import ComparedDocument
from .identifiers import dynamic_targets
from .pairs import ExtensionReferences
from .reach import Propagation

NEGATING_KEYWORDS = ("not", "if")
"""If a schema below these keywords allows more values, the outer schema may allow fewer values."""
_WITHOUT_SCHEMAS = frozenset(["$ref", "$dynamicRef", "example", "examples", "enum", "const", "default", "mapping"])
_SCHEMAS_BY_NAME = frozenset(["properties", "patternProperties", "dependentSchemas"])
# Only references lead to these schemas.
_DEFINITIONS = ("$defs", "definitions")


def references(
    document: ComparedDocument,
    node: Any,
    extensions: Sequence[ExtensionReferences],
    propagation: Propagation = Propagation.SAME,
) -> Iterator[tuple[str, Propagation]]:
    """Yield the pointer of each component that a schema refers to, and how the schema propagates its direction.

    `extensions` return the components to which extensions refer.
    """
    if isinstance(node, list):
        for item in node:
            yield from references(document, item, extensions, propagation)
        return
    schema = as_map(node)
    if propagation is Propagation.SAME and schema.get("readOnly") is True:
        propagation = Propagation.READ_ONLY
    elif propagation is Propagation.SAME and schema.get("writeOnly") is True:
        propagation = Propagation.WRITE_ONLY
    target = document.target(schema.get("$ref"))
    if target is not None:
        yield target, propagation
    if "$dynamicRef" in schema:
        for pointer in dynamic_targets(document, schema["$dynamicRef"]):
            yield pointer, Propagation.UNKNOWN
    if "discriminator" in schema:
        for pointer in mapped_targets(document, schema["discriminator"]).values():
            yield pointer, propagation
    for referred in extensions:
        yield from ((pointer, propagation) for pointer in referred(document, schema))
    for keyword, value in schema.items():
        if keyword in _SCHEMAS_BY_NAME:
            for property_node in as_map(value).values():
                yield from references(document, property_node, extensions, propagation)
        elif keyword in NEGATING_KEYWORDS:
            for pointer, _ in references(document, value, extensions, propagation):
                yield pointer, Propagation.NEGATED
                if keyword == "if":
                    yield pointer, Propagation.SAME
        elif isinstance(value, (dict, list)) and keyword not in _WITHOUT_SCHEMAS and keyword not in _DEFINITIONS:
            yield from references(document, value, extensions, propagation)
