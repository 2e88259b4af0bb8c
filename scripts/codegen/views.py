"""What the templates see: records with the generator's names and the contract's words, ready to print."""

import re
from collections.abc import Mapping, Set
from typing import Any

from attrs import evolve, field, frozen

from scripts.openapi.contract import Contract, ContractOperation
from scripts.openapi.pointers import keys

from .python_types import PythonType


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


def free(name: str, taken: Set[str]) -> str:
    """`name`, with an underscore where it is taken."""
    return f"{name}_" if name in taken else name


LARGEST_PAGE = 100
"""Taken where the contract does not say how many items a page may hold."""


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

    operation: ContractOperation
    name: str
    path: str
    """The path template with the parameters' Python names."""
    parameters: tuple[Field, ...]
    body: Model | None
    answer: Model | None
    """The model of its result, or None where there is no body."""
    models: Mapping[str, Model] = field(repr=False)
    """All of them, by Python name."""
    taken: frozenset[str] = field(repr=False)
    """Names that its functions need themselves."""

    def argument(self, name: str) -> str:
        """What a field of the body is called as an argument."""
        return free(name, self.taken)

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
        size = next(one for one in self.operation.parameters if one["name"] == written["page_size"])
        return {
            "cursor": parameters[written["cursor"]],
            "page_size": parameters[written["page_size"]],
            "largest_page": size["schema"].get("maximum", LARGEST_PAGE),
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
        token, *same = (tuple(keys(pointer)) for pointer in (written["token"], *written["same"]))
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
        body = [evolve(field, name=self.argument(field.name)) for field in (self.body.fields if self.body else ())]
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
        found |= {field.name: bodies[0].get(field.key) for field in self.keywords if field.place == "body" and bodies}
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
    def lifecycles(self) -> list[Model]:
        """The enums of statuses that the results have."""
        found = [call.lifecycle[1] for call in self.calls if call.lifecycle]
        return [status for number, status in enumerate(found) if status not in found[:number]]

    @property
    def packages(self) -> list[str]:
        """What its module imports from the package: the runtime and the models, as far as methods need them."""
        several = any(call.create_once or call.pagination or call.retrieves for call in self.calls)
        named = any(call.names or call.body for call in self.calls)
        return [name for name, is_needed in (("_runtime", several), ("models", named)) if is_needed]

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
        named |= {"Iterator", "AsyncIterator", "date"} if lists else set()
        named |= {"Callable"} if waits else set()
        named |= {"Iterable"} if waits and lists else set()
        named |= {"partial"} if any(call.filters for call in lists) else set()
        modules = {
            "collections.abc": ("AsyncIterator", "Callable", "Iterable", "Iterator", "Mapping", "Sequence"),
            "datetime": ("date",),
            "functools": ("partial",),
            "typing": ("Any", "Literal"),
        }
        needed = {module: [name for name in names if name in named] for module, names in modules.items()}
        return [f"from {module} import {', '.join(names)}" for module, names in needed.items() if names]


@frozen
class Views:
    """Everything that templates print."""

    contract: Contract
    models: Mapping[str, Model] = field(repr=False)
    groups: tuple[Group, ...]


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
