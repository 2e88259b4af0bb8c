"""The records of operations, as templates print them: a call for each operation, a group for each tag."""

import math
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from scripts.openapi.contract import FORM, Contract, ContractOperation
from scripts.openapi.pointers import below, keys

from .bodies import FILE, Body, Result
from .examples import example_arguments
from .python_types import ExtensionError
from .records import Field, Model, avoid

DEFAULT_LARGEST_PAGE = 100
"""The maximum page size, if the contract does not state a maximum."""


@frozen
class Call:
    """An operation, as a module and as a method."""

    operation: ContractOperation
    name: str
    path: str
    """The path template, with the Python names of the parameters."""
    parameters: tuple[Field, ...]
    sent: Body
    returned: Result
    models: Mapping[str, Model] = field(repr=False)
    """All models, by Python name."""
    reserved: frozenset[str] = field(repr=False)
    """Names that the generated functions use themselves."""

    def pointer(self, field: Field) -> str:
        """The JSON pointer of a parameter, or of a property of the body."""
        pointer = self.operation.parameter_pointers.get((field.place, field.key))
        schema = self.body.schema if self.body else self.operation.form
        if pointer is None and schema and field.key:
            pointer = below("/components/schemas", schema, "properties", field.key)
        return pointer or self.operation.pointer

    def argument(self, name: str) -> str:
        """The name of the argument for a field of the body."""
        return avoid(name, self.reserved)

    @property
    def body(self) -> Model | None:
        """The model of the body whose fields are keywords."""
        return self.sent.model

    @property
    def answer(self) -> Model | None:
        """The model of the result, or None if the result is not one object."""
        return self.returned.model

    @property
    def result(self) -> str:
        """The type of the result."""
        return self.returned.annotation

    @property
    def deprecated(self) -> bool:
        return self.operation.document.get("deprecated") is True

    @property
    def key_field(self) -> Field | None:
        """The header parameter that carries the idempotency key (x-create-once)."""
        header = self.operation.key_header.lower()
        return next((field for field in self.placed("header") if header and field.key.lower() == header), None)

    @property
    def is_public(self) -> bool:
        """Whether the operation needs no API key."""
        return not any(self.operation.document.get("security", ()))

    @property
    def is_form(self) -> bool:
        """Whether the body is a multipart form."""
        return self.sent.media_type == FORM

    @property
    def cursor(self) -> Field:
        """The cursor of a list operation."""
        return next(field for field in self.placed("query") if field.name == self.pagination["cursor"])

    @property
    def span(self) -> str:
        """The noun in the names of the arguments for a span of time, such as created in created_after."""
        return str(self.pagination["ordered_by"].removesuffix("_at"))

    @property
    def pagination(self) -> dict[str, Any]:
        """x-pagination as arguments of PaginationSpec; empty without the extension."""
        written = self.operation.document.get("x-pagination")
        if not written or not self.answer:
            return {}
        parameters = {field.key: field.name for field in self.placed("query")}
        size = next(one for one in self.operation.parameters if one["name"] == written["page_size"])
        return {
            "cursor": parameters[written["cursor"]],
            "page_size": parameters[written["page_size"]],
            "largest_page": _largest(self.operation.contract, size["schema"]),
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
        name = self.answer.field(self.operation.document["x-pagination"]["items"]).type.model
        if name is None:
            raise ExtensionError("x-pagination needs items of one class; use a component with properties")
        return self.models[name]

    @property
    def filters(self) -> list[Field]:
        """The arguments of a listing operation, without cursor and page size."""
        own = (self.pagination["cursor"], self.pagination["page_size"])
        return [field for field in (*self.in_path, *self.keywords) if field.name not in own]

    @property
    def plural(self) -> str:
        """The plural of the listed items, for example batches for list_batches."""
        return self.name.removeprefix("list_")

    @property
    def create_once(self) -> dict[str, Any]:
        """x-create-once as arguments of CreateOnceSpec; empty without the extension."""
        written = self.operation.document.get("x-create-once")
        if not written or self.operation.key_header:
            return {}
        token = tuple(keys(written["token"]))
        holder = _schema_at(self.operation.contract, self.operation.request_schema, token[:-1])
        value = _schema_at(self.operation.contract, self.operation.request_schema, token)
        bounds = {"max_length": value.get("maxLength"), "max_pairs": holder.get("maxProperties")}
        limits = {name: None if bound is None else int(bound) for name, bound in bounds.items()}
        lists = {name: tuple(tuple(keys(path)) for path in written[name]) for name in ("same", "rewritable")}
        return {"token": token, "stamp": tuple(keys(written["stamp"])), **lists, **limits}

    @property
    def uploads(self) -> dict[str, Mapping[str, Any]]:
        """x-file of the uploaded files in the body as arguments of FileSpec, by constant, such as INPUT_FILE."""
        files = self.body.files if self.body else {}
        return {
            name.removesuffix("_id").upper(): {
                **file,
                "equal": tuple((key, self.argument(other)) for key, other in file["equal"]),
            }
            for name, file in files.items()
            if file["upload_path"] is not None
        }

    @property
    def has_results(self) -> bool:
        """Whether the runtime can join the files of the created object: it knows three properties with these names."""
        files = self.answer.files.keys() if self.answer else set[str]()
        return {"input_file_id", "output_file_id", "error_file_id"} <= files

    @property
    def retrieves(self) -> bool:
        """Whether the operation retrieves an object with a lifecycle by its id."""
        by_id = self.operation.method == "GET" and len(self.in_path) == 1 and not self.pagination
        by_id = by_id and all(field.optional for field in self.keywords)
        return by_id and self.answer is not None and self.answer.status is not None

    @property
    def target(self) -> str:
        """The target status in x-lifecycle; empty if the operation does not change the status."""
        return str(self.operation.document.get("x-lifecycle", {}).get("towards", ""))

    @property
    def is_by_id(self) -> bool:
        """Whether the first parameter of the path is an id, and not a name, for example."""
        return bool(self.in_path) and self.in_path[0].key.lower().endswith("id")

    @property
    def item_id(self) -> str | None:
        """The argument with the id that the result must have, if it retrieves or changes one object."""
        has_id = self.answer is not None and any(field.key == "id" for field in self.answer.fields)
        return self.in_path[0].name if has_id and self.is_by_id and (self.retrieves or self.target) else None

    @property
    def in_path(self) -> list[Field]:
        return [field for field in self.parameters if field.place == "path"]

    @property
    def keywords(self) -> list[Field]:
        """The fields of the body and all parameters outside the path, required fields first."""
        body = [field.as_keyword(self.argument(field.name)) for field in (self.body.fields if self.body else ())]
        rest = [*body, *self.sent.arguments, *(field for field in self.parameters if field.place != "path")]
        return sorted(rest, key=lambda field: field.optional)

    def submitted(self, file_field: str) -> list[Field]:
        """The keywords of the method that submits requests: those of the operation without the file.

        An enum with one value is optional, because callers have no choice.
        """
        fields = []
        for each in self.keywords:
            values = [self.models[name].values for name in each.type.names]
            only = values[0] if len(values) == 1 and len(values[0]) == 1 else ()
            if each.name != file_field:
                fields.append(evolve(each, constant=repr(only[0])) if only and each.required else each)
        return sorted(fields, key=lambda each: each.optional)

    def placed(self, place: str) -> list[Field]:
        return [field for field in self.parameters if field.place == place]

    @property
    def example(self) -> dict[str, Any]:
        """The arguments of the method, with values from the contract's examples.

        A required argument without an example gets a value that its schema allows.
        """
        return example_arguments(self.operation, (*self.parameters, *self.keywords))

    @property
    def names(self) -> frozenset[str]:
        """The models that the signature refers to."""
        return self.returned.names.union(*(field.type.names for field in (*self.keywords, *self.parameters)))

    def form(self, place: str) -> list[Field]:
        """The parts of a form that are texts, documents or files."""
        return [field for field in self.sent.arguments if field.place == place]


@frozen
class Group:
    """The operations of a tag, which become the methods of a class."""

    tag: str
    module: str
    """The package below api/."""
    title: str
    """The name of the class: the tag followed by API."""
    description: str
    calls: Mapping[str, Call]
    """The operations, by Python name."""

    @property
    def statuses(self) -> list[Model]:
        """The enums of the results' statuses."""
        enums = [call.answer.status[1] for call in self.calls.values() if call.answer and call.answer.status]
        return list({enum.name: enum for enum in enums}.values())

    @property
    def runtime_imports(self) -> list[str]:
        """The needed imports of names of the runtime, beside the clients."""
        calls = self.calls.values()
        annotations = " ".join(field.annotation for call in calls for field in call.keywords)
        files, unset = FILE in annotations, any(field.omittable for call in calls for field in call.keywords)
        uses_given = any(field.edited and field.omittable for call in calls if call.body for field in call.body.fields)
        # A value of any type is omittable, too, and its annotation does not name Unset.
        unset_names = ["UNSET", *(["Unset"] if re.search(r"\bUnset\b", annotations) else ())]
        unset_names += ["given"] if uses_given else []
        needed = [
            ("deprecation", "deprecated", any(call.deprecated for call in calls)),
            ("options", "Timeout", True),
            ("parts", FILE, files),
            ("unset", ", ".join(unset_names), unset),
        ]
        return [f"from ..._runtime.{module} import {name}" for module, name, is_needed in needed if is_needed]

    @property
    def submitting(self) -> Call | None:
        """The operation that creates an object for an uploaded file, if there is one."""
        return next((call for call in self.calls.values() if call.uploads and call.create_once), None)

    @property
    def packages(self) -> list[str]:
        """The packages that the methods need: the runtime and the models."""
        calls = self.calls.values()
        uses_flows = any(
            call.create_once or call.pagination or call.retrieves or call.returned.is_file for call in calls
        )
        uses_models = any(call.names or call.body for call in calls)
        return [name for name, is_used in (("_runtime", uses_flows), ("models", uses_models)) if is_used]

    def finder(self, call: Call) -> Call:
        """The operation that lists the objects created by `call`."""
        operation_id = call.operation.document["x-create-once"]["found_by"]
        return next(finder for finder in self.calls.values() if finder.operation.id == operation_id)

    def cancellation(self, call: Call) -> Call:
        """The operation that cancels an object created by `call`."""
        found = (each for each in self.calls.values() if each.target and each.answer is call.answer)
        if (cancellation := next(found, None)) is None:
            raise ExtensionError("x-create-once needs an operation with the same tag that cancels the created object")
        return cancellation

    def retrieval(self, model: Model | None) -> Call | None:
        """The operation that retrieves one object of a model with a lifecycle, by its id if possible, or None."""
        found = [call for call in self.calls.values() if call.retrieves and call.answer is model]
        return next((call for call in found if call.is_by_id), next(iter(found), None))

    def bulk_retrieval(self, call: Call) -> Call | None:
        """The operation that retrieves one item of the list `call`, or None if the whole list cannot be polled."""
        is_whole = call.pagination and all(field.optional for field in call.filters)
        return self.retrieval(call.listed) if is_whole else None

    def listing(self, method: str) -> Call:
        """The operation that an iterating method uses, such as iter_batches."""
        return next(call for call in self.calls.values() if call.pagination and f"iter_{call.plural}" == method)

    def retrieval_of(self, method: str) -> Call | None:
        """The operation that a waiting method uses, such as wait_for_batch or wait_for_batches, or None."""
        waits = {f"wait_for_{call.answer.module}": call for call in self.calls.values() if call.answer}
        waits |= {
            f"wait_for_{call.plural}": single for call in self.calls.values() if (single := self.bulk_retrieval(call))
        }
        return waits.get(method)

    @property
    def imports(self) -> list[str]:
        """The needed imports from the standard library. ruff does not remove unused imports from an __init__.py."""
        calls = self.calls.values()
        annotations = " ".join(field.annotation for call in calls for field in (*call.in_path, *call.keywords))
        annotations += " ".join(["", *(call.result for call in calls)])
        used = set(re.findall(r"\w+", re.sub(r"Literal\[.*?\]", "Literal", annotations)))
        used |= {"Iterator", "AsyncIterator", "date"} if any(call.pagination for call in calls) else set()
        used |= {"Callable"} if any(call.retrieves for call in calls) else set()
        used |= {"Mapping"}
        used |= {"Any"} if any(call.body for call in calls) else set()
        used |= {"Callable", "Path", "PathLike"} if any(call.returned.is_file for call in calls) else set()
        used |= {"Iterable"} if any(self.bulk_retrieval(call) for call in calls) else set()
        if self.submitting:
            used |= {"Any", "Callable", "Iterable", "Path", "PathLike"}
            used |= {"Iterator", "AsyncIterator"} if self.submitting.has_results else set()
        modules = {
            "collections.abc": ("AsyncIterator", "Callable", "Iterable", "Iterator", "Mapping", "Sequence"),
            "datetime": ("date",),
            "os": ("PathLike",),
            "pathlib": ("Path",),
            "typing": ("Any", "Literal"),
        }
        needed = {module: [name for name in names if name in used] for module, names in modules.items()}
        return [f"from {module} import {', '.join(names)}" for module, names in needed.items() if names]


@frozen
class Views:
    """All records that templates print."""

    contract: Contract
    models: Mapping[str, Model] = field(repr=False)
    groups: tuple[Group, ...]

    @property
    def calls(self) -> dict[str, Call]:
        """All operations, by Python name."""
        return {name: call for group in self.groups for name, call in group.calls.items()}

    def call(self, name: str) -> Call:
        """An operation, given by its operationId or by its Python name. Versions of the generator differ in this."""
        return next(call for key, call in self.calls.items() if name in (key, call.operation.id))

    def group(self, tag: str) -> Group:
        """The group of a tag, given by the tag or by the name of its package."""
        return next(group for group in self.groups if tag in (group.tag, group.module))

    def groups_using(self, model: Model) -> list[Group]:
        """The groups whose operations send or return a model."""
        return [
            group for group, names in zip(self.groups, self._schemas_of_groups, strict=True) if model.schema in names
        ]

    @cached_property
    def _schemas_of_groups(self) -> list[frozenset[str]]:
        """The names of the schemas that the operations of each group send or return."""
        operations = ([call.operation for call in group.calls.values()] for group in self.groups)
        return [
            frozenset(self.contract.schema_names([part for one in group for part in (one.document, *one.parameters)]))
            for group in operations
        ]


def _largest(contract: Contract, schema: Any) -> int:
    """The largest page size that a schema allows."""
    schemas = [contract.resolve(schema)]
    for each in schemas:
        schemas += [contract.resolve(part) for key in ("allOf", "anyOf", "oneOf") for part in each.get(key, ())]
    sizes: list[int] = [value for each in schemas for value in each.get("enum", ()) if isinstance(value, int)]
    if sizes:
        return max(sizes)
    limits: list[int] = [math.floor(each["maximum"]) for each in schemas if "maximum" in each]
    limits += [math.ceil(each["exclusiveMaximum"]) - 1 for each in schemas if "exclusiveMaximum" in each]
    least: list[int] = [math.ceil(each["minimum"]) for each in schemas if "minimum" in each]
    return min(limits) if limits else max([DEFAULT_LARGEST_PAGE, *least])


def _schema_at(contract: Contract, schema: Any, path: tuple[str, ...]) -> Mapping[str, Any]:
    """The schema of the value at a path of keys. If the value is nullable, the alternative null is left out."""
    schema = contract.resolve(schema)
    for alternative in schema.get("anyOf", ()):
        if contract.resolve(alternative).get("type") != "null":
            schema = contract.resolve(alternative)
    if not path:
        return dict(schema)
    inside = schema.get("properties", {}).get(path[0], schema.get("additionalProperties", {}))
    return _schema_at(contract, inside, path[1:])
