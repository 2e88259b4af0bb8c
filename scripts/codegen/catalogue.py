"""The catalogue of rules, and what they all need: a walk through a contract, and what stands at some place of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from scripts.openapi.contract import Contract
from scripts.openapi.document import METHODS
from scripts.openapi.pointers import below

Findings = Iterator[tuple[str, str]]
"""JSON pointers, and what is wrong there and how to mend it."""
RULES: dict[str, Callable[[Contract], Findings]] = {}
# Below these stand names that people choose, so that none of them has a meaning of its own.
_NAMES = re.compile(r"/(properties|components/\w+|examples)$")


def rule(check: Callable[[Contract], Findings]) -> Callable[[Contract], Findings]:
    """Put a function into the catalogue, under its name with dashes."""
    RULES[check.__name__.replace("_", "-")] = check
    return check


def nodes(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every object of a document with its JSON pointer, but nothing inside the values of examples."""
    if isinstance(node, Mapping):
        yield pointer, node
        for key, value in node.items():
            if key not in ("example", "value") or _NAMES.search(pointer):
                yield from nodes(value, below(pointer, key))
    elif isinstance(node, list) and not pointer.endswith("/examples"):
        for index, value in enumerate(node):
            yield from nodes(value, below(pointer, index))


def operations(contract: Contract) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every operation object with its JSON pointer; what should be one and is no object is OpenAPI's own matter."""
    for path, item in contract.document["paths"].items():
        for method in METHODS if isinstance(item, Mapping) else ():
            if isinstance(item.get(method), Mapping):
                yield below("/paths", path, method), item[method]


def schemas(contract: Contract) -> Iterator[tuple[str, Any]]:
    """Every schema that is not part of another one, with its JSON pointer."""
    for pointer, node in nodes(contract.document):
        if pointer == "/components/schemas":
            yield from ((below(pointer, name), schema) for name, schema in node.items())
        elif "schema" in node and not _NAMES.search(pointer):
            yield f"{pointer}/schema", node["schema"]


def resolved(contract: Contract, node: Any) -> Mapping[str, Any]:
    """What a reference leads to, as far as that is an object."""
    try:
        found = contract.resolve(node)
    except (KeyError, TypeError):
        return {}
    return found if isinstance(found, Mapping) else {}


def properties(contract: Contract, schema: Any) -> Mapping[str, Any]:
    """The properties of a schema, as far as it has some."""
    found = resolved(contract, schema).get("properties", {})
    return found if isinstance(found, Mapping) else {}


def json_schema(contract: Contract, body: Any) -> Any:
    """The schema of a request body or response, or None."""
    return resolved(contract, body).get("content", {}).get("application/json", {}).get("schema")


def success(operation: Mapping[str, Any]) -> Any:
    """The first documented success of an operation, or an empty response."""
    codes: Iterable[str] = sorted(str(code) for code in operation.get("responses", ()) if str(code).startswith("2"))
    return next((operation["responses"][code] for code in codes), {})
