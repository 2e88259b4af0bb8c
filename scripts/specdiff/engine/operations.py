"""Operations, parameters and messages as rules see them, with the defaults of OpenAPI filled in."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

from scripts.openapi.document import METHODS, as_list, as_map
from scripts.openapi.operations import operations as openapi_operations
from scripts.openapi.pointers import below

from .document import Document
from .merging import expanded
from .schema import Schema

LEVELS = ("draft", "alpha", "beta", "stable")
"""Levels of x-stability-level, the least stable first; none given is the last."""


@frozen
class Operation:
    """An operation, or one that callers answer: a webhook, or part of a callback."""

    name: str
    """What findings call it: its operationId, or method and path."""
    method: str
    path: str
    pointer: str
    node: Mapping[str, Any] = field(repr=False)
    item: Mapping[str, Any] = field(repr=False)
    """The path item that holds it, for the parameters and servers that it shares."""
    item_pointer: str

    @property
    def id(self) -> Any:
        return self.node.get("operationId")

    @property
    def tags(self) -> list[str]:
        return [str(tag) for tag in as_list(self.node.get("tags"))]

    @property
    def is_deprecated(self) -> bool:
        return self.node.get("deprecated") is True

    @property
    def stability(self) -> str:
        return str(self.node.get("x-stability-level", LEVELS[-1]))

    @property
    def is_unstable(self) -> bool:
        """Whether it promises nothing yet."""
        return self.stability in LEVELS[:2]

    @property
    def shape(self) -> tuple[str, str]:
        """What it is found by on the other side: method and path, whatever the parameters in the path are called."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)


@frozen
class Parameter:
    """A parameter of an operation, or a header of a response."""

    name: str
    place: str
    """path, query, header or cookie."""
    required: bool
    node: Mapping[str, Any] = field(repr=False)
    pointer: str
    document: Document = field(repr=False)

    @property
    def words(self) -> str:
        return f"{self.place} parameter"

    @property
    def style(self) -> str:
        usual = "form" if self.place in ("query", "cookie") else "simple"
        return str(self.node.get("style", usual))

    @property
    def explode(self) -> bool:
        return self.node.get("explode", self.style == "form") is True

    @property
    def written(self) -> tuple[Any, str] | None:
        """Its schema as written, and where; None if it has none, or has content instead."""
        if "schema" not in self.node:
            return None
        return self.node["schema"], f"{self.pointer}/schema"

    @property
    def schema(self) -> Schema:
        """Its schema, with what it refers to; one that admits anything if it has none."""
        written = self.written
        schema = self.document.schema(*written) if written else Schema(self.pointer)
        return expanded(self.document, schema)


@frozen
class Message:
    """A request body, a response, or what one media type of it holds."""

    name: str
    """Nothing for a body; a status code, or a media type."""
    node: Mapping[str, Any] = field(repr=False)
    pointer: str

    @property
    def required(self) -> bool:
        return self.node.get("required") is True

    @property
    def is_success(self) -> bool:
        return self.name.startswith("2")


def operations(document: Document) -> Iterator[Operation]:
    """The operations that callers call."""
    for found in openapi_operations(document):
        yield Operation(
            found.label, found.method, found.path, found.pointer, found.node, found.item, found.item_pointer
        )


def webhooks(document: Document) -> Iterator[tuple[tuple[str, str], Operation]]:
    """The webhooks that callers answer: by name and method."""
    for name, written in document.part("webhooks").items():
        item, pointer = document.resolve(written, below("/webhooks", name))
        for method in METHODS:
            if method in item:
                label = f"webhook {name}" if method == "post" else f"webhook {name} {method}"
                node = as_map(item[method])
                yield (name, method), Operation(label, method, name, below(pointer, method), node, item, pointer)


def callbacks(document: Document, operation: Operation, name: str) -> Iterator[tuple[tuple[str, str, str], Operation]]:
    """The callbacks of an operation, which callers answer: by name, address and method."""
    for callback, written in as_map(operation.node.get("callbacks")).items():
        node, pointer = document.resolve(written, below(operation.pointer, "callbacks", callback))
        for address, inner in node.items():
            item, at = document.resolve(inner, below(pointer, address))
            for method in METHODS:
                if method in item:
                    label = f"{name} callback {callback}"
                    yield (
                        (callback, address, method),
                        Operation(label, method, address, below(at, method), as_map(item[method]), item, at),
                    )


def parameters(document: Document, operation: Operation) -> list[Parameter]:
    """The parameters of an operation; its own win over those of its path."""
    found: dict[tuple[str, str], Parameter] = {}
    for holder, pointer in ((operation.node, operation.pointer), (operation.item, operation.item_pointer)):
        for index, written in enumerate(as_list(holder.get("parameters"))):
            node, at = document.resolve(written, f"{pointer}/parameters/{index}")
            place, name = str(node.get("in")), str(node.get("name"))
            key = name.lower() if place == "header" else name
            # https://spec.openapis.org/oas/v3.1.1.html#parameter-object says that these three are ignored.
            if place == "header" and key in ("accept", "content-type", "authorization"):
                continue
            required = node.get("required") is True or place == "path"
            found.setdefault((place, key), Parameter(name, place, required, node, at, document))
    return list(found.values())


def headers(document: Document, response: Mapping[str, Any], pointer: str) -> dict[str, Parameter]:
    """The headers of a response by their names in lower case."""
    found = {}
    for name, written in as_map(response.get("headers")).items():
        node, at = document.resolve(written, below(pointer, "headers", name))
        if name.lower() != "content-type":
            found[name.lower()] = Parameter(name, "header", node.get("required") is True, node, at, document)
    return found
