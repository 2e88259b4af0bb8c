"""Draws values near the limits of a schema. Most of them are valid; a validator decides.

Undeclared properties never have the names that a schema may declare. Otherwise each new optional property in an open
object would be a breaking change, because an old message could have another value under its name.
"""

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

from attrs import define

from tests.support.schema_gen import Node
from tests.support.schemas import NAMES

_EXTRAS = ("extra", "x-a", "Other_1", "e", "x-more")
_FITTING = {"^a": "abba", "b$": "ab", "^[a-z]+$": "word", "^.{2,4}$": "four", "^x-": "x-b"}
_FORMATTED = {"date": "2024-02-29", "uuid": "123e4567-e89b-12d3-a456-426614174000", "ipv4": "127.0.0.1"}
_PLAIN: list[Any] = [None, True, False, 0, 1, 2, 7, 2.5, -1, "", "a", "ab", "xyz", "long enough"]
_PLAIN += [[], ["a"], [1, 1], {}, {"e": 1}]
_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


@define
class Sampler:
    """Draws values for the schema of a world (see schemas.py)."""

    rnd: Random
    world: Node

    def draw(self, count: int) -> Iterator[Any]:
        """Draw values, about a third of which are then damaged at one place."""
        for _ in range(count):
            value = self.value([self.world["schema"]], 5)
            yield self._damaged(value) if self.rnd.random() < 0.35 else value

    def value(self, schemas: list[Any], depth: int) -> Any:
        """Draw a value for all of these schemas at once."""
        every = list(self._every(schemas))
        for one in every:
            if self.rnd.random() < 0.95 and ("const" in one or one.get("enum")):
                return deepcopy(one["const"] if "const" in one else self.rnd.choice(one["enum"]))
        kinds = set(_KINDS)
        for one in every:
            if "type" in one:
                allowed = {one["type"]} if isinstance(one["type"], str) else set(one["type"])
                allowed |= {"integer"} if "number" in allowed else set()
                kinds &= allowed | ({"null"} if one.get("nullable") else set())
        if not any("type" in one for one in every):
            kinds = {"object"} if any("properties" in one for one in every) or self.rnd.random() < 0.2 else set()
        if not kinds or depth < -5:
            return deepcopy(self.rnd.choice(_PLAIN))
        return self._of(self.rnd.choice(sorted(kinds)), every, depth)

    def _every(self, schemas: list[Any]) -> Iterator[Node]:
        """Yield these schemas, their references and members, and one random branch of each set of alternatives."""
        waiting, budget = list(schemas), 40
        while waiting and budget:
            one, budget = waiting.pop(), budget - 1
            if not isinstance(one, dict):
                continue
            yield one
            if "$ref" in one:
                waiting.append(self.world["components"][one["$ref"].rpartition("/")[2]])
            waiting.extend(one.get("allOf", ()))
            waiting.extend(self.rnd.choice(one[keyword]) for keyword in ("anyOf", "oneOf") if one.get(keyword))
            if "if" in one:
                waiting.extend(self.rnd.choice(([one["if"], one.get("then")], [one.get("else")])))

    def _of(self, kind: str, every: list[Node], depth: int) -> Any:
        match kind:
            case "object":
                return self._object(every, depth)
            case "array":
                return self._array(every, depth)
            case "string":
                return self._string(every)
            case "number" | "integer":
                return self._number(every, kind)
        return self.rnd.choice((True, False)) if kind == "boolean" else None

    def _object(self, every: list[Node], depth: int) -> Any:
        rnd, found = self.rnd, {}
        required = {name for one in every for name in one.get("required", ())}
        declared = {name for one in every for name in one.get("properties", {})}
        chance = 0.5 if depth > 0 else 0.0
        names = [name for name in NAMES if name in required or (name in declared and rnd.random() < chance)]
        low = max([one.get("minProperties", 0) for one in every], default=0)
        closed = any(one.get("additionalProperties") is False for one in every)
        for one in every:
            for name, others in one.get("dependentRequired", {}).items():
                names += [other for other in others if name in names and other not in names]
        if (not closed and rnd.random() < 0.3) or (len(names) < low and rnd.random() < 0.8):
            names += rnd.sample(_EXTRAS, max(1, low - len(names)))
        high = min([one.get("maxProperties", 9) for one in every], default=9)
        for name in names[: high + (rnd.random() < 0.1)]:
            schemas = [one["properties"][name] for one in every if name in one.get("properties", {})]
            schemas += [
                schema
                for one in every
                for pattern, schema in one.get("patternProperties", {}).items()
                if name.startswith("x-") or pattern != "^x-"
            ]
            if not schemas:
                schemas = [one[key] for one in every for key in ("additionalProperties",) if key in one]
            found[name] = self.value(schemas, depth - 1)
        return found

    def _array(self, every: list[Node], depth: int) -> Any:
        low = max([one.get("minItems", 0) for one in every], default=0)
        high = min([one.get("maxItems", low + 2) for one in every], default=2)
        low = max([low, *(1 for one in every if "contains" in one)])
        size = self.rnd.choice((low, low, high, self.rnd.randint(0, 3))) if depth > 0 else low
        items = []
        for index in range(size):
            schemas = []
            for one in every:
                prefix = one.get("prefixItems", ())
                schemas.append(prefix[index] if index < len(prefix) else one.get("items", {}))
            schemas += [one["contains"] for one in every if "contains" in one and index == 0]
            items.append(self.value(schemas, depth - 1))
        return items

    def _string(self, every: list[Node]) -> str:
        choices = [_FITTING[one["pattern"]] for one in every if "pattern" in one]
        choices += [_FORMATTED[one["format"]] for one in every if "format" in one]
        if choices and self.rnd.random() < 0.9:
            return self.rnd.choice(choices)
        low = max([one.get("minLength", 0) for one in every], default=0)
        high = min([one.get("maxLength", low + 3) for one in every], default=3)
        return self.rnd.choice(("a", "b", "Z", "ab")) * self.rnd.choice((low, high, low + 1, self.rnd.randint(0, 7)))

    def _number(self, every: list[Node], kind: str) -> Any:
        near = [one[key] for one in every for key in ("minimum", "maximum") if key in one]
        near += [one[key] for one in every for key in ("exclusiveMinimum", "exclusiveMaximum") if key in one]
        step = next((one["multipleOf"] for one in every if "multipleOf" in one), 1)
        base = self.rnd.choice([int(one) for one in near] or [0, 1, 2, 3, 5, 8])
        number = base + self.rnd.choice((-1, 0, 0, 1, 2)) if self.rnd.random() < 0.8 else self.rnd.randint(-20, 20)
        if kind == "number" and step == 1 and self.rnd.random() < 0.4:
            return number + 0.5
        return number // step * step if self.rnd.random() < 0.9 else number

    def _damaged(self, value: Any) -> Any:
        """Change the value at one place. The new parts have no declared property names."""
        places: list[tuple[Any, Any]] = []

        def collect(one: Any) -> None:
            for key, inner in list(one.items() if isinstance(one, dict) else enumerate(one)):
                places.append((one, key))
                if isinstance(inner, (dict, list)):
                    collect(inner)

        root = {"value": value}
        collect(root)
        holder, key = self.rnd.choice(places)
        if isinstance(holder, dict) and holder is not root and self.rnd.random() < 0.3:
            del holder[key]
        elif isinstance(holder, list) and self.rnd.random() < 0.4:
            holder.append(deepcopy(holder[key]))
        elif isinstance(holder[key], dict) and self.rnd.random() < 0.5:
            holder[key][self.rnd.choice(_EXTRAS)] = deepcopy(self.rnd.choice(_PLAIN))
        else:
            holder[key] = deepcopy(self.rnd.choice(_PLAIN))
        return root["value"]
