"""The sentences about values that a JSON Schema does not allow. No sentence of a validator is passed through."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scripts.openapi.pointers import below, find

_LONGEST_VALUE = 60
_LIMITS = {
    "minimum": "should be {} or more",
    "maximum": "should be {} or less",
    "exclusiveMinimum": "should be more than {}",
    "exclusiveMaximum": "should be less than {}",
    "minLength": "should have at least {} character",
    "maxLength": "should have at most {} character",
    "minItems": "should have at least {} item",
    "maxItems": "should have at most {} item",
    "minProperties": "should have at least {} field",
    "maxProperties": "should have at most {} field",
    "multipleOf": "should be a multiple of {}",
    "pattern": "should match {}",
    "format": "should have the format {}",
    "const": "should be {}",
}
_COUNTS = _LIMITS.keys() & {f"{end}{noun}" for end in ("min", "max") for noun in ("Length", "Items", "Properties")}


def shown(value: Any) -> str:
    """A value as short JSON."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def sentences(error: Any, pointer: str = "", schema: Any = None) -> Iterator[tuple[str, str]]:
    """Pairs of a JSON pointer and a sentence for an error of a validator.

    Args:
        error: The error, of jsonschema or of another implementation with the same attributes.
        pointer: The pointer of the validated value.
        schema: The schema of the validator, if the error does not name the keyword itself.
    """
    path = list(error.schema_path)
    place = below(pointer, *error.absolute_path)
    if not path:
        yield place, " ".join(str(error.message).split())
        return
    keyword, expected, instance = error.validator, error.validator_value, error.instance
    if not isinstance(keyword, str):
        # This implementation states only the path of the keyword, and the whole document.
        keyword, expected = str(path[-1]), find(schema, below("", *path))
        instance = find(error.instance, below("", *error.absolute_path))
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        names = _quoted(error.message, instance)
        yield from ((below(place, name), f"{shown(name)} is not allowed here") for name in names)
        if not names:
            yield place, "a field is not allowed here"
    elif keyword == "required":
        missing = [name for name in expected or () if name not in as_names(instance)]
        yield from ((place, f"{shown(name)} is missing") for name in missing)
    elif "propertyNames" in path:
        name = instance if isinstance(instance, str) else next(iter(_quoted(error.message, instance)), "")
        yield place, f"the name {shown(name)} is not allowed here"
    else:
        yield place, _sentence(keyword, expected, instance, error.context or ())


def _quoted(message: str, instance: Any) -> list[Any]:
    """The names of an object that a validator quotes in a message, like Python, like JSON, or without any escapes."""
    text = message.partition("\n\nFailed validating")[0]

    def is_quoted(name: Any) -> bool:
        return any(quoted in text for quoted in (repr(name), f"'{name}'", json.dumps(name, ensure_ascii=False)))

    return [name for name in as_names(instance) if is_quoted(name)]


def as_names(value: Any) -> Iterable[Any]:
    return value if isinstance(value, Mapping) else ()


def _sentence(keyword: str, expected: Any, instance: Any, context: Iterable[Any]) -> str:
    value = shown(instance)
    if keyword == "type":
        kinds = " or ".join([expected] if isinstance(expected, str) else map(str, expected or ()))
        return f"{value} should be of type {kinds}"
    if keyword == "enum":
        return f"{value} should be one of {', '.join(map(shown, expected or ()))}"
    if keyword in _LIMITS:
        plural = "s" if keyword in _COUNTS and expected != 1 else ""
        return f"{value} {_LIMITS[keyword].format(expected if keyword == 'pattern' else shown(expected))}{plural}"
    if keyword == "uniqueItems":
        return f"{value} has an item twice"
    if keyword in ("oneOf", "anyOf"):
        reasons = [(below("", *each.path), text) for each in context for _, text in sentences(each)]
        if not reasons:
            return f"{value} should fit exactly one alternative of {keyword}"
        listed = dict.fromkeys(f"{place[1:]}: {text}" if place else text for place, text in reasons[:3])
        return f"{value} fits no alternative of {keyword}; {'; '.join(listed)}"
    return f"{value} is not allowed here by {keyword}"


def without_consequences(errors: Iterable[Any]) -> list[Any]:
    """The errors without the fields that count as unknown only because an error is inside of their object."""
    found = list(errors)
    paths = [list(error.absolute_path) for error in found if _keyword(error) != "unevaluatedProperties"]
    return [
        error
        for error in found
        if _keyword(error) != "unevaluatedProperties"
        or not any(path[: len(error.absolute_path)] == list(error.absolute_path) for path in paths)
    ]


def _keyword(error: Any) -> str:
    return str(list(error.schema_path)[-1]) if error.schema_path else ""
