"""The schemas of a document as a validator of JSON Schema reads them, in one direction."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field

from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.formats import RANGES

Node = dict[str, Any] | bool
"""A schema of JSON Schema 2020-12."""

IGNORED: Node = {"$comment": "Messages of this direction should not contain the property."}
UNREAD = "unread:"
"""The start of a reference that cannot be followed."""
_DEFINITIONS = "#/$defs/"
# Keywords that contain values and no schemas.
_VALUES = ("const", "enum", "default", "example", "examples", "dependentRequired")
_ONE = ("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "propertyNames", "contains")
_SINGLE = frozenset([*_ONE, "not", "if", "then", "else"])
_LISTS = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
_NAMED = frozenset(["properties", "patternProperties", "dependentSchemas"])
_PLAIN = frozenset(
    [
        *("type", "const", "enum", "format", "pattern", "multipleOf", "uniqueItems", "dependentRequired"),
        "contentEncoding",
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *(f"{limit}{unit}" for limit in ("min", "max") for unit in ("Length", "Items", "Properties", "Contains")),
        # Annotations, from which the search draws values.
        *("default", "example", "examples"),
    ]
)
# Formats of numbers and encodings, which validators do not know. The widest formats of numbers are only hints. https://spec.openapis.org/registry/format/
_BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_BASE64_URL = r"^[A-Za-z0-9_-]*={0,2}$"
_ENCODINGS: Mapping[str, Mapping[str, Any]] = {
    "base64": {"pattern": _BASE64},
    "base64url": {"pattern": _BASE64_URL},
    "base32": {"pattern": r"^(?:[A-Z2-7]{8})*(?:[A-Z2-7]{2}={6}|[A-Z2-7]{4}={4}|[A-Z2-7]{5}={3}|[A-Z2-7]{7}=)?$"},
    "base16": {"pattern": r"^(?:[0-9A-Fa-f]{2})*$"},
}
_FORMATS: Mapping[str, Mapping[str, Any]] = {
    **{name: {"minimum": low, "maximum": high} for name, (low, high) in RANGES.items()},
    "float": {"minimum": -3.4028234663852886e38, "maximum": 3.4028234663852886e38},
    "byte": {"pattern": _BASE64},
    "base64url": {"pattern": _BASE64_URL},
}


@define
class View:
    """Translates each schema of a document once."""

    document: ComparedDocument
    is_response: bool
    """Whether the schemas describe responses. Requests need no read-only properties, responses no write-only ones."""
    _schemas: dict[str, Node] = field(factory=dict)
    _references: dict[str, list[str]] = field(factory=dict)

    def schema(self, pointer: str) -> Node:
        """The translated schema at a pointer. Its references have the form `#/$defs/NAME`, see `name`."""
        if pointer not in self._schemas:
            self._schemas[pointer] = self._translated(self.document.find(pointer), pointer, frozenset())
        return self._schemas[pointer]

    def references(self, pointer: str) -> list[str]:
        """The references in the translated schema at a pointer."""
        if pointer not in self._references:
            self._references[pointer] = list(references(self.schema(pointer)))
        return self._references[pointer]

    def target(self, reference: str) -> Node:
        """The target of a reference in a translated schema."""
        return self.schema(pointer_of(reference))

    def _translated(self, node: Any, pointer: str, optional: frozenset[str]) -> Node:
        """Translate a schema. `optional` are the properties that messages of the direction need not contain."""
        if not isinstance(node, Mapping):
            return node if isinstance(node, bool) else {}
        result: dict[str, Any] = {}
        if "$ref" in node or "$dynamicRef" in node:
            target = self.document.target(node.get("$ref"))
            if target is None:
                return {"$ref": f"{UNREAD}{node.get('$ref', node.get('$dynamicRef'))}"}
            result["$ref"] = f"{_DEFINITIONS}{name(target)}"
            if self.document.is_30:
                return result
        optional = optional | self._optional(node)
        for keyword, value in node.items():
            at = f"{pointer}/{keyword}"
            if keyword in _SINGLE and isinstance(value, Mapping | bool):
                result[keyword] = self._translated(value, at, frozenset())
            elif keyword in _LISTS and isinstance(value, list) and value:
                # A member of `allOf` can require a property that another member declares.
                inherited = optional if keyword == "allOf" else frozenset()
                result[keyword] = [
                    self._translated(member, f"{at}/{index}", inherited) for index, member in enumerate(value)
                ]
            elif keyword in _NAMED and isinstance(value, Mapping):
                result[keyword] = {
                    # The recipient ignores a property that messages of the direction should not contain.
                    key: IGNORED
                    if keyword == "properties" and self._is_ignored(member)
                    else self._translated(member, below(at, key), frozenset())
                    for key, member in value.items()
                }
            elif keyword == "required" and isinstance(value, list):
                result[keyword] = list(dict.fromkeys(str(key) for key in value if key not in optional))
            elif keyword in _PLAIN:
                result[keyword] = value
        _translate_bounds(result, is_30=self.document.is_30)
        _translate_format(result)
        if self.document.is_30 and node.get("nullable") is True:
            return {"anyOf": [{"type": "null"}, result]}
        return result

    def _optional(self, node: Mapping[str, Any], depth: int = 0) -> frozenset[str]:
        """The properties of a schema that messages of the direction need not contain."""
        found = {key for key, member in as_map(node.get("properties")).items() if self._is_ignored(member)}
        if depth < 10:
            for member in as_list(node.get("allOf")):
                found |= self._optional(self.document.resolve(member)[0], depth + 1)
        return frozenset(found)

    def _is_ignored(self, node: Any) -> bool:
        """Whether messages of the direction should not contain the property with this schema."""
        flag = "writeOnly" if self.is_response else "readOnly"
        schema = as_map(node)
        if schema.get(flag) is True or not ("$ref" in schema or "allOf" in schema):
            return schema.get(flag) is True
        target, _ = self.document.resolve(schema)
        members = [target, *(self.document.resolve(member)[0] for member in as_list(target.get("allOf")))]
        return any(member.get(flag) is True for member in members)


def references(schema: Any) -> Iterator[str]:
    """Yield the references in a translated schema."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            for keyword, value in node.items():
                if isinstance(value, dict | list) and keyword not in _VALUES:
                    waiting.append(value)
                elif keyword == "$ref" and isinstance(value, str):
                    yield value
        elif isinstance(node, list):
            waiting += node


def pointer_of(reference: str) -> str:
    """The pointer of the target of a reference in a translated schema.

    Raises:
        LookupError: The reference cannot be followed.
    """
    if reference.startswith(UNREAD):
        raise LookupError(reference.removeprefix(UNREAD))
    return bytes.fromhex(reference.removeprefix(_DEFINITIONS)).decode()


def name(pointer: str) -> str:
    """The name of a schema in `$defs`, which needs no escaping in a reference."""
    return pointer.encode().hex()


def _translate_bounds(schema: dict[str, Any], *, is_30: bool) -> None:
    """Turn the flags of OpenAPI 3.0 into exclusive bounds, and ignore them in later versions."""
    for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool):
            is_exclusive = schema.pop(exclusive)
            if is_30 and is_exclusive and inclusive in schema:
                schema[exclusive] = schema.pop(inclusive)


def _translate_format(schema: dict[str, Any]) -> None:
    for known, written in ((_FORMATS, schema.get("format")), (_ENCODINGS, schema.pop("contentEncoding", None))):
        if isinstance(written, str) and written in known:
            schema["allOf"] = [*schema.get("allOf", ()), dict(known[written])]
