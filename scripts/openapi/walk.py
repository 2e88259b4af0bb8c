"""Walks through a document, and distinguishes keywords, names that authors choose, and data."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .pointers import below

# The keys of these objects are names that authors choose. For example, a property may have the name `example`.
NAMED = {"callbacks", "content", "dependentSchemas", "encoding", "examples", "headers", "links", "parameters"}
NAMED |= {"pathItems", "patternProperties", "properties", "requestBodies", "responses", "schemas"}
NAMED |= {"securitySchemes", "webhooks", "$defs", "definitions"}
# The values of these keys are data, without objects of OpenAPI.
DATA = {"const", "default", "dependentRequired", "enum", "example", "mapping", "scopes", "security", "value"}
DATA |= {"variables"}


class Node(NamedTuple):
    """An object of a document."""

    pointer: str
    value: Mapping[str, Any]
    has_names: bool
    """Whether the keys of the object are names that authors choose, such as the keys of `properties`."""


def walk(node: Any, pointer: str = "", *, has_names: bool = False) -> Iterator[Node]:
    """Yield `node` and every object below it, parents first. Data and extensions are skipped.

    Args:
        node: An object or array of the document.
        pointer: The JSON pointer of `node`.
        has_names: Whether the keys of `node` are names that authors choose.
    """
    if isinstance(node, Mapping):
        yield Node(pointer, node, has_names)
        for key, value in node.items():
            if has_names or not (key in DATA or is_extension(key)):
                yield from walk(value, below(pointer, key), has_names=not has_names and key in NAMED)
    elif isinstance(node, list) and not pointer.endswith("/examples"):
        for index, value in enumerate(node):
            yield from walk(value, below(pointer, index))


def is_extension(key: Any) -> bool:
    """Whether a key is an extension or a misspelt extension, such as `X-Retry` or `x_retry`."""
    return str(key).lower().startswith(("x-", "x_"))
