"""Matches the parts of the old document with the parts of the new document, and detects renamed parts."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple, TypeVar

from scripts.openapi.operations import Operation

from .canonical import canonical
from .canonical_json import canonical_json
from .document import ComparedDocument
from .merging import merge_all_of, resolve_ref
from .schema import Schema, is_constraint

_T = TypeVar("_T")
# The minimum similarity, from 0 to 1, of the old and the new name of a renamed part.
_MIN_SIMILARITY = 0.6
# Shorter descriptions are too common to identify a part.
_MIN_DESCRIPTION = 20


class Matches(NamedTuple):
    """The result of matching two lists of schemas."""

    pairs: list[tuple[Schema, Schema]]
    removed: list[Schema]
    added: list[Schema]


def match_names(old: Mapping[str, _T], new: Mapping[str, _T]) -> tuple[list[str], list[str], list[str]]:
    """Return the common, the removed and the added names."""
    return (
        [name for name in old if name in new],
        [name for name in old if name not in new],
        [name for name in new if name not in old],
    )


def match_operations(
    old: Mapping[Any, Operation], new: Mapping[Any, Operation]
) -> Iterator[tuple[Operation | None, Operation | None]]:
    """Match operations by their keys, and the remaining operations by operationId."""
    added = {key: None for key in new if key not in old}
    added_by_id = {new[key].id: key for key in added if new[key].id}
    for key, operation in old.items():
        if key in new:
            yield operation, new[key]
        elif operation.id in added_by_id:
            new_key = added_by_id.pop(operation.id)
            del added[new_key]
            yield operation, new[new_key]
        else:
            yield operation, None
    for key in added:
        yield None, new[key]


def find_renames(removed: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, str]:
    """Return the new name of each renamed part, by its old name.

    A part is renamed if its content is unchanged, and its names are similar or its descriptions are equal.
    """
    renames: dict[str, str] = {}
    by_content: dict[str, dict[str, Any]] = {}
    for name, node in added.items():
        by_content.setdefault(json_without_text(node), {})[name] = node
    for name, node in removed.items():
        ranked = sorted(
            (
                (_similarity(name, new_name, node, new_node), new_name)
                for new_name, new_node in by_content.get(json_without_text(node), {}).items()
            ),
            reverse=True,
        )
        best = [new_name for score, new_name in ranked if score >= _MIN_SIMILARITY and score == ranked[0][0]]
        if len(best) == 1 and best[0] not in renames.values():
            renames[name] = best[0]
    return renames


def json_without_text(node: Any) -> str:
    """Return the canonical JSON of a node without titles, descriptions and examples."""

    def stripped(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                key: stripped(item) for key, item in value.items() if key not in ("description", "title", "example")
            }
        return [stripped(item) for item in value] if isinstance(value, list) else value

    return canonical_json(stripped(node))


def _similarity(old_name: str, new_name: str, old: Any, new: Any) -> float:
    descriptions = [node.get("description") if isinstance(node, Mapping) else None for node in (old, new)]
    if descriptions[0] and descriptions[0] == descriptions[1] and len(descriptions[0]) > _MIN_DESCRIPTION:
        return 1.0
    first, second = (re.sub(r"[^a-z0-9]", "", name.lower()) for name in (old_name, new_name))
    return 1.0 if first == second else SequenceMatcher(None, first, second).ratio()


def match_schemas(
    documents: tuple[ComparedDocument, ComparedDocument], old: Sequence[Schema], new: Sequence[Schema]
) -> Matches:
    """Match the members of `allOf`, `anyOf` or `oneOf`.

    Members match by the first criterion that identifies them: reference, text, allowed values, constants of
    properties, title, names of properties, type. If only one member is left on each side, these two match.
    """
    removed, added = list(old), list(new)
    pairs: list[tuple[Schema, Schema]] = []
    shared = documents[0].shared_schemas(documents[1])

    def allowed_values(document: ComparedDocument, schema: Schema) -> str:
        return canonical(document, (document.find(schema.pointer), schema.pointer), shared)

    # Members with the same reference, text or allowed values are interchangeable. The first of them matches.
    for key in (_reference, _text, allowed_values, _constants, _title, _property_names, _type):
        old_keys = Counter(key(documents[0], schema) for schema in removed)
        new_keys = {schema.pointer: key(documents[1], schema) for schema in added}
        for schema in list(removed):
            wanted = key(documents[0], schema)
            if not wanted or (key in (_title, _property_names, _type) and old_keys[wanted] > 1):
                continue
            found = [
                other for other in added if new_keys[other.pointer] == wanted and _may_match(documents, schema, other)
            ]
            if found and (len(found) == 1 or key in (_reference, _text, allowed_values)):
                pairs.append((schema, found[0]))
                removed.remove(schema)
                added.remove(found[0])
                old_keys[wanted] -= 1
    if len(removed) == len(added) == 1 and not any(map(_is_recognizable, (*removed, *added))):
        pairs.append((removed.pop(), added.pop()))
    return Matches(pairs, removed, added)


def _is_recognizable(schema: Schema) -> bool:
    return bool(schema.ref or schema.types or schema.get("title"))


def _may_match(documents: tuple[ComparedDocument, ComparedDocument], old: Schema, new: Schema) -> bool:
    """Whether two schemas can match. Two components with different names match only if one replaced the other."""
    if not old.ref or not new.ref or old.ref == new.ref:
        return True
    if _final_ref(documents[0], old.ref) == _final_ref(documents[1], new.ref):
        return True
    if old.ref in documents[1].component_schemas or new.ref in documents[0].component_schemas:
        return False
    before, after = (set(_merged(*pair).properties) for pair in zip(documents, (old, new), strict=True))
    return not (before or after) or len(before & after) * 2 >= len(before | after)


def _final_ref(document: ComparedDocument, ref: str) -> str:
    """The end of a chain of components, each of which is only a reference to the next component."""
    seen: set[str] = set()
    while ref not in seen:
        seen.add(ref)
        component = document.component(ref)
        if component.ref and not component.constrains:
            ref = component.ref
    return ref


def _merged(document: ComparedDocument, schema: Schema) -> Schema:
    schema = resolve_ref(document, schema)
    return merge_all_of(document, schema) if schema.get("allOf") else schema


def _reference(_document: ComparedDocument, schema: Schema) -> Any:
    return schema.ref if not schema.constrains else None


def _text(document: ComparedDocument, schema: Schema) -> Any:
    return json_without_text(document.find(schema.pointer))


def _title(_document: ComparedDocument, schema: Schema) -> Any:
    title = schema.get("title")
    return title if isinstance(title, str) and not schema.ref else None


def _constants(document: ComparedDocument, schema: Schema) -> Any:
    constants = []
    for name, raw in _merged(document, schema).properties.items():
        values = document.schema(*raw).get("enum")
        if isinstance(values, list) and len(values) == 1:
            constants.append((name, canonical_json(values[0])))
    return frozenset(constants)


def _property_names(document: ComparedDocument, schema: Schema) -> Any:
    return frozenset(_merged(document, schema).properties)


def _type(document: ComparedDocument, schema: Schema) -> Any:
    resolved = resolve_ref(document, schema)
    return (resolved.types, "enum" in resolved.keywords, resolved.alternatives_keyword) if resolved.types else None


def has_other_constraints(old: Schema, new: Schema) -> bool:
    """Whether two schemas differ in constraints other than `type` and `allOf`."""

    def constraints(schema: Schema) -> Any:
        keywords = {
            keyword: canonical_json(sorted(value) if isinstance(value, frozenset) else value)
            for keyword, value in schema.keywords.items()
            if is_constraint(keyword) and keyword not in ("allOf", "type")
        }
        return keywords, schema.ref, {name: json_without_text(node) for name, (node, _) in schema.properties.items()}

    return bool(constraints(old) != constraints(new))
