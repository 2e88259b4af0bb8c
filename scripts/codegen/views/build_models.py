"""Builds the views of the models from the generator's parsed schemas and the contract."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from scripts.openapi.pointers import below

from .python_types import NameClashError, PythonType, at, union
from .records import Field, Model, deprecation_mark, or_unset
from .schema_types import SchemaTypes


def build_model(parsed: Any, key: str, types: SchemaTypes, *, requested: bool, edited: bool) -> Model:
    """The view of a component with a Python name. `parsed` is the generator's class."""
    schema = types.contract.schemas[key]
    name, module = str(parsed.class_info.name), str(parsed.class_info.module_name)
    description = deprecation_mark(schema.get("deprecated") is True) + str(schema.get("description", ""))
    if key in types.enums:
        lifecycle = {status: tuple(successors) for status, successors in schema.get("x-lifecycle", {}).items()}
        success = tuple(schema.get("x-final-statuses", {}).get("success", ()))
        return Model(key, name, module, description, values=types.enums[key], lifecycle=lifecycle, success=success)
    if key in types.aliases:
        meant = types.alias(key)
        has_reader = types.contains_itself(key) and types.of({"$ref": f"#{below('/components/schemas', key)}"}).reader
        reader = (meant.value_reader or "by_shape(keeps_others=True)") if has_reader else ""
        return Model(key, name, module, description, alias=union(meant.read), reader=reader, names=meant.names)
    fields = tuple(
        build_field(
            key=wire_name,
            written=each.written,
            kind=types.of(each.schema),
            name=types.python_name(wire_name, each.written),
            required=each.required,
            requested=requested,
            edited=edited,
        )
        for wire_name, each in types.classes[key].items()
    )
    _check_names(key, fields)
    names = frozenset().union(*(field.type.names for field in fields))
    return Model(key, name, module, description, fields, requested=requested, edited=edited, names=names)


def with_cycles(model: Model, models: Mapping[str, Model]) -> Model:
    """Add the names whose modules import the module of the model, and whether its annotations are strings."""
    cyclic = frozenset(name for name in model.names if model.name in _reached(name, models))
    aliases = [name for name in model.names if models[name].alias]
    for name in aliases:
        aliases += [other for other in sorted(models[name].names) if models[other].alias and other not in aliases]
    # An alias in a cycle is a string, which has no operator `|`.
    in_strings = any(name in _reached(other, models) for name in aliases for other in models[name].names)
    return evolve(model, cyclic=cyclic, in_strings=bool(cyclic) or in_strings)


def _reached(name: str, models: Mapping[str, Model]) -> list[str]:
    """The models to which a model refers, directly or indirectly, and the model itself."""
    found = [name]
    for each in found:
        found += [other for other in sorted(models[each].names) if other not in found]
    return found


def with_status(model: Model, models: Mapping[str, Model]) -> Model:
    """Add the status field to the model, if the model has a status."""
    statuses = (
        (field.name, models[name])
        for field in model.fields
        for name in field.type.names
        if models[name].lifecycle and field.type.read[0] == name
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


def build_field(
    key: str,
    written: Mapping[str, Any],
    kind: PythonType,
    name: str,
    required: bool,
    requested: bool,
    place: str = "body",
    edited: bool = False,
) -> Field:
    """The view of a property or a parameter. `written` is its object in the contract."""
    constant = kind.constant if (requested or edited) and required else ""
    sends_null = place == "body" and kind.nullable and (requested or edited)
    if place == "body" and kind.nullable and not sends_null:
        required = False
    kind = kind if required else kind.or_none()
    omittable = sends_null and not required
    annotation = union(kind.write if requested else kind.read)
    return Field(
        key=key,
        name=name,
        type=kind,
        annotation=or_unset(annotation) if omittable and requested else annotation,
        required=required,
        description=str(written.get("description", "")),
        place=place,
        default=written.get("schema", written).get("default"),
        constant=constant,
        file=written.get("x-file", {}),
        omittable=omittable,
        sends_null=sends_null,
        edited=edited,
        deprecated=written.get("deprecated") is True,
    )


def _check_names(schema: str, fields: Sequence[Field]) -> None:
    """Refuse two properties with one name in Python."""
    seen: dict[str, str] = {}
    for field in fields:
        other = seen.setdefault(field.name, field.key)
        if other != field.key:
            with at(below("/components/schemas", schema, "properties", field.key)):
                raise NameClashError(f"{field.key} and {other} have the same name in Python; set x-python-name")
