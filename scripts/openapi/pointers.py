"""JSON pointers (RFC 6901), which identify the nodes of a document."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

FILES = "$files"
"""The key below which a document has the other files that its references name."""


def below(pointer: str, *keys: object) -> str:
    """Return the pointer of a node below a pointer."""
    for key in keys:
        text = str(key)
        if "~" in text or "/" in text:
            text = text.replace("~", "~0").replace("/", "~1")
        pointer = f"{pointer}/{text}"
    return pointer


def keys(pointer: str) -> list[str]:
    """Split a pointer into its unescaped keys and indices."""
    parts = pointer.split("/")[1:]
    return [part.replace("~1", "/").replace("~0", "~") for part in parts] if "~" in pointer else parts


def last(pointer: str) -> str:
    """Return the last key of a pointer, such as the name of a component; empty for the document itself.

    The name of another file, whose content is a component, lacks its folder and its suffix.
    """
    found = keys(pointer)[-1] if pointer else ""
    return PurePosixPath(found).stem if pointer.startswith(f"/{FILES}/") and pointer.count("/") == 2 else found


def find(node: Any, pointer: str) -> Any:
    """Return the node at a pointer below `node`, or None if there is no such node."""
    for key in keys(pointer):
        # The check for a dict is much faster than the check for a mapping.
        if isinstance(node, (dict, Mapping)) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        else:
            return None
    return node


def within_file(pointer: str) -> str:
    """Return the pointer of a node in its own file, which may be another file that the document refers to."""
    return below("", *keys(pointer)[2:]) if pointer.startswith(f"/{FILES}/") else pointer
