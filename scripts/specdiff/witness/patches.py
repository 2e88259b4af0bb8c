"""Applies a single change of a schema to the schema of the other document."""

from collections.abc import Mapping
from typing import Any

from scripts.openapi.document import as_map
from scripts.openapi.pointers import keys

# OpenAPI 3.0 writes an exclusive bound as two keywords.
_EXCLUSIVE = {
    keyword: pair for pair in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")) for keyword in pair
}


def path_to(pointer: str | None, base: str | None) -> tuple[str, ...]:
    """The keys from a place to a change, or no keys if the change is not inside of the place."""
    if pointer is None or base is None or not pointer.startswith(f"{base}/"):
        return ()
    return tuple(keys(pointer[len(base) :]))


def patched(schema: Mapping[str, Any], model: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any] | None:
    """Return a schema in which the keyword or the property at a path is as in the `model`, or None if none is."""
    keyword, *rest = path
    patched = dict(schema)
    if keyword == "properties" and len(rest) == 1:
        names = {rest[0]}
        required = [key for key in schema.get("required", ()) if key not in names]
        patched["required"] = required + [key for key in model.get("required", ()) if key in names]
        properties = {key: member for key, member in as_map(schema.get("properties")).items() if key not in names}
        own = as_map(model.get("properties"))
        patched["properties"] = properties | {key: own[key] for key in names if key in own}
        return patched
    group = _EXCLUSIVE.get(keyword, (keyword,))
    if (
        rest
        or not any(key in side for side in (schema, model) for key in group)
        or keyword in ("format", "contentEncoding")
    ):
        return None
    return {key: value for key, value in patched.items() if key not in group} | {
        key: model[key] for key in group if key in model
    }
