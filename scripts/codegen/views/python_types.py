"""Determines the Python type of a property: its annotation, and the class that parses its JSON."""

from collections.abc import Iterable, Set

from attrs import evolve, frozen
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty, Property
from openapi_python_client.parser.properties.any import AnyProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

# Dates and UUIDs stay strings, because a batch with a malformed date must still be parsed.
_SCALARS: dict[type, str] = {
    AnyProperty: "Any",
    BooleanProperty: "bool",
    DateProperty: "str",
    DateTimeProperty: "str",
    FloatProperty: "float",
    IntProperty: "int",
    NoneProperty: "None",
    StringProperty: "str",
    UuidProperty: "str",
}


class UnsupportedError(Exception):
    """The templates do not support a construct of the contract. The message suggests an alternative."""


@frozen
class PythonType:
    """A type in the generated package, given by the members of a union."""

    read: tuple[str, ...]
    """The annotation of a value from the server, where a Literal also accepts other values."""
    write: tuple[str, ...]
    """The annotation of a value from the caller, where a Literal is closed and a mapping can replace a model."""
    model: str | None = None
    """The class that parses the JSON objects, or None."""
    many: bool = False
    """Whether the type is a list of `model`."""
    names: frozenset[str] = frozenset()
    """The classes and aliases of the package that the annotations refer to."""

    @property
    def nullable(self) -> bool:
        return "None" in self.read or "Any" in self.read

    def or_none(self) -> "PythonType":
        """The type with None, for a property that may be absent."""
        return self if self.nullable else evolve(self, read=(*self.read, "None"), write=(*self.write, "None"))


def union(alternatives: Iterable[str]) -> str:
    """The annotation of a union."""
    return " | ".join(alternatives)


def is_map(model: ModelProperty) -> bool:
    """Whether a schema declares no properties. Such a schema becomes a dict instead of a class."""
    return not model.required_properties and not model.optional_properties


def map_value(model: ModelProperty, maps: Set[str]) -> PythonType:
    """The type of the values of a map."""
    if not isinstance(model.additional_properties, Property):
        return PythonType(("Any",), ("Any",))
    value = python_type(model.additional_properties, maps)
    if value.model:
        raise UnsupportedError(
            f"{model.class_info.name} is a map of objects; use a list of objects with a property for the name"
        )
    return value


def python_type(prop: PropertyProtocol, maps: Set[str]) -> PythonType:
    """The type of a schema, without the None of an optional property.

    `maps` are the names of the models that are maps. They are needed here, because the generator reads the properties
    of a referenced model later.

    Raises:
        UnsupportedError: The templates do not support the schema.
    """
    match prop:
        case UnionProperty():
            return _union(prop, maps)
        case ModelProperty():
            name = prop.class_info.name
            if name in maps:
                return PythonType((name,), (name,), names=frozenset({name}))
            return PythonType((name,), (name, "Mapping[str, Any]"), model=name, names=frozenset({name}))
        case ListProperty():
            item = python_type(prop.inner_property, maps)
            if item.many or (item.model and item.nullable):
                raise UnsupportedError(
                    f"{_name(prop)} is a list of lists or of nullable objects; use a list of objects"
                )
            read, write = f"list[{union(item.read)}]", f"Sequence[{union(item.write)}]"
            return PythonType((read,), (write,), item.model, bool(item.model), item.names)
        case LiteralEnumProperty():
            name = prop.class_info.name
            return PythonType((name, prop.value_type.__name__), (name,), names=frozenset({name}))
        case ConstProperty():
            literal = f"Literal[{prop.value.python_code.as_unembedded_code()}]"
            return PythonType((literal, type(prop.value.raw_value).__name__), (literal,))
        case _ if type(prop) in _SCALARS:
            return PythonType((_SCALARS[type(prop)],), (_SCALARS[type(prop)],))
        case _:
            raise UnsupportedError(f"{_name(prop)} has a type that the client does not support: {type(prop).__name__}")


def _union(prop: UnionProperty, maps: Set[str]) -> PythonType:
    parts = [python_type(inner, maps) for inner in prop.inner_properties]
    rest = [part for part in parts if part.read != ("None",)]
    if len(rest) > 1 and any(part.model for part in rest):
        raise UnsupportedError(f"{_name(prop)} is a union of several objects; use one object with optional properties")
    result = PythonType(
        tuple(dict.fromkeys(name for part in rest for name in part.read)),
        tuple(dict.fromkeys(name for part in rest for name in part.write)),
        rest[0].model if rest else None,
        rest[0].many if rest else False,
        frozenset().union(*(part.names for part in rest)),
    )
    return result.or_none() if len(rest) < len(parts) else result


def _name(prop: PropertyProtocol) -> str:
    return prop.name.get_untrusted_value()
