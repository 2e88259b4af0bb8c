"""Hypothesis strategies for the contract's schemas: arguments of operations, and values at the limits of a schema."""

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from hypothesis import strategies as st

from openai_batch_client._runtime.reading import IDENTITY, MAX_ID_LENGTH, NO_IDS
from scripts.openapi.contract import Contract, ContractOperation

Strategy = st.SearchStrategy[Any]

# JSON cannot contain half of a surrogate pair.
_CHARACTER = st.characters(exclude_categories=["Cs"])
_KEYWORDS = {
    *("$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf", "properties", "required", "additionalProperties"),
    *("propertyNames", "minProperties", "maxProperties", "items", "minItems", "maxItems", "uniqueItems", "minLength"),
    *("maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_ANNOTATIONS = {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"}
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(_CHARACTER),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(_CHARACTER), inside, max_size=3),
    max_leaves=5,
)


@frozen
class Arguments:
    """Arguments of an operation, under their names in the contract."""

    parameters: dict[tuple[str, str], Any]
    """The value of each parameter, by its location (path, query, header) and name."""
    body: dict[str, Any] | None
    """None for an operation without a body."""

    @property
    def all(self) -> dict[str, Any]:
        """Parameters and body fields together, as the methods of the client accept them."""
        return {name: value for (_, name), value in self.parameters.items()} | (self.body or {})

    def answered(self, document: Any) -> Any:
        """A drawn response with the id in the path of the request, because the client refuses another id."""
        asked = [value for (place, _), value in self.parameters.items() if place == "path"]
        return {**document, "id": asked[0]} if asked and isinstance(document, dict) and "id" in document else document


def arguments(operation: ContractOperation) -> st.SearchStrategy[Arguments]:
    """Draw arguments for `operation`; each optional argument has a value, is null or is absent."""
    contract = operation.contract
    parameters: dict[tuple[str, str], Strategy] = {}
    optional: dict[tuple[str, str], Strategy] = {}
    for parameter in operation.parameters:
        place, name = str(parameter["in"]), str(parameter["name"])
        value = values(contract, parameter["schema"], huge=2_000).filter(_SENDABLE.get(place, _always))
        if parameter.get("required"):
            parameters[place, name] = value
        else:
            optional[place, name] = st.none() | value
    body: Strategy = st.none()
    if operation.request_schema:
        body = values(contract, operation.request_schema, closed=True)
    return st.builds(Arguments, st.fixed_dictionaries(parameters, optional=optional), body)


def values(contract: Contract, schema: Any, *, huge: int = 5_000, closed: bool = False) -> Strategy:
    """Draw values that are valid under `schema`.

    Args:
        contract: The document of the references.
        schema: A schema of OpenAPI 3.1 with the keywords that the generator supports.
        huge: Length in characters of the longest strings where no maxLength is set.
        closed: Whether objects have no properties beyond those in the schema.

    Raises:
        NotImplementedError: The schema has a keyword that this module does not support.
    """
    schema = _whole(contract, schema)
    if unknown := schema.keys() - _KEYWORDS - _ANNOTATIONS - {key for key in schema if key.startswith("x-")}:
        raise NotImplementedError(f"tests/support/drawing.py does not support {sorted(unknown)}; add the keyword there")
    options: dict[str, Any] = {"huge": huge, "closed": closed}
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return st.one_of([values(contract, one, **options) for one in schema[key]])
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return st.one_of([values(contract, schema | {"type": kind}, **options) for kind in kinds])
    match kinds:
        case "object":
            return _objects(contract, schema, **options)
        case "array":
            item = values(contract, schema.get("items", {}), **options)
            low, high = schema.get("minItems", 0), schema.get("maxItems", 3)
            return st.lists(item, min_size=low, max_size=high, unique_by=repr if schema.get("uniqueItems") else None)
        case "string":
            return _strings(schema, huge)
        case "integer" | "number":
            return _numbers(schema, kinds)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    return _ANYTHING


def _whole(contract: Contract, schema: Any) -> dict[str, Any]:
    """A schema in one object: `$ref` is resolved, and its siblings and the members of `allOf` are merged in."""
    if not isinstance(schema, Mapping):
        return {}
    whole = dict(contract.resolve(schema)) | {key: value for key, value in schema.items() if key != "$ref"}
    for part in whole.pop("allOf", ()):
        more = _whole(contract, part)
        properties = {**whole.get("properties", {}), **more.get("properties", {})}
        required = [*whole.get("required", ()), *more.get("required", ())]
        whole |= more
        if properties:
            whole |= {"properties": properties, "required": required}
    return whole


def _objects(contract: Contract, schema: dict[str, Any], huge: int, closed: bool) -> Strategy:
    properties = schema.get("properties", {})
    drawn = {name: values(contract, one, huge=huge, closed=closed) for name, one in properties.items()}
    if IDENTITY in drawn:
        # The client refuses ids that no path can contain.
        drawn[IDENTITY] = drawn[IDENTITY].filter(lambda value: value not in NO_IDS and len(str(value)) <= MAX_ID_LENGTH)
    needed = {name: one for name, one in drawn.items() if name in schema.get("required", ())}
    named = st.fixed_dictionaries(needed, optional={name: one for name, one in drawn.items() if name not in needed})
    more = schema.get("additionalProperties", True)
    if more is False or (closed and properties):
        return named
    name = values(contract, {"type": "string", **schema.get("propertyNames", {})}, huge=100)
    low, high = (max(schema.get(key, default) - len(needed), 0) for key, default in _COUNTS)
    value = _ANYTHING if more is True else values(contract, more, huge=huge, closed=closed)
    few = st.dictionaries(name.filter(lambda one: one not in properties), value, min_size=low, max_size=min(high, 3))
    if "maxProperties" not in schema or more is True:
        return st.builds(lambda unknown, known: {**unknown, **known}, few, named)
    full = st.fixed_dictionaries({f"{number:02}": value for number in range(high)})
    return st.builds(lambda unknown, known: {**unknown, **known}, few | full, named)


_COUNTS = (("minProperties", 0), ("maxProperties", 3))


def _strings(schema: dict[str, Any], huge: int) -> Strategy:
    match schema.get("format"):
        case "date-time":
            return st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
        case "date":
            return st.dates().map(lambda day: day.isoformat())
        case "uuid":
            return st.uuids().map(str)
    if "pattern" in schema:
        return st.from_regex(schema["pattern"])
    low, high = schema.get("minLength", 0), schema.get("maxLength", huge)
    usual = st.text(_CHARACTER, min_size=low, max_size=min(high, low + 20))
    return usual | usual | st.sampled_from([low, high]).flatmap(lambda size: _CHARACTER.map(lambda one: one * size))


def _numbers(schema: dict[str, Any], kind: str) -> Strategy:
    step = schema.get("multipleOf", 1)
    low, high = schema.get("minimum"), schema.get("maximum")
    if kind == "integer":
        low = schema["exclusiveMinimum"] + 1 if "exclusiveMinimum" in schema else low
        high = schema["exclusiveMaximum"] - 1 if "exclusiveMaximum" in schema else high
        limits = [limit for limit in (low, high) if limit is not None] or [0, -1, 2**53, 2**63]
        whole = st.integers(None if low is None else -(-low // step), None if high is None else high // step)
        return whole.map(lambda number: number * step) | st.sampled_from([n for n in limits if n % step == 0] or [0])
    return st.floats(
        min_value=schema.get("exclusiveMinimum", low),
        max_value=schema.get("exclusiveMaximum", high),
        exclude_min="exclusiveMinimum" in schema,
        exclude_max="exclusiveMaximum" in schema,
        allow_nan=False,
        allow_infinity=False,
    )


def _always(_: object) -> bool:
    return True


def fits_path(value: object) -> bool:
    """Whether a value can be a path segment without changing the rest of the URL."""
    text = str(value)
    return text not in ("", ".", "..") and not re.search("[\x00-\x1f\x7f-\x9f]", text)


def fits_header(value: object) -> bool:
    """Whether a header can transmit a value unchanged."""
    text = str(value)
    return text.isascii() and text.isprintable() and text == text.strip()


_SENDABLE = {"path": fits_path, "header": fits_header}


def response_schema(operation: ContractOperation, code: str) -> Any:
    """The schema of a response's body, or None if it has no body."""
    return operation.responses[code].get("content", {}).get("application/json", {}).get("schema")
