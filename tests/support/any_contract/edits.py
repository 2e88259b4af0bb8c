"""Random edits of a contract, each the same for the same seed."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below
from scripts.openapi.walk import is_extension, walk

from .places import CHILDREN, KEYWORDS, NAMES, Place, places

Edit = Callable[[Random, Any], str]
"""Changes a document in place, and says in a few words which change it made."""
_WRONG: list[Any] = [None, True, 0, 1.5, "", "text", "x\ny", [], [1], [None], {}, {"a": {}}, {"type": "object"}]


def edited(document: Any, seed: int) -> tuple[Any, str]:
    """A copy of a document with one to three random edits, and a description of them."""
    chance = Random(seed)
    document = copy.deepcopy(document)
    if chance.random() < 0.5:
        without_examples(document)
    notes = [_applied(chance, document) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    return document, "; ".join(notes)


def without_examples(document: Any) -> None:
    """Remove all examples, which an edit of a schema would invalidate."""
    for place in list(places(document)):
        if isinstance(place.value, dict):
            place.value.pop("example", None)
            place.value.pop("examples", None)


def _applied(chance: Random, document: Any) -> str:
    edits, weights = zip(*EDITS, strict=True)
    for _ in range(20):
        (edit,) = chance.choices(edits, weights)
        if note := edit(chance, document):
            return f"{edit.__name__.strip('_')} {note}"
    return ""


def _objects(document: Any, *kinds: str) -> list[Place]:
    return [place for place in places(document) if isinstance(place.value, dict) and (not kinds or place.kind in kinds)]


def _picked(chance: Random, document: Any) -> Place:
    """A place of a random kind, so that the many schemas do not hide the few objects of other kinds."""
    found = _objects(document)
    kind = chance.choice(sorted({place.kind for place in found} & KEYWORDS.keys()) + ["schema"] * 5 + ["operation"] * 2)
    return chance.choice([place for place in found if place.kind == kind] or found)


def _insert(chance: Random, document: Any) -> str:
    """Set a keyword that belongs to the kind of an object."""
    place = _picked(chance, document)
    keyword = chance.choice(sorted(KEYWORDS[place.kind]))
    value = chance.choice(KEYWORDS[place.kind][keyword])
    if isinstance(value, dict) and isinstance(place.value.get(keyword), dict) and chance.random() < 0.7:
        place.value[keyword] |= copy.deepcopy(value)
    elif isinstance(value, list) and isinstance(place.value.get(keyword), list) and chance.random() < 0.5:
        place.value[keyword] += copy.deepcopy(value)
    else:
        place.value[keyword] = copy.deepcopy(value)
    return f"{keyword}: {_text(value)} in a {place.kind} ({place.key})"


def _misplace(chance: Random, document: Any) -> str:
    """Set a keyword of another kind of object."""
    place = _picked(chance, document)
    kind = chance.choice(sorted(KEYWORDS))
    keyword = chance.choice(sorted(KEYWORDS[kind]))
    place.value[keyword] = copy.deepcopy(value := chance.choice(KEYWORDS[kind][keyword]))
    return f"{keyword} of a {kind}: {_text(value)} in a {place.kind} ({place.key})"


def _remove(chance: Random, document: Any) -> str:
    place = _picked(chance, document)
    if not place.value:
        return ""
    del place.value[key := chance.choice(sorted(place.value))]
    return f"{key} of a {place.kind} ({place.key})"


def _mistype(chance: Random, document: Any) -> str:
    """Replace a value by a value of another type."""
    place = _picked(chance, document)
    if not place.value:
        return ""
    key = chance.choice(sorted(place.value))
    place.value[key] = copy.deepcopy(value := chance.choice(_WRONG))
    return f"{key} of a {place.kind} ({place.key}): {_text(value)}"


def _copy_over(chance: Random, document: Any) -> str:
    """Replace an object by a copy of another object of its kind."""
    place = _picked(chance, document)
    other = chance.choice(_objects(document, place.kind))
    place.holder[place.key] = copy.deepcopy(other.value)
    return f"the {place.kind} {other.key} to {place.key}"


def _swap(chance: Random, document: Any) -> str:
    place = _picked(chance, document)
    other = chance.choice(_objects(document, place.kind))
    first, second = copy.deepcopy(place.value), copy.deepcopy(other.value)
    place.holder[place.key], other.holder[other.key] = second, first
    return f"the {place.kind} {place.key} and {other.key}"


def _duplicate(chance: Random, document: Any) -> str:
    """Add a copy of an object under another name, with an operationId of its own."""
    place = _picked(chance, document)
    double = copy.deepcopy(place.value)
    if isinstance(place.holder, list):
        if "name" in double and chance.random() < 0.7:
            double["name"] = chance.choice(NAMES)
        place.holder.append(double)
        return f"the {place.kind} {place.key}"
    name = f"{place.key}{chance.choice(('2', '_', 'Again', '/again'))}" if chance.random() < 0.7 else _name(chance)
    if place.kind == "operation":
        name = chance.choice(("put", "patch", "delete", "head"))
    elif not place.named:
        return ""
    for inner in _operations_in(place.kind, double):
        inner["operationId"] = f"{inner.get('operationId')}Again"
    place.holder[name] = double
    return f"the {place.kind} {place.key} as {name}"


def _operations_in(kind: str, value: Any) -> list[Any]:
    if kind == "operation":
        return [value]
    return (
        [one for one in value.values() if isinstance(one, dict) and "responses" in one] if kind == "path-item" else []
    )


def _rename(chance: Random, document: Any) -> str:
    """Give a clashing or impossible name to something that a contract names; references follow it."""
    place = chance.choice(
        [place for place in places(document) if place.named or place.kind in ("operation", "parameter", "tag")]
    )
    name = _name(chance)
    if place.kind in ("operation", "parameter", "tag") and isinstance(place.value, dict):
        key = "operationId" if place.kind == "operation" else "name"
        old, place.value[key] = place.value.get(key), name
        if place.kind == "tag":
            for operation in _objects(document, "operation"):
                operation.value["tags"] = [name if tag == old else tag for tag in as_list(operation.value.get("tags"))]
        if isinstance(old, str) and chance.random() < 0.7:
            _replace(document, old, name, place.kind)
        return f"the {place.kind} {old} to {name}"
    if place.kind == "path-item":
        name = f"/{name}"
    old = place.key
    renamed = {name if key == old else key: value for key, value in place.holder.items()}
    place.holder.clear()
    place.holder.update(renamed)
    for node in walk(document):
        required = as_list(node.value.get("required"))
        if node.value.get("properties") is place.holder and old in required:
            required[required.index(old)] = name
        reference = node.value.get("$ref")
        if isinstance(reference, str) and reference.endswith(f"/{old}"):
            node.value["$ref"] = below(reference.rpartition("/")[0], name)  # type: ignore[index]
    return f"the {place.kind} {old} to {name}"


def _replace(document: Any, old: str, new: str, kind: str) -> None:
    """Rename an operation or parameter in our extensions, and a path parameter in its path."""
    for operation in _objects(document, "operation"):
        for key in [key for key in operation.value if is_extension(key)]:
            text = json.dumps(operation.value[key])
            operation.value[key] = json.loads(text.replace(json.dumps(old), json.dumps(new)))
    if kind == "parameter":
        paths = document.get("paths")
        if isinstance(paths, dict):
            renamed = {path.replace(f"{{{old}}}", f"{{{new}}}"): item for path, item in paths.items()}
            paths.clear()
            paths.update(renamed)


def _retarget(chance: Random, document: Any) -> str:
    """Let a reference lead to another object, of the right kind or not."""
    references = [node for node in walk(document) if isinstance(node.value.get("$ref"), str)]
    if not references:
        return ""
    node = chance.choice(references)
    targets = [one.pointer for one in walk(document)]
    if chance.random() < 0.6:
        targets = [one for one in targets if one.startswith("/components/schemas/")] or targets
    node.value["$ref"] = target = f"#{chance.choice(targets)}"  # type: ignore[index]
    return f"{node.pointer} to {target}"


def _nest(chance: Random, document: Any) -> str:
    """Put a schema into another schema."""
    place = chance.choice(_objects(document, "schema"))
    inner = place.value
    text = {"description": "Text."}
    wrapped, name = chance.choice(
        [
            ({"type": "array", "items": inner}, "list"),
            ({"type": "object", "additionalProperties": inner}, "map"),
            ({"anyOf": [inner, {"type": "null"}]}, "nullable"),
            ({"allOf": [inner]}, "allOf"),
            ({"oneOf": [inner, {"type": "string"}]}, "oneOf string"),
            ({"oneOf": [inner, {"type": "array", "items": inner}]}, "oneOf list"),
            ({"anyOf": [inner, {"$ref": "#/components/schemas/BatchError"}]}, "anyOf object"),
            ({"not": inner}, "not"),
            ({"type": "object", "properties": {"inner": inner}}, "property"),
            ({"type": "object", "properties": {"inner": inner}, "required": ["inner"]}, "required property"),
            ({"type": "array", "items": {"anyOf": [inner, {"type": "null"}]}}, "list of nullable"),
            ({"type": "array", "prefixItems": [inner]}, "prefixItems"),
        ]
    )
    place.holder[place.key] = {**text, **copy.deepcopy(wrapped)}
    return f"the schema {place.key} in {name}"


def _inline(chance: Random, document: Any) -> str:
    """Replace a reference by a copy of its target."""
    references = [place for place in _objects(document) if str(place.value.get("$ref", "")).startswith("#/components/")]
    if not references:
        return ""
    place = chance.choice(references)
    _, _, group, name = (place.value["$ref"].split("/") + [""] * 4)[:4]
    target = as_map(as_map(as_map(document.get("components")).get(group)).get(name))
    if not target:
        return ""
    place.holder[place.key] = {
        **copy.deepcopy(target),
        **{key: value for key, value in place.value.items() if key != "$ref"},
    }
    return f"{name} at {place.key}"


def _change_scalar(chance: Random, document: Any) -> str:
    """Replace a text, number or boolean by another value that occurs under its key."""
    found = [
        (place, key)
        for place in _objects(document)
        for key, value in place.value.items()
        if isinstance(value, (str, int)) and key in KEYWORDS.get(place.kind, ())
    ]
    place, key = chance.choice(found)
    place.value[key] = copy.deepcopy(value := chance.choice(KEYWORDS[place.kind][key]))
    return f"{key} of a {place.kind} ({place.key}): {_text(value)}"


def _move(chance: Random, document: Any) -> str:
    """Put an object at a place of another kind."""
    place = _picked(chance, document)
    other = _picked(chance, document)
    keys = sorted(CHILDREN[other.kind])
    if not keys:
        return ""
    kind = CHILDREN[other.kind][key := chance.choice(keys)]
    value = copy.deepcopy(place.value)
    other.value[key] = value if isinstance(kind, str) else [value] if isinstance(kind, list) else {"moved": value}
    return f"the {place.kind} {place.key} to {key} of a {other.kind} ({other.key})"


def _name(chance: Random) -> str:
    return chance.choice(NAMES)


def _text(value: Any) -> str:
    return json.dumps(value)[:150]


EDITS: tuple[tuple[Edit, int], ...] = (
    (_insert, 14),
    (_misplace, 2),
    (_remove, 4),
    (_mistype, 3),
    (_copy_over, 3),
    (_swap, 2),
    (_duplicate, 4),
    (_rename, 6),
    (_retarget, 3),
    (_nest, 6),
    (_inline, 2),
    (_change_scalar, 5),
    (_move, 1),
)
"""The kinds of edits with their frequency."""
