"""What the templates see: the generator's names and the contract's words, joined and ready to print."""

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

from attrs import field, frozen
from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty, Property
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.strings import ClassName, PythonIdentifier

from .contract import Contract, Operation
from .python_types import PythonType, UnsupportedError, is_map, map_value, python_type, union

# Arguments that every method has besides those of its operation.
RESERVED = frozenset({"self", "client", "timeout", "body"})


@frozen
class Field:
    """A property of a model, or a parameter of an operation."""

    key: str
    """Its name on the wire."""
    name: str
    """Its name in Python."""
    type: PythonType
    annotation: str
    required: bool
    description: str
    place: str = "body"
    """Where it is sent: body, path, query or header."""
    default: Any = None
    """What the server takes when it is absent; for documentation, it is never sent."""
    constant: str = ""
    """The only value that a caller can give, as Python."""

    @property
    def optional(self) -> bool:
        return not self.required or bool(self.constant)

    @property
    def otherwise(self) -> str:
        """Its default in a signature or class, with the equals sign."""
        return f" = {self.constant or None}" if self.optional else ""

    @property
    def words(self) -> str:
        """Its description, and what the server does when it is absent."""
        return (
            self.description if self.default is None else f"{self.description} The server's default is {self.default}."
        )


@frozen
class Model:
    """A component schema."""

    schema: str
    """Its name in the contract."""
    name: str
    """Its name in Python."""
    module: str
    description: str
    fields: tuple[Field, ...] = ()
    values: tuple[str | int, ...] = ()
    """The values of an enum."""
    lifecycle: Mapping[str, Any] = field(factory=dict, repr=False)
    """For each value those that can follow it, where the enum is of statuses."""
    alias: str = ""
    """What a map is a name for."""
    requested: bool = False
    """Whether only callers write it."""
    names: frozenset[str] = frozenset()
    """Other models that it names."""

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(field.key for field in self.fields if field.required)

    def field(self, key: str) -> Field:
        """The field of that name on the wire."""
        return next(field for field in self.fields if field.key == key)


@frozen
class Call:
    """An operation, as a module and as a method."""

    operation: Operation
    name: str
    path: str
    """The path template with the parameters' Python names."""
    parameters: tuple[Field, ...]
    body: Model | None
    answer: Model | None
    """The model of its result, or None where there is no body."""
    models: Mapping[str, Model] = field(repr=False)
    """All of them, by Python name."""

    @property
    def result(self) -> str | None:
        """The class of its result."""
        return self.answer.name if self.answer else None

    @property
    def pagination(self) -> dict[str, Any]:
        """x-pagination in Python's names; empty where the operation does not list."""
        written = self.operation.document.get("x-pagination")
        if not written or not self.answer:
            return {}
        parameters = {field.key: field.name for field in self.placed("query")}
        return {
            "cursor": parameters[written["cursor"]],
            "page_size": parameters[written["page_size"]],
            "items": self.answer.field(written["items"]).name,
            "next_cursor": self.answer.field(written["next_cursor"]).name,
            "more": self.answer.field(written["more"]).name,
            "item_id": self.listed.field(written["item_id"]).name,
            "ordered_by": self.listed.field(written["order"]["by"]).name,
            "descending": written["order"]["direction"] == "descending",
        }

    @property
    def listed(self) -> Model:
        """The model of the items of a page."""
        assert self.answer is not None
        return self.models[self.answer.field(self.operation.document["x-pagination"]["items"]).type.model or ""]

    @property
    def filters(self) -> list[Field]:
        """The arguments of a listing operation besides cursor and size of a page."""
        own = (self.pagination["cursor"], self.pagination["page_size"])
        return [field for field in (*self.in_path, *self.keywords) if field.name not in own]

    @property
    def plural(self) -> str:
        """What a listing operation lists: batches, for list_batches."""
        return self.name.removeprefix("list_")

    @property
    def create_once(self) -> dict[str, Any]:
        """x-create-once as arguments of the runtime's record; empty where the operation does not say it."""
        written = self.operation.document.get("x-create-once")
        if not written:
            return {}
        token, *same = (tuple(pointer.split("/")[1:]) for pointer in (written["token"], *written["same"]))
        holder = _schema_at(self.operation.contract, self.operation.request_schema, token[:-1])
        value = _schema_at(self.operation.contract, self.operation.request_schema, token)
        limits = {"max_length": value.get("maxLength"), "max_pairs": holder.get("maxProperties")}
        return {"token": token, "same": tuple(same), **limits}

    @property
    def lifecycle(self) -> tuple[Field, Model] | None:
        """The field of the result that holds a status, and its enum."""
        for held in self.answer.fields if self.answer else ():
            for name in held.type.names:
                if self.models[name].lifecycle:
                    return held, self.models[name]
        return None

    @property
    def retrieves(self) -> bool:
        """Whether it gets one object that has a lifecycle, by its id alone."""
        alone = self.operation.method == "GET" and len(self.in_path) == 1 and not self.keywords
        return alone and self.lifecycle is not None

    @property
    def towards(self) -> str:
        """The status that it brings about, if it changes one."""
        return str(self.operation.document.get("x-lifecycle", {}).get("towards", ""))

    @property
    def in_path(self) -> list[Field]:
        return [field for field in self.parameters if field.place == "path"]

    @property
    def keywords(self) -> list[Field]:
        """The keyword arguments of the method: the body's fields and the other parameters, required ones first."""
        body = self.body.fields if self.body else ()
        rest = [*body, *(field for field in self.parameters if field.place != "path")]
        return sorted(rest, key=lambda field: field.optional)

    def placed(self, place: str) -> list[Field]:
        return [field for field in self.parameters if field.place == place]

    @property
    def example(self) -> dict[str, Any]:
        """Arguments of the method, from the contract's examples: the required ones, the others where they have one."""
        contract = self.operation.contract
        content = contract.resolve(self.operation.document.get("requestBody", {})).get("content", {})
        bodies = [
            contract.resolve(node)["value"] for node in content.get("application/json", {}).get("examples", {}).values()
        ]
        written = {parameter["name"]: parameter for parameter in self.operation.parameters}
        found = {field.name: written[field.key].get("example") for field in self.parameters}
        found |= {field.name: bodies[0].get(field.key) for field in (self.body.fields if self.body else ()) if bodies}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def names(self) -> frozenset[str]:
        """The models that its signature names."""
        arguments = [*self.keywords, *self.parameters]
        own = {self.result} if self.result else set()
        return frozenset(own).union(*(field.type.names for field in arguments))


@frozen
class Group:
    """The operations of a tag, and the class that offers them."""

    tag: str
    module: str
    """The package below api/."""
    title: str
    """The class: the tag plus API."""
    description: str
    calls: tuple[Call, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset().union(*(call.names for call in self.calls))

    @property
    def lifecycles(self) -> list[Model]:
        """The enums of statuses that the results have."""
        found = [call.lifecycle[1] for call in self.calls if call.lifecycle]
        return [status for number, status in enumerate(found) if status not in found[:number]]

    def call(self, operation_id: str) -> Call:
        """The call of an operation."""
        return next(call for call in self.calls if call.operation.id == operation_id)

    def retrieving(self, model: Model) -> Call | None:
        """The call that gets one object of a model that has a lifecycle."""
        return next((call for call in self.calls if call.retrieves and call.answer is model), None)

    @property
    def imports(self) -> list[str]:
        """Imports from the standard library that the methods need; ruff removes none from an __init__.py."""
        annotations = " ".join(field.annotation for call in self.calls for field in (*call.in_path, *call.keywords))
        named = set(re.findall(r"\w+", re.sub(r"Literal\[.*?\]", "Literal", annotations)))
        lists = [call for call in self.calls if call.pagination]
        waits = any(call.retrieves for call in self.calls)
        named |= {"Iterator", "AsyncIterator", "datetime"} if lists else set()
        named |= {"Callable"} if waits else set()
        named |= {"Iterable"} if waits and lists else set()
        named |= {"partial"} if any(call.filters for call in lists) else set()
        modules = {
            "collections.abc": ("AsyncIterator", "Callable", "Iterable", "Iterator", "Mapping", "Sequence"),
            "datetime": ("datetime",),
            "functools": ("partial",),
            "typing": ("Any", "Literal"),
        }
        needed = {module: [name for name in names if name in named] for module, names in modules.items()}
        return [f"from {module} import {', '.join(names)}" for module, names in needed.items() if names]

    @property
    def bodies(self) -> frozenset[str]:
        return frozenset(call.body.name for call in self.calls if call.body)


@frozen
class Views:
    """Everything that templates print."""

    contract: Contract
    models: Mapping[str, Model] = field(repr=False)
    groups: tuple[Group, ...]

    @classmethod
    def build(cls, contract: Contract, data: GeneratorData, config: Config) -> "Views":
        """Join what the generator parsed with what the contract says.

        Raises:
            UnsupportedError: For a construct that the templates have no code for.
        """
        schemas = {ClassName(name, config.field_prefix): name for name in contract.schemas}
        responses = [operation.responses for operation in contract.operations]
        answered = set(contract.schema_names(responses))
        maps = {str(model.class_info.name) for model in data.models if is_map(model)}
        models: dict[str, Model] = {}
        for parsed in (*data.models, *data.enums):
            name = parsed.class_info.name
            if name not in schemas:
                raise UnsupportedError(f"{name} would be an invented name: give its schema one under components")
            models[name] = _model(parsed, schemas[name], contract, maps, requested=schemas[name] not in answered)
        models = {name: models[name] for name in schemas if name in models}
        groups = tuple(_groups(contract, data, config, models, maps))
        return cls(contract, models, groups)


def _model(parsed: Any, key: str, contract: Contract, maps: Set[str], *, requested: bool) -> Model:
    schema = contract.schemas[key]
    name, module = str(parsed.class_info.name), str(parsed.class_info.module_name)
    description = schema.get("description", "")
    if isinstance(parsed, LiteralEnumProperty):
        values = tuple(value for value in schema["enum"] if value is not None)
        lifecycle = {status: tuple(following) for status, following in schema.get("x-lifecycle", {}).items()}
        return Model(key, name, module, description, values=values, lifecycle=lifecycle)
    assert isinstance(parsed, ModelProperty)
    if name in maps:
        value = map_value(parsed, maps)
        return Model(key, name, module, description, alias=f"dict[str, {union(value.read)}]", names=value.names)
    described = _descriptions(schema, contract)
    properties = [*(parsed.required_properties or ()), *(parsed.optional_properties or ())]
    fields = [_field(prop, described.get(prop.name.get_untrusted_value(), {}), maps, requested) for prop in properties]
    fields.sort(key=lambda field: list(described).index(field.key))
    names = frozenset().union(*(field.type.names for field in fields)) - {name}
    return Model(key, name, module, description, tuple(fields), requested=requested, names=names)


def _descriptions(schema: Any, contract: Contract) -> dict[str, Any]:
    """The properties of a schema as written, those of its allOf included."""
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
        constant=prop.value.python_code.as_unembedded_code() if requested and isinstance(prop, ConstProperty) else "",
    )


def _groups(
    contract: Contract, data: GeneratorData, config: Config, models: Mapping[str, Model], maps: Set[str]
) -> Iterator[Group]:
    tags = {tag["name"]: tag.get("description", "") for tag in contract.document.get("tags", ())}
    endpoints = {
        str(endpoint.name): (str(module), endpoint)
        for module, collection in data.endpoint_collections_by_tag.items()
        for endpoint in collection.endpoints
    }
    for tag in dict.fromkeys(operation.tag for operation in contract.operations):
        calls, module = [], ""
        for operation in contract.operations:
            if operation.tag == tag:
                module, endpoint = endpoints[str(PythonIdentifier(operation.id, config.field_prefix))]
                calls.append(_call(operation, endpoint, models, maps))
        title = f"{ClassName(tag, config.field_prefix)}API"
        yield Group(tag, module, title, tags.get(tag, ""), tuple(calls))


def _call(operation: Operation, endpoint: Endpoint, models: Mapping[str, Model], maps: Set[str]) -> Call:
    written = {parameter["name"]: parameter for parameter in operation.parameters}
    parameters = tuple(
        _field(prop, written[prop.name.get_untrusted_value()], maps, True, str(place))
        for place, prop in endpoint.iter_all_parameters()
    )
    sent = operation.contract.resolve(operation.document.get("requestBody", {})).get("content", {})
    body, answer = (_named(content, models, operation) for content in (sent, operation.success[1].get("content", {})))
    call = Call(operation, str(endpoint.name), endpoint.path.get_untrusted_value(), parameters, body, answer, models)
    names = [field.name for field in (*call.keywords, *call.in_path)]
    if clash := {name for name in names if names.count(name) > 1 or name in RESERVED}:
        raise UnsupportedError(f"{operation.id}: the argument {min(clash)} would be there twice; rename one of them")
    return call


def _named(content: Mapping[str, Any], models: Mapping[str, Model], operation: Operation) -> Model | None:
    """The model of a body, or None where there is no body."""
    if not content:
        return None
    name = content.get("application/json", {}).get("schema", {}).get("$ref", "").removeprefix("#/components/schemas/")
    model = next((model for model in models.values() if model.schema == name), None)
    if model is None or not model.fields or len(content) > 1:
        raise UnsupportedError(f"{operation.id}: a body must be one JSON object with properties, a named component")
    return model


def _schema_at(contract: Contract, schema: Any, path: tuple[str, ...]) -> Mapping[str, Any]:
    """The schema of what a path of keys leads to, null aside."""
    schema = contract.resolve(schema)
    for alternative in schema.get("anyOf", ()):
        if contract.resolve(alternative).get("type") != "null":
            schema = contract.resolve(alternative)
    if not path:
        return dict(schema)
    inside = schema.get("properties", {}).get(path[0], schema.get("additionalProperties", {}))
    return _schema_at(contract, inside, path[1:])
