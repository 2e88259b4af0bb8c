"""Finds the components that a schema refers to, and the direction of each reference."""

from collections.abc import Iterator, Sequence
from typing import Any

from scripts.openapi.document import as_map

from .document import ComparedDocument
from .pairs import ExtensionReferences
from .reach import Propagation

NEGATING_KEYWORDS = ("not", "if")
"""If a schema below these keywords allows more values, the outer schema may allow fewer values."""
_WITHOUT_SCHEMAS = ("$ref", "example", "examples", "enum", "const", "default", "discriminator")


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
    for referred in extensions:
        yield from ((pointer, propagation) for pointer in referred(document, schema))
    for keyword, value in schema.items():
        if keyword == "properties":
            for property_node in as_map(value).values():
                yield from references(document, property_node, extensions, propagation)
        elif keyword in NEGATING_KEYWORDS:
            for pointer, _ in references(document, value, extensions, propagation):
                yield from ((pointer, Propagation.SAME), (pointer, Propagation.REVERSED))
        elif keyword not in _WITHOUT_SCHEMAS:
            yield from references(document, value, extensions, propagation)
