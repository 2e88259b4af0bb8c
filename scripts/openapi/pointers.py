"""JSON pointers (RFC 6901), which identify the nodes of a document."""

from collections.abc import Mapping
from typing import Any


def below(pointer: str, *keys: object) -> str:
    """Return the pointer of a node below a pointer."""
    return pointer + "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def keys(pointer: str) -> list[str]:
    """Split a pointer into its unescaped keys and indices."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def last(pointer: str) -> str:
    """Return the last key of a pointer, such as the name of a component; empty for the document itself."""
    return keys(pointer)[-1] if pointer else ""


def find(node: Any, pointer: str) -> Any:
    """Return the node at a pointer below `node`, or None if there is no such node."""
    for key in keys(pointer):
        if isinstance(node, list) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, Mapping) and key in node:
            node = node[key]
        else:
            return None
    return node
