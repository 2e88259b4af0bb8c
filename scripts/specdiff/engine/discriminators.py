"""The values of discriminators, and the schemas that each value means."""

from collections.abc import Iterator
from typing import Any

from scripts.openapi.document import Document, as_map
from scripts.openapi.pointers import below, last

from .document import ComparedDocument
from .schema import Schema


def mapped_targets(document: Document, discriminator: Any) -> dict[str, str]:
    """The pointers of the components that the mapping of a discriminator names, by value."""
    mapping = {**as_map(as_map(discriminator).get("mapping"))}
    if isinstance(default := as_map(discriminator).get("defaultMapping"), str):
        mapping["(other values)"] = default
    targets = ((str(value), _target(document, target)) for value, target in mapping.items())
    return {value: target for value, target in targets if target is not None}


def _target(document: Document, target: Any) -> str | None:
    """The pointer of a component that a mapping names by its name or by a reference."""
    by_name = below("/components/schemas", target)
    return by_name if document.find(by_name) is not None else document.target(target)


def values(document: ComparedDocument, schema: Schema) -> dict[str, str]:
    """The component of each value of a schema's discriminator. The default value is the name of the component."""
    mapped = mapped_targets(document, schema.get("discriminator"))
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
