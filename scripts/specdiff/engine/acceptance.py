"""Decides whether a schema accepts a JSON value, as far as the keywords of the schema tell."""

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from attrs import evolve

from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below

from .canonical_json import canonical_json
from .document import ComparedDocument
from .schema import Bound, RawSchema, Schema

TYPES = frozenset(["string", "integer", "fraction", "boolean", "object", "array"])
"""The types apart from null. A number is an integer or has a fraction."""
BOUNDS = {
    "minimum": (1, "number"),
    "maximum": (-1, "number"),
    "minLength": (1, "string"),
    "maxLength": (-1, "string"),
    "minItems": (1, "array"),
    "maxItems": (-1, "array"),
    "minProperties": (1, "object"),
    "maxProperties": (-1, "object"),
}
"""For each bound: 1 for a minimum and -1 for a maximum, and the type of its values."""
_DEPTH = 40


def kinds(types: Iterable[str]) -> frozenset[str]:
    """The `TYPES` that a list of JSON Schema types allows; all if the list is empty."""
    whole = frozenset(types)
    return (whole | {"integer", "fraction"} if "number" in whole else whole) & TYPES if whole else TYPES


def kind_of(value: Any) -> str:
    """The one of `TYPES` to which a value belongs, or null."""
    if isinstance(value, float):
        return "integer" if value.is_integer() else "fraction"
    for kind, name in ((bool, "boolean"), (int, "integer"), (str, "string"), (list, "array"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return "null"


def is_trivial(schema: Schema) -> bool:
    """Whether a schema accepts every value."""
    return not (schema.ref or schema.properties or schema.constrains)


def means_object(schema: Schema) -> bool:
    """Whether a schema has properties but no type. Formally all other types are allowed; authors mean an object."""
    return bool(schema.properties) and not (
        schema.types or schema.keywords.keys() & {"enum", "anyOf", "oneOf", "allOf"}
    )


def is_false(schema: Schema) -> bool:
    """Whether a schema accepts no value."""
    return schema.get("not", False) in ({}, True)


def accepts(document: ComparedDocument, raw: RawSchema, value: Any, depth: int = 0) -> bool | None:
    """Whether a schema accepts a value; None if this cannot be decided."""
    schema = document.schema(*raw)
    if value is None and schema.nullable:
        return True
    if depth > _DEPTH:
        return None
    return _all(_checks(document, schema, value, depth + 1))


def accepts_by_itself(document: ComparedDocument, schema: Schema, value: Any) -> bool | None:
    """Whether a schema accepts a value, without the target of its `$ref` and the members of its `allOf`."""
    keywords = {key: keyword for key, keyword in schema.keywords.items() if key != "allOf"}
    return _all(_checks(document, evolve(schema, keywords=keywords, ref=None), value, 1))


def _all(checks: Iterable[bool | None]) -> bool | None:
    result: bool | None = True
    for check in checks:
        if check is False:
            return False
        result = result if check else None
    return result


def _not(check: bool | None) -> bool | None:
    return None if check is None else not check


def _checks(document: ComparedDocument, schema: Schema, value: Any, depth: int) -> Iterable[bool | None]:
    def inner(raw: RawSchema) -> bool | None:
        return accepts(document, raw, value, depth)

    kind, keywords = kind_of(value), schema.keywords
    if kind == "null" and means_object(schema):
        yield False
    if schema.types:
        yield kind in kinds(schema.types) if kind != "null" else "null" in schema.types
    if "enum" in keywords:
        text = canonical_json(value)
        yield any(canonical_json(option) == text for option in keywords["enum"])
    if schema.ref:
        yield inner((document.find(schema.ref), schema.ref))
    for member in schema.subschemas("allOf"):
        yield inner(member)
    if "anyOf" in keywords:
        found = [inner(member) for member in schema.subschemas("anyOf")]
        yield True if True in found else None if None in found else False
    if "oneOf" in keywords:
        found = [inner(member) for member in schema.subschemas("oneOf")]
        yield False if found.count(True) > 1 else None if None in found else found.count(True) == 1
    if is_false(schema):
        yield False
    elif "not" in keywords:
        yield _not(inner((keywords["not"], schema.pointer_of("not"))))
    if "if" in keywords:
        condition = inner((keywords["if"], schema.pointer_of("if")))
        branch = "then" if condition else "else"
        if condition is None:
            yield None
        elif branch in keywords:
            yield inner((keywords[branch], schema.pointer_of(branch)))
    for keyword, (sign, of_kind) in BOUNDS.items():
        if keyword in keywords and kind in kinds([of_kind]):
            yield is_within(keywords[keyword], sign, value if of_kind == "number" else len(value))
    if "multipleOf" in keywords and kind in ("integer", "fraction"):
        yield is_multiple(value, keywords["multipleOf"])
    if "pattern" in keywords and kind == "string":
        yield matches(keywords["pattern"], value)
    if kind == "object" and (schema.properties or keywords.keys() & _OF_OBJECTS):
        yield from _of_object(document, schema, value, depth)
    if kind == "array" and keywords.keys() & _OF_ARRAYS:
        yield from _of_array(document, schema, value, depth)
    if keywords.keys() & _OPEN or (kind == "string" and keywords.keys() & _OF_STRINGS):
        yield None


_OF_OBJECTS = {"required", "additionalProperties", "patternProperties", "unevaluatedProperties", "propertyNames"}
_OF_OBJECTS |= {"dependentRequired", "dependentSchemas"}
_OF_ARRAYS = {"items", "prefixItems", "contains", "uniqueItems", "unevaluatedItems"}
_OF_STRINGS = {"format", "contentEncoding", "contentMediaType", "contentSchema"}
_OPEN = {"$ref", "$dynamicRef"}


def _of_object(
    document: ComparedDocument, schema: Schema, value: Mapping[str, Any], depth: int
) -> Iterable[bool | None]:
    yield schema.required <= value.keys()
    for name, item in value.items():
        for raw in schemas_of_property(schema, name):
            yield accepts(document, raw, item, depth)
    if schema.keywords.keys() & {"unevaluatedProperties", "propertyNames", "dependentRequired", "dependentSchemas"}:
        yield None


def _of_array(document: ComparedDocument, schema: Schema, value: list[Any], depth: int) -> Iterable[bool | None]:
    for index, item in enumerate(value):
        raw = schema_of_position(schema, index)
        yield accepts(document, raw, item, depth) if raw else True
    if schema.get("uniqueItems") is True:
        yield len({canonical_json(item) for item in value}) == len(value)
    if schema.keywords.keys() & {"contains", "unevaluatedItems"}:
        yield None


def is_within(bound: Bound, sign: int, value: float) -> bool:
    """Whether a value is on the allowed side of a minimum (sign 1) or maximum (sign -1)."""
    return value * sign > bound.value * sign or (value == bound.value and not bound.is_exclusive)


def is_multiple(value: Any, divisor: Any) -> bool | None:
    """Whether a number is a multiple of another number, without errors of floating-point arithmetic."""
    try:
        return Fraction(str(value)) % Fraction(str(divisor)) == 0
    except (ValueError, ZeroDivisionError):
        return None


def matches(pattern: Any, text: str) -> bool | None:
    """Whether a text matches a pattern; None if the pattern is invalid."""
    try:
        return re.search(str(pattern), text) is not None
    except (re.error, RecursionError):
        return None


def schemas_of_property(schema: Schema, name: str) -> list[RawSchema]:
    """The schemas that apply to a property, apart from `unevaluatedProperties`."""
    found = [schema.properties[name]] if name in schema.properties else []
    pointer = schema.pointer_of("patternProperties")
    for pattern, node in as_map(schema.get("patternProperties")).items():
        if matches(pattern, name) is not False:
            found.append((node, below(pointer, pattern)))
    if not found and "additionalProperties" in schema.keywords:
        found.append((schema.get("additionalProperties"), schema.pointer_of("additionalProperties")))
    return found


def schema_of_position(schema: Schema, index: int) -> RawSchema | None:
    """The schema that applies to the item at a position."""
    prefix = as_list(schema.get("prefixItems"))
    if index < len(prefix):
        return prefix[index], below(schema.pointer_of("prefixItems"), index)
    return (schema.get("items"), schema.pointer_of("items")) if "items" in schema.keywords else None
