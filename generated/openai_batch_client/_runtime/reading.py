# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Reads JSON into models. Missing fields are tolerated, wrong shapes are not."""

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from attrs import fields

from .shape_error import ShapeError

__all__ = ["ShapeError"]

logger = logging.getLogger("openai_batch_client")
# An object without an id cannot be requested again, so a missing id is always an error.
IDENTITY = "id"
# These texts would change the path of a URL. A longer id than the limit may not fit: a URL of httpx has at most 65,536
# characters, and a character of the id becomes up to twelve.
NO_IDS = ("", ".", "..")
MAX_ID_LENGTH = 4096
# The import of msgspec takes about 15 ms. Pages of batches of about two megabytes save as much.
MSGSPEC_PAYS_AFTER = 2_000_000

_reported: set[tuple[str, str]] = set()
_bytes_read = 0


def _loads_at_first(content: bytes) -> Any:
    """Parse with the standard library, until enough bytes were read that msgspec, if it is installed, is faster."""
    global loads, _bytes_read
    _bytes_read += len(content)
    if _bytes_read >= MSGSPEC_PAYS_AFTER:
        loads = _fastest_loads()
        return loads(content)
    return json.loads(content)


def _fastest_loads() -> Callable[[bytes], Any]:
    with suppress(ImportError):  # the extra `speed`
        from msgspec import json as msgspec_json

        return msgspec_json.decode
    return json.loads


loads: Callable[[bytes], Any] = _loads_at_first


def read_json(content: bytes) -> Any:
    """Parse a JSON document.

    Raises:
        ValueError: The content is not JSON.
        RecursionError: The document is nested too deeply.
    """
    try:
        return loads(content)
    except (ValueError, RecursionError):
        # The standard library reads more than msgspec: NaN, halves of surrogate pairs, UTF-16.
        return json.loads(content)


M = TypeVar("M")
M_co = TypeVar("M_co", covariant=True)


class ReadOptions(NamedTuple):
    """How a JSON document is read."""

    strict: bool = False
    """Whether to raise if a required field is missing or null."""
    consume: bool = False
    """Whether lists are emptied while they are read. Use it only if nothing else refers to the document: the garbage
    collector then has fewer objects to visit."""


class Reader(Protocol[M_co]):
    """A function that reads a JSON value. `label` names the value in an error."""

    def __call__(self, document: Any, options: ReadOptions, label: str = ...) -> M_co: ...


LENIENT, STRICT = ReadOptions(), ReadOptions(strict=True)


class OpenModel:
    """A model that accepts unknown fields.

    Most objects have none, so that the dict for them is made on first access: otherwise half of the objects of a page
    would be empty dicts.
    """

    if not TYPE_CHECKING:  # Type checkers see the attribute that each model declares.

        @cached_property
        def additional_properties(self) -> dict[str, Any]:
            # Two threads that access it at the same time get the same dict.
            return self.__dict__.setdefault("additional_properties", {})

    # attrs would compile a method for each model, which takes a third of the time of the definition.
    @recursive_repr()
    def __repr__(self) -> str:
        model: Any = type(self)
        values = (f"{field.name}={getattr(self, field.name)!r}" for field in fields(model) if field.repr)
        return f"{model.__name__}({', '.join(values)})"


def as_dict(document: object, label: str) -> dict[str, Any]:
    """The JSON object of a model as a dict.

    Raises:
        ShapeError: The document is not an object.
    """
    if not isinstance(document, Mapping):
        raise ShapeError(label, f"should be an object and is {_json_type(document)}")
    return dict(document)


def extra_keys(document: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """The items of a JSON object whose keys are not in `keys`."""
    return {key: value for key, value in document.items() if key not in keys}


def report_missing(document: Mapping[str, Any], model: str, required: tuple[str, ...], options: ReadOptions) -> None:
    """Log each required field that is missing or null, once per field.

    Raises:
        ShapeError: The field is the id, or the options are strict.
    """
    for name in required:
        value = document.get(name)
        if name == IDENTITY and not isinstance(value, (str, int, type(None))):
            raise ShapeError(f"{model}.{name}", f"should be a string and is {_json_type(value)}")
        if name == IDENTITY and isinstance(value, str) and (value in NO_IDS or len(value) > MAX_ID_LENGTH):
            raise ShapeError(f"{model}.{name}", f"has {len(value):,} characters, and cannot be an id")
        if value is None:
            state = "null" if name in document else "missing"
            if options.strict or name == IDENTITY:
                raise ShapeError(f"{model}.{name}", f"is required and {state}")
            if (model, name) not in _reported:
                _reported.add((model, name))
                logger.warning("%s.%s is required by the contract, but %s in a response", model, name, state)


def read_list(read: Reader[M], document: Any, options: ReadOptions, label: str = "the list") -> list[M]:
    """Read a JSON array into a list of models.

    Raises:
        ShapeError: The document is not an array, or an item cannot be read.
    """
    if not isinstance(document, list):
        raise ShapeError(label, f"should be a list and is {_json_type(document)}")
    items = document if options.consume else list(document)
    items.reverse()
    models: list[M] = []
    while items:
        item = items.pop()
        item_label = label if type(item) is dict else f"{label}[{len(models)}]"
        models.append(read(item, options, item_label))
    return models


def list_of(read: Reader[M]) -> Reader[list[M]]:
    """The function that reads a JSON array whose items `read` reads."""
    return partial(read_list, read)


def map_of(read: Reader[M]) -> Reader[dict[str, M]]:
    """The function that reads a JSON object as a map whose values `read` reads."""

    def read_map(document: Any, options: ReadOptions, label: str = "the map") -> dict[str, M]:
        if not isinstance(document, Mapping):
            raise ShapeError(label, f"should be an object and is {_json_type(document)}")
        return {key: read(value, options, f"{label}.{key}") for key, value in document.items()}

    return read_map


def nullable(read: Reader[M]) -> Reader[M | None]:
    """The function that reads null as None, and any other value with `read`."""

    def read_nullable(document: Any, options: ReadOptions, label: str = "the value") -> M | None:
        return None if document is None else read(document, options, label)

    return read_nullable


def one_of(key: str, readers: Mapping[Any, Reader[Any]], fallback: Reader[Any] | None = None) -> Reader[Any]:
    """The function that reads a JSON object of one of several classes.

    The field `key` tells the class. Servers may add classes: `fallback` reads an object whose class is unknown;
    without it, the object stays a dict.
    """

    def read_one(document: Any, options: ReadOptions, label: str = "the object") -> Any:
        document = as_dict(document, label)
        value = document.get(key)
        if value is None and options.strict:
            state = "null" if key in document else "missing"
            raise ShapeError(f"{label}.{key}", f"is required and {state}")
        read = readers.get(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
        read = read or fallback
        return document if read is None else read(document, options, label)

    return read_one


def by_shape(
    *, read_object: Reader[Any] | None = None, read_list: Reader[Any] | None = None, keeps_others: bool = False
) -> Reader[Any]:
    """The function that reads a JSON object with `read_object`, and a JSON array with `read_list`.

    With `keeps_others`, it returns all other values unchanged.
    """

    def read_shape(document: Any, options: ReadOptions, label: str = "the value") -> Any:
        read = read_object if isinstance(document, Mapping) else read_list if isinstance(document, list) else None
        if read is not None:
            return read(document, options, label)
        if keeps_others:
            return document
        raise ShapeError(label, f"should be an object or a list and is {_json_type(document)}")

    return read_shape


def write(value: Any) -> Any:
    """Convert models to JSON objects, sequences to lists and mappings to dicts. Other values stay as they are."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {key: write(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview)):
        return [write(item) for item in value]
    return value


def _json_type(value: object) -> str:
    names: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "a boolean",
        type(None): "null",
    }
    return names.get(type(value), "a number")
