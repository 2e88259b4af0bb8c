"""Finds the components that a schema refers to, and the direction of each reference."""

from collections.abc import Iterator, Sequence
from typing import Any

from scripts.openapi.document import as_map
from scripts.openapi.pointers import below

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
        for pointer in referred(document, schema):
            yield pointer, propagation
    for keyword, value in schema.items():
        if keyword in _SCHEMAS_BY_NAME:
            for member in as_map(value).values():
                inner = propagation if keyword == "dependentSchemas" else _of_property(document, member, propagation)
                yield from references(document, member, extensions, inner)
        elif keyword in NEGATING_KEYWORDS:
            for pointer, _ in references(document, value, extensions, propagation):
                yield pointer, Propagation.NEGATED
                if keyword == "if":
                    yield pointer, Propagation.SAME
        elif isinstance(value, (dict, list)) and keyword not in _WITHOUT_SCHEMAS and keyword not in _DEFINITIONS:
            yield from references(document, value, extensions, propagation)


def _of_property(document: ComparedDocument, node: Any, propagation: Propagation) -> Propagation:
    """How a property propagates the direction, if it refers to a component that is read-only or write-only."""
    if propagation is Propagation.SAME and "$ref" in as_map(node):
        target, _ = document.resolve(node)
        for flag, found in ((READ_ONLY, Propagation.READ_ONLY), (WRITE_ONLY, Propagation.WRITE_ONLY)):
            if as_map(target).get(flag) is True:
                return found
    return propagation


READ_ONLY, WRITE_ONLY = "readOnly", "writeOnly"


def changed_flags(old: ComparedDocument, new: ComparedDocument) -> frozenset[str]:
    """The pointers of the components whose properties became read-only or write-only, or no longer are."""
    flags = [
        {
            pointer: found
            for pointer, node in ((below("/components/schemas", name), node) for name, node in schemas.items())
            if any(found := [as_map(node).get(flag) is True for flag in (READ_ONLY, WRITE_ONLY)])
        }
        for schemas in (document.part("components", "schemas") for document in (old, new))
    ]
    changed = {pointer for pointer in {**flags[0], **flags[1]} if flags[0].get(pointer) != flags[1].get(pointer)}
    waiting = list(changed)
    while waiting:
        # A component that only refers to such a component has its flags.
        pointer = waiting.pop()
        for name, node in new.part("components", "schemas").items():
            other = below("/components/schemas", name)
            if other not in changed and new.target(as_map(node).get("$ref")) == pointer:
                changed.add(other)
                waiting.append(other)
    return frozenset(changed)
