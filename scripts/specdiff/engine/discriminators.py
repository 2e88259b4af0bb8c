"""The values of discriminators, and the schemas that each value means."""

from collections.abc import Iterator
from typing import Any

from scripts.openapi.document import Document, as_map
from scripts.openapi.pointers import below, last

from .document import ComparedDocument
from .schema import Schema


def mapped_targets(document: Document, discriminator: Any) -> dict[str, str]:
    """The pointers of the components that the mapping of a discriminator names, by value."""
    return {value: target for value, target in _mapped(document, discriminator).items() if target.startswith("/")}


def _mapped(document: Document, discriminator: Any) -> dict[str, str]:
    """The pointers of the components in a mapping, or the references as written if there are no such components."""
    mapping = {**as_map(as_map(discriminator).get("mapping"))}
    if isinstance(default := as_map(discriminator).get("defaultMapping"), str):
        mapping["(other values)"] = default
    return {str(value): _target(document, str(target)) for value, target in mapping.items()}


def _target(document: Document, target: str) -> str:
    by_name = below("/components/schemas", target)
    return by_name if document.find(by_name) is not None else document.target(target) or target


def values(document: ComparedDocument, schema: Schema) -> dict[str, str]:
    """The component of each value of a schema's discriminator. The default value is the name of the component."""
    mapped = _mapped(document, schema.get("discriminator"))
    known = set(mapped.values())
    members = [*alternatives(document, schema), *subtypes(document, schema.pointer)]
    return {last(pointer): pointer for pointer in members if pointer not in known} | mapped


def alternatives(document: ComparedDocument, schema: Schema) -> list[str]:
    """The pointers of the components that the alternatives of a schema refer to."""
    keyword = schema.alternatives_keyword
    members = schema.subschemas(keyword) if keyword else []
    # A single alternative replaces its union.
    found = [document.target(as_map(node).get("$ref")) for node, _ in members] if members else [schema.ref]
    return [pointer for pointer in found if pointer is not None]


def subtypes(document: ComparedDocument, base: str) -> Iterator[str]:
    """The components that extend a component by `allOf`, directly or through other components."""
    waiting, seen = [base], {base}
    while waiting:
        for pointer in document.extending.get(waiting.pop(), ()):
            if pointer not in seen:
                seen.add(pointer)
                waiting.append(pointer)
                yield pointer
