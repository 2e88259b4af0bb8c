"""Collects the properties of a schema, including those of its `allOf`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from scripts.openapi.contract import Contract
from scripts.openapi.document import as_list, as_map

from .python_types import UnsupportedError

Schema = Mapping[str, Any]


class Property(NamedTuple):
    """A property of an object."""

    schema: Schema
    written: Schema
    """The schema with the keywords of the schema to which it refers, for texts and extensions."""
    required: bool


def properties_of(contract: Contract, schema: Any, inside: tuple[str, ...] = ()) -> dict[str, Property]:
    """The properties of a schema by key, in the order of the contract.

    `inside` are the pointers of the schemas from which references led here.
    """
    schema = as_map(schema)
    parts = as_list(schema.get("allOf"))
    if (pointer := contract.source.target(schema.get("$ref"))) is not None:
        if pointer in inside:
            raise UnsupportedError(f"the schema at {pointer} contains itself in allOf; remove the cycle")
        inside = (*inside, pointer)
        parts = [contract.source.find(pointer), *parts]
    found: dict[str, Property] = {}
    for part in parts:
        for key, each in properties_of(contract, part, inside).items():
            found[key] = _both(found[key], each) if key in found else each
    for key, value in as_map(schema.get("properties")).items():
        own = Property(as_map(value), {**contract.resolve(value), **as_map(value)}, False)
        found[key] = _both(found[key], own) if key in found else own
    required = as_list(schema.get("required"))
    return {key: each._replace(required=each.required or key in required) for key, each in found.items()}


def _both(first: Property, second: Property) -> Property:
    """A property to which two parts of `allOf` give a schema."""
    is_same = first.schema == second.schema
    schema = first.schema if is_same else {"allOf": [first.schema, second.schema]}
    return Property(schema, {**first.written, **second.written}, first.required or second.required)
