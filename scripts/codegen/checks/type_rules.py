"""The rules about the Python types of schemas: each schema has one, and reading finds the right alternative."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from openapi_python_client.strings import ClassName

from scripts.codegen.views.properties import properties_of
from scripts.codegen.views.python_types import UnsupportedError
from scripts.codegen.views.schema_types import SchemaTypes
from scripts.openapi.contract import Contract
from scripts.openapi.document import as_list, as_map
from scripts.openapi.operations import operations
from scripts.openapi.pointers import below

from .catalogue import Violations, resolve, rule
from .contract_rules import component_is_named
from .kinds import places

_COMBINING = ("allOf", "anyOf", "oneOf")


@rule
def schema_has_type(contract: Contract) -> Violations:
    """Each schema has a Python type, and a property or JSON type tells the alternatives of a union apart."""
    types = SchemaTypes(contract, {name: str(ClassName(name, "field_")) for name in contract.schemas})
    found: dict[str, str] = {}
    if any(component_is_named(contract)):
        return
    for name, schema in contract.schemas.items():
        try:
            properties_of(contract, schema)
        except UnsupportedError as error:
            found[below("/components/schemas", name)] = str(error)
    if not found:
        for place in places(contract):
            is_component = re.fullmatch(r"/components/schemas/[^/]+", place.pointer)
            # The properties of a part of allOf belong to the class of the component.
            if place.kind == "schema" and (is_component or "properties" not in place.node):
                try:
                    types.of({"$ref": f"#{place.pointer}"} if is_component else place.node)
                except UnsupportedError as error:
                    found[place.pointer] = str(error)
        for name, properties in types.classes.items():
            for key, each in properties.items():
                try:
                    types.of(each.schema)
                except UnsupportedError as error:
                    found.setdefault(below("/components/schemas", name), f"{key}: {error}")
    for pointer, message in found.items():
        # The reason is in the innermost schema.
        target = contract.source.target(as_reference(contract.source.find(pointer)))
        if target not in found and not any(other.startswith(f"{pointer}/") for other in found):
            yield pointer, message


def as_reference(node: object) -> object:
    return node.get("$ref") if isinstance(node, Mapping) else None


@rule
def alternatives_stand_alone(contract: Contract) -> Violations:
    """The alternatives of oneOf and anyOf beside properties only require some of the properties."""
    reported = set()
    for name in SchemaTypes(contract, {}).classes:
        for pointer, part in _combined(contract, below("/components/schemas", name)):
            for keyword in ("anyOf", "oneOf"):
                shaped = [one for one in as_list(part.get(keyword)) if not _only_requires(resolve(contract, one))]
                if shaped and pointer not in reported:
                    reported.add(pointer)
                    advice = "move their properties beside it, or make a component with this union alone"
                    yield below(pointer, keyword), f"the alternatives beside properties shape the object; {advice}"


def _combined(contract: Contract, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schemas that a component combines with `allOf` and `$ref`, with their pointers."""
    waiting = [pointer]
    for place in waiting:
        node = contract.source.find(place)
        if isinstance(node, Mapping):
            yield place, node
            waiting += [below(place, "allOf", index) for index, _ in enumerate(as_list(node.get("allOf")))]
            target = contract.source.target(node.get("$ref"))
            waiting += [target] if target is not None and target not in waiting else []


def _only_requires(schema: Mapping[str, Any]) -> bool:
    """Whether a schema of an object says nothing about the types of its properties."""
    combines = any(not _only_requires(as_map(one)) for key in _COMBINING for one in as_list(schema.get(key)))
    return not schema.keys() & {"$ref", "properties", "additionalProperties", "const", "enum", "items"} and not combines


@rule
def required_property_is_sent(contract: Contract) -> Violations:
    """Each name in `required` of a schema that is sent is a property, so that callers can pass it."""
    sent = contract.schema_names([operation.node.get("requestBody") for operation in operations(contract.source)])
    classes = SchemaTypes(contract, {}).classes
    for name in sent:
        for pointer, part in _combined(contract, below("/components/schemas", name)) if name in classes else ():
            for index, key in enumerate(as_list(part.get("required"))):
                if key not in classes[name]:
                    yield (
                        below(pointer, "required", index),
                        f"{key} is no property; add the property, or remove the name",
                    )


@rule
def additional_properties_are_plain(contract: Contract) -> Violations:
    """An object with properties does not restrict the type of its additional properties."""
    for place in places(contract):
        if place.kind == "schema" and "properties" in place.node:
            values = place.node.get("additionalProperties")
            if isinstance(values, Mapping) and values:
                advice = "use true, or move the map to a property"
                yield below(place.pointer, "additionalProperties"), f"this is not supported beside properties; {advice}"


@rule
def property_has_one_direction(contract: Contract) -> Violations:
    """A component that is sent has no readOnly property, and a component that is received has no writeOnly property."""
    sent = [operation.node.get("requestBody") for operation in operations(contract.source)]
    received = [operation.node.get("responses") for operation in operations(contract.source)]
    names = {"readOnly": set(contract.schema_names(sent)), "writeOnly": set(contract.schema_names(received))}
    verbs = {"readOnly": "sent", "writeOnly": "received"}
    for name, schema in contract.schemas.items():
        for place, node in _properties(below("/components/schemas", name), schema):
            for keyword, used in names.items():
                is_set = True in (contract.source.resolve(node)[0].get(keyword), node.get(keyword))
                if is_set and name in used:
                    advice = "use a component of its own for each direction"
                    yield below(place, keyword), f"{keyword} in a schema that is {verbs[keyword]}; {advice}"


def _properties(pointer: str, schema: object) -> "list[tuple[str, Mapping[str, object]]]":
    if not isinstance(schema, Mapping):
        return []
    found = [(below(pointer, "properties", key), node) for key, node in dict(schema.get("properties", {})).items()]
    for index, part in enumerate(as_list(schema.get("allOf"))):
        found += _properties(below(pointer, "allOf", index), part)
    return [(place, node) for place, node in found if isinstance(node, Mapping)]
