"""Finds the resources of a contract: the operations that create, list, return, change and delete the same objects.

The extensions decide, and the shape of method and path. No name of an operation, a path or a field matters.
"""

import re
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Any

from attrs import field, frozen

from scripts.openapi.contract import Contract, ContractOperation

JSON = "application/json"


class Role(Enum):
    """What an operation does with the objects of its resource."""

    CREATE = auto()
    LIST = auto()
    RETRIEVE = auto()
    """Return the object, also below its path: POST /batches/{id}/archive, if the response is the object."""
    UPDATE = auto()
    DELETE = auto()
    TRANSITION = auto()
    """Lead the object to the status that x-lifecycle names."""
    CONTENT = auto()
    """Return the bytes that were uploaded."""


@frozen
class Resource:
    """Objects of one kind, with the operations on them."""

    path: str
    """The path of the collection."""
    schema: Any = field(repr=False)
    """The schema of an object, as written."""
    id_field: str
    roles: Mapping[Role, tuple[ContractOperation, ...]] = field(repr=False)
    status_field: str | None = None
    """The field whose schema has x-lifecycle."""

    def operation(self, role: Role) -> ContractOperation | None:
        """The first operation with a role."""
        return next(iter(self.roles.get(role, ())), None)

    @property
    def scope(self) -> int:
        """The number of parameters in the path of the collection. Each combination of values has its own objects."""
        return self.path.count("{")

    @property
    def pagination(self) -> Mapping[str, Any]:
        """x-pagination of the list; empty without a list."""
        listing = self.operation(Role.LIST)
        return listing.document["x-pagination"] if listing else {}


def success_content(operation: ContractOperation) -> tuple[str, Mapping[str, Any]]:
    """The media type of a success and its media type object, JSON if possible; empty without a body."""
    content = operation.success[1].get("content", {})
    kind = JSON if JSON in content else next(iter(content), "")
    return kind, content.get(kind, {})


def request_content(operation: ContractOperation) -> tuple[str, Mapping[str, Any]]:
    """The media type of a request body and its media type object, JSON if possible; empty without a body."""
    content = operation.contract.resolve(operation.document.get("requestBody", {})).get("content", {})
    kind = JSON if JSON in content else next(iter(content), "")
    return kind, content.get(kind, {})


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, such as application/json or application/problem+json."""
    return re.fullmatch(r"application/(.+\+)?json", media_type.partition(";")[0].strip().lower()) is not None


def find_resources(contract: Contract) -> Iterator[Resource]:
    """The resources of a contract. Operations that fit no shape are in no resource."""
    shapes = {_shape(operation.path) for operation in contract.operations}
    collections = {
        _shape(operation.path)
        for operation in contract.operations
        if "x-pagination" in operation.document
        or any(re.match(re.escape(_shape(operation.path)) + r"/\{\}(/|$)", shape) for shape in shapes)
    }
    collections |= {shape.partition("/{}")[0] for shape in shapes}
    members: dict[str, list[tuple[ContractOperation, str]]] = {}
    for operation in contract.operations:
        shape = _shape(operation.path)
        # The longest collection is the innermost one.
        found = [(one, re.match(re.escape(one) + r"(/\{\}.*)?$", shape)) for one in collections - {""}]
        holders = [(one, match[1] or "") for one, match in found if match]
        if holders:
            path, rest = max(holders, key=lambda holder: len(holder[0]))
            members.setdefault(path, []).append((operation, rest))
    for shape, operations in members.items():
        if (resource := _resource(contract, shape, operations)) is not None:
            yield resource


def _resource(contract: Contract, shape: str, members: list[tuple[ContractOperation, str]]) -> Resource | None:
    schema = _object_schema(contract, members)
    if schema is None:
        return None
    properties = _properties(contract, schema)
    roles: dict[Role, list[ContractOperation]] = {}
    for operation, rest in members:
        if (role := _role(operation, rest, schema)) is not None:
            roles.setdefault(role, []).append(operation)
    listing = next(iter(roles.get(Role.LIST, ())), None)
    by_id = next((operation for operation, rest in members if rest), None)
    param = re.findall(r"\{([^}]*)\}", by_id.path)[shape.count("{}")] if by_id else ""
    named = [listing.document["x-pagination"]["item_id"] if listing else "", "id", param, param.rpartition("_")[2]]
    id_field = next((name for name in named if name in properties), None)
    if id_field is None or roles.keys() <= {Role.CREATE}:
        return None
    lifecycles = [name for name, inner in properties.items() if "x-lifecycle" in _lifecycle(contract, inner)]
    first = members[0][0].path.split("/")
    path = "/".join(first[: len(shape.split("/"))])
    status = lifecycles[0] if lifecycles else None
    return Resource(path, schema, id_field, {role: tuple(found) for role, found in roles.items()}, status)


def _role(operation: ContractOperation, rest: str, schema: Any) -> Role | None:
    kind, content = success_content(operation)
    returns_object = content.get("schema") == schema
    if not rest:
        if "x-pagination" in operation.document and operation.method == "GET":
            return Role.LIST
        return Role.CREATE if operation.method == "POST" and (is_json(kind) or not kind) else None
    if "towards" in operation.document.get("x-lifecycle", {}):
        return Role.TRANSITION
    if rest == "/{}":
        methods = {"GET": Role.RETRIEVE, "DELETE": Role.DELETE}
        methods |= dict.fromkeys(("PUT", "PATCH", "POST"), Role.UPDATE)
        return methods.get(operation.method) if is_json(kind) or not kind else _content(operation, kind)
    if rest.count("{}") > 1:
        return None
    return Role.RETRIEVE if returns_object else _content(operation, kind)


def _content(operation: ContractOperation, kind: str) -> Role | None:
    return Role.CONTENT if operation.method == "GET" and kind and not is_json(kind) else None


def _object_schema(contract: Contract, members: list[tuple[ContractOperation, str]]) -> Any:
    """The schema of the object: of the operation that retrieves it, or of the list, or of the one that creates it."""
    for wanted in ("GET /{}", "LIST", "POST ", "PATCH /{}", "PUT /{}", "POST /{}"):
        for operation, rest in members:
            kind, content = success_content(operation)
            if not is_json(kind) or "schema" not in content:
                continue
            if wanted == "LIST" and not rest and "x-pagination" in operation.document:
                items = operation.document["x-pagination"]["items"]
                page = _properties(contract, content["schema"])
                return contract.resolve(page.get(items, {})).get("items")
            if f"{operation.method} {rest}" == wanted:
                return content["schema"]
    return None


def _properties(contract: Contract, schema: Any) -> dict[str, Any]:
    found = contract.resolve(schema)
    properties: dict[str, Any] = dict(found.get("properties", {}))
    for key in ("allOf", "anyOf", "oneOf"):
        for part in found.get(key, ()):
            properties = {**_properties(contract, part), **properties}
    return properties


def _lifecycle(contract: Contract, schema: Any) -> Mapping[str, Any]:
    """The schema with x-lifecycle behind a property, which can be nullable."""
    found = contract.resolve(schema)
    parts = [contract.resolve(part) for key in ("allOf", "anyOf", "oneOf") for part in found.get(key, ())]
    return next((one for one in (found, *parts) if "x-lifecycle" in one), {})


def lifecycle(contract: Contract, resource: Resource) -> Mapping[str, Any]:
    """The enum of the statuses of a resource; empty without a status."""
    return _lifecycle(contract, _properties(contract, resource.schema).get(resource.status_field or "", {}))


def _shape(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path)
