# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Reads JSON objects into models: lenient about what is missing, exact about what cannot be a model."""

import logging
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

__all__ = ["ShapeError"]

logger = logging.getLogger("openai_batch_client")
# What has no id cannot be asked for again: no leniency makes it useful.
IDENTITY = "id"
_reported: set[tuple[str, str]] = set()


class ShapeError(ValueError):
    """A JSON document does not have the shape of its model.

    Attributes:
        field: The model and field at fault, as in `Batch.id`.
    """

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field} {words}")
        self.field = field


class _Model(Protocol):
    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any], *, strict: bool = False) -> Any: ...


M = TypeVar("M", bound=_Model)


def copied(document: object, model: str) -> dict[str, Any]:
    """A copy of `document`, the JSON object of a `model`.

    Raises:
        ShapeError: If `document` is not an object.
    """
    if not isinstance(document, Mapping):
        raise ShapeError(model, f"should be an object and is {_kind(document)}")
    return dict(document)


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
