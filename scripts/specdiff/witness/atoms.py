"""Draws values without contents near the keywords of schemas: bounds, enums, examples, formats and types."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scripts.openapi.document import as_list

from .texts import FORMATS, matching

as_text = json.JSONEncoder(ensure_ascii=False).encode
_SIMPLE: Mapping[str, tuple[Any, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "integer": (0, 1, -1),
    "number": (0.5, 0, 1, -1),
    "string": ("", "a", "0"),
    "array": ([],),
    "object": ({},),
}
EVERY_KIND: tuple[Any, ...] = (None, True, 0, 0.5, "", "a", [], {})
_LONGEST = 10_000
_MOST_CHARACTERS = 30_000_000

_LENGTHS: dict[tuple[type, Any], tuple[int, str]] = {}


def length(value: Any) -> tuple[int, str]:
    """A sort key: the length of the JSON text, then the text itself."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return len(value) + 2, value[:10]
    if isinstance(value, dict | list):
        text = as_text(value)
        return len(text), text
    # The same few values are drawn again and again.
    key = type(value), value
    if key not in _LENGTHS:
        text = as_text(value)
        _LENGTHS[key] = len(text), text
    return _LENGTHS[key]


def distinct(values: Iterable[Any]) -> list[Any]:
    """The values without repetitions, the shortest first. In JSON, 1 and true differ."""
    return [pair[1] for _, pair in sorted({length(value): (None, value) for value in values}.items())]


def atoms(parts: list[Mapping[str, Any]]) -> Iterator[Any]:
    """Yield values that keywords of the schemas name or imply, apart from arrays and objects with contents."""
    yield from EVERY_KIND
    for part in parts:
        for kind in as_list(part.get("type")) or [part.get("type")]:
            yield from _SIMPLE.get(str(kind), ())
        yield from (part[keyword] for keyword in ("const", "default", "example") if keyword in part)
        yield from [*as_list(part.get("enum")), *as_list(part.get("examples"))][:500]
        yield from _numbers(part)
        yield from _strings(part)


def _numbers(part: Mapping[str, Any]) -> Iterator[Any]:
    for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        bound = part.get(keyword)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            yield from (bound, bound - 1, bound + 1, bound - 0.5, bound + 0.5)
            if abs(bound) > 2**53:
                yield from (bound * 2, bound * 10)
    step = part.get("multipleOf")
    if isinstance(step, int | float) and not isinstance(step, bool):
        yield from (step, -step, 2 * step, 3 * step, step / 2, step + 1)
        low = part.get("minimum", part.get("exclusiveMinimum"))
        if isinstance(low, int | float) and step > 0:
            yield from ((low // step + more) * step for more in (1, 2))


def _strings(part: Mapping[str, Any]) -> Iterator[str]:
    texts = [*FORMATS.get(str(part.get("format")), ())]
    if isinstance(part.get("pattern"), str):
        texts += matching(part["pattern"])
    yield from texts
    for keyword in ("minLength", "maxLength"):
        size = part.get(keyword)
        if isinstance(size, int) and not isinstance(size, bool):
            for wanted in (size - 1, size, size + 1):
                if 0 < wanted <= _LONGEST:
                    yield "a" * wanted
                    yield from (text + text[-1:] * (wanted - len(text)) for text in texts if text)


def long_texts(parts: list[Mapping[str, Any]], others: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield texts at the bounds that differ and are too large for `atoms`."""
    for keyword in ("minLength", "maxLength"):
        own, compared = ({part[keyword] for part in some if keyword in part} for some in (parts, others))
        for size in sorted(own ^ compared, key=str):
            if isinstance(size, int) and _LONGEST < size <= _MOST_CHARACTERS:
                yield from ("a" * (size + 1), "a" * size)
