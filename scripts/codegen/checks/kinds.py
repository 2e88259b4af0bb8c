"""Walks through a contract, and tells the kind of each object of OpenAPI: parameter, media type, schema, and so on."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from scripts.openapi.contract import Contract
from scripts.openapi.loading import load
from scripts.openapi.pointers import below

TABLE: Mapping[str, Mapping[str, str]] = load(Path(__file__).with_name("keywords.yaml")).document
"""The verdict on each keyword, by the kind of object."""


class Place(NamedTuple):
    """An object of OpenAPI in a contract."""

    kind: str
    pointer: str
    node: Mapping[str, Any]


def verdict(kind: str, keyword: str) -> tuple[str, str]:
    """The verdict on a keyword, and its text: the kind of the value, or the way out. Unknown keywords have none."""
    word, _, text = TABLE[kind].get(keyword, "").partition(": ")
    return word, text


def places(contract: Contract) -> Iterator[Place]:
    """Each object of the contract, with its kind. References are followed: the kind of a place is that of its target.

    The object of a reference is a place, too. An object that has two kinds is two places.
    """
    seen: set[tuple[str, str]] = set()
    waiting: list[tuple[str, str, Any]] = [("document", "", contract.document)]
    while waiting:
        kind, pointer, node = waiting.pop()
        if (kind, pointer) in seen or not isinstance(node, Mapping):
            continue
        seen.add((kind, pointer))
        is_reference = "$ref" in node and kind != "schema"
        yield Place("reference" if is_reference else kind, pointer, node)
        target = contract.source.target(node.get("$ref"))
        if target is not None:
            waiting.append((kind, target, contract.source.find(target)))
        if not is_reference:
            waiting += reversed(list(inside(kind, pointer, node)))


def inside(kind: str, pointer: str, node: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Kind, pointer and value of each object directly inside an object."""
    for keyword, value in node.items():
        word, kinds = verdict(kind, keyword)
        if word != "used" or not kinds:
            continue
        place = below(pointer, keyword)
        if kinds.startswith("map of ") and isinstance(value, Mapping):
            inner = kinds.removeprefix("map of ")
            # Paths and responses can have extensions, too.
            named = [name for name in value if inner == "schema" or not name.startswith("x-")]
            yield from ((inner, below(place, name), value[name]) for name in named)
        elif kinds.startswith("list of ") and isinstance(value, list):
            inner = kinds.removeprefix("list of ")
            yield from ((inner, below(place, index), each) for index, each in enumerate(value))
        elif not kinds.startswith(("map of ", "list of ")):
            yield kinds, place, value
