"""Properties of operations, parameters and messages that only the comparison needs."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from scripts.openapi.operations import Operation, Parameter

from .document import ComparedDocument
from .merging import resolve_ref
from .schema import Schema

STABILITY_LEVELS = ("draft", "alpha", "beta", "stable")
"""The values of x-stability-level, the least stable first; the last one is the default."""


def stability(node: Mapping[str, Any]) -> str:
    """The stability level of an operation or property."""
    return str(node.get("x-stability-level", STABILITY_LEVELS[-1]))


def is_unstable(operation: Operation) -> bool:
    """Whether the stability level of an operation allows breaking changes."""
    return stability(operation.node) in STABILITY_LEVELS[:2]


def parameter_schema(document: ComparedDocument, parameter: Parameter) -> Schema:
    """The resolved schema of a parameter, or an empty schema if the parameter has no schema."""
    written = parameter.written_schema
    return resolve_ref(document, document.schema(*written)) if written else Schema(parameter.pointer)


@frozen
class Message:
    """A request body or a response, or one of their media types."""

    name: str
    """The status code of a response or the name of a media type; empty for a request body."""
    node: Mapping[str, Any] = field(repr=False)
    pointer: str

    @property
    def required(self) -> bool:
        return self.node.get("required") is True

    @property
    def is_success(self) -> bool:
        return self.name.startswith("2")
