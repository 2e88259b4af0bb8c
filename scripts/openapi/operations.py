"""The operations, parameters and headers of a document, with OpenAPI's defaults."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, field, frozen

from .document import METHODS, Document, as_list, as_map
from .pointers import below


@frozen
class Operation:
    """An operation of the API, of a webhook or of a callback."""

    document: Document = field(repr=False, eq=False)
    label: str
    """The name of the operation in messages: its operationId, or method and path."""
    method: str
    """The HTTP method in lower case."""
    path: str
    """The path template, without the path of the server."""
    pointer: str
    node: Mapping[str, Any] = field(repr=False)
    """The operation object as written, with unresolved references."""
    item: Mapping[str, Any] = field(repr=False)
    """The path item, with the parameters and servers of all its operations."""
    item_pointer: str
    other_items: tuple[tuple[Mapping[str, Any], str], ...] = field(default=(), repr=False)
    """The path items that apply, too, if the path item is a reference with other fields; each with its pointer."""

    @property
    def id(self) -> Any:
        """The operationId, or None."""
        return self.node.get("operationId")

    @property
    def tags(self) -> list[str]:
        return [str(tag) for tag in as_list(self.node.get("tags"))]

    @property
    def is_deprecated(self) -> bool:
        return self.node.get("deprecated") is True

    @property
    def shape(self) -> tuple[str, str]:
        """The method, and the path without the names of its parameters. Renaming a parameter does not change it."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)

    @property
    def parameters(self) -> list["Parameter"]:
        """The resolved parameters. Parameters of the operation override parameters of its path item."""
        found: dict[tuple[str, str], Parameter] = {}
        for holder, pointer in ((self.node, self.pointer), (self.item, self.item_pointer), *self.other_items):
            for index, written in enumerate(as_list(holder.get("parameters"))):
                node, at = self.document.resolve(written, f"{pointer}/parameters/{index}")
                parameter = Parameter.of(node, at)
                # OpenAPI ignores these three, https://spec.openapis.org/oas/v3.1.1.html#parameter-object
                if parameter.key not in {("header", name) for name in ("accept", "content-type", "authorization")}:
                    found.setdefault(parameter.key, parameter)
        return list(found.values())

    def callbacks(self, label: str) -> Iterator[tuple[tuple[str, str, str], "Operation"]]:
        """Yield the operations of callbacks, by callback, URL and method. Their labels start with `label`."""
        for callback, written in as_map(self.node.get("callbacks")).items():
            node, pointer = self.document.resolve(written, below(self.pointer, "callbacks", callback))
            for address, inner in node.items():
                for method, operation in _operations(self.document, str(address), inner, below(pointer, address)):
                    yield (callback, address, method), evolve(operation, label=f"{label} callback {callback}")


@frozen
class Parameter:
    """A parameter of an operation, or a header of a response."""

    name: str
    location: str
    """path, query, header or cookie."""
    required: bool
    node: Mapping[str, Any] = field(repr=False)
    """The resolved parameter object."""
    pointer: str

    @classmethod
    def of(cls, node: Mapping[str, Any], pointer: str) -> "Parameter":
        """Create a parameter from a resolved parameter object."""
        location = str(node.get("in"))
        return cls(str(node.get("name")), location, node.get("required") is True or location == "path", node, pointer)

    @property
    def key(self) -> tuple[str, str]:
        """The location and the name. Names of headers are in lower case."""
        return self.location, self.name.lower() if self.location == "header" else self.name

    @property
    def style(self) -> str:
        default = "form" if self.location in ("query", "cookie") else "simple"
        return str(self.node.get("style", default))

    @property
    def explode(self) -> bool:
        return self.node.get("explode", self.style == "form") is True

    @property
    def written_schema(self) -> tuple[Any, str] | None:
        """The schema as written and its pointer, or None if the parameter has `content` or no schema."""
        return (self.node["schema"], f"{self.pointer}/schema") if "schema" in self.node else None


def operations(document: Document) -> Iterator[Operation]:
    """The operations below `paths`, in document order."""
    for path, written in document.part("paths").items():
        if not str(path).startswith("x-"):
            for _, operation in _operations(document, str(path), written, below("/paths", path)):
                yield operation


def webhooks(document: Document) -> Iterator[tuple[tuple[str, str], Operation]]:
    """The operations below `webhooks` by name and method, and those below the older extension `x-webhooks`."""
    for keyword in ("webhooks", "x-webhooks"):
        for name, written in document.part(keyword).items():
            for method, operation in _operations(document, str(name), written, below(f"/{keyword}", name)):
                label = f"webhook {name}" if method == "post" else f"webhook {name} {method}"
                yield (name, method), evolve(operation, label=label)


def path_items(document: Document, written: Any, pointer: str) -> list[tuple[Mapping[str, Any], str]]:
    """The path item at a pointer, and the path items to which it refers; the fields of the first ones win."""
    items = [(as_map(written), pointer)]
    while (target := document.target(items[-1][0].get("$ref"))) and target not in (at for _, at in items):
        items.append((as_map(document.find(target)), target))
    return items


def headers(document: Document, response: Mapping[str, Any], pointer: str) -> dict[str, Parameter]:
    """The headers of a response, by name in lower case."""
    found = {}
    for name, written in as_map(response.get("headers")).items():
        node, at = document.resolve(written, below(pointer, "headers", name))
        if name.lower() != "content-type":
            found[name.lower()] = Parameter(name, "header", node.get("required") is True, node, at)
    return found


def _operations(document: Document, path: str, written: Any, pointer: str) -> Iterator[tuple[str, Operation]]:
    """The operations of a path item by method. Methods that only `additionalOperations` has are written as there."""
    items = path_items(document, written, pointer)
    seen: set[str] = set()
    for position, (item, at) in enumerate(items):
        others = tuple(items[:position] + items[position + 1 :])
        for method, node, place in _methods(document, item, at):
            if method not in seen:
                seen.add(method)
                label = str(node.get("operationId") or f"{method.upper()} {path}")
                yield method, Operation(document, label, method, path, place, node, item, at, others)


def _methods(document: Document, item: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    for method, node in item.items():
        if (method in METHODS or (method == "query" and document.is_32)) and isinstance(node, Mapping):
            yield method, node, below(pointer, method)
    if document.is_32:
        for method, node in as_map(item.get("additionalOperations")).items():
            if isinstance(node, Mapping):
                yield str(method), node, below(pointer, "additionalOperations", method)
