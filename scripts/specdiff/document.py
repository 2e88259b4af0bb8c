"""An OpenAPI document as the diff sees it: what it says, where, and in the one spelling that can be compared."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from attrs import define, field

from scripts.codegen.contract import METHODS
from scripts.codegen.loading import Loaded
from scripts.codegen.pointers import below, keys

from .folding import fold
from .schema import Schema


class DocumentError(Exception):
    """Something is not a document that can be compared; the message says what, where and how to go on."""


def as_map(value: Any) -> Mapping[str, Any]:
    """`value` if it is an object, otherwise an empty one: what is malformed is nothing that callers rely on."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: Any) -> list[Any]:
    """`value` if it is an array, otherwise an empty one."""
    return value if isinstance(value, list) else []


@define(slots=False)
class Document:
    """One side of a comparison."""

    loaded: Loaded = field(repr=False)
    path: Path | None = None
    """The file that it was read from, if it was one."""
    _schemas: dict[str, Schema] = field(factory=dict, repr=False)
    _texts: dict[str, str] = field(factory=dict, repr=False)

    @classmethod
    def of(cls, loaded: Loaded, path: Path | None = None) -> "Document":
        """Judge whether a document is OpenAPI 3.0 or 3.1; raises DocumentError where it is not."""
        data, name = loaded.document, loaded.name
        if isinstance(data, Mapping) and "swagger" in data:
            raise DocumentError(f"{name}:1:1: this is Swagger {data['swagger']}; convert it to OpenAPI 3 first")
        version = data.get("openapi") if isinstance(data, Mapping) else None
        if not isinstance(version, str) or not version.startswith(("3.0", "3.1")):
            said = "its key `openapi` is missing" if version is None else f"`openapi` is {version!r}"
            raise DocumentError(f"{name}:1:1: not an OpenAPI document of version 3.0 or 3.1: {said}")
        if not isinstance(data.get("paths", {}), Mapping):
            line, column = loaded.place("/paths")
            raise DocumentError(f"{name}:{line}:{column}: `paths` must be an object")
        return cls(loaded, path)

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.loaded.name

    @property
    def data(self) -> Mapping[str, Any]:
        data: Mapping[str, Any] = self.loaded.document
        return data

    @property
    def text_as_read(self) -> str:
        """The file itself."""
        return self.loaded.content.decode("utf-8", "replace")

    @property
    def unfit(self) -> str | None:
        """Why no package is made of it, where that shows at once: to validate a huge document takes minutes."""
        for path, method, pointer, item in self.operations():
            if "x-retry" not in item[method]:
                place = f"{method.upper()} {path} (line {self.line(pointer)})"
                return f"no package is made of {self.name}, whose {place} has no x-retry"
        return None if any(self.operations()) else f"{self.name} has no operations"

    @property
    def is_30(self) -> bool:
        """Whether it is of version 3.0, which reads some words differently."""
        return str(self.data["openapi"]).startswith("3.0")

    def line(self, pointer: str) -> int:
        """The line, from 1, of what a pointer names, or of the nearest thing that holds it."""
        return self.loaded.place(pointer)[0]

    def find(self, pointer: str) -> Any:
        """What a pointer names; None where there is nothing."""
        node: Any = self.data
        for key in keys(pointer):
            if isinstance(node, list) and key.isdigit() and int(key) < len(node):
                node = node[int(key)]
            elif isinstance(node, Mapping) and key in node:
                node = node[key]
            else:
                return None
        return node

    def target(self, reference: Any) -> str | None:
        """The pointer that a `$ref` stands for; None where it leads out of the document or nowhere."""
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return None
        pointer = reference[1:]
        if "%" in pointer:
            pointer = unquote(pointer)
        return pointer if self.find(pointer) is not None else None

    def resolve(self, node: Any, pointer: str) -> tuple[Mapping[str, Any], str]:
        """An object and where it stands, its `$ref` followed, or nothing where that leads nowhere."""
        for _ in range(50):
            target = self.target(as_map(node).get("$ref"))
            if target is None:
                break
            node, pointer = self.find(target), target
        return as_map(node), pointer

    def schema(self, node: Any, pointer: str) -> Schema:
        """The schema that stands at `pointer`, in its one spelling."""
        known = self._schemas.get(pointer)
        if known is None:
            known = self._schemas[pointer] = fold(self, node, pointer)
        return known

    def component(self, pointer: str) -> Schema:
        """The schema that a reference leads to."""
        return self.schema(self.find(pointer), pointer)

    def text(self, pointer: str) -> str:
        """A component as JSON with sorted keys, to be compared."""
        if pointer not in self._texts:
            self._texts[pointer] = spelled(self.find(pointer))
        return self._texts[pointer]

    @cached_property
    def names(self) -> frozenset[str]:
        """The pointers of all component schemas."""
        return frozenset(below("/components/schemas", name) for name in self.part("components", "schemas"))

    def part(self, *path: str) -> Mapping[str, Any]:
        """An object of the document, empty where it is missing."""
        node: Any = self.data
        for name in path:
            node = as_map(node).get(name)
        return as_map(node)

    def operations(self) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
        """Path, method, pointer and path item of every operation."""
        for path in self.part("paths"):
            item, pointer = self.resolve(self.part("paths")[path], below("/paths", path))
            for method in METHODS:
                if isinstance(item.get(method), Mapping):
                    yield str(path), method, below(pointer, method), item


def spelled(node: Any) -> str:
    """A value as JSON, in which true and 1 differ, and neither the order of keys nor 1.0 instead of 1 counts."""
    text = json.dumps(node, sort_keys=True, default=str)
    return json.dumps(_whole(node), sort_keys=True, default=str) if ".0" in text or "e+" in text else text


def _whole(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _whole(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_whole(value) for value in node]
    return int(node) if isinstance(node, float) and node.is_integer() else node
