"""Judges a result: whether it has the type of its annotation, and what it is as JSON."""

import collections.abc
import importlib
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from .requests import short


class Names(dict[str, Any]):
    """The names that annotations use, also those that modules import for type checkers only."""

    def __init__(self, package: Any) -> None:
        super().__init__({"models": importlib.import_module(f"{package.__name__}.models")})
        self._package = package

    def __missing__(self, name: str) -> Any:
        for module in (self._package, typing, collections.abc, self["models"]):
            if hasattr(module, name):
                return getattr(module, name)
        raise KeyError(name)


def mismatch(value: Any, hint: Any, package: Any, depth: int = 0) -> str | None:
    """Why a value does not have the type of an annotation, or None if it has."""
    if hint is Any or depth > 12:
        return None
    if hint is None or hint is type(None):
        return None if value is None else f"{short(value)} is not None"
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        known = any(type(value) is type(one) and value == one for one in arguments)
        return None if known else f"{short(value)} is not one of {arguments}"
    if origin is not None and origin.__module__ in ("types", "typing") and arguments:
        reasons = [mismatch(value, one, package, depth + 1) for one in arguments]
        return None if None in reasons else f"{short(value)} does not fit {hint}: {reasons[0]}"
    if origin in (list, Sequence) and isinstance(value, list):
        return next((reason for one in value if (reason := mismatch(one, arguments[0], package, depth + 1))), None)
    if origin in (dict, Mapping) and isinstance(value, dict):
        return next(
            (reason for one in value.values() if (reason := mismatch(one, arguments[1], package, depth + 1))), None
        )
    wanted = origin or hint
    if not isinstance(wanted, type):
        return None
    if wanted is float and type(value) is int:
        return None
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted in (int, float)):
        return f"{short(value)} is not {getattr(wanted, '__name__', wanted)}"
    if hasattr(wanted, "__attrs_attrs__") and wanted.__module__.startswith(f"{package.__name__}.models"):
        hints = typing.get_type_hints(wanted, None, Names(package))
        for name, inner in hints.items():
            if not name.startswith("_") and typing.get_origin(inner) is not typing.ClassVar:
                field = getattr(value, name, None)
                if type(field).__name__ != "Unset" and (reason := mismatch(field, inner, package, depth + 1)):
                    return f"{wanted.__name__}.{name}: {reason}"
    return None


def as_json(value: Any) -> Any:
    """A result as JSON."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, list):
        return [as_json(one) for one in value]
    return {key: as_json(one) for key, one in value.items()} if isinstance(value, dict) else value


def without_nulls(value: Any) -> Any:
    """A JSON value without the fields that are null, because a client reads null and absent as None."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value
