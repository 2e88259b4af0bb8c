"""Builds the views from the generator's parsed data and the contract."""

from collections.abc import Iterator, Mapping, Set
from typing import Any

from attrs import evolve
from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty, Property
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.strings import ClassName, PythonIdentifier

from scripts.openapi.contract import Contract, ContractOperation

from .python_types import UnsupportedError, is_map, map_value, python_type, union
from .records import Call, Field, Group, Model, Views, avoid

# Names that the generated functions use, in addition to their arguments and the names of operations.
RESERVED = frozenset(
    (
        *("self", "client", "timeout", "body", "models", "request", "path_segment"),
        *("idempotency_key", "restartable", "settling_time", "max_age", "wait"),
        *("retry_budget", "extra_headers", "extra_body", "options"),
    )
)
# The constants in the module of an operation.
CONSTANTS = frozenset({"OPERATION", "CREATE_ONCE", "PAGINATION"})
# Names that the generated modules of models import.
RESERVED_CLASSES = frozenset(
    {
        "Any",
        "ClassVar",
        "FileSpec",
        "LifecycleSpec",
        "Literal",
        "Mapping",
        "OpenModel",
        "ReadOptions",
        "Self",
        "Sequence",
        "TypeAlias",
    }
)
# The attributes that all models have.
RESERVED_FIELDS = frozenset({"additional_properties", "from_dict", "from_document", "to_dict"})


def build_views(contract: Contract, data: GeneratorData, config: Config) -> Views:
    """Build the views.

    Raises:
        UnsupportedError: The templates do not support a construct of the contract.
    """
    schemas = {ClassName(name, config.field_prefix): name for name in contract.schemas}
    responses = [operation.responses for operation in contract.operations]
    response_schemas = set(contract.schema_names(responses, received=True))
    maps = {str(model.class_info.name) for model in data.models if is_map(model)}
    models: dict[str, Model] = {}
    for parsed in (*data.models, *data.enums):
        name = parsed.class_info.name
        if name not in schemas:
            raise UnsupportedError(f"the schema {name} has no name in the contract; move it to components/schemas")
        if name in RESERVED_CLASSES:
            raise UnsupportedError(f"the package itself uses the name {name}; rename the schema")
        models[name] = _model(parsed, schemas[name], contract, maps, requested=schemas[name] not in response_schemas)
    models = {name: _with_files(_with_status(models[name], models), models) for name in schemas if name in models}
    groups = tuple(_groups(contract, data, config, models, maps))
    return Views(contract, models, groups)


def _model(parsed: Any, key: str, contract: Contract, maps: Set[str], *, requested: bool) -> Model:
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
    fields = [_field(prop, described.get(prop.name.get_untrusted_value(), {}), maps, requested) for prop in properties]
    if clash := {field.name for field in fields} & RESERVED_FIELDS:
        raise UnsupportedError(
            f"{name} has the property {min(clash)}, but every model has an attribute with this name; rename it"
        )
    fields.sort(key=lambda field: list(described).index(field.key))
    names = frozenset().union(*(field.type.names for field in fields)) - {name}
    return Model(key, name, module, description, tuple(fields), requested=requested, names=names)


def _with_status(model: Model, models: Mapping[str, Model]) -> Model:
    """Add the status field to the model, if the model has a status."""
    statuses = (
        (field.name, models[name]) for field in model.fields for name in field.type.names if models[name].lifecycle
    )
    return evolve(model, status=next(statuses, None))


def _with_files(model: Model, models: Mapping[str, Model]) -> Model:
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


def _field(prop: Property, written: Mapping[str, Any], maps: Set[str], requested: bool, place: str = "body") -> Field:
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


def _groups(
    contract: Contract, data: GeneratorData, config: Config, models: Mapping[str, Model], maps: Set[str]
) -> Iterator[Group]:
    tags = {tag["name"]: tag.get("description", "") for tag in contract.document.get("tags", ())}
    names = {one.id: str(PythonIdentifier(one.id, config.field_prefix)) for one in contract.operations}
    reserved = RESERVED.union(names.values())
    endpoints = {
        str(endpoint.name): (str(module), endpoint)
        for module, collection in data.endpoint_collections_by_tag.items()
        for endpoint in collection.endpoints
    }
    for tag in dict.fromkeys(operation.tag for operation in contract.operations):
        calls, module = {}, ""
        for operation in contract.operations:
            if operation.tag == tag:
                module, endpoint = endpoints[names[operation.id]]
                calls[str(endpoint.name)] = _call(operation, endpoint, models, maps, reserved)
        title = f"{ClassName(tag, config.field_prefix)}API"
        yield Group(tag, module, title, tags.get(tag, ""), calls)


def _call(
    operation: ContractOperation,
    endpoint: Endpoint,
    models: Mapping[str, Model],
    maps: Set[str],
    reserved: frozenset[str],
) -> Call:
    written = {parameter["name"]: parameter for parameter in operation.parameters}
    fields = [
        _field(prop, written[prop.name.get_untrusted_value()], maps, True, str(place))
        for place, prop in endpoint.iter_all_parameters()
    ]
    names = {field.name: avoid(field.name, reserved) for field in fields}
    parameters = tuple(evolve(field, name=names[field.name]) for field in fields)
    sent = operation.contract.resolve(operation.document.get("requestBody", {})).get("content", {})
    body, answer = (_named(content, models, operation) for content in (sent, operation.success[1].get("content", {})))
    path = endpoint.path.get_untrusted_value()
    for old, new in names.items():
        path = path.replace(f"{{{old}}}", f"{{{new}}}")
    call = Call(operation, str(endpoint.name), path, parameters, body, answer, models, reserved)
    uploaded = [name for name, file in body.files.items() if file["upload_path"]] if body else []
    if len(call.uploads) < len(uploaded) or CONSTANTS & call.uploads.keys():
        raise UnsupportedError(f"{operation.id}: the constant of an uploaded file is not unique; rename the property")
    arguments = [field.name for field in (*call.keywords, *call.in_path)]
    if clash := {name for name in arguments if arguments.count(name) > 1}:
        raise UnsupportedError(f"{operation.id}: two arguments have the name {min(clash)}; rename one of them")
    return call


def _named(content: Mapping[str, Any], models: Mapping[str, Model], operation: ContractOperation) -> Model | None:
    """The model of a body, or None if there is no body."""
    if not content:
        return None
    name = content.get("application/json", {}).get("schema", {}).get("$ref", "").removeprefix("#/components/schemas/")
    model = next((model for model in models.values() if model.schema == name), None)
    if model is None or not model.fields or len(content) > 1:
        raise UnsupportedError(f"{operation.id}: a body must be JSON, and a component with properties")
    return model
