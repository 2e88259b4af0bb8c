"""JSON text by which values are compared: the order of keys does not matter, and 1.0 is the same as 1."""

import json
from collections.abc import Mapping
from typing import Any


def canonical_json(value: Any) -> str:
    """Serialize a value with sorted keys and whole numbers as integers; true and 1 stay different."""
    text = json.dumps(value, sort_keys=True, default=str)
    # Most values contain no float that equals an integer, and need no second pass.
    return json.dumps(_with_integers(value), sort_keys=True, default=str) if ".0" in text or "e+" in text else text


def _with_integers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_integers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_integers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
