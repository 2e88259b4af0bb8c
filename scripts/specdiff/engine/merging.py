"""Schemas seen through: a reference followed, or several schemas that must all hold as one.

Needed only where one side names or splits what the other says in place; otherwise parts are compared with parts.
"""

from typing import Any

from attrs import evolve

from .document import Document, spelled
from .schema import ANNOTATIONS, Branches, Schema

_BOUNDS = {
    **dict.fromkeys(("minimum", "minLength", "minItems", "minProperties", "minContains"), 1),
    **dict.fromkeys(("maximum", "maxLength", "maxItems", "maxProperties", "maxContains"), -1),
}
"""Bounds, and whether the larger or the smaller one is the stronger."""
_DEEPEST = 50


def expanded(document: Document, schema: Schema) -> Schema:
    """A schema with what its reference leads to, at any remove."""
    chain = [schema]
    while chain[-1].base and len(chain) < _DEEPEST:
        chain.append(document.component(chain[-1].base))
    if len(chain) == 1:
        return schema
    return merged([Schema(one.pointer, one.keywords, one.homes, None, one.nullable, one.properties) for one in chain])


def flattened(document: Document, schema: Schema, branches: list[tuple[Any, str]]) -> Schema:
    """A schema and some of the schemas that it combines, as one; each counts once, however often it is met."""
    parts = [evolve(schema, keywords={key: value for key, value in schema.keywords.items() if key != "allOf"})]
    met: set[str] = set()
    waiting = list(reversed(branches))
    while waiting:
        written = document.schema(*waiting.pop())
        if (written.base or written.pointer) in met:
            continue
        met.add(written.base or written.pointer)
        part = expanded(document, written)
        inner = part.get("allOf")
        if isinstance(inner, Branches):
            part = evolve(part, keywords={key: value for key, value in part.keywords.items() if key != "allOf"})
            waiting += reversed(inner)
        parts.append(part)
    whole = merged(parts)
    whole.base, whole.nullable = schema.base, schema.nullable
    return whole


def merged(parts: list[Schema]) -> Schema:
    """Schemas that must all hold, as one; of annotations the first one's.

    Where two cannot be joined, too, but then `unjoined` holds what the others say.
    """
    whole = Schema(parts[0].pointer)
    unjoined: set[str] = set()
    for part in parts:
        for key, value in part.keywords.items():
            known = whole.keywords.get(key)
            if key not in whole.keywords:
                whole.keywords[key] = value
                whole.homes[key] = part.home(key)
            elif isinstance(known, frozenset) and isinstance(value, frozenset):
                whole.keywords[key] = _types(known, value) if key == "type" else known | value
            elif key == "enum":
                whole.keywords[key] = [one for one in known or () if one in value]
            elif key == "allOf" and isinstance(known, Branches) and isinstance(value, Branches):
                whole.keywords[key] = Branches([*known, *value])
            elif key in _BOUNDS:
                if _stronger(value, known, _BOUNDS[key]):
                    whole.keywords[key], whole.homes[key] = value, part.home(key)
            elif key == "additionalProperties" and value is False:
                whole.keywords[key] = False
            elif key not in ANNOTATIONS and key != "constant" and not key.startswith("x-") and value != known:
                unjoined.add(f"{key}: {spelled(value)}")
        for name, one in part.properties.items():
            if name in whole.properties and spelled(one[0]) != spelled(whole.properties[name][0]):
                unjoined.add(f"{name}: {spelled(one[0])}")
        whole.properties = {**part.properties, **whole.properties}
        whole.nullable |= part.nullable
    if unjoined:
        whole.keywords["unjoined"] = whole.keywords.get("unjoined", frozenset()) | unjoined
    return whole


def _types(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    both = one & other
    if "number" in one ^ other and "integer" in one | other:
        both |= {"integer"} & (one | other)
    return both or frozenset({"nothing"})


def _stronger(new: Any, old: Any, sign: int) -> bool:
    try:
        as_pairs = [value if isinstance(value, tuple) else (value, False) for value in (new, old)]
        (a, a_open), (b, b_open) = as_pairs
        return bool((a * sign, a_open) > (b * sign, b_open))
    except TypeError:
        return False
