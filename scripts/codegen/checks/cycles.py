"""Finds schemas that contain themselves in a way that no class can express."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.openapi.contract import Contract
from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below
from scripts.openapi.walk import walk

_COMBINING = ("allOf", "anyOf", "oneOf")


def endless(contract: Contract) -> Iterator[str]:
    """The pointers of schemas that are alternatives or parts of themselves, without an object or array between."""
    done: set[str] = set()
    for node in walk(contract.document):
        if not node.has_names:
            yield from _search(contract, node.value, node.pointer, done, set())


def _search(contract: Contract, node: Any, pointer: str, done: set[str], above: set[str]) -> Iterator[str]:
    if pointer in above:
        yield pointer
    if pointer in done or pointer in above or not isinstance(node, Mapping):
        return
    above.add(pointer)
    if target := contract.source.target(node.get("$ref")):
        yield from _search(contract, contract.source.find(target), target, done, above)
    parts = [
        (below(pointer, key, index), part)
        for key in _COMBINING
        for index, part in enumerate(as_list(as_map(node).get(key)))
    ]
    for place, part in parts:
        yield from _search(contract, part, place, done, above)
    above.discard(pointer)
    done.add(pointer)
