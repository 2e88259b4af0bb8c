"""JSON text for comparing values: the order of keys has no effect, and 1.0 equals 1."""

import json
from collections.abc import Mapping
from typing import Any

# json.dumps would create an encoder for each call.
_encode = json.JSONEncoder(sort_keys=True, default=str).encode


def canonical_json(value: Any) -> str:
    """Serialize a value with sorted keys, and write 1.0 as 1. The texts of true and 1 differ."""
    text = _encode(value)
    # Most values contain no float such as 1.0, so they are serialized only once.
    return _encode(_with_integers(value)) if ".0" in text or "e+" in text else text


def is_equal(old: Any, new: Any) -> bool:
    """Whether two JSON values are equal. In Python, True == 1; in JSON they differ."""
    # Equal nodes usually have their keys in the same order, and then the comparison of texts is fast.
    return bool(old == new) and (repr(old) == repr(new) or canonical_json(old) == canonical_json(new))


def _with_integers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_integers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_integers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
