"""An OpenAPI document, with access by JSON pointer and through `$ref`."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from attrs import define, field

from .loading import Loaded
from .pointers import find

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The HTTP methods that a path item can have, in OpenAPI's order."""
# A longer chain of references counts as a cycle.
_LONGEST_CHAIN = 50


def as_map(value: Any) -> Mapping[str, Any]:
    """`value` if it is an object, otherwise an empty object. A malformed part therefore counts as absent."""
    # The check for a dict is much faster than the check for a mapping, and documents are read as dicts.
    return value if isinstance(value, (dict, Mapping)) else {}


def as_list(value: Any) -> list[Any]:
    """`value` if it is an array, otherwise an empty array."""
    return value if isinstance(value, list) else []


@define(slots=False)
class Document:
    """A document that may be malformed. Missing and malformed parts count as empty."""

    loaded: Loaded = field(repr=False)
    path: Path | None = None
    """The file of the document, or None if the document does not come from a file."""

    @property
    def name(self) -> str:
        """The document's name in messages."""
        return self.loaded.name

    @property
    def data(self) -> Mapping[str, Any]:
        data: Mapping[str, Any] = self.loaded.document
        return data

    @cached_property
    def is_30(self) -> bool:
        """Whether the version is OpenAPI 3.0, which ignores keywords beside `$ref`."""
        return str(self.data.get("openapi")).startswith("3.0")

    @cached_property
    def is_32(self) -> bool:
        """Whether the version is OpenAPI 3.2, which has the method `query` and `additionalOperations`."""
        return str(self.data.get("openapi")).startswith("3.2")

    @property
    def unread(self) -> Mapping[str, str]:
        """The references that were not followed, as written, with the reasons."""
        return self.loaded.unread

    def line(self, pointer: str) -> int:
        """The line, counted from 1, of the node at a pointer, or of its nearest existing ancestor."""
        return self.loaded.place(pointer)[0]

    def find(self, pointer: str) -> Any:
        """The node at a pointer, or None if there is no such node."""
        return find(self.data, pointer)

    def target(self, reference: Any) -> str | None:
        """The pointer of the target of a `$ref`, or None if the target is in another file or does not exist."""
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return None
        pointer = reference[1:]
        if "%" in pointer:
            pointer = unquote(pointer)
        return pointer if self.find(pointer) is not None else None

    def resolve(self, node: Any, pointer: str = "") -> tuple[Mapping[str, Any], str]:
        """Follow the chain of references from `node`, which is at `pointer`.

        Returns:
            The last object of the chain and its pointer. The chain ends at a reference that cannot be resolved.
        """
        for _ in range(_LONGEST_CHAIN):
            target = self.target(as_map(node).get("$ref"))
            if target is None:
                break
            node, pointer = self.find(target), target
        return as_map(node), pointer

    def part(self, *path: str) -> Mapping[str, Any]:
        """The object below a path of keys, or an empty object."""
        node: Any = self.data
        for name in path:
            node = as_map(node).get(name)
        return as_map(node)
