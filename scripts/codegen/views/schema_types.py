"""Determines the Python types of the contract's schemas."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Self

from attrs import define, evolve, field
from openapi_python_client.config import Config
from openapi_python_client.strings import ClassName, PythonIdentifier

from scripts.openapi.contract import Contract
from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below, keys
from scripts.openapi.walk import walk

from .properties import Property, properties_of
from .python_types import ANY, NONE, PythonType, UnsupportedError, combined, list_of, map_of, scalar, without_none
from .records import avoid
from .unions import told_apart

# Dates and UUIDs stay strings, because an object with a malformed date must still be read.
_SCALARS: dict[str, PythonType] = {
    "boolean": scalar("bool"),
    "integer": scalar("int"),
    "number": scalar("float"),
    "string": scalar("str"),
}
_KINDS = {"object": "object", "array": "list", "null": "null"}
_JSON_TYPES = {float: scalar("float"), dict: map_of(ANY), list: list_of(ANY)}
# The keywords that determine a type. All others are annotations, or bounds that the server judges.
_SHAPING = ("type", "const", "enum", "properties", "additionalProperties", "items", "prefixItems", "anyOf", "oneOf")
# The names of attributes and of functions that a class uses itself.
RESERVED_FIELDS = frozenset({"additional_properties", "field", "from_dict", "from_document", "to_dict"})
Schema = Mapping[str, Any]


@define(slots=False, eq=False)
class SchemaTypes:
    """The types of the schemas of a contract.

    A component becomes a class if it has properties. An enum, a map, a union with classes, and a schema that contains
    itself become an alias. All other components are written out where they are used.
    """

    contract: Contract = field(repr=False)
    names: Mapping[str, str] = field(repr=False)
    """The Python name of each component."""
    prefix: str = "field_"
    """What precedes a name that is no Python identifier."""
    _found: dict[str, PythonType] = field(factory=dict, init=False, repr=False)
    """The types of aliases, by component."""
    _references: dict[str, dict[str, None]] = field(factory=dict, init=False, repr=False)
    """The components to which each component refers, as for `_reached`."""

    @classmethod
    def make(cls, contract: Contract, config: Config) -> Self:
        names = {name: str(ClassName(name, config.field_prefix)) for name in contract.schemas}
        return cls(contract, names, config.field_prefix)

    def of(self, schema: Any) -> PythonType:
        """The type of a schema.

        Raises:
            UnsupportedError: The templates do not support the schema.
        """
        parts = self._parts(schema)
        named = list(dict.fromkeys(part for part in parts if isinstance(part, str)))
        written = [part for part in parts if not isinstance(part, str)]
        if not named:
            return self._written(_merged(written))
        if len(named) > 1 or any(part.keys() - {"type"} for part in written):
            raise UnsupportedError(f"allOf combines {named[0]} with another schema here; make a component of it")
        return self._component(named[0])

    @cached_property
    def classes(self) -> dict[str, dict[str, Property]]:
        """The properties of each component that becomes a class, in the order of the contract."""
        found = {
            name: properties_of(self.contract, schema)
            for name, schema in self.contract.schemas.items()
            if not self._is_other_name(schema)
        }
        return {name: properties for name, properties in found.items() if properties}

    @cached_property
    def enums(self) -> dict[str, tuple[str | int, ...]]:
        """The values of each component that becomes a Literal, without null."""
        found: dict[str, tuple[str | int, ...]] = {}
        for name, schema in self.contract.schemas.items():
            values = [value for value in as_list(schema.get("enum")) if value is not None]
            if values and all(isinstance(value, (str, int)) for value in values):
                found[name] = tuple(values)
        return found

    @cached_property
    def aliases(self) -> frozenset[str]:
        """The components that become an alias and are no enum."""
        return frozenset(
            name
            for name, schema in self.contract.schemas.items()
            if name not in self.classes and name not in self.enums and self._needs_alias(name, schema)
        )

    def python_name(self, key: str, written: Schema) -> str:
        """The name of an attribute: `x-python-name`, or the key in snake case."""
        name = str(written.get("x-python-name") or PythonIdentifier(key, self.prefix))
        return avoid(name, RESERVED_FIELDS)

    def contains_itself(self, name: str) -> bool:
        """Whether an alias contains itself, so that a function of its own must read it."""
        if name not in self._references:
            self._references[name] = self._reached(self.contract.schemas[name])
        return name in self._references[name]

    def alias(self, name: str) -> PythonType:
        """The type for which an alias stands, without None."""
        found = self._written(self._meant(name))
        return evolve(found, read=without_none(found.read), write=without_none(found.write))

    def _meant(self, name: str) -> Schema:
        """The schema for which an alias stands, without `allOf`."""
        parts = self._parts(self.contract.schemas[name])
        if any(isinstance(part, str) for part in parts):
            raise UnsupportedError(f"{name} combines components with allOf; write its alternatives out")
        return _merged([part for part in parts if not isinstance(part, str)])

    def _needs_alias(self, name: str, schema: Schema) -> bool:
        alternatives = [one for one in _alternatives(schema) if as_map(one).get("type") != "null"]
        if set(_types(schema)) - {"null"} == {"object"} and not alternatives:
            return True
        reached = self._reached(schema)
        return name in reached or (len(alternatives) > 1 and not self.classes.keys().isdisjoint(reached))

    def _reached(self, schema: Any) -> dict[str, None]:
        """The components to which a schema refers, directly or through other components that are no classes."""
        found: dict[str, None] = {}
        waiting = [schema]
        seen: set[str] = set()
        for node in waiting:
            for part in walk(node):
                pointer = None if part.has_names else self.contract.source.target(part.value.get("$ref"))
                if pointer is None or pointer in seen:
                    continue
                seen.add(pointer)
                name = _component_name(pointer)
                if name:
                    found[name] = None
                if name not in self.classes:
                    waiting.append(self.contract.source.find(pointer))
        return found

    def _is_other_name(self, schema: Schema) -> bool:
        """Whether a component is only a reference to another schema."""
        all_of = as_list(schema.get("allOf"))
        references = [schema] if "$ref" in schema else all_of
        is_child = any(self._extends(one) for one in all_of)
        return len(references) == 1 and "$ref" in as_map(references[0]) and not is_child and "properties" not in schema

    def _extends(self, schema: Any, inside: tuple[str, ...] = ()) -> bool:
        """Whether a part of `allOf` refers to a component with a discriminator, directly or indirectly."""
        pointer = self.contract.source.target(as_map(schema).get("$ref"))
        if pointer is None or pointer in inside:
            return False
        target = as_map(self.contract.source.find(pointer))
        if "discriminator" in target and "properties" in target:
            return True
        return any(self._extends(part, (*inside, pointer)) for part in as_list(target.get("allOf")))

    def _parts(self, schema: Any, inside: tuple[str, ...] = ()) -> list["str | Schema"]:
        """The schemas that `allOf` and `$ref` combine: names of components with a Python name, or own keywords."""
        schema = as_map(schema)
        found: list[str | Schema] = []
        pointer = self.contract.source.target(schema.get("$ref"))
        if pointer is not None:
            name = _component_name(pointer)
            if pointer in inside:
                raise UnsupportedError(f"the schema at {pointer} refers to itself; remove the cycle")
            if name in self.classes or name in self.enums or name in self.aliases:
                found.append(name)
            else:
                found += self._parts(self.contract.source.find(pointer), (*inside, pointer))
        for part in as_list(schema.get("allOf")):
            found += self._parts(part, inside)
        if own := {key: schema[key] for key in (*_SHAPING, "discriminator") if key in schema}:
            found.append(own)
        return found

    def _component(self, name: str) -> PythonType:
        """The type of a component with a Python name."""
        schema, python = self.contract.schemas[name], self.names[name]
        if name in self.enums:
            bases = dict.fromkeys(type(value).__name__ for value in self.enums[name])
            found = PythonType((python, *bases), (python,), frozenset({python}))
            return found.or_none() if None in schema["enum"] else found
        if name in self.aliases:
            return self._alias(name)
        found = self._class(name)
        if children := self._children(name):
            found = self._one_of([*children, name], [schema["discriminator"]], fallback=name)
        return found.or_none() if "null" in _types(schema) else found

    def _class(self, name: str) -> PythonType:
        """The type of a component with properties."""
        python = self.names[name]
        others = set(_types(self.contract.schemas[name])) - {"object", "null"}
        if others:
            raise UnsupportedError(f"{name} has properties, and is not only an object; remove the type {min(others)}")
        return PythonType(
            (python,),
            (python, "Mapping[str, Any]"),
            frozenset({python}),
            frozenset({"object"}),
            object_reader=f"{python}.from_document",
            model=python,
        )

    def _alias(self, name: str) -> PythonType:
        """The type of a component that becomes an alias."""
        if name not in self._found and not self.contains_itself(name):
            self._found[name] = self._plain_alias(name)
        elif name not in self._found:
            self._found[name] = self._recursive(name)
            try:
                self.alias(name)
            except UnsupportedError:
                del self._found[name]
                raise
        return self._found[name]

    def _plain_alias(self, name: str) -> PythonType:
        python, meant = self.names[name], self._written(self._meant(name))
        write = without_none(meant.write) if meant.reader else (python,)
        names = meant.names | {python}
        found = evolve(meant, read=(python,), write=write, names=names, model=None, many=False)
        return found.or_none() if "None" in meant.read else found

    def _recursive(self, name: str) -> PythonType:
        """The type of an alias that contains itself. If it contains classes, a function of its own reads it."""
        python, kinds = self.names[name], self._kinds({"$ref": f"#{below('/components/schemas', name)}"}, set())
        has_class = self.contains_itself(name) and not self.classes.keys().isdisjoint(self._references[name])
        reader = f"read_{PythonIdentifier(python, self.prefix)}" if has_class else ""
        found = PythonType(
            (python,),
            (python,),
            frozenset({python}),
            frozenset(kinds - {"null"}),
            reader if "object" in kinds else "",
            reader if "list" in kinds else "",
            function=reader,
        )
        return found.or_none() if "null" in kinds else found

    def _kinds(self, schema: Any, seen: set[str]) -> set[str]:
        """The kinds of JSON values that a schema describes: object, list, scalar, null."""
        found: set[str] = set()
        for part in self._parts(schema):
            if isinstance(part, str) and part not in self.aliases:
                found |= {"scalar" if part in self.enums else "object"}
            elif isinstance(part, str) and part not in seen:
                seen.add(part)
                found |= self._kinds(self.contract.schemas[part], seen)
            elif isinstance(part, Mapping) and _alternatives(part):
                found |= {kind for one in _alternatives(part) for kind in self._kinds(one, seen)}
            elif isinstance(part, Mapping):
                types = _types(part) or (["string"] if part.keys() & {"const", "enum"} else [])
                found |= {_KINDS.get(one, "scalar") for one in types}
        return found or {"object", "list", "scalar", "null"}

    def _children(self, name: str) -> list[str]:
        """The components that extend a component with a discriminator, directly or indirectly."""
        if "discriminator" not in self.contract.schemas[name]:
            return []
        found = [name]
        for parent in found:
            for child, schema in self.contract.schemas.items():
                targets = [self.contract.source.target(as_map(one).get("$ref")) for one in as_list(schema.get("allOf"))]
                if (
                    child in self.classes
                    and child not in found
                    and parent in map(_component_name, filter(None, targets))
                ):
                    found.append(child)
        return found[1:]

    def _written(self, schema: Schema) -> PythonType:
        """The type of a schema without `allOf` and `$ref`."""
        if any(self._parts(one) for one in _alternatives(schema)):
            if schema.keys() & {"const", "enum", "properties", "items"} or {"anyOf", "oneOf"} <= schema.keys():
                raise UnsupportedError(
                    "anyOf or oneOf stand beside other keywords that shape the value; write them out"
                )
            return self._union(schema)
        if "const" in schema:
            return _constants([schema["const"]])
        if "enum" in schema:
            return _constants(as_list(schema["enum"]))
        types = _types(schema)
        if not types:
            return ANY
        return combined([self._simple(name, schema) for name in types])

    def _simple(self, kind: str, schema: Schema) -> PythonType:
        """The type of a schema with one JSON type."""
        if kind == "array":
            return list_of(ANY if "prefixItems" in schema else self.of(schema.get("items")))
        if kind == "object":
            if schema.get("properties"):
                raise UnsupportedError("an object with properties has no name; move it to components/schemas")
            values = schema.get("additionalProperties")
            return map_of(self.of(values) if isinstance(values, Mapping) and "patternProperties" not in schema else ANY)
        return NONE if kind == "null" else _SCALARS[kind]

    def _union(self, schema: Schema) -> PythonType:
        discriminators: list[Schema] = []
        leaves = list(self._leaves(schema, discriminators))
        classes = list(dict.fromkeys(leaf for leaf in leaves if isinstance(leaf, str)))
        found = [leaf for leaf in leaves if not isinstance(leaf, str)]
        if classes:
            first = next(index for index, leaf in enumerate(leaves) if isinstance(leaf, str))
            found.insert(first, self._one_of(classes, discriminators) if len(classes) > 1 else self._class(classes[0]))
        return combined(found)

    def _leaves(self, schema: Schema, discriminators: list[Schema]) -> Iterator["str | PythonType"]:
        """The alternatives of a union and of the unions inside it. A class is given by the name of its component."""
        if isinstance(schema.get("discriminator"), Mapping):
            discriminators.append(schema["discriminator"])
        for one in (*as_list(schema.get("anyOf")), *as_list(schema.get("oneOf"))):
            parts = self._parts(one)
            part = parts[0] if len(parts) == 1 else None
            if isinstance(part, str) and part in self.classes:
                for name in (*self._children(part), part):
                    yield name
                    if isinstance(discriminator := self.contract.schemas[name].get("discriminator"), Mapping):
                        discriminators.append(discriminator)
                if "null" in _types(self.contract.schemas[part]):
                    yield NONE
                continue
            if (
                isinstance(part, str)
                and part in self.aliases
                and part not in self._reached(self.contract.schemas[part])
            ):
                part = self._meant(part)
            if isinstance(part, Mapping) and any(self._parts(each) for each in _alternatives(part)):
                yield from self._leaves(part, discriminators)
            else:
                yield self.of(one)

    def _one_of(
        self, classes: Sequence[str], discriminators: Sequence[Schema], fallback: str | None = None
    ) -> PythonType:
        """The type of objects of several classes.

        An object that is none of them is read with the class `fallback`, or stays a dict.
        """
        key, values = told_apart(self.contract, {name: self.classes[name] for name in classes}, discriminators)
        readers = ", ".join(f"{json.dumps(value)}: {self.names[name]}.from_document" for value, name in values.items())
        names = tuple(self.names[name] for name in classes)
        rest = f", {self.names[fallback]}.from_document" if fallback else ""
        return PythonType(
            names if fallback else (*names, "dict[str, Any]"),
            (*names, "Mapping[str, Any]"),
            frozenset(names),
            frozenset({"object"}),
            object_reader=f"one_of({json.dumps(key)}, {{{readers}}}{rest})",
        )


def _component_name(pointer: str) -> str:
    """The name of the component schema at a pointer, or an empty string."""
    path = keys(pointer)
    return path[2] if len(path) == 3 and path[:2] == ["components", "schemas"] else ""


def _types(schema: Schema) -> list[str]:
    """The JSON types of a schema, or an empty list if it does not restrict them."""
    written = schema.get("type")
    if written is not None:
        return [written] if isinstance(written, str) else list(map(str, as_list(written)))
    if schema.keys() & {"properties", "additionalProperties"}:
        return ["object"]
    return ["array"] if schema.keys() & {"items", "prefixItems"} else []


def _alternatives(schema: Schema) -> list[Any]:
    return [*as_list(schema.get("anyOf")), *as_list(schema.get("oneOf"))]


def _merged(parts: Sequence[Schema]) -> Schema:
    """One schema for the values that all `parts` describe."""
    merged: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if key == "type" and key in merged:
                value = [one for one in _types(merged) if one in _types(part)]
            elif key == "enum" and key in merged:
                value = [one for one in merged[key] if one in value]
            elif merged.get(key, value) != value:
                raise UnsupportedError(f"allOf gives two different values of {key}; write one schema")
            merged[key] = value
    return merged


def _constants(values: Sequence[Any]) -> PythonType:
    """The type of constant values."""
    literals = [repr(value) for value in values]
    known = [one for one, value in zip(literals, values, strict=True) if isinstance(value, (str, int))]
    others = [value for value in values if value is not None and not isinstance(value, (str, int))]
    bases = list(dict.fromkeys(type(value).__name__ for value in values if isinstance(value, (str, int))))
    found = [PythonType((literal := f"Literal[{', '.join(known)}]", *bases), (literal,))] if known else []
    found += [_JSON_TYPES[type(value)] for value in others]
    single = literals[0] if len(values) == 1 and known else ""
    return evolve(combined([*found, *([NONE] if None in values else [])]), constant=single)
