"""Schemas seen through: a reference followed, or several schemas that must all hold as one.

Needed only where one side names or splits what the other says in place; otherwise parts are compared with parts.
"""

from typing import Any

from attrs import evolve

from .canonical_json import canonical_json
from .document import ComparedDocument
from .schema import ANNOTATIONS, Property, Schema, Subschemas

_BOUNDS = {
    **dict.fromkeys(("minimum", "minLength", "minItems", "minProperties", "minContains"), 1),
    **dict.fromkeys(("maximum", "maxLength", "maxItems", "maxProperties", "maxContains"), -1),
}
"""Bounds, and whether the larger or the smaller one is the stronger."""
_DEEPEST = 50


def resolve_ref(document: ComparedDocument, schema: Schema) -> Schema:
    """A schema with what its reference leads to, at any remove."""
    chain = [schema]
    while chain[-1].ref and len(chain) < _DEEPEST:
        chain.append(document.component(chain[-1].ref))
    if len(chain) == 1:
        return schema
    return merged(
        [Schema(one.pointer, one.keywords, one.pointers, None, one.nullable, one.properties) for one in chain]
    )


def merge_all_of(document: ComparedDocument, schema: Schema, branches: list[tuple[Any, str]]) -> Schema:
    """A schema and some of the schemas that it combines, as one; each counts once, however often it is met."""
    parts = [evolve(schema, keywords={key: value for key, value in schema.keywords.items() if key != "allOf"})]
    met: set[str] = set()
    waiting = list(reversed(branches))
    while waiting:
        written = document.schema(*waiting.pop())
        if (written.ref or written.pointer) in met:
            continue
        met.add(written.ref or written.pointer)
        part = resolve_ref(document, written)
        inner = part.get("allOf")
        if isinstance(inner, Subschemas):
            part = evolve(part, keywords={key: value for key, value in part.keywords.items() if key != "allOf"})
            waiting += reversed(inner)
        parts.append(part)
    whole = merged(parts)
    whole.ref, whole.nullable = schema.ref, schema.nullable
    return whole


def property_of(document: ComparedDocument, owner: Schema, name: str) -> Property:
    """The property of a schema by its name."""
    schema = document.schema(*owner.properties[name])
    resolved = resolve_ref(document, schema)
    flags = (resolved.get(keyword) is True for keyword in ("readOnly", "writeOnly"))
    return Property(name, name in owner.required, schema, owner, *flags)


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
                whole.pointers[key] = part.pointer_of(key)
            elif isinstance(known, frozenset) and isinstance(value, frozenset):
                whole.keywords[key] = _types(known, value) if key == "type" else known | value
            elif key == "enum":
                whole.keywords[key] = [one for one in known or () if one in value]
            elif key == "allOf" and isinstance(known, Subschemas) and isinstance(value, Subschemas):
                whole.keywords[key] = Subschemas([*known, *value])
            elif key in _BOUNDS:
                if _stronger(value, known, _BOUNDS[key]):
                    whole.keywords[key], whole.pointers[key] = value, part.pointer_of(key)
            elif key == "additionalProperties" and value is False:
                whole.keywords[key] = False
            elif key not in ANNOTATIONS and key != "constant" and not key.startswith("x-") and value != known:
                unjoined.add(f"{key}: {canonical_json(value)}")
        for name, one in part.properties.items():
            if name in whole.properties and canonical_json(one[0]) != canonical_json(whole.properties[name][0]):
                unjoined.add(f"{name}: {canonical_json(one[0])}")
        whole.properties = {**part.properties, **whole.properties}
        whole.nullable |= part.nullable
    if unjoined:
        whole.keywords["conflicts"] = whole.keywords.get("conflicts", frozenset()) | unjoined
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
