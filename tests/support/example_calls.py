"""Arguments for each operation from the contract's examples, and the objects and input files that they need."""

from collections.abc import Collection, Sequence
from typing import Any

from scripts.batch_server.batch_store import BatchStore
from scripts.batch_server.file_store import StoredFile
from scripts.batch_server.form_body import RequestBody, Upload, is_binary
from scripts.batch_server.object_store import ObjectStore
from scripts.batch_server.resources import Resource, Role, find_resources, request_content
from scripts.batch_server.schema_values import SchemaValues
from scripts.batch_server.server_store import ServerStore
from scripts.openapi.contract import ContractOperation
from tests.support.drawing import as_arguments, parameter_name

LINE = b'{"custom_id": "1", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "x"}}\n'


class AnyPurpose(str):
    """The purpose of a file that fits every operation."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


def input_file(file_id: str) -> StoredFile:
    """An input file with one request, which every operation accepts."""
    return StoredFile(file_id, "in.jsonl", AnyPurpose("batch"), 0, LINE)


class AnyFile(dict[str, StoredFile]):
    """A mapping in which every file id exists, so that the server accepts any id that the contract allows."""

    def get(self, key: str, _: object = None) -> Any:
        """An input file with this id."""
        return super().get(key) or input_file(key)


def resource_of(operation: ContractOperation) -> Resource | None:
    """The resource with an operation, or None if the operation fits no shape."""
    for resource in find_resources(operation.contract):
        if any(operation in members for members in resource.roles.values()):
            return resource
    return None


def calls(operation: ContractOperation, object_id: Any = None) -> Sequence[dict[str, Any]]:
    """Arguments from the contract's examples: once without the optional parameters, once with all of them.

    `object_id` replaces the ids of objects in the examples, because the server does not have those objects.
    """
    values = SchemaValues(operation.contract)
    required, every = {}, {}
    for parameter in operation.parameters:
        if parameter["in"] == "header" and parameter["name"].lower() == operation.key_header.lower():
            # Calls with different bodies cannot have the same key.
            continue
        value = object_id if is_object_id(operation, parameter) and object_id is not None else None
        if value is None:
            value = values.body(parameter)
        every[parameter_name(parameter)] = value
        if parameter.get("required"):
            required[parameter_name(parameter)] = value
    return [parameters | body for parameters in (required, every) for body in bodies(operation) or [{}]]


def is_object_id(operation: ContractOperation, parameter: Any) -> bool:
    """Whether a parameter is the id of an object of the operation's resource: in its path, or as a cursor."""
    resource = resource_of(operation)
    if resource is None:
        return False
    if parameter["in"] == "path":
        in_path = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        return in_path.index(parameter["name"]) == resource.scope
    cursor = resource.pagination.get("cursor") if parameter["in"] == "query" else None
    is_text = SchemaValues(operation.contract).whole(parameter["schema"]).get("type") == "string"
    return operation in resource.roles.get(Role.LIST, ()) and parameter["name"] == cursor and is_text


def bodies(operation: ContractOperation) -> list[dict[str, Any]]:
    """The arguments of each documented body, or of a body that is made from its schema; empty without a body."""
    _, content = request_content(operation)
    if not content:
        return []
    values = SchemaValues(operation.contract)
    written = [operation.contract.resolve(example)["value"] for example in content.get("examples", {}).values()]
    documents = written or [values.body(content)]
    return [as_arguments(operation, with_files(operation, document)) for document in documents]


def with_files(operation: ContractOperation, document: Any) -> Any:
    """A body of a form in which each file is a pair of a name and bytes; other bodies do not change."""
    if not operation.form:
        return document
    values = SchemaValues(operation.contract)
    properties = values.properties(operation.contract.schemas[operation.form])
    binary = {name for name, schema in properties.items() if is_binary(values.whole(schema))}
    return {
        name: (f"{name}.txt", str(value).encode() or LINE) if name in binary else value
        for name, value in document.items()
    }


def created(store: ServerStore, operation: ContractOperation) -> Any:
    """Create an object of an operation's resource, and return its id; None without such a resource."""
    role = store.role(operation)
    if role is None or role.store.resource.operation(Role.CREATE) is None:
        return None
    path = [str(store.values.body(one)) for one in operation.parameters if one["in"] == "path"]
    return create(role.store, None, tuple(path[: role.store.resource.scope]))


def create_documented(store: ServerStore, existing: Collection[str] = ()) -> None:
    """Create the objects whose ids are in the examples of parameters, in all resources."""
    for resource in store.resources.values():
        known = {*existing}
        for role in (Role.RETRIEVE, Role.DELETE, Role.UPDATE, Role.TRANSITION, Role.CONTENT):
            for operation in resource.resource.roles.get(role, ()):
                path = [str(store.values.body(one)) for one in operation.parameters if one["in"] == "path"]
                scope, object_id = tuple(path[: resource.resource.scope]), path[resource.resource.scope]
                if resource.resource.operation(Role.CREATE) and object_id not in known:
                    known.add(object_id)
                    create(resource, object_id, scope)


def create(store: ObjectStore, object_id: str | None, scope: tuple[str, ...]) -> Any:
    """Create an object with the documented request, and return its id."""
    operation = store.resource.operation(Role.CREATE)
    assert operation is not None
    _, content = request_content(operation)
    request = store.shared.values.body(content) if content else {}
    if isinstance(store, BatchStore):
        file_id = request[store.input_format.id_field]
        store.shared.files.by_id.setdefault(file_id, input_file(file_id))
    upload = Upload("in.jsonl", "application/octet-stream", LINE)
    body = RequestBody(request, {"file": upload} if operation.form else {})
    return store.create(body.fields, object_id, scope=scope, body=body)[store.resource.id_field]
