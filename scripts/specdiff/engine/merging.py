"""Merges a schema with the target of its `$ref` or with the members of its `allOf`.

The engine merges schemas only if one document uses `$ref` or `allOf`, and the other document an inline schema.
"""

from attrs import evolve

from .canonical_json import canonical_json
from .document import ComparedDocument
from .schema import CONFLICTS, Bound, Property, RawSchema, Schema, Subschemas, is_constraint

_LONGEST_CHAIN = 50


def resolve_ref(document: ComparedDocument, schema: Schema) -> Schema:
    """Merge a schema with the component that `$ref` refers to, and follow chains of references."""
    chain = [schema]
    while chain[-1].ref and len(chain) < _LONGEST_CHAIN:
        chain.append(document.component(chain[-1].ref))
    return schema if len(chain) == 1 else merge([evolve(link, ref=None) for link in chain])


def merge_all_of(document: ComparedDocument, schema: Schema, members: list[RawSchema] | None = None) -> Schema:
    """Merge a schema with the given members of its `allOf`, or with all members by default.

    Nested `allOf` are merged, too. A component is merged once, even if several members refer to it.
    """
    waiting = list(reversed(schema.subschemas("allOf") if members is None else members))
    merged = [_without_all_of(schema)]
    seen: set[str] = set()
    while waiting:
        member = document.schema(*waiting.pop())
        if (member.ref or member.pointer) in seen:
            continue
        seen.add(member.ref or member.pointer)
        resolved = resolve_ref(document, member)
        waiting += reversed(resolved.subschemas("allOf"))
        merged.append(_without_all_of(resolved))
    whole = merge(merged)
    whole.ref, whole.nullable = schema.ref, schema.nullable
    return whole


def _without_all_of(schema: Schema) -> Schema:
    return evolve(schema, keywords={keyword: value for keyword, value in schema.keywords.items() if keyword != "allOf"})


def property_of(document: ComparedDocument, owner: Schema, name: str) -> Property:
    """Return the property of a schema by its name."""
    schema = document.schema(*owner.properties[name])
    resolved = resolve_ref(document, schema)
    flags = (resolved.get(keyword) is True for keyword in ("readOnly", "writeOnly"))
    return Property(name, name in owner.required, schema, owner, *flags)


def merge(schemas: list[Schema]) -> Schema:
    """Merge schemas into one schema, which allows the values that all schemas allow.

    If several schemas have the same annotation, the first value wins. If constraints cannot be merged, the first value
    wins, and the keyword CONFLICTS records the other values.
    """
    whole = Schema(schemas[0].pointer)
    conflicts: set[str] = set()
    for schema in schemas:
        for keyword, value in schema.keywords.items():
            known = whole.keywords.get(keyword)
            if keyword not in whole.keywords:
                whole.keywords[keyword] = value
                whole.pointers[keyword] = schema.pointer_of(keyword)
            elif isinstance(known, frozenset) and isinstance(value, frozenset):
                whole.keywords[keyword] = _common_types(known, value) if keyword == "type" else known | value
            elif keyword == "enum":
                whole.keywords[keyword] = [option for option in known or () if option in value]
            elif isinstance(known, Subschemas) and keyword == "allOf":
                whole.keywords[keyword] = Subschemas([*known, *value])
            elif isinstance(known, Bound):
                if _is_stricter(value, known, 1 if keyword.startswith("min") else -1):
                    whole.keywords[keyword], whole.pointers[keyword] = value, schema.pointer_of(keyword)
            elif keyword == "additionalProperties" and value is False:
                whole.keywords[keyword] = False
            elif is_constraint(keyword) and keyword != "constant" and value != known:
                conflicts.add(f"{keyword}: {canonical_json(value)}")
        for name, (node, _) in schema.properties.items():
            if name in whole.properties and canonical_json(node) != canonical_json(whole.properties[name][0]):
                conflicts.add(f"{name}: {canonical_json(node)}")
        whole.properties = {**schema.properties, **whole.properties}
        whole.nullable |= schema.nullable
    if conflicts:
        whole.keywords[CONFLICTS] = whole.keywords.get(CONFLICTS, frozenset()) | conflicts
    return whole


def _common_types(some: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    common = some & others
    if "number" in some ^ others and "integer" in some | others:
        common |= {"integer"}
    return common or frozenset({"nothing"})


def _is_stricter(new: Bound, old: Bound, sign: int) -> bool:
    return (new.value * sign, new.is_exclusive) > (old.value * sign, old.is_exclusive)
