"""Rewrites references by `$anchor` and `$id` into references by JSON pointer, the only kind that the engine follows.

JSON Schema resolves a reference against the `$id` of the schema around it,
https://json-schema.org/draft/2020-12/json-schema-core#section-8.2
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from attrs import define, field

from scripts.openapi.document import Document
from scripts.openapi.walk import walk

_MARKS = (b"$id", b"$anchor", b"$dynamicAnchor")
# The address of a document that does not state one. It is never fetched.
_DOCUMENT = "document:"


def rewrite_identifiers(document: Document) -> None:
    """Rewrite the references of a document in place, if a schema of the document has an identifier or an anchor."""
    contents = [document.loaded.content, *(file.content for file in getattr(document.loaded, "files", {}).values())]
    if any(mark in content for content in contents for mark in _MARKS) and not document.is_30:
        _Identifiers(document).rewrite()


@define
class _Identifiers:
    document: Document
    _pointers: dict[str, str] = field(factory=dict)
    """The pointers of schemas by their absolute addresses, with the anchor as fragment."""
    _bases: list[tuple[str, str]] = field(factory=list)
    """The pointer and the address of each resource, the document first and inner resources after outer resources."""

    def rewrite(self) -> None:
        nodes = list(walk(self.document.data))
        self._bases.append(("", _DOCUMENT))
        for node in nodes:
            if not node.has_names and isinstance(identifier := node.value.get("$id"), str):
                address = urldefrag(urljoin(self._base(node.pointer), identifier)).url
                self._bases.append((node.pointer, address))
                self._pointers.setdefault(address, node.pointer)
        for node in nodes:
            for keyword in () if node.has_names else ("$anchor", "$dynamicAnchor"):
                if isinstance(anchor := node.value.get(keyword), str):
                    self._pointers.setdefault(f"{self._base(node.pointer)}#{anchor}", node.pointer)
        for node in nodes:
            reference = node.value.get("$ref")
            if isinstance(reference, str) and isinstance(node.value, dict) and not node.has_names:
                target = self._target(reference, node.pointer)
                if target is not None:
                    node.value["$ref"] = f"#{target.replace('%', '%25')}"

    def _base(self, pointer: str) -> str:
        """The address of the innermost resource that contains a pointer."""
        return next(at for root, at in reversed(self._bases) if pointer == root or pointer.startswith(f"{root}/"))

    def _target(self, reference: str, pointer: str) -> str | None:
        base = self._base(pointer)
        if reference.startswith("#/") and base == _DOCUMENT:
            return None
        address, fragment = (
            urldefrag(urljoin(base, reference)) if not reference.startswith("#") else (base, reference[1:])
        )
        if fragment and not fragment.startswith("/"):
            return self._pointers.get(f"{address}#{fragment}")
        root = self._pointers.get(address)
        if root is None:
            return None
        inner = f"{root}{fragment}"
        # Authors also write references from the root of the document inside of a schema with `$id`.
        return inner if self.document.find(inner) is not None else None


def dynamic_targets(document: Document, reference: Any) -> list[str]:
    """The pointers of the schemas to which a `$dynamicRef` can refer: those with the same `$dynamicAnchor`."""
    anchor = str(reference).rpartition("#")[2]
    nodes = (node for node in walk(document.data) if not node.has_names)
    return [node.pointer for node in nodes if node.value.get("$dynamicAnchor") == anchor]


def unread_files(document: Document) -> dict[str, tuple[str, str]]:
    """The first unread reference to each file that a document names by a relative path, and its pointer."""
    found: dict[str, tuple[str, str]] = {}
    if document.loaded.leads_out:
        for node in walk(document.data):
            reference = node.value.get("$ref")
            if isinstance(reference, str) and document.target(reference) is None and not node.has_names:
                path = reference.partition("#")[0]
                if path and not urlsplit(path).scheme and not path.startswith("//"):
                    found.setdefault(path, (reference, node.pointer))
    return found


def dangling_references(old: Document, new: Document, texts: Iterable[str]) -> dict[str, str]:
    """The pointers of references in `new` by reference, if their target exists in `old` only.

    `texts` are all references of `new`.
    """
    gone = any(_names(old, section) - _names(new, section) for section in old.part("components"))
    broken = {one for one in texts if new.target(one) is None and old.target(one)} if gone else set()
    found: dict[str, str] = {}
    for node in walk(new.data) if broken else ():
        if (reference := node.value.get("$ref")) in broken:
            found.setdefault(str(reference), node.pointer)
    return found


def _names(document: Document, section: str) -> set[str]:
    return set(document.part("components", section))


def reference_texts(document: Document) -> tuple[set[str], set[str]]:
    """All references of a document as written, and those in its extensions."""
    everywhere: set[str] = set()
    in_extensions: set[str] = set()
    waiting: list[Any] = [document.data]
    extensions: list[Any] = []
    for nodes, found in ((waiting, everywhere), (extensions, in_extensions)):
        while nodes:
            node = nodes.pop()
            if isinstance(node, list):
                nodes += [value for value in node if isinstance(value, (dict, list))]
                continue
            for key, value in node.items():
                if isinstance(value, (dict, list)):
                    (extensions if key[:2] == "x-" and key != "x-webhooks" else nodes).append(value)
                elif key == "$ref" and isinstance(value, str):
                    found.add(value)
    return everywhere | in_extensions, in_extensions
