"""Hypothesis strategies for the contract's schemas: arguments of operations, and values at the limits of a schema."""

import json
import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from attrs import evolve, field, frozen
from hypothesis import strategies as st

from openai_batch_client._runtime.reading import IDENTITY, MAX_ID_LENGTH, NO_IDS
from scripts.batch_server.form_body import is_binary
from scripts.batch_server.resources import is_json
from scripts.openapi.contract import Contract, ContractOperation

Strategy = st.SearchStrategy[Any]

# JSON cannot contain half of a surrogate pair.
_CHARACTER = st.characters(exclude_categories=["Cs"])
_KEYWORDS = {
    *("discriminator", "contentMediaType", "contentEncoding"),
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

# How often a schema that contains itself is followed.
_MOST_CYCLES = 3
_BYTES = st.binary(max_size=2_000)
_FILE = _BYTES | st.tuples(st.text("abcdefgh.-_ ", min_size=1, max_size=20), _BYTES)


class Absent(Enum):
    """The type of ABSENT."""

    ABSENT = auto()


ABSENT = Absent.ABSENT
"""In place of the body of a request without a body, because a body can be null."""


@frozen
class Arguments:
    """Arguments of an operation, under their names in the contract."""

    operation: ContractOperation = field(repr=False)
    parameters: dict[tuple[str, str], Any]
    """The value of each parameter, by its location (path, query, header) and name."""
    body: Any = ABSENT
    """The JSON document, or the parts of a form, in which a file is bytes, or a pair of a name and bytes."""

    @property
    def all(self) -> dict[str, Any]:
        """Parameters and body together, as the methods of the client accept them."""
        written = {(one["in"], one["name"]): one for one in self.operation.parameters}
        found = {parameter_name(written[key], self.operation): value for key, value in self.parameters.items()}
        return found if self.body is ABSENT else found | as_arguments(self.operation, self.body)

    def answered(self, document: Any) -> Any:
        """A drawn response with the id in the path of the request, because the client refuses another id."""
        asked = [value for (place, _), value in self.parameters.items() if place == "path"]
        return {**document, "id": asked[0]} if asked and isinstance(document, dict) and "id" in document else document

    def replied(self, response: "DrawnResponse") -> "DrawnResponse":
        """A drawn response of any media type, with the id in the path of the request."""
        document = self.answered(response.document)
        if document is response.document:
            return response
        return evolve(response, document=document, content=json.dumps(document).encode())


def parameter_name(parameter: Mapping[str, Any], operation: ContractOperation | None = None) -> str:
    """The name of a parameter in Python, apart from case and underscores."""
    name = str(parameter.get("x-python-name") or parameter["name"])
    key_header = operation.key_header.lower() if operation else ""
    return "idempotency_key" if parameter["in"] == "header" and name.lower() == key_header else name


def as_arguments(operation: ContractOperation, body: Any) -> dict[str, Any]:
    """A body as the methods of the client accept it: its fields as keywords, or the argument `body`."""
    contract = operation.contract
    schema = operation.request_schema
    if operation.form:
        schema = contract.schemas[operation.form]
    elif not is_sent_as_keywords(operation):
        return {"body": body}
    properties = contract.properties(schema)
    return {str(properties.get(name, {}).get("x-python-name") or name): value for name, value in body.items()}


def is_sent_as_keywords(operation: ContractOperation) -> bool:
    """Whether the fields of the JSON body are keywords: the body is required, and an object with a name."""
    schema = operation.request_schema or {}
    whole = _whole(operation.contract, schema)
    is_object = whole.get("type", "object") == "object" and "properties" in whole
    is_union = "anyOf" in whole or "oneOf" in whole
    return "$ref" in schema and operation.request_body.get("required") is True and is_object and not is_union


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
    body: Strategy = st.just(ABSENT)
    if operation.form:
        body = _forms(contract, contract.schemas[operation.form])
    elif operation.request_schema:
        body = values(contract, operation.request_schema, closed=True)
    if operation.request_body.get("required") is not True:
        body = body | st.just(ABSENT)
    given = st.fixed_dictionaries(parameters, optional=optional)
    return st.builds(lambda parameters, body: Arguments(operation, parameters, body), given, body)


def _forms(contract: Contract, schema: Any) -> Strategy:
    """Draw the parts of a form: files as bytes or with a name, all other parts as JSON values."""
    whole = _whole(contract, schema)
    parts: dict[str, Strategy] = {}
    for name, written in whole.get("properties", {}).items():
        part = _whole(contract, written)
        many = part.get("type") == "array" and is_binary(_whole(contract, part.get("items", {})))
        if many:
            parts[name] = st.lists(_FILE, min_size=part.get("minItems", 1), max_size=part.get("maxItems", 3))
        elif is_binary(part):
            parts[name] = _FILE
        else:
            # A form cannot tell an empty list or null from an absent part.
            drawn = values(contract, written, huge=2_000, closed=True)
            parts[name] = drawn.filter(lambda value: value is not None and value != [])
    required = {name: part for name, part in parts.items() if name in whole.get("required", ())}
    optional = {name: part for name, part in parts.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def values(
    contract: Contract, schema: Any, *, huge: int = 5_000, closed: bool = False, inside: tuple[str, ...] = ()
) -> Strategy:
    """Draw values that are valid under `schema`.

    Args:
        contract: The document of the references.
        schema: A schema of OpenAPI 3.1 with the keywords that the generator supports.
        huge: Length in characters of the longest strings where no maxLength is set.
        closed: Whether objects have no properties beyond those in the schema.
        inside: The references that led here. A schema that contains itself ends after some of them.

    Raises:
        NotImplementedError: The schema has a keyword that this module does not support.
    """
    if isinstance(schema, Mapping) and "$ref" in schema:
        if inside.count(schema["$ref"]) >= _MOST_CYCLES:
            return st.nothing()
        inside = (*inside, schema["$ref"])
    schema = _whole(contract, schema)
    if unknown := schema.keys() - _KEYWORDS - _ANNOTATIONS - {key for key in schema if key.startswith("x-")}:
        raise NotImplementedError(f"tests/support/drawing.py does not support {sorted(unknown)}; add the keyword there")
    options: dict[str, Any] = {"huge": huge, "closed": closed, "inside": inside}
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return st.one_of([_alternative(contract, schema, one, **options) for one in schema[key]])
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return st.one_of([values(contract, schema | {"type": kind}, **options) for kind in kinds])
    match kinds:
        case "object":
            return _objects(contract, schema, **options)
        case "array":
            item = values(contract, schema.get("items", {}), **options)
            low, high = schema.get("minItems", 0), schema.get("maxItems", 3)
            if item.is_empty:
                return st.nothing() if low else st.just([])
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


def _alternative(contract: Contract, union: Mapping[str, Any], schema: Any, **options: Any) -> Strategy:
    """Draw values of a member of a union, with the value that the discriminator has for it."""
    drawn = values(contract, schema, **options)
    discriminator = union.get("discriminator")
    if not discriminator or "$ref" not in schema:
        return drawn
    name = schema["$ref"].rpartition("/")[2]
    mapped = discriminator.get("mapping", {})
    kinds = [kind for kind, target in mapped.items() if target in (schema["$ref"], name)] or [name]
    key = discriminator["propertyName"]
    return st.builds(lambda value, kind: {**value, key: kind}, drawn, st.sampled_from(kinds))


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


def _objects(contract: Contract, schema: dict[str, Any], huge: int, closed: bool, inside: tuple[str, ...]) -> Strategy:
    options: dict[str, Any] = {"huge": huge, "closed": closed, "inside": inside}
    properties = schema.get("properties", {})
    drawn = {name: values(contract, one, **options) for name, one in properties.items()}
    if any(drawn[name].is_empty for name in schema.get("required", ()) if name in drawn):
        return st.nothing()
    drawn = {name: one for name, one in drawn.items() if not one.is_empty}
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
    value = _ANYTHING if more is True else values(contract, more, **options)
    if value.is_empty:
        return named if not low else st.nothing()
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


def as_texts(value: object) -> list[str]:
    """The texts of a parameter in a URL or in headers: several for a list, none for an empty list."""
    values = value if isinstance(value, (list, tuple)) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]


def fits_path(value: object) -> bool:
    """Whether a value can be a path segment without changing the rest of the URL."""
    text = str(value)
    return text not in ("", ".", "..") and not re.search("[\x00-\x1f\x7f-\x9f]", text)


def fits_header(value: object) -> bool:
    """Whether a header can transmit a value unchanged."""
    text = str(value)
    return text.isascii() and text.isprintable() and text == text.strip()


def fits_query(value: object) -> bool:
    """Whether openapi-core accepts a value in a query: it refuses empty texts, and an empty list is no parameter."""
    return bool(texts := as_texts(value)) and all(texts)


_SENDABLE = {"path": fits_path, "query": fits_query, "header": fits_header}


@frozen
class DrawnResponse:
    """The body of a response, and the result of the client."""

    content: bytes
    media_type: str
    document: Any
    """The JSON document, the text or the bytes; None without a body."""


def responses(operation: ContractOperation, code: str) -> st.SearchStrategy[DrawnResponse]:
    """Draw bodies of a response of any media type."""
    content = operation.responses[code].get("content", {})
    kind = next(iter(content), "")
    if not kind:
        return st.just(DrawnResponse(b"", "", None))
    if is_json(kind):
        drawn = values(operation.contract, content[kind].get("schema", {}))
        ascii_too = st.tuples(drawn, st.booleans())
        return ascii_too.map(lambda one: DrawnResponse(json.dumps(one[0], ensure_ascii=one[1]).encode(), kind, one[0]))
    if kind.startswith("text/"):
        return st.text(_CHARACTER).map(lambda text: DrawnResponse(text.encode(), f"{kind}; charset=utf-8", text))
    return _BYTES.map(lambda content: DrawnResponse(content, kind, content))


def response_schema(operation: ContractOperation, code: str) -> Any:
    """The schema of a response's body, or None if it has no body."""
    return operation.responses[code].get("content", {}).get("application/json", {}).get("schema")
