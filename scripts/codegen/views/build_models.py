"""Builds the views of the models from the generator's parsed schemas and the contract."""

from collections.abc import Mapping, Set
from typing import Any

from attrs import evolve
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty, Property
from openapi_python_client.parser.properties.const import ConstProperty

from scripts.openapi.contract import Contract

from .python_types import UnsupportedError, map_value, python_type, union
from .records import Field, Model

# The attributes that all models have.
RESERVED_FIELDS = frozenset({"additional_properties", "from_dict", "from_document", "to_dict"})


def build_model(parsed: Any, key: str, contract: Contract, maps: Set[str], *, requested: bool) -> Model:
    schema = contract.schemas[key]
    name, module = str(parsed.class_info.name), str(parsed.class_info.module_name)
    description = schema.get("description", "")
    if isinstance(parsed, LiteralEnumProperty):
        values = tuple(value for value in schema["enum"] if value is not None)
        lifecycle = {status: tuple(successors) for status, successors in schema.get("x-lifecycle", {}).items()}
        success = tuple(schema.get("x-final-statuses", {}).get("success", ()))
        return Model(key, name, module, description, values=values, lifecycle=lifecycle, success=success)
    assert isinstance(parsed, ModelProperty)
    if name in maps:
        value = map_value(parsed, maps)
        return Model(key, name, module, description, alias=f"dict[str, {union(value.read)}]", names=value.names)
    described = _descriptions(schema, contract)
    properties = [*(parsed.required_properties or ()), *(parsed.optional_properties or ())]
    fields = [
        build_field(prop, described.get(prop.name.get_untrusted_value(), {}), maps, requested) for prop in properties
    ]
    if clash := {field.name for field in fields} & RESERVED_FIELDS:
        raise UnsupportedError(
            f"{name} has the property {min(clash)}, but every model has an attribute with this name; rename it"
        )
    fields.sort(key=lambda field: list(described).index(field.key))
    names = frozenset().union(*(field.type.names for field in fields)) - {name}
    return Model(key, name, module, description, tuple(fields), requested=requested, names=names)


def with_status(model: Model, models: Mapping[str, Model]) -> Model:
    """Add the status field to the model, if the model has a status."""
    statuses = (
        (field.name, models[name]) for field in model.fields for name in field.type.names if models[name].lifecycle
    )
    return evolve(model, status=next(statuses, None))


def with_files(model: Model, models: Mapping[str, Model]) -> Model:
    """Add x-file of its fields to the model."""
    names = {other.schema: other.name for other in models.values()}
    files = {}
    for field in model.fields:
        if field.file:
            upload = field.file.get("upload", {})
            files[field.name] = {
                "upload_path": upload.get("path"),
                "purpose": upload.get("purpose"),
                "content_path": field.file["content"],
                "line": names[field.file["line"]],
                **{key: field.file.get(key) for key in ("max_lines", "max_bytes", "unique")},
                "equal": tuple((key, model.field(other).name) for key, other in field.file.get("equal", {}).items()),
            }
    return evolve(model, files=files)


def _descriptions(schema: Any, contract: Contract) -> dict[str, Any]:
    """The properties of a schema as written, including the properties of its `allOf`."""
    schema = contract.resolve(schema)
    found: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        found |= _descriptions(part, contract)
    for key, value in schema.get("properties", {}).items():
        found[key] = {**contract.resolve(value), **value}
    return found


def build_field(
    prop: Property, written: Mapping[str, Any], maps: Set[str], requested: bool, place: str = "body"
) -> Field:
    kind = python_type(prop, maps)
    required = prop.required and not (place == "body" and kind.nullable)
    if not required:
        kind = kind.or_none()
    return Field(
        key=prop.name.get_untrusted_value(),
        name=str(prop.python_name),
        type=kind,
        annotation=union(kind.write if requested else kind.read),
        required=required,
        description=str(written.get("description", "")),
        place=place,
        default=written.get("schema", written).get("default"),
        file=written.get("x-file", {}),
        constant=prop.value.python_code.as_unembedded_code() if requested and isinstance(prop, ConstProperty) else "",
    )
