"""The objects of an OpenAPI document by their kind, read from objects.yaml and independent of the checked rules."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from scripts.openapi.loading import load

_TABLES = load(Path(__file__).with_name("objects.yaml")).document
CHILDREN: Mapping[str, Mapping[str, Any]] = _TABLES["children"]
"""By kind and key: the kind of the object below the key, a list with the kind, or a map from `*` to the kind."""
KEYWORDS: Mapping[str, Mapping[str, list[Any]]] = _TABLES["keywords"]
"""By kind and keyword: plausible values."""
NAMES: list[str] = [str(name) for names in _TABLES["names"] for name in names]
"""Names that clash with something, or that Python or a URL cannot contain."""


class Place(NamedTuple):
    """An object of a document, with the object or list that holds it."""

    kind: str
    holder: Any
    key: Any
    named: bool
    """Whether the author chose the key."""

    @property
    def value(self) -> Any:
        return self.holder[self.key]


def places(document: Any) -> Iterator[Place]:
    """Yield every object of a document that is not a reference to another one, parents first."""
    root = {"document": document}
    yield (place := Place("document", root, "document", False))
    yield from _below(place)


def _below(place: Place) -> Iterator[Place]:
    value = place.value
    if not isinstance(value, dict):
        return
    for key, kind in CHILDREN[place.kind].items():
        child = value.get(key)
        found: list[Place] = []
        if isinstance(kind, str) and isinstance(child, (dict, bool)):
            found = [Place(kind, value, key, False)]
        elif isinstance(kind, list) and isinstance(child, list):
            found = [Place(kind[0], child, index, False) for index in range(len(child))]
        elif isinstance(kind, Mapping) and isinstance(child, dict):
            found = [Place(kind["*"], child, name, True) for name in child]
        for one in found:
            yield one
            yield from _below(one)
