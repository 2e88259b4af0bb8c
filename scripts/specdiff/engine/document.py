"""The documents of a comparison."""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import define, field

from scripts.openapi.document import Document, as_list, as_map
from scripts.openapi.loading import Loaded
from scripts.openapi.pointers import below
from scripts.openapi.walk import walk

from .identifiers import reference_texts, rewrite_identifiers
from .normalize import Normalizer
from .schema import Schema

_VERSIONS = re.compile(r"3\.[012]($|[.-])")


class DocumentError(Exception):
    """A document that cannot be compared; the message names the document, the reason and the remedy."""


@define(slots=False)
class ComparedDocument(Document):
    """An OpenAPI document with normalized schemas."""

    _normalizer: Normalizer = field(init=False, repr=False)
    exclusions: Any = field(default=None, init=False, repr=False)
    """The proofs about alternatives that exclude each other, which several rules need."""
    _shared: "tuple[ComparedDocument, frozenset[str]] | None" = field(init=False, repr=False, eq=False, default=None)

    def __attrs_post_init__(self) -> None:
        rewrite_identifiers(self)
        self._normalizer = Normalizer(self)

    @classmethod
    def of(cls, loaded: Loaded, path: Path | None = None) -> "ComparedDocument":
        """Create the document from a loaded file, which must be OpenAPI 3.0, 3.1 or 3.2.

        Raises:
            DocumentError: The document is not an OpenAPI document of version 3.0, 3.1 or 3.2.
        """
        data, name = loaded.document, loaded.name
        if isinstance(data, Mapping) and "swagger" in data:
            raise DocumentError(f"{name}:1:1: this is Swagger {data['swagger']}; convert it to OpenAPI 3 first")
        version = data.get("openapi") if isinstance(data, Mapping) else None
        if not isinstance(version, str) or not _VERSIONS.match(version):
            reason = "its key `openapi` is missing" if version is None else f"`openapi` is {version!r}"
            raise DocumentError(f"{name}:1:1: not an OpenAPI document of version 3.0, 3.1 or 3.2: {reason}")
        if not isinstance(data.get("paths", {}), Mapping):
            line, column = loaded.place("/paths")
            raise DocumentError(f"{name}:{line}:{column}: `paths` must be an object")
        return cls(loaded, path)

    def unread_reference(self, node: Any) -> str | None:
        """The `$ref` of a part, if the reference cannot be followed; otherwise None."""
        reference = as_map(node).get("$ref")
        return reference if isinstance(reference, str) and self.target(reference) is None else None

    @property
    def other_contents(self) -> dict[str, bytes]:
        """The contents of the other files to which the document refers, by name."""
        return {name: file.content for name, file in self.loaded.files.items()}

    def schema(self, node: Any, pointer: str) -> Schema:
        """The normalized schema of `node`, which is at `pointer`."""
        return self._normalizer.schema(node, pointer)

    def component(self, pointer: str) -> Schema:
        """The normalized schema of a component."""
        return self.schema(self.find(pointer), pointer)

    @cached_property
    def component_schemas(self) -> frozenset[str]:
        """The pointers of the component schemas."""
        return frozenset(below("/components/schemas", name) for name in self.part("components", "schemas"))

    def shared_schemas(self, other: "ComparedDocument") -> frozenset[str]:
        """The pointers of the component schemas that another document has, too."""
        if self._shared is None or self._shared[0] is not other:
            self._shared = other, self.component_schemas & other.component_schemas
        return self._shared[1]

    @cached_property
    def references(self) -> tuple[set[str], set[str]]:
        """All references of the document as written, and those in its extensions."""
        return reference_texts(self)

    @property
    def extension_targets(self) -> set[str]:
        """The pointers of all components to which the extensions of the document refer."""
        return {target for target in map(self.target, self.references[1]) if target is not None}

    @cached_property
    def has_xml(self) -> bool:
        """Whether a message of the document may be XML."""
        nodes = (node.value.get("content") for node in walk(self.data) if not node.has_names)
        return any(name.endswith(("xml", "*")) for content in nodes for name in map(str, as_map(content)))

    @cached_property
    def extending(self) -> Mapping[str, list[str]]:
        """The pointers of the components that extend each component by `allOf`."""
        found: dict[str, list[str]] = {}
        for name, node in self.part("components", "schemas").items():
            for member in as_list(as_map(node).get("allOf")):
                target = self.target(as_map(member).get("$ref"))
                if target is not None:
                    found.setdefault(target, []).append(below("/components/schemas", name))
        return found
