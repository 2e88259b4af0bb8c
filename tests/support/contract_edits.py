"""Edits of openapi.yaml that test cases describe: below each JSON pointer, the new value."""

import copy
from collections.abc import Mapping
from typing import Any

from scripts.openapi.contract import Contract
from scripts.openapi.pointers import keys

REMOVED = "(removed)"


def edited(edits: Mapping[str, Any], document: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A copy of the contract, or of another document, with edits.

    The pointer of an edit may end in /- to add a value to a list, or several values that are a list. The value REMOVED
    removes a field.
    """
    result: dict[str, Any] = copy.deepcopy(dict(document or Contract.load().document))
    for pointer, value in edits.items():
        *path, last = keys(pointer)
        target: Any = result
        for part in path:
            target = target[int(part) if isinstance(target, list) else part]
        if isinstance(target, list):
            index = len(target) if last == "-" else int(last)
            values = value if last == "-" and isinstance(value, list) else [value]
            target[index : index + 1] = copy.deepcopy(values)
        elif value == REMOVED:
            del target[last]
        else:
            target[last] = copy.deepcopy(value)
    return result
