"""Which of two lists of things belong together, and what was given another name rather than removed and added."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, TypeVar

from .canonical import meaning
from .document import Document, spelled
from .merging import expanded, flattened
from .operations import Operation
from .schema import ANNOTATIONS, Schema

_T = TypeVar("_T")
# How alike two names must be to pass for one that was changed, where what they name is the same.
_ALIKE = 0.6


def together(old: Mapping[str, _T], new: Mapping[str, _T]) -> tuple[list[str], list[str], list[str]]:
    """The names on both sides, those that are gone and those that are new."""
    return (
        [name for name in old if name in new],
        [name for name in old if name not in new],
        [name for name in new if name not in old],
    )


def paired(
    before: Mapping[Any, Operation], after: Mapping[Any, Operation]
) -> Iterator[tuple[Operation | None, Operation | None]]:
    """Operations by method and path; of those that are left, by operationId."""
    came = [key for key in after if key not in before]
    by_id = {after[key].id: key for key in came if after[key].id}
    for key in before:
        if key in after:
            yield before[key], after[key]
        elif before[key].id in by_id:
            other = by_id.pop(before[key].id)
            came.remove(other)
            yield before[key], after[other]
        else:
            yield before[key], None
    for key in came:
        yield None, after[key]


def renamed(gone: Mapping[str, Any], came: Mapping[str, Any]) -> dict[str, str]:
    """Old names and the new ones that they became: the same content, and names or descriptions that agree."""
    found: dict[str, str] = {}
    for name, node in gone.items():
        wanted = content(node)
        ranked = sorted(
            ((_likeness(name, other, node, new), other) for other, new in came.items() if content(new) == wanted),
            reverse=True,
        )
        best = [other for score, other in ranked if score >= _ALIKE and score == ranked[0][0]]
        if len(best) == 1 and best[0] not in found.values():
            found[name] = best[0]
    return found


def content(node: Any) -> str:
    """What is written, apart from words."""

    def bare(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: bare(one) for key, one in value.items() if key not in ("description", "title", "example")}
        return [bare(one) for one in value] if isinstance(value, list) else value

    return spelled(bare(node))


def _likeness(name: str, other: str, old: Any, new: Any) -> float:
    words = [node.get("description") if isinstance(node, Mapping) else None for node in (old, new)]
    if words[0] and words[0] == words[1] and len(words[0]) > 20:
        return 1.0
    one, two = (re.sub(r"[^a-z0-9]", "", text.lower()) for text in (name, other))
    return 1.0 if one == two else SequenceMatcher(None, one, two).ratio()


def branches(
    documents: tuple[Document, Document], old: Sequence[Schema], new: Sequence[Schema]
) -> tuple[list[tuple[Schema, Schema]], list[Schema], list[Schema]]:
    """Alternatives that belong together, those that are gone and those that are new.

    Tried in this order: the same reference, the same text, the same meaning, the same constant in the same property,
    the same title, the only ones with their properties, the only ones of their type, and last the only ones left.
    """
    gone, came = list(old), list(new)
    pairs: list[tuple[Schema, Schema]] = []
    shared = documents[0].names & documents[1].names

    def meant(document: Document, schema: Schema) -> str:
        return meaning(document, document.find(schema.pointer), schema.pointer, shared)

    for key in (_reference, _text, meant, _constants, _title, _names, _shape):
        mine = Counter(key(documents[0], one) for one in gone)
        theirs = {other.pointer: key(documents[1], other) for other in came}
        for one in list(gone):
            wanted = key(documents[0], one)
            if not wanted or (key in (_title, _names, _shape) and mine[wanted] > 1):
                continue
            found = [other for other in came if theirs[other.pointer] == wanted and _may_be(documents, one, other)]
            if found and (len(found) == 1 or key in (_reference, _text, meant)):
                pairs.append((one, found[0]))
                gone.remove(one)
                came.remove(found[0])
                mine[wanted] -= 1
    if len(gone) == len(came) == 1 and not any(one.base or one.types or one.get("title") for one in (*gone, *came)):
        # Neither has anything that it could be known by, and there is no other that it could be.
        pairs.append((gone.pop(), came.pop()))
    return pairs, gone, came


def _may_be(documents: tuple[Document, Document], one: Schema, other: Schema) -> bool:
    """Two references by different names belong together only where one name replaced the other."""
    if not one.base or not other.base or one.base == other.base:
        return True
    if one.base in documents[1].names or other.base in documents[0].names:
        return False
    mine, its = (set(_whole(*pair).properties) for pair in zip(documents, (one, other), strict=True))
    return not (mine or its) or len(mine & its) * 2 >= len(mine | its)


def _whole(document: Document, schema: Schema) -> Schema:
    schema = expanded(document, schema)
    parts = schema.get("allOf")
    return flattened(document, schema, list(parts)) if parts else schema


def _reference(_document: Document, schema: Schema) -> Any:
    return schema.base if not schema.constrains else None


def _text(document: Document, schema: Schema) -> Any:
    return content(document.find(schema.pointer))


def _title(_document: Document, schema: Schema) -> Any:
    title = schema.get("title")
    return title if isinstance(title, str) and not schema.base else None


def _constants(document: Document, schema: Schema) -> Any:
    whole = _whole(document, schema)
    found = []
    for name, (node, pointer) in whole.properties.items():
        values = document.schema(node, pointer).get("enum")
        if isinstance(values, list) and len(values) == 1:
            found.append((name, spelled(values[0])))
    return frozenset(found)


def _names(document: Document, schema: Schema) -> Any:
    return frozenset(_whole(document, schema).properties)


def _shape(document: Document, schema: Schema) -> Any:
    whole = expanded(document, schema)
    return (whole.types, "enum" in whole.keywords, whole.branches) if whole.types else None


def differs_in_itself(old: Schema, new: Schema) -> bool:
    """Whether two schemas say different things apart from their alternatives and what they combine."""

    def own(schema: Schema) -> Any:
        said = {
            key: spelled(sorted(value) if isinstance(value, frozenset) else value)
            for key, value in schema.keywords.items()
            if key not in ANNOTATIONS and key not in ("allOf", "type") and not key.startswith("x-")
        }
        return (
            said,
            schema.base,
            {name: content(one[0]) for name, one in schema.properties.items()},
        )

    return bool(own(old) != own(new))
