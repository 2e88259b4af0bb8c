"""Determines what an operation sends and returns: JSON, the parts of a form, text or bytes."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from scripts.openapi.contract import FORM, JSON, ContractOperation

from .build_models import build_field
from .properties import Property
from .python_types import PythonType, UnsupportedError, union
from .records import Field, Model, or_unset
from .schema_types import SchemaTypes

FILE = "FileContent"
"""The type of a file that callers upload, in the runtime."""
_FILE_ADVICE = "Bytes, a path, a file that is opened in binary mode, or a pair of a file name and one of these."


@frozen
class Body:
    """The body of a request."""

    media_type: str = ""
    """The media type; empty if the operation takes no body."""
    model: Model | None = None
    """The model whose fields are keywords of the method."""
    arguments: tuple[Field, ...] = ()
    """The argument `body`, or the parts of a form."""
    required: bool = True


@frozen
class Result:
    """The result of an operation."""

    annotation: str = "None"
    reader: str = "read_nothing"
    """The function that reads the JSON document, the text or the bytes."""
    media_type: str = ""
    """The media type; empty if a success has no body."""
    model: Model | None = None
    """The model, if the result is one object."""
    names: frozenset[str] = frozenset()
    """The models that the annotation refers to."""

    @property
    def is_file(self) -> bool:
        """Whether the result is text or bytes."""
        return self.media_type not in ("", JSON)


def build_body(operation: ContractOperation, types: SchemaTypes, models: Mapping[str, Model]) -> Body:
    """The body of an operation's request."""
    written = operation.request_body
    if not written:
        return Body()
    required = written.get("required") is True
    if operation.form:
        parts = types.classes.get(operation.form, {})
        return Body(FORM, arguments=tuple(_part(key, each, types) for key, each in parts.items()), required=required)
    kind = types.of(operation.request_schema)
    if required and kind.model and not kind.many and not kind.nullable:
        return Body(JSON, models[kind.model])
    described = {**operation.contract.resolve(operation.request_schema), **written}
    field = build_field("", described, kind, "body", required, True, "json")
    if kind.nullable and not required:
        field = evolve(field, annotation=or_unset(field.annotation), omittable=True)
    return Body(JSON, arguments=(evolve(field, constant="", default=None),), required=required)


def _part(key: str, written: Property, types: SchemaTypes) -> Field:
    """A part of a form, as a keyword."""
    schema = types.contract.resolve(written.schema)
    items = types.contract.resolve(schema.get("items", {}))
    is_file = is_binary(schema) or is_binary(items)
    if is_file:
        annotation = FILE if is_binary(schema) else f"Sequence[{FILE}]"
        kind = inner = PythonType((annotation,), (annotation,))
    else:
        kind = types.of(written.schema)
        inner = types.of(items) if kind.kinds == {"list"} else kind
        if inner.kinds == {"list"}:
            raise UnsupportedError(f"{key}: a part of a form cannot be a list of lists; use one list")
    place = "files" if is_file else "texts" if inner.kinds <= {"scalar"} else "documents"
    name = types.python_name(key, written.written)
    field = build_field(key, written.written, kind, name, written.required, True, place)
    return evolve(field, description=f"{field.description} {_FILE_ADVICE}") if is_file else field


def is_binary(schema: Mapping[str, Any]) -> bool:
    """Whether a part of a form is a file."""
    return schema.get("format") == "binary" or schema.get("contentMediaType") == "application/octet-stream"


def build_result(operation: ContractOperation, types: SchemaTypes, models: Mapping[str, Model]) -> Result:
    """The result of an operation."""
    media_type = next(iter(operation.success[1].get("content", {})), "")
    if not media_type:
        return Result()
    if media_type != JSON:
        return Result("str" if media_type.startswith("text/") else "bytes", "read_anything", media_type)
    kind = types.of(operation.response_schema)
    model = models[kind.model] if kind.model and not kind.many and not kind.nullable else None
    reader = kind.reader or ("read_anything" if kind.nullable else "read_value")
    return Result(union(kind.read), reader, JSON, model, kind.names)
