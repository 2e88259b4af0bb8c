"""Reads JSON into models: lenient about what is missing, exact about what cannot be a model."""

import json
import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any, Protocol, TypeVar

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


class _Model(Protocol):
    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any], *, strict: bool = False) -> Any: ...


M = TypeVar("M", bound=_Model)


def as_dict(document: object, model: str) -> dict[str, Any]:
    """`document`, the JSON object of a `model`, as a dict.

    Raises:
        ShapeError: If it is not an object.
    """
    if not isinstance(document, Mapping):
        raise ShapeError(model, f"should be an object and is {_kind(document)}")
    return dict(document)


def beyond(document: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """What a JSON object holds under other keys."""
    return {key: value for key, value in document.items() if key not in keys}


def report_missing(document: Mapping[str, Any], model: str, required: tuple[str, ...], strict: bool) -> None:
    """Log once each required field that is missing or null, as the server is not to be argued with.

    Raises:
        ShapeError: If it is the id, or, with `strict`, any of them.
    """
    for name in required:
        if document.get(name) is None:
            state = "null" if name in document else "missing"
            if strict or name == IDENTITY:
                raise ShapeError(f"{model}.{name}", f"is required and {state}")
            if (model, name) not in _reported:
                _reported.add((model, name))
                logger.warning("%s.%s is required by the contract, but %s in a response", model, name, state)


def read_model(model: type[M], value: object, field: str, strict: bool) -> Any:
    """The model that `value` holds, or None; `field` names it in errors."""
    if value is None:
        return None
    if type(value) is dict or isinstance(value, Mapping):
        return model.from_dict(value, strict=strict)
    raise ShapeError(field, f"should be an object and is {_kind(value)}")


def read_models(model: type[M], value: object, field: str, strict: bool) -> Any:
    """The list of models that `value` holds, or None; `field` names it in errors."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise ShapeError(field, f"should be a list and is {_kind(value)}")
    for index, item in enumerate(value):
        if type(item) is not dict and not isinstance(item, Mapping):
            raise ShapeError(f"{field}[{index}]", f"should be an object and is {_kind(item)}")
    return [model.from_dict(item, strict=strict) for item in value]


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
