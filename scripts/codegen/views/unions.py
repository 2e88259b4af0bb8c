"""Finds the property that tells the classes of a union apart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scripts.openapi.contract import Contract
from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import keys

from .properties import Property
from .python_types import UnsupportedError

Schema = Mapping[str, Any]


def told_apart(
    contract: Contract, classes: Mapping[str, Mapping[str, Property]], discriminators: Sequence[Schema]
) -> tuple[str, dict[Any, str]]:
    """The key of the property that tells some classes apart, and the class for each of its values.

    Args:
        contract: The contract.
        classes: The properties of each class, by the name of its component.
        discriminators: The discriminator objects of the union and of the unions inside it.

    Raises:
        UnsupportedError: Nothing tells the classes apart.
    """
    named = {str(one.get("propertyName")) for one in discriminators}
    if len(named) == 1:
        key = named.pop()
        mappings = {
            str(value): _target(contract, str(target))
            for one in discriminators
            for value, target in as_map(one.get("mapping")).items()
        }
        if strangers := set(mappings.values()) - set(classes):
            raise UnsupportedError(f"the discriminator maps to {min(strangers)}, which is no alternative; add it")
        pairs = [*((name, value) for value, name in mappings.items())]
        for name, properties in classes.items():
            own = list(_constants(contract, properties.get(key)))
            pairs += [(name, value) for value in own or ([] if name in mappings.values() else [name])]
        return key, _by_value(key, pairs)
    for key in next(iter(classes.values())):
        found = [
            (name, list(_constants(contract, properties.get(key), required=True)))
            for name, properties in classes.items()
        ]
        values = [value for _, each in found for value in each]
        if all(each for _, each in found) and len(values) == len(set(values)):
            return key, {value: name for name, each in found for value in each}
    raise UnsupportedError(
        f"nothing tells {' and '.join(list(classes)[:2])} apart; "
        "add a discriminator, or a required property with a different constant in each"
    )


def _by_value(key: str, pairs: Sequence[tuple[str, Any]]) -> dict[Any, str]:
    found: dict[Any, str] = {}
    for name, value in pairs:
        if found.setdefault(value, name) != name:
            raise UnsupportedError(f"{key} {value} stands for {found[value]} and for {name}; use two values")
    return found


def _constants(contract: Contract, found: Property | None, *, required: bool = False) -> Iterator[Any]:
    """The constant values of a property, or nothing if it is not constant."""
    if found is None or (required and not found.required):
        return
    schemas = [found.schema]
    for schema in schemas:
        schema = contract.resolve(schema)
        schemas += as_list(schema.get("allOf"))
        values = [schema["const"]] if "const" in schema else as_list(schema.get("enum"))
        if values:
            yield from (value for value in values if isinstance(value, (str, int)) and not isinstance(value, bool))
            return


def _target(contract: Contract, written: str) -> str:
    """The component to which an entry of `mapping` refers: by name or by reference."""
    pointer = contract.source.target(written)
    return keys(pointer)[-1] if pointer else written
