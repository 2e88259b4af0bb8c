"""Values for the contract's schemas: documented examples, values made from a schema, and the fields of an object."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from openapi_schema_validator import OAS31Validator

from scripts.openapi.contract import Contract

from .pattern_text import matching_text

# A schema that contains itself is not followed further.
_DEEPEST = 6
_BY_FORMAT = {
    "date-time": "2025-11-24T19:34:48Z",
    "date": "2025-11-24",
    "time": "19:34:48Z",
    "uuid": "6924b1c8-e0a4-4190-9b7d-3f52c6e8a014",
    "uri": "https://example.com/",
    "email": "someone@example.com",
}


class SchemaValues:
    """Finds values that are valid under the schemas of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        # A reference can lead to any schema of the document.
        self._roots = {name: contract.document[name] for name in ("components", "paths") if name in contract.document}
        self._validators: dict[int, tuple[Any, OAS31Validator]] = {}

    def is_valid(self, schema: Any, value: Any) -> bool:
        """Whether a value is valid under a schema. Formats are not checked."""
        return next(self.errors(schema, value), None) is None

    def errors(self, schema: Any, value: Any) -> Iterator[Any]:
        """The errors of a value under a schema, as jsonschema describes them."""
        if not isinstance(schema, Mapping):
            schema = {} if schema is not False else {"not": {}}
        # The schema is kept, so that its id stays unique.
        if id(schema) not in self._validators:
            self._validators[id(schema)] = (schema, OAS31Validator({**schema, **self._roots}))
        return iter(self._validators[id(schema)][1].iter_errors(value))

    def whole(self, schema: Any) -> dict[str, Any]:
        """A schema in one object: `$ref` is resolved, and the members of `allOf` are merged in."""
        if not isinstance(schema, Mapping):
            return {}
        found = dict(self._contract.resolve(schema)) | {key: value for key, value in schema.items() if key != "$ref"}
        for part in found.pop("allOf", ()):
            more = self.whole(part)
            properties = {**found.get("properties", {}), **more.get("properties", {})}
            required = [*found.get("required", ()), *more.get("required", ())]
            found |= more
            if properties:
                found |= {"properties": properties, "required": required}
        return found

    def properties(self, schema: Any) -> dict[str, Any]:
        """The schemas of an object's properties. For a nullable object, they are those of the object."""
        found = self.whole(schema)
        properties: dict[str, Any] = found.get("properties", {})
        for part in (*found.get("anyOf", ()), *found.get("oneOf", ())):
            properties = {**self.properties(part), **properties}
        return properties

    def body(self, content: Mapping[str, Any]) -> Any:
        """The documented example of a media type object, or a value made from its schema."""
        for node in content.get("examples", {}).values():
            example = self._contract.resolve(node)
            if "value" in example:
                return example["value"]
        return content["example"] if "example" in content else self.value(content.get("schema", {}))

    def value(self, schema: Any, depth: int = 0) -> Any:
        """A value that is valid under a schema, always the same."""
        found = self.whole(schema)
        documented = [found[key] for key in ("const", "default", "example") if key in found]
        documented += [*found.get("examples", ()), *found.get("enum", ())]
        for value in documented:
            if self.is_valid(schema, value):
                return value
        kinds = found.get("type", "object" if "properties" in found else None)
        kinds = kinds if isinstance(kinds, list) else [kinds]
        alternatives = [*found.get("anyOf", ()), *found.get("oneOf", ())]
        if depth > _DEEPEST and self.is_valid(schema, None):
            return None
        if alternatives:
            chosen = sorted(alternatives, key=lambda one: self.whole(one).get("type") == "null")
            values = [self.value(one, depth + 1) for one in chosen]
            return next((value for value in values if self.is_valid(schema, value)), values[0])
        kind = next((kind for kind in kinds if kind != "null"), "null")
        return self._of_kind(kind, found, depth)

    def _of_kind(self, kind: str | None, schema: Mapping[str, Any], depth: int) -> Any:
        match kind:
            case "object":
                properties = schema.get("properties", {})
                names = schema.get("required", ())
                found = {name: self.value(properties.get(name, {}), depth + 1) for name in names}
                more = schema.get("additionalProperties", {})
                for number in range(schema.get("minProperties", 0) - len(found)):
                    found[f"key{number}"] = self.value(more, depth + 1)
                return found
            case "array":
                return [self.value(schema.get("items", {}), depth + 1) for _ in range(schema.get("minItems", 0))]
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return True
            case "null":
                return None
            case "string":
                return _string(schema)
        return {}

    def filled(self, schema: Any, base: Any, known: Mapping[str, Any]) -> Any:
        """`base` with each known field that the schema has and allows."""
        if not isinstance(base, Mapping):
            return base
        properties = self.properties(schema)
        fields = {name: value for name, value in known.items() if name in properties}
        found = {**base, **{name: value for name, value in fields.items() if self.is_valid(properties[name], value)}}
        return found if self.is_valid(schema, found) else base

    def defaults(self, schema: Any, example: Any) -> Any:
        """An object before anything is known about it.

        Required fields are those of the example, or values made from their schemas. Other fields are null or absent.
        """
        properties = self.properties(schema)
        if not properties:
            return example if self.is_valid(schema, example) else self.value(schema)
        example = example if isinstance(example, Mapping) else {}
        required = self.whole(schema).get("required", ())
        found = {}
        for name, inner in properties.items():
            if name in required:
                is_documented = name in example and self.is_valid(inner, example[name])
                found[name] = example[name] if is_documented else self.value(inner)
            elif self.is_valid(inner, None):
                found[name] = None
        # A union needs the fields of one of its members.
        return (
            found if self.is_valid(schema, found) else example if self.is_valid(schema, example) else self.value(schema)
        )


def _number(schema: Mapping[str, Any]) -> Any:
    """The number nearest to zero, as far as the bounds are whole numbers."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + 1
    if "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - 1
    if low is not None and high is not None and low > high:
        # Only fractions are between two exclusive bounds such as 0 and 1.
        return (low + high) / 2
    number = low if low is not None and low > 0 else high if high is not None and high < 0 else 0
    step = schema.get("multipleOf")
    return -(-number // step) * step if step else number


def _string(schema: Mapping[str, Any]) -> str:
    text = _BY_FORMAT.get(schema.get("format", ""), "")
    if pattern := schema.get("pattern"):
        text = text if re.search(pattern, text) else matching_text(pattern)
    text += "x" * (schema.get("minLength", 0) - len(text))
    found: str = text[: schema.get("maxLength")]
    return found
