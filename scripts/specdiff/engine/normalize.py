"""Makes of a schema as it is written the one spelling that it is compared in."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scripts.openapi.pointers import below

from .schema import ANNOTATIONS, Branches, Schema

if TYPE_CHECKING:
    from .document import Document


_NOTHING: dict[str, Any] = {
    "minLength": 0,
    "minItems": 0,
    "minProperties": 0,
    "minContains": 1,
    "uniqueItems": False,
    "deprecated": False,
    "readOnly": False,
    "writeOnly": False,
    "nullable": False,
    "format": "",
}


_ANYTHING = (
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "items",
    "propertyNames",
    "contentSchema",
)


_EMPTY = ("required", "properties", "patternProperties", "enum", "allOf", "anyOf", "oneOf", "dependentRequired")


_ALL_PATTERNS = ("", ".*", "^.*$", "^.*", ".*$")


def fold(document: "Document", node: Any, pointer: str) -> Schema:
    """The schema that is written as `node` at `pointer`."""
    if node is False:
        return Schema(pointer, {"not": {}}, {"not": pointer})
    if not isinstance(node, Mapping):
        return Schema(pointer)
    schema = Schema(pointer)
    if "$ref" in node:
        schema.base = document.target(node["$ref"])
        if schema.base is None:
            schema.keywords["$ref"] = str(node["$ref"])
    if "$ref" not in node or not document.is_30:
        for key, value in node.items():
            if key != "$ref":
                schema.keywords[key] = value
                schema.homes[key] = f"{pointer}/{key}"
    _null_and_types(schema)
    _values(schema, is_listed=isinstance(node.get("type"), list))
    _bounds(schema)
    _contents(schema)
    _examples(schema)
    _nothings(schema)
    for keyword in ("anyOf", "oneOf"):
        _alternatives(document, schema, keyword)
    _conjunction(document, schema)
    declared = schema.keywords.pop("properties", None)
    if isinstance(declared, Mapping):
        home = schema.home("properties")
        schema.properties = {
            str(name): (value, below(home, name)) for name, value in declared.items()
        } | schema.properties
    required = schema.keywords.pop("required", None)
    # It is a set already where the schema is what its only part is.
    if isinstance(required, (list, frozenset)) and required:
        schema.keywords["required"] = frozenset(map(str, required))
    return schema


def _null_and_types(schema: Schema) -> None:
    keywords = schema.keywords
    said = keywords.get("type")
    types = {said} if isinstance(said, str) else set(map(str, said)) if isinstance(said, list) else set()
    if keywords.pop("nullable", None) is True or ("null" in types and len(types) > 1):
        schema.nullable = True
        types.discard("null")
    if types >= {"integer", "number"}:
        types.discard("integer")
    keywords.pop("type", None)
    if types:
        keywords["type"] = frozenset(types)


def _values(schema: Schema, *, is_listed: bool) -> None:
    keywords = schema.keywords
    if "const" in keywords:
        keywords["enum"] = [keywords.pop("const")]
        schema.homes["enum"] = schema.homes["const"]
        keywords["constant"] = True
    values = keywords.get("enum")
    if not isinstance(values, list):
        keywords.pop("enum", None)
        return
    if None in values and len(values) > 1 and (schema.nullable or not schema.types):
        schema.nullable = True
    if None not in values and is_listed:
        # A type that may be null does not help where the values are listed. `nullable` of 3.0 is another matter: few
        # know that the letter asks for null in `enum` as well, and mean null by it.
        schema.nullable = False
    keywords["enum"] = values = [value for value in values if value is not None or len(values) == 1]
    if not schema.types and values:
        found = {_type(value) for value in values}
        keywords["type"] = frozenset(found - {"integer"} if "number" in found else found)


def _type(value: Any) -> str:
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "null" if value is None else "object"


def _bounds(schema: Schema) -> None:
    """Version 3.0 says by a flag that a bound itself is not admitted, 3.1 by a bound of its own."""
    keywords = schema.keywords
    for name, other, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        value, exclusive = keywords.pop(name, None), keywords.pop(other, None)
        found: list[tuple[float, bool, str]] = []
        if _is_number(value):
            found.append((value, exclusive is True, name))
        if _is_number(exclusive):
            found.append((exclusive, True, other))
        if not found:
            continue
        bound, is_exclusive, key = max(found, key=lambda one: (one[0] * sign, one[1]))
        if is_exclusive and schema.types == {"integer"} and math.isfinite(bound):
            whole = math.floor(bound) + 1 if sign > 0 else math.ceil(bound) - 1
            bound, is_exclusive = whole, False
        keywords[name] = (bound, is_exclusive)
        schema.homes[name] = f"{schema.pointer}/{key}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _contents(schema: Schema) -> None:
    """Version 3.0 names by `format` what 3.1 names by `contentEncoding` and `contentMediaType`."""
    said = schema.get("format")
    for name, keyword, value in (
        ("byte", "contentEncoding", "base64"),
        ("binary", "contentMediaType", "application/octet-stream"),
    ):
        if said == name and keyword not in schema.keywords:
            del schema.keywords["format"]
            schema.keywords[keyword], schema.homes[keyword] = value, schema.home("format")


def _nothings(schema: Schema) -> None:
    """What constrains nothing is removed."""
    keywords = schema.keywords
    for key in list(keywords):
        value = keywords[key]
        if (
            (key in _NOTHING and value == _NOTHING[key] and type(value) is type(_NOTHING[key]))
            or (key in _EMPTY and not value and isinstance(value, (list, Mapping)))
            or (key in _ANYTHING and (value is True or value == {}))
            or (key == "pattern" and value in _ALL_PATTERNS)
            or (key == "propertyNames" and value == {"type": "string"})
        ):
            del keywords[key]
    if "contains" not in keywords:
        keywords.pop("minContains", None)
        keywords.pop("maxContains", None)


def _examples(schema: Schema) -> None:
    """Version 3.0 gives one example, 3.1 several."""
    if "example" in schema.keywords and "examples" not in schema.keywords:
        schema.keywords["examples"] = [schema.keywords.pop("example")]
        schema.homes["examples"] = schema.home("example")


def _is_null(node: Any) -> bool:
    if not isinstance(node, Mapping):
        return False
    return (
        node.get("type") in ("null", ["null"])
        or node.get("enum") == [None]
        or ("const" in node and node["const"] is None)
    )


def _alternatives(document: "Document", schema: Schema, keyword: str) -> None:
    held = schema.keywords.get(keyword)
    if isinstance(held, Branches):
        # They came with the only branch of another keyword, and have their one spelling.
        return
    home = schema.home(keyword)
    branches = [(node, f"{home}/{index}") for index, node in enumerate(held if isinstance(held, list) else ())]
    if not branches:
        schema.keywords.pop(keyword, None)
        return
    left = [branch for branch in branches if not _is_null(branch[0])]
    if left and len(left) < len(branches):
        schema.nullable = True
    if len(left) == 1 and _absorb(document, schema, *left[0], keyword):
        return
    kept = left or branches
    if not _of_values(document, schema, kept, keyword):
        schema.keywords[keyword] = Branches(kept)


def _absorb(document: "Document", schema: Schema, node: Any, pointer: str, keyword: str) -> bool:
    """Be what the only branch is, if nothing else is said; annotations beside it win over its own."""
    said = {key for key in schema.keywords if key not in ANNOTATIONS and not key.startswith("x-")}
    if said - {keyword} or schema.base:
        return False
    inner = document.schema(node, pointer)
    del schema.keywords[keyword]
    schema.keywords = {**inner.keywords, **schema.keywords}
    schema.homes = {**inner.homes, **schema.homes}
    schema.properties, schema.base = dict(inner.properties), inner.base
    schema.nullable |= inner.nullable
    return True


def _of_values(document: "Document", schema: Schema, branches: list[tuple[Any, str]], keyword: str) -> bool:
    """Alternatives that only name types are a list of types, and those that only name values are an enum."""
    if schema.base or schema.keywords.keys() & {"type", "enum"}:
        return False
    held = [document.schema(node, pointer) for node, pointer in branches]
    if any(one.base or one.properties or one.nullable for one in held):
        return False
    said = [{key for key in one.keywords if key not in ANNOTATIONS and not key.startswith("x-")} for one in held]
    if all(keys == {"type"} for keys in said):
        types = frozenset(kind for one in held for kind in one.types)
        schema.keywords["type"] = types - {"integer"} if "number" in types else types
    elif all("enum" in keys <= {"type", "enum", "constant"} for keys in said):
        values = [value for one in held for value in one.get("enum")]
        schema.keywords["enum"] = values
        found = {_type(value) for value in values}
        schema.keywords["type"] = frozenset(found - {"integer"} if "number" in found else found)
        schema.homes["enum"] = schema.home(keyword)
    else:
        return False
    del schema.keywords[keyword]
    return True


def _conjunction(document: "Document", schema: Schema) -> None:
    parts = schema.keywords.get("allOf")
    if not isinstance(parts, list):
        schema.keywords.pop("allOf", None)
        return
    if isinstance(parts, Branches):
        return
    home = schema.home("allOf")
    found = Branches((node, f"{home}/{index}") for index, node in enumerate(parts))
    telling = [part for part in found if not _only_describes(part[0])]
    for node, pointer in found:
        if _only_describes(node):
            for key, value in node.items():
                schema.keywords.setdefault(key, value)
                schema.homes.setdefault(key, f"{pointer}/{key}")
    if not telling:
        del schema.keywords["allOf"]
    elif len(telling) > 1 or not _absorb(document, schema, *telling[0], "allOf"):
        schema.keywords["allOf"] = Branches(telling)


def _only_describes(node: Any) -> bool:
    return isinstance(node, Mapping) and all(key in ANNOTATIONS or key.startswith("x-") for key in node)
