"""Builds the views of the operations from the generator's parsed endpoints and the contract."""

import re
from collections.abc import Iterator, Mapping

from attrs import evolve
from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.strings import ClassName, PythonIdentifier

from scripts.openapi.contract import ContractOperation

from .bodies import build_body, build_result
from .build_models import build_field
from .calls import Call, Group
from .extension_needs import check_extensions
from .python_types import NameClashError, at
from .records import Field, Model, avoid
from .schema_types import SchemaTypes

# Names that the generated functions use, in addition to their arguments and the names of operations.
RESERVED = frozenset(
    (
        *("self", "client", "timeout", "body", "models", "request", "response", "path_segment"),
        *("idempotency_key", "restartable", "settling_time", "max_age", "wait"),
        *("retry_budget", "extra_headers", "extra_body", "options"),
        *(
            "write",
            "read_nothing",
            "read_anything",
            "read_value",
            "list_of",
            "map_of",
            "one_of",
            "by_shape",
            "nullable",
        ),
    )
)
# The constants in the module of an operation.
CONSTANTS = frozenset({"OPERATION", "CREATE_ONCE", "PAGINATION"})
PLACES = ("path", "query", "header")
KINDS = {"path": "path parameter", "query": "query parameter", "header": "header"} | dict.fromkeys(
    ("body", "json", "texts", "documents", "files"), "property"
)
# The arguments of a method that iterates, and of a method that writes a file.
ITERATING, SAVING = frozenset({"page_size", "max_items", "after"}), frozenset({"path", "on_progress"})


def build_groups(
    data: GeneratorData, config: Config, models: Mapping[str, Model], types: SchemaTypes
) -> Iterator[Group]:
    contract = types.contract
    tags = {tag["name"]: tag.get("description", "") for tag in contract.document.get("tags", ())}
    names = {one.id: str(PythonIdentifier(one.id, config.field_prefix)) for one in contract.operations}
    reserved = RESERVED.union(CONSTANTS, names.values())
    endpoints = {
        str(PythonIdentifier(endpoint.name, config.field_prefix)): str(module)
        for module, collection in data.endpoint_collections_by_tag.items()
        for endpoint in collection.endpoints
    }
    for tag in dict.fromkeys(operation.tag for operation in contract.operations):
        calls, module = {}, ""
        for operation in contract.operations:
            if operation.tag == tag:
                name = names[operation.id]
                module = endpoints[name]
                with at(operation.pointer):
                    calls[name] = _call(operation, name, models, types, reserved)
        title = f"{ClassName(tag, config.field_prefix)}API"
        group = Group(tag, module, title, tags.get(tag, ""), calls)
        check_extensions(group)
        yield group


def _call(
    operation: ContractOperation,
    name: str,
    models: Mapping[str, Model],
    types: SchemaTypes,
    reserved: frozenset[str],
) -> Call:
    body, result = build_body(operation, types, models), build_result(operation, types, models)
    parameters = _parameters(operation, types)
    call = Call(operation, name, operation.path, tuple(parameters), body, result, models, reserved)
    # The cursor and the page size are no filters. The method that iterates has other names for them.
    pages = {call.pagination["cursor"], call.pagination["page_size"]} if call.pagination else set()
    reserved_in_pages = reserved
    reserved |= SAVING if result.is_file else frozenset()
    reserved |= ITERATING | {f"{call.span}_after", f"{call.span}_before"} if call.pagination else frozenset()
    names = {
        field.name: avoid(field.name, reserved_in_pages if field.name in pages else reserved)
        for field in parameters
        if field.key.lower() != operation.key_header.lower() or field.place != "header"
    }
    names |= {field.name: "idempotency_key" for field in parameters if field.name not in names}
    in_path = {field.key: names[field.name] for field in call.in_path}
    call = evolve(
        call,
        path=re.sub(r"\{([^}]*)\}", lambda match: f"{{{in_path[match[1]]}}}", operation.path),
        parameters=tuple(evolve(field, name=names[field.name]) for field in parameters),
        sent=evolve(body, arguments=tuple(_argument(field, reserved) for field in body.arguments)),
        reserved=reserved,
    )
    uploaded = [name for name, file in body.model.files.items() if file["upload_path"]] if body.model else []
    if len(call.uploads) < len(uploaded) or CONSTANTS & call.uploads.keys():
        raise NameClashError("the constant of an uploaded file is not unique; rename the property")
    _check_arguments(call)
    return call


def _check_arguments(call: Call) -> None:
    """Refuse two arguments with one name, and an argument that cannot have the name in x-python-name."""
    chosen = {(one["in"], one["name"]): one.get("x-python-name") for one in call.operation.parameters}
    seen: dict[str, Field] = {}
    body = [evolve(field, name=call.argument(field.name)) for field in (call.body.fields if call.body else ())]
    for field in (*body, *call.sent.arguments, *call.parameters):
        with at(call.pointer(field)):
            other = seen.setdefault(field.name, field)
            if other is not field:
                raise NameClashError(
                    f"the {KINDS[field.place]} {field.key} and the {KINDS[other.place]} {other.key} "
                    "have the same name in Python; set x-python-name to another name"
                )
            name = chosen.get((field.place, field.key))
            if name not in (None, field.name):
                raise NameClashError(f"methods use {name} for another argument; set x-python-name to another name")


def _parameters(operation: ContractOperation, types: SchemaTypes) -> list[Field]:
    """The parameters: those of the path in its order, then those of the query and the headers."""
    in_path = re.findall(r"\{([^}]*)\}", operation.path)
    written = [one for place in PLACES for one in operation.parameters if one["in"] == place]
    written.sort(key=lambda one: in_path.index(one["name"]) if one["in"] == "path" else len(in_path))
    names = [str(one.get("x-python-name") or PythonIdentifier(one["name"], types.prefix)) for one in written]
    return [
        build_field(
            key=one["name"],
            written=one,
            kind=types.of(one["schema"]),
            # Parameters at two places can have the same name.
            name=f"{name}_{one['in']}" if names.count(name) > 1 and "x-python-name" not in one else name,
            required=one.get("required") is True,
            requested=True,
            place=one["in"],
        )
        for one, name in zip(written, names, strict=True)
    ]


def _argument(field: Field, reserved: frozenset[str]) -> Field:
    """A part of a form, or the argument `body`, which has a name of its own."""
    return field if field.place == "json" else evolve(field, name=avoid(field.name, reserved))
