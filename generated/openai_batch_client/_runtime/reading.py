# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Reads JSON into models: lenient about what is missing, exact about what cannot be a model."""

import json
import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

__all__ = ["ShapeError"]

logger = logging.getLogger("openai_batch_client")
# What has no id cannot be asked for again: no leniency makes it useful.
IDENTITY = "id"
loads: Callable[[bytes], Any] = json.loads
with suppress(ImportError):  # the extra `speed`
    from msgspec import json as msgspec_json

    loads = msgspec_json.decode

_reported: set[tuple[str, str]] = set()


class ShapeError(ValueError):
    """A JSON document does not have the shape of its model.

    Attributes:
        field: The model and field at fault, as in `Batch.id`.
    """

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field} {words}")
        self.field = field


def read_json(content: bytes) -> Any:
    """The JSON document that `content` is; ValueError or RecursionError if it is none."""
    try:
        return loads(content)
    except (ValueError, RecursionError):
        # The standard library reads more than msgspec does: NaN, halves of surrogate pairs, UTF-16.
        return json.loads(content)


M = TypeVar("M")


class Reading(NamedTuple):
    """How a JSON document is read."""

    strict: bool = False
    """Whether a required field that is missing or null raises."""
    owned: bool = False
    """Whether nobody else holds the document. Its lists are then emptied while they are read: objects that go as models
    come give the garbage collector little to do."""


LENIENT, STRICT = Reading(), Reading(strict=True)


class Open:
    """A model that may hold more than the contract knows. Few do, so the dict for it is made when it is asked for:
    every second object that a page is read into would be an empty one."""

    if not TYPE_CHECKING:  # to a type checker it is an attribute, which each model declares

        @cached_property
        def additional_properties(self) -> dict[str, Any]:
            # Of two threads that ask first, both get the same.
            return self.__dict__.setdefault("additional_properties", {})


def as_dict(document: object, where: str) -> dict[str, Any]:
    """`document`, the JSON object of a model, as a dict.

    Raises:
        ShapeError: If it is not an object.
    """
    if not isinstance(document, Mapping):
        raise ShapeError(where, f"should be an object and is {_kind(document)}")
    return dict(document)


def beyond(document: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """What a JSON object holds under other keys."""
    return {key: value for key, value in document.items() if key not in keys}


def report_missing(document: Mapping[str, Any], model: str, required: tuple[str, ...], reading: Reading) -> None:
    """Log once each required field that is missing or null, as the server is not to be argued with.

    Raises:
        ShapeError: If it is the id, or, where the reading is strict, any of them.
    """
    for name in required:
        if document.get(name) is None:
            state = "null" if name in document else "missing"
            if reading.strict or name == IDENTITY:
                raise ShapeError(f"{model}.{name}", f"is required and {state}")
            if (model, name) not in _reported:
                _reported.add((model, name))
                logger.warning("%s.%s is required by the contract, but %s in a response", model, name, state)


def read_list(read: Callable[[Any, Reading, str], M], document: object, reading: Reading, where: str) -> list[M]:
    """The list of models that `document` holds.

    Raises:
        ShapeError: If it is not a list, or something in it cannot be read.
    """
    if not isinstance(document, list):
        raise ShapeError(where, f"should be a list and is {_kind(document)}")
    items = document if reading.owned else list(document)
    items.reverse()
    models: list[M] = []
    while items:
        item = items.pop()
        at = where if type(item) is dict else f"{where}[{len(models)}]"
        models.append(read(item, reading, at))
    return models


def write(value: Any) -> Any:
    """`value` as JSON: models become objects, everything else stays as it is."""
    if isinstance(value, list):
        return [write(item) for item in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


def _kind(value: object) -> str:
    """What JSON calls a value."""
    kinds: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "a boolean",
        type(None): "null",
    }
    return kinds.get(type(value), "a number")
