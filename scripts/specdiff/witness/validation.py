"""Asks an independent validator whether a schema admits a value."""

import json
import re
from itertools import islice, product
from typing import Any

import jsonschema_rs
from attrs import define, field

from .view import Node, View, name, pointer_of, references

_MOST_READINGS = 64
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


@define
class Judge:
    """A schema as a validator of JSON Schema 2020-12 with formats judges values.

    Raises:
        LookupError: The schema refers to a schema that cannot be read.
        ValueError: The schema is not valid.
    """

    view: View
    schema: Node = field(repr=False)
    """A schema of the view, or a part of one."""
    as_text: bool = False
    """Whether a value is sent as text, so that the text `1` can be a number and a string."""
    components: View | None = None
    """The view from which referred schemas are taken first, if it is not `view`."""
    _validator: Any = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._validator = jsonschema_rs.Draft202012Validator(self._bundle(), validate_formats=True, offline=True)

    def _bundle(self) -> Node:
        """The schema with all schemas that it refers to."""
        definitions: dict[str, Node] = {}
        waiting = list(references(self.schema))
        while waiting:
            pointer = pointer_of(waiting.pop())
            if (key := name(pointer)) not in definitions:
                has_it = self.components is not None and self.components.document.find(pointer) is not None
                view = self.components if self.components is not None and has_it else self.view
                definitions[key] = view.schema(pointer)
                waiting += view.references(pointer)
        return {"allOf": [self.schema], "$defs": definitions}

    def admits(self, value: Any) -> bool:
        """Whether the schema admits a value."""
        try:
            if self.as_text:
                return any(map(self._validator.is_valid, readings(value)))
            return bool(self._validator.is_valid(value))
        except ValueError:
            # A number or a text that the validator cannot read.
            return False


def readings(value: Any) -> list[Any]:
    """The JSON values that have the same text as a value, in a URL or a header."""
    if isinstance(value, list):
        # All items are read in the same way.
        choices = [readings(item) for item in value]
        longest = max(map(len, choices), default=1)
        return [[choice[min(index, len(choice) - 1)] for choice in choices] for index in range(longest)]
    if isinstance(value, dict):
        products = product(*(readings(item) for item in value.values()))
        return [dict(zip(value, items, strict=True)) for items in islice(products, _MOST_READINGS)]
    if isinstance(value, str):
        if value in ("true", "false") or _NUMBER.fullmatch(value):
            return [value, json.loads(value)]
        return [value]
    return [json.dumps(value), value] if isinstance(value, bool | int | float) else [value]
