"""Builds the views of the operations from the generator's parsed endpoints and the contract."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve
from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.strings import ClassName, PythonIdentifier

from scripts.openapi.contract import ContractOperation

from .build_models import build_field
from .calls import Call, Group
from .python_types import UnsupportedError
from .records import Model, avoid
from .schema_types import SchemaTypes

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


def build_groups(
    data: GeneratorData, config: Config, models: Mapping[str, Model], types: SchemaTypes
) -> Iterator[Group]:
    contract = types.contract
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
                calls[str(endpoint.name)] = _call(operation, endpoint, models, types, reserved)
        title = f"{ClassName(tag, config.field_prefix)}API"
        yield Group(tag, module, title, tags.get(tag, ""), calls)


def _call(
    operation: ContractOperation,
    endpoint: Endpoint,
    models: Mapping[str, Model],
    types: SchemaTypes,
    reserved: frozenset[str],
) -> Call:
    written = {(parameter["in"], parameter["name"]): parameter for parameter in operation.parameters}
    fields = []
    for place, prop in endpoint.iter_all_parameters():
        key = prop.name.get_untrusted_value()
        parameter = written[str(place), key]
        kind, required = types.of(parameter["schema"]), parameter.get("required", False)
        fields.append(build_field(key, parameter, kind, str(prop.python_name), required, True, str(place)))
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
