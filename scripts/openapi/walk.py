"""The one walk through a document. It knows which keys hold names that people choose, and which hold data."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .pointers import below

# Below these keys stand objects under names that people choose. Such a name has no meaning of its own.
_NAMED = {"callbacks", "content", "dependentSchemas", "encoding", "examples", "headers", "links", "parameters"}
_NAMED |= {"pathItems", "patternProperties", "properties", "requestBodies", "responses", "schemas"}
_NAMED |= {"securitySchemes", "webhooks", "$defs", "definitions"}
# Below these keys stands data, which holds no objects of OpenAPI.
_DATA = {"const", "default", "dependentRequired", "enum", "example", "mapping", "scopes", "security", "value"}
_DATA |= {"variables"}


class Node(NamedTuple):
    """An object of a document."""

    pointer: str
    value: Mapping[str, Any]
    has_names: bool
    """Whether its keys are names that people choose, as those of `properties` are."""


def walk(node: Any, pointer: str = "", *, has_names: bool = False) -> Iterator[Node]:
    """Yield every object at and below `node`, parents first; skip data and the content of extensions.

    Args:
        node: An object or array of the document.
        pointer: The JSON pointer of `node`.
        has_names: Whether the keys of `node` are names that people choose.
    """
    if isinstance(node, Mapping):
        yield Node(pointer, node, has_names)
        for key, value in node.items():
            if has_names or not (key in _DATA or is_extension(key)):
                yield from walk(value, below(pointer, key), has_names=not has_names and key in _NAMED)
    elif isinstance(node, list) and not pointer.endswith("/examples"):
        for index, value in enumerate(node):
            yield from walk(value, below(pointer, index))


def is_extension(key: Any) -> bool:
    """Whether a key is an extension, or was probably meant to be one."""
    return str(key).lower().startswith(("x-", "x_"))
