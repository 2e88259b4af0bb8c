"""An OpenAPI document as the diff sees it: what it says, where, and in the one spelling that can be compared."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import define, field

from scripts.openapi.document import Document as OpenAPIDocument
from scripts.openapi.loading import Loaded
from scripts.openapi.operations import operations
from scripts.openapi.pointers import below

from .normalize import fold
from .schema import Schema


class DocumentError(Exception):
    """Something is not a document that can be compared; the message says what, where and how to go on."""


@define(slots=False)
class Document(OpenAPIDocument):
    """One side of a comparison."""

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
    def text_as_read(self) -> str:
        """The file itself."""
        return self.loaded.content.decode("utf-8", "replace")

    @property
    def unfit(self) -> str | None:
        """Why no package is made of it, where that shows at once: to validate a huge document takes minutes."""
        found = list(operations(self))
        for operation in found:
            if "x-retry" not in operation.node:
                place = f"{operation.method.upper()} {operation.path} (line {self.line(operation.pointer)})"
                return f"no package is made of {self.name}, whose {place} has no x-retry"
        return None if found else f"{self.name} has no operations"

    @property
    def is_30(self) -> bool:
        """Whether it is of version 3.0, which reads some words differently."""
        return str(self.data["openapi"]).startswith("3.0")

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
