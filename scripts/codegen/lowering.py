"""Prepares the contract for openapi-python-client, which reads only a part of OpenAPI.

The generator needs the contract for types and names only. All texts, examples and errors come from the contract itself.
"""

from collections.abc import Mapping
from typing import Any

from scripts.openapi.contract import Contract
from scripts.openapi.document import as_map
from scripts.openapi.pointers import below, keys
from scripts.openapi.walk import DATA, NAMED, is_extension

# The keywords that have no effect on types and names. The generator would check some of them, in its own words.
_IGNORED = {"callbacks", "default", "deprecated", "description", "discriminator", "example", "examples", "externalDocs"}
_IGNORED |= {"headers", "links", "security", "securitySchemes", "servers", "summary", "title", "webhooks"}
_KEPT_IN_INFO = ("title", "version")


def lowered(contract: Contract) -> dict[str, Any]:
    """The contract with only those parts that determine types and names, and with references to components only."""
    document: dict[str, Any] = _lower(contract, contract.document)
    document["info"] = {key: str(as_map(contract.document.get("info")).get(key)) for key in _KEPT_IN_INFO}
    aliases = document.get("components", {}).get("schemas", {})
    for name in [name for name, schema in aliases.items() if "$ref" in schema]:
        del aliases[name]
    return document


def _lower(contract: Contract, node: Any, *, has_names: bool = False) -> Any:
    if isinstance(node, list):
        return [_lower(contract, part) for part in node]
    if not isinstance(node, Mapping):
        return node
    if has_names:
        return {key: {} if value is True else _lower(contract, value) for key, value in node.items()}
    if "$ref" in node:
        target, place = contract.source.resolve(node)
        return {"$ref": f"#{place}"} if _is_component(place) else _lower(contract, target)
    # The generator insists on the description of a response.
    found: dict[str, Any] = {"description": ""} if "description" in node else {}
    for key, value in node.items():
        if key in DATA - _IGNORED:
            found[key] = value
        elif key == "responses":
            found[key] = _lower(contract, {code: value[code] for code in value if code[0] == "2"}, has_names=True)
        elif key not in _IGNORED and not is_extension(key):
            found[key] = _lower(contract, value, has_names=key in NAMED)
    return found


def _is_component(pointer: str) -> bool:
    path = keys(pointer)
    return path[0] == "components" and len(path) == 3 and pointer == below("", *path)
