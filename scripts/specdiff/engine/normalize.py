"""Normalizes schemas, so that two spellings of the same schema are equal."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from scripts.openapi.document import Document, as_list, as_map
from scripts.openapi.pointers import below

from .canonical_json import canonical_json
from .schema import Bound, RawSchema, Schema, Subschemas, is_constraint

# The defaults of keywords. A keyword that has its default is removed.
_DEFAULTS: dict[str, Any] = {
    "minLength": Bound(0),
    "minItems": Bound(0),
    "minProperties": Bound(0),
    "minContains": Bound(1),
    "uniqueItems": False,
    "deprecated": False,
    "readOnly": False,
    "writeOnly": False,
    "nullable": False,
    "format": "",
}
# The types that have values beside null. Together with null they are all types.
_ALL_TYPES = frozenset(["string", "number", "boolean", "object", "array"])
_NUMBERS = frozenset(["number", "integer"])
# A format that only says how to show a value.
_HINTS = ("password",)
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas")
# Keywords that have no effect if their schema allows every value.
_SINGLE_SCHEMAS = (
    *("additionalProperties", "unevaluatedProperties", "unevaluatedItems"),
    *("items", "propertyNames", "contentSchema"),
)
# Keywords that have no effect if they are empty.
_COLLECTIONS = ("required", "properties", "patternProperties", "enum", "allOf", "anyOf", "oneOf", "dependentRequired")
_PATTERNS_OF_ANYTHING = ("", "^", "$", ".*", "^.*$", "^.*", ".*$")
_SIZES = [f"{limit}{unit}" for limit in ("min", "max") for unit in ("Length", "Items", "Properties", "Contains")]


class Normalizer:
    """Normalizes each schema of a document once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._schemas: dict[str, Schema] = {}

    def schema(self, node: Any, pointer: str) -> Schema:
        """Normalize the schema that is written as `node` at `pointer`."""
        known = self._schemas.get(pointer)
        if known is None:
            known = self._schemas[pointer] = self._normalized(node, pointer)
        return known

    def _normalized(self, node: Any, pointer: str) -> Schema:
        if node is False:
            return Schema(pointer, {"not": {}}, {"not": pointer})
        schema = Schema(pointer)
        if not isinstance(node, Mapping):
            return schema
        if "$ref" in node:
            schema.ref = self._document.target(node["$ref"])
            if schema.ref is None:
                schema.keywords["$ref"] = str(node["$ref"])
        # Version 3.0 ignores the keywords beside a reference.
        if "$ref" not in node or not self._document.is_30:
            for keyword, value in node.items():
                if keyword != "$ref":
                    schema.keywords[keyword] = value
                    schema.pointers[keyword] = f"{pointer}/{keyword}"
        if not self._document.is_30:
            schema.keywords.pop("nullable", None)
        _normalize_types(schema)
        _normalize_enum(schema, has_type_list=isinstance(node.get("type"), list))
        _normalize_bounds(schema, has_flags=self._document.is_30)
        _normalize_encoding(schema)
        _normalize_examples(schema)
        _replace_pattern_of_anything(schema)
        _replace_double_exclusion(schema)
        _remove_keywords_without_effect(schema)
        _replace_equivalent_keywords(schema)
        self._normalize_alternatives(schema, "anyOf")
        self._normalize_alternatives(schema, "oneOf")
        self._normalize_all_of(schema)
        _normalize_properties(schema)
        return schema

    def _normalize_alternatives(self, schema: Schema, keyword: str) -> None:
        written = schema.keywords.get(keyword)
        if isinstance(written, Subschemas):
            # These alternatives come from a wrapped schema, which is already normalized.
            return
        members = schema.subschemas(keyword) if isinstance(written, list) else []
        if not members:
            schema.keywords.pop(keyword, None)
            return
        others = [member for member in members if not _is_null(member[0])]
        if others and len(others) < len(members):
            if keyword == "oneOf" and (len(members) - len(others) > 1 or any(map(self._admits_null, others))):
                # Several alternatives admit null, so `oneOf` refuses it.
                schema.keywords[keyword] = Subschemas(members)
                return
            schema.nullable = True
        if len(others) == 1 and self._unwrap(schema, others[0], keyword):
            return
        members = others or members
        if not self._join_types_or_values(schema, members, keyword):
            schema.keywords[keyword] = Subschemas(members)

    def _unwrap(self, schema: Schema, member: RawSchema, keyword: str) -> bool:
        """Replace a wrapper by its only member. If both have the same annotation, the wrapper's value wins."""
        if schema.ref or any(is_constraint(other) for other in schema.keywords if other != keyword):
            return False
        inner = self.schema(*member)
        del schema.keywords[keyword]
        schema.keywords = {**inner.keywords, **schema.keywords}
        schema.pointers = {**inner.pointers, **schema.pointers}
        schema.properties, schema.ref = dict(inner.properties), inner.ref
        schema.nullable |= inner.nullable
        return True

    def _join_types_or_values(self, schema: Schema, members: list[RawSchema], keyword: str) -> bool:
        """Join alternatives if all are plain types, which become a list of types, or enums, which become one enum."""
        if schema.ref or "enum" in schema.keywords:
            return False
        alternatives = [self.schema(*member) for member in members]
        if any(alternative.ref or alternative.properties or alternative.nullable for alternative in alternatives):
            return False
        constraints = [set(filter(is_constraint, alternative.keywords)) for alternative in alternatives]
        if all(keywords == {"type"} for keywords in constraints) and not schema.types:
            if keyword == "oneOf" and not _are_disjoint([alternative.types for alternative in alternatives]):
                return False
            schema.keywords["type"] = _types(kind for alternative in alternatives for kind in alternative.types)
        elif all("enum" in keywords <= {"type", "enum", "constant"} for keywords in constraints):
            values = [value for alternative in alternatives for value in alternative.get("enum")]
            if keyword == "oneOf" and len({canonical_json(value) for value in values}) < len(values):
                return False
            schema.keywords["enum"] = _of_types(values, schema.types)
            schema.keywords["type"] = schema.types or _types(map(_type_of, values))
            schema.pointers["enum"] = schema.pointer_of(keyword)
        else:
            return False
        del schema.keywords[keyword]
        return True

    def _admits_null(self, member: RawSchema) -> bool:
        """Whether an alternative admits null, as far as its own keywords tell."""
        node = as_map(member[0])
        target = self._document.target(node.get("$ref"))
        node = node if target is None else as_map(self._document.find(target))
        if self._document.is_30:
            return node.get("nullable") is True
        written = node.get("type")
        if written is not None:
            return "null" in written if isinstance(written, list) else written == "null"
        return None in as_list(node.get("enum")) or not any(map(is_constraint, node))

    def _normalize_all_of(self, schema: Schema) -> None:
        written = schema.keywords.get("allOf")
        if isinstance(written, Subschemas):
            return
        if not isinstance(written, list):
            schema.keywords.pop("allOf", None)
            return
        members = Subschemas()
        for node, pointer in schema.subschemas("allOf"):
            if isinstance(node, Mapping) and not any(map(is_constraint, node)):
                for keyword, value in node.items():
                    schema.keywords.setdefault(keyword, value)
                    schema.pointers.setdefault(keyword, f"{pointer}/{keyword}")
            else:
                members.append((node, pointer))
        if not members:
            del schema.keywords["allOf"]
        elif len(members) > 1 or not self._unwrap(schema, members[0], "allOf"):
            schema.keywords["allOf"] = members


def _normalize_types(schema: Schema) -> None:
    keywords = schema.keywords
    written = keywords.pop("type", None)
    names = [written] if isinstance(written, str) else map(str, written) if isinstance(written, list) else ()
    types = _types(names)
    if types == _ALL_TYPES | {"null"}:
        types = frozenset()
    if keywords.pop("nullable", None) is True or ("null" in types and len(types) > 1):
        schema.nullable = True
        types -= {"null"}
    if types:
        keywords["type"] = types


def _normalize_enum(schema: Schema, *, has_type_list: bool) -> None:
    keywords = schema.keywords
    if "const" in keywords:
        keywords["enum"] = [keywords.pop("const")]
        schema.pointers["enum"] = schema.pointers["const"]
        keywords["constant"] = True
    values = keywords.get("enum")
    if not isinstance(values, list):
        keywords.pop("enum", None)
        return
    if None in values and len(values) > 1 and (schema.nullable or not schema.types):
        schema.nullable = True
    if None not in values and has_type_list:
        # In 3.1, the enum excludes null. In 3.0, the enum formally excludes null, too, but authors who write `nullable`
        # want to allow null.
        schema.nullable = False
    values = [value for value in values if value is not None or len(values) == 1]
    keywords["enum"] = values = _of_types(values, schema.types)
    if not schema.types and values:
        keywords["type"] = _types(map(_type_of, values))


def _of_types(values: list[Any], types: frozenset[str]) -> list[Any]:
    """The values that have one of the types; all values if there are no types or none of the values has one."""
    allowed = types | (_NUMBERS if "number" in types else frozenset())
    fitting = [value for value in values if not types or _type_of(value) in allowed]
    return fitting or values


def _are_disjoint(several: list[frozenset[str]]) -> bool:
    """Whether no value has types of two of the sets."""
    whole = [types | ({"integer"} if "number" in types else frozenset()) for types in several]
    return sum(map(len, whole)) == len(frozenset().union(*whole))


def _types(names: Iterable[str]) -> frozenset[str]:
    """The types as a set. `number` includes `integer`, so `integer` is removed beside `number`."""
    types = frozenset(names)
    return types - {"integer"} if "number" in types else types


def _type_of(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return "integer"
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "null" if value is None else "object"


def _normalize_bounds(schema: Schema, *, has_flags: bool) -> None:
    """Turn bounds into `Bound`s, and ignore values that are not numbers.

    `exclusiveMinimum` and `exclusiveMaximum` are booleans in version 3.0 and numbers in version 3.1.
    """
    keywords = schema.keywords
    for keyword in _SIZES:
        if keyword in keywords:
            value = keywords.pop(keyword)
            if _is_number(value):
                keywords[keyword] = Bound(value)
    for keyword, exclusive_keyword, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        value, exclusive = keywords.pop(keyword, None), keywords.pop(exclusive_keyword, None)
        bounds: list[tuple[Bound, str]] = []
        if _is_number(value):
            bounds.append((Bound(value, has_flags and exclusive is True), keyword))
        if _is_number(exclusive):
            bounds.append((Bound(exclusive, True), exclusive_keyword))
        if bounds:
            bound, source = max(bounds, key=lambda found: (found[0].value * sign, found[0].is_exclusive))
            if schema.types == {"integer"} and math.isfinite(bound.value):
                # The nearest integer that the bound allows.
                nearest = math.ceil(bound.value * sign)
                bound = Bound((nearest + (bound.is_exclusive and nearest == bound.value * sign)) * sign)
            keywords[keyword] = bound
            schema.pointers[keyword] = f"{schema.pointer}/{source}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _normalize_encoding(schema: Schema) -> None:
    """Replace the formats `byte` and `binary` of version 3.0 by the keywords of version 3.1."""
    written = schema.get("format")
    for name, keyword, value in (
        ("byte", "contentEncoding", "base64"),
        ("binary", "contentMediaType", "application/octet-stream"),
    ):
        if written == name and keyword not in schema.keywords:
            del schema.keywords["format"]
            schema.keywords[keyword], schema.pointers[keyword] = value, schema.pointer_of("format")


def _normalize_examples(schema: Schema) -> None:
    """Replace the single `example` of version 3.0 by the `examples` of version 3.1."""
    if "example" in schema.keywords and "examples" not in schema.keywords:
        schema.keywords["examples"] = [schema.keywords.pop("example")]
        schema.pointers["examples"] = schema.pointer_of("example")


def _replace_pattern_of_anything(schema: Schema) -> None:
    """Replace a pattern that all names match by `additionalProperties`."""
    keywords = schema.keywords
    patterns = as_map(keywords.get("patternProperties"))
    if len(patterns) == 1 and not keywords.keys() & {"properties", "additionalProperties"} and not schema.ref:
        ((pattern, node),) = patterns.items()
        if pattern in _PATTERNS_OF_ANYTHING:
            schema.pointers["additionalProperties"] = below(schema.pointer_of("patternProperties"), pattern)
            keywords["additionalProperties"] = node
            del keywords["patternProperties"]


def _replace_double_exclusion(schema: Schema) -> None:
    """Replace `not` below `not` by a member of `allOf`."""
    excluded = as_map(schema.keywords.get("not"))
    if excluded.keys() == {"not"} and "allOf" not in schema.keywords:
        member = excluded["not"], f"{schema.pointer_of('not')}/not"
        schema.pointers["allOf"] = schema.pointer_of("not")
        schema.keywords["allOf"] = Subschemas([member])
        del schema.keywords["not"]


def _remove_keywords_without_effect(schema: Schema) -> None:
    keywords = schema.keywords
    for keyword in list(keywords):
        value, default = keywords[keyword], _DEFAULTS.get(keyword)
        if (
            (keyword in _DEFAULTS and value == default and type(value) is type(default))
            or (keyword in _COLLECTIONS and not value and isinstance(value, (list, Mapping)))
            or (keyword in _SINGLE_SCHEMAS and (value is True or value == {}))
            or (keyword == "pattern" and value in _PATTERNS_OF_ANYTHING)
            or (keyword == "propertyNames" and value == {"type": "string"})
            or (keyword == "multipleOf" and value == 1 and schema.types == {"integer"})
            or (keyword == "format" and value in _HINTS)
        ):
            del keywords[keyword]
        elif keyword in _SINGLE_SCHEMAS and value in ({"not": {}}, {"not": True}):
            keywords[keyword] = False
    if "contains" not in keywords:
        keywords.pop("minContains", None)
        keywords.pop("maxContains", None)
    if "if" not in keywords:
        keywords.pop("then", None)
        keywords.pop("else", None)
    elif not keywords.keys() & {"then", "else"}:
        del keywords["if"]


def _replace_equivalent_keywords(schema: Schema) -> None:
    """Replace keywords by other keywords with the same effect."""
    keywords = schema.keywords
    if not schema.ref and not keywords.keys() & {*_IN_PLACE}:
        for keyword, other in (("unevaluatedProperties", "additionalProperties"), ("unevaluatedItems", "items")):
            if keyword in keywords and other not in keywords and "contains" not in keywords:
                keywords[other] = keywords.pop(keyword)
                schema.pointers[other] = schema.pointer_of(keyword)
    for name, node in as_map(keywords.get("dependentSchemas")).items():
        if isinstance(node, Mapping) and node.keys() == {"required"}:
            required = {**as_map(keywords.get("dependentRequired")), name: node["required"]}
            left = {key: value for key, value in keywords["dependentSchemas"].items() if key != name}
            schema.pointers.setdefault("dependentRequired", schema.pointer_of("dependentSchemas"))
            keywords |= {"dependentRequired": required, "dependentSchemas": left}
    if keywords.get("dependentSchemas") == {}:
        del keywords["dependentSchemas"]


def _normalize_properties(schema: Schema) -> None:
    declared = schema.keywords.pop("properties", None)
    if isinstance(declared, Mapping):
        pointer = schema.pointer_of("properties")
        own = {str(name): (node, below(pointer, name)) for name, node in declared.items()}
        schema.properties = own | schema.properties
    required = schema.keywords.pop("required", None)
    # `required` is already a set if it comes from a wrapped schema.
    if isinstance(required, (list, frozenset)) and required:
        schema.keywords["required"] = frozenset(map(str, required))


def _is_null(node: Any) -> bool:
    """Whether a schema, as written, allows only null."""
    if not isinstance(node, Mapping):
        return False
    is_null_constant = "const" in node and node["const"] is None
    return node.get("type") in ("null", ["null"]) or node.get("enum") == [None] or is_null_constant
