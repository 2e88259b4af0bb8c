"""Puts an operation of another OpenAPI document into our contract, with the components that it needs."""

import copy
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scripts.openapi.document import METHODS, as_list, as_map
from scripts.openapi.loading import parse

from .edits import without_examples
from .places import places

_TEXT = "A text that our rules demand."
_DESCRIBED = {"parameter", "response", "schema", "tag"}


class Foreign(NamedTuple):
    """An operation of a document."""

    document: Any
    path: str
    method: str

    @property
    def label(self) -> str:
        return f"{self.method.upper()} {self.path}"


def read(path: Path) -> Any:
    """Read a document; the file may be compressed with gzip."""
    content = path.read_bytes()
    return parse(gzip.decompress(content) if path.suffix == ".gz" else content, path.name).document


def operations_of(document: Any) -> list[Foreign]:
    """The operations of a document."""
    return [
        Foreign(document, path, method)
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def transplanted(base: Any, foreign: Foreign, *, named: bool = False) -> tuple[Any, str]:
    """Our contract with a foreign operation, and the operationId that it has there.

    The operation gets only what our rules demand of a form: an operationId and a tag of plain letters, x-retry,
    security, texts and error responses. If the contract has its path or operationId already, it gets another one.

    Args:
        base: Our contract.
        foreign: The operation.
        named: Whether inline objects and enums become components, and examples are left out.
    """
    document = copy.deepcopy(base)
    item = foreign.document["paths"][foreign.path]
    kept = {"operation": {"responses": {}} | item[foreign.method], "parameters": as_list(item.get("parameters"))}
    kept = copy.deepcopy(kept)
    components = _needed(foreign.document, kept)
    _avoid_clashes(document, components, kept)
    operation = kept["operation"]
    _demanded(document, operation, foreign)
    path = foreign.path if foreign.path not in document["paths"] else f"/other{foreign.path}"
    added = {foreign.method: operation, **({"parameters": kept["parameters"]} if kept["parameters"] else {})}
    guest = {"paths": {path: added}, "components": components}
    if named:
        without_examples(guest)
        for place in list(places(guest)):
            if isinstance(place.value, dict):
                for key in [key for key in place.value if key.startswith("x-oai")]:
                    del place.value[key]
        _name_schemas(guest)
    _describe(guest)
    document["paths"][path] = added
    for group, members in guest["components"].items():
        document["components"].setdefault(group, {}).update(members)
    return document, operation["operationId"]


def _needed(source: Any, node: Any) -> dict[str, dict[str, Any]]:
    """The components that a node refers to, directly or indirectly."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [node]
    while waiting:
        for reference in _references(waiting.pop()):
            _, _, group, name, *_ = f"{reference['$ref']}///".split("/")
            component = as_map(as_map(source.get("components")).get(group)).get(name)
            if component is not None and name not in found.setdefault(group, {}):
                found[group][name] = copy.deepcopy(component)
                waiting.append(component)
    return found


def _references(node: Any) -> Iterator[dict[str, Any]]:
    """The objects that have a `$ref`, and lists of the mappings of discriminators, as if each had one."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node
        mapping = as_map(as_map(node.get("discriminator")).get("mapping"))
        yield from ({"$ref": target} for target in mapping.values() if isinstance(target, str))
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _avoid_clashes(document: Any, components: Any, kept: Any) -> None:
    """Give another name to each foreign component whose name is taken."""
    for group, members in components.items():
        for name in [name for name in members if name in as_map(document["components"].get(group))]:
            members[f"Foreign{name}"] = members.pop(name)
            old, new = f"#/components/{group}/{name}", f"#/components/{group}/Foreign{name}"
            for node in [kept, components]:
                _redirect(node, old, new)


def _redirect(node: Any, old: str, new: str) -> None:
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        if isinstance(value, str) and (value == old or value.startswith(f"{old}/")) and key not in ("example", "const"):
            node[key] = new + value.removeprefix(old)
        elif isinstance(value, (dict, list)):
            _redirect(value, old, new)


def _demanded(document: Any, operation: Any, foreign: Foreign) -> None:
    """Add what our rules demand of a form."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", str(operation.get("operationId") or f"{foreign.method}{foreign.path}"))
    name = name.strip("_") or "operation"
    taken = {as_map(one).get("operationId") for item in document["paths"].values() for one in item.values()}
    operation["operationId"] = f"other_{name}" if name in taken else name
    tag = re.sub(r"[^A-Za-z0-9]+", "", str((as_list(operation.get("tags")) or ["Other"])[0])) or "Other"
    operation["tags"] = [tag]
    if tag not in {one["name"] for one in document["tags"]}:
        document["tags"].append({"name": tag, "description": _TEXT})
    operation.setdefault("x-retry", "safe" if foreign.method in ("get", "head", "put", "delete") else "unless-received")
    operation["security"] = [dict(document["security"][0])]
    for key in ("summary", "description"):
        if not str(operation.get(key, "")).strip():
            operation[key] = _TEXT
    operation["responses"].setdefault("429", {"$ref": "#/components/responses/RateLimited"})
    operation["responses"].setdefault("default", {"$ref": "#/components/responses/Error"})


def _name_schemas(guest: Any) -> None:
    """Move inline objects and enums to the components."""
    schemas = guest["components"].setdefault("schemas", {})
    count = 0
    for place in reversed(list(places(guest))):
        value = place.value
        if place.kind != "schema" or not isinstance(value, dict) or place.holder is schemas or "$ref" in value:
            continue
        if "properties" in value or "enum" in value:
            count += 1
            name = f"Inner{count}{re.sub(r'[^A-Za-z]', '', str(place.key)).title()}"
            schemas[name] = value
            place.holder[place.key] = {"$ref": f"#/components/schemas/{name}", "description": _TEXT}


def _describe(guest: Any) -> None:
    """Add the descriptions that are missing."""
    for place in list(places(guest)):
        value = place.value
        needs = place.kind in _DESCRIBED and isinstance(value, dict)
        if needs and ("$ref" not in value or place.kind == "schema") and not str(value.get("description", "")).strip():
            value["description"] = _TEXT
