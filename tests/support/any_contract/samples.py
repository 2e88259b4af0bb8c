"""Draws values that are valid under a schema, small or complete, and lets jsonschema confirm each of them."""

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

from attrs import define
from openapi_schema_validator import OAS31Validator

from scripts.openapi.contract import Contract
from scripts.openapi.document import as_list, as_map

_DEEPEST = 6
_TRIES = 40
_PLAIN: list[Any] = [None, True, 0, 2.5, "text", ["a"], {"e": 1}]
_TEXTS = ("a", "two words", "ü", "x/y?z=1&b", "7", "true", "null", "batch_1")
_FORMATTED = {
    "date": ["2024-02-29"],
    "date-time": ["2024-02-29T12:30:00Z", "2024-02-29T12:30:00.5+02:00"],
    "time": ["12:30:00Z"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000"],
    "uri": ["https://example.com/a?b=c"],
    "email": ["a@example.com"],
    "ipv4": ["127.0.0.1"],
    "ipv6": ["::1"],
    "hostname": ["example.com"],
}
_FITTING = [
    "a",
    "aaa",
    "A1",
    "abc-1",
    "a_b",
    "2024-02-29",
    "0",
    "12",
    "x-b",
    "abc123",
    "file-abc123",
    "sess_1",
    "#aabbcc",
]


@define
class Sampler:
    """Draws values for the schemas of a contract."""

    contract: Contract
    chance: Random

    def value(self, schema: Any, fill: float) -> Any:
        """Draw a valid value in which an optional property is present with the probability `fill`.

        Raises:
            LookupError: No valid value was found.
        """
        for _ in range(_TRIES):
            value = self._of([schema], fill, _DEEPEST)
            if self.is_valid(schema, value):
                return value
        raise LookupError(f"no value was found that is valid under {str(schema)[:200]}")

    def is_valid(self, schema: Any, value: Any) -> bool:
        """Whether jsonschema finds a value valid."""
        if not isinstance(schema, dict):
            return schema is not False
        # References may lead anywhere in the document.
        around = {key: self.contract.document[key] for key in ("paths", "components") if key in self.contract.document}
        return bool(OAS31Validator({**schema, **around}).is_valid(value))

    def _of(self, schemas: list[Any], fill: float, depth: int) -> Any:
        every = list(self._every(schemas, depth))
        for one in every:
            if "const" in one or as_list(one.get("enum")):
                return copy.deepcopy(one["const"] if "const" in one else self.chance.choice(one["enum"]))
        kinds: list[str] | None = None
        for one in every:
            if "type" in one:
                said = [one["type"]] if isinstance(one["type"], str) else list(one["type"])
                said += ["integer"] if "number" in said else []
                kinds = said if kinds is None else [kind for kind in kinds if kind in said]
        if kinds is None:
            kinds = self._implied(every)
        if not kinds:
            return copy.deepcopy(self.chance.choice(_PLAIN))
        kind = "null" if "null" in kinds and (depth < 0 or self.chance.random() < 0.15) else self.chance.choice(kinds)
        return getattr(self, f"_{kind}", self._null)(every, fill, depth)

    @staticmethod
    def _implied(every: list[Any]) -> list[str]:
        keys = {key for one in every for key in one}
        if keys & {"properties", "additionalProperties", "required"}:
            return ["object"]
        if keys & {"items", "minItems", "prefixItems"}:
            return ["array"]
        return ["string"] if keys & {"pattern", "minLength", "format"} else []

    def _every(self, schemas: list[Any], depth: int) -> Iterator[Any]:
        """All schemas that apply together, with one of each list of alternatives."""
        waiting, budget = list(schemas), 60
        while waiting and budget:
            one, budget = waiting.pop(), budget - 1
            if not isinstance(one, dict):
                continue
            yield one
            if "$ref" in one:
                waiting.append(self.contract.source.resolve({"$ref": one["$ref"]})[0])
            waiting.extend(as_list(one.get("allOf")))
            for key in ("anyOf", "oneOf"):
                if choices := as_list(one.get(key)):
                    simple = [choice for choice in choices if as_map(choice).get("type") in _SIMPLE]
                    waiting.append(self.chance.choice(simple if simple and depth < 1 else choices))

    def _object(self, every: list[Any], fill: float, depth: int) -> Any:
        declared: dict[str, list[Any]] = {}
        for one in every:
            for name, schema in as_map(one.get("properties")).items():
                declared.setdefault(name, []).append(schema)
        required = {name for one in every for name in as_list(one.get("required"))}
        found: dict[str, Any] = {}
        for name, schemas in declared.items():
            if name in required or (depth > 0 and self.chance.random() < fill):
                found[name] = self._of(schemas, fill, depth - 1)
        others = [one["additionalProperties"] for one in every if isinstance(one.get("additionalProperties"), dict)]
        least = max([one.get("minProperties", 0) for one in every if isinstance(one.get("minProperties", 0), int)])
        names = [name for name in required if name not in declared]
        if others or not declared:
            size = max(least - len(found), self.chance.choice((0, 1, 2)) if depth > 0 and fill else 0)
            names += [f"key{number}" for number in range(size)]
        for name in names:
            found[name] = self._of(others or [{}], fill, depth - 1)
        return found

    def _array(self, every: list[Any], fill: float, depth: int) -> Any:
        low = max([one.get("minItems", 0) for one in every])
        high = min([one.get("maxItems", low + 2) for one in every])
        size = self.chance.randint(low, max(low, min(high, low + 2))) if depth > 0 and fill else low
        items = [one["items"] for one in every if "items" in one]
        return [self._of(items or [{"type": "string"}], fill, depth - 1) for _ in range(size)]

    def _string(self, every: list[Any], fill: float, depth: int) -> Any:
        del fill, depth
        formats = [text for one in every for text in _FORMATTED.get(str(one.get("format")), ())]
        if formats:
            return self.chance.choice(formats)
        if any("pattern" in one for one in every):
            return self.chance.choice(_FITTING)
        low = max([one.get("minLength", 0) for one in every])
        high = min([one.get("maxLength", low + 12) for one in every])
        text = self.chance.choice(_TEXTS)
        return (text * (low // len(text) + 1))[: max(low, min(high, max(low, len(text))))]

    def _number(self, every: list[Any], fill: float, depth: int) -> Any:
        value = self._integer(every, fill, depth)
        return value + 0.5 if self.chance.random() < 0.4 and not any("multipleOf" in one for one in every) else value

    def _integer(self, every: list[Any], fill: float, depth: int) -> Any:
        del fill, depth
        low = [one["minimum"] for one in every if "minimum" in one]
        low += [one["exclusiveMinimum"] + 1 for one in every if "exclusiveMinimum" in one]
        high = [one["maximum"] for one in every if "maximum" in one]
        high += [one["exclusiveMaximum"] - 1 for one in every if "exclusiveMaximum" in one]
        step = next((int(one["multipleOf"]) or 1 for one in every if "multipleOf" in one), 1)
        least = int(max(low)) if low else int(min(high)) - 5 if high else 0
        most = int(min(high)) if high else least + 9
        return self.chance.randint(least, max(least, most)) // step * step

    def _boolean(self, *_: object) -> Any:
        return self.chance.random() < 0.5

    def _null(self, *_: object) -> Any:
        return None


_SIMPLE = ("string", "integer", "number", "boolean", "null")
