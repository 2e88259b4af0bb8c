"""The catalogue of rules for contracts, and lookups that several rules use."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scripts.openapi.contract import Contract
from scripts.openapi.operations import operations
from scripts.openapi.pointers import below
from scripts.openapi.walk import walk

Violations = Iterator[tuple[str, str]]
"""Pairs of a JSON pointer and a message, which states the problem or the correction."""
RULES: dict[str, Callable[[Contract], Violations]] = {}
"""The rules by id, in the order of their definition."""


def rule(check: Callable[[Contract], Violations]) -> Callable[[Contract], Violations]:
    """Add a rule to the catalogue. The id of the rule is the function's name with dashes."""
    RULES[check.__name__.replace("_", "-")] = check
    return check


def operation_nodes(contract: Contract) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All operation objects, with their JSON pointers."""
    for operation in operations(contract.source):
        yield operation.pointer, operation.node


def schemas(contract: Contract) -> Iterator[tuple[str, Any]]:
    """All schemas that are not part of another schema, with their JSON pointers."""
    for node in walk(contract.document):
        if node.pointer == "/components/schemas":
            yield from ((below(node.pointer, name), schema) for name, schema in node.value.items())
        elif "schema" in node.value and not node.has_names:
            yield f"{node.pointer}/schema", node.value["schema"]


def resolve(contract: Contract, node: Any) -> Mapping[str, Any]:
    """The object that `node` is or refers to, or an empty object."""
    return contract.source.resolve(node)[0]


def properties(contract: Contract, schema: Any) -> Mapping[str, Any]:
    """The properties of a schema, possibly empty."""
    found = resolve(contract, schema).get("properties", {})
    return found if isinstance(found, Mapping) else {}


def json_schema(contract: Contract, body: Any) -> Any:
    """The schema of a request body or response, or None."""
    return resolve(contract, body).get("content", {}).get("application/json", {}).get("schema")


def first_success(operation: Mapping[str, Any]) -> Any:
    """The success with the lowest status code, or an empty response."""
    codes = sorted(code for code in operation.get("responses", ()) if str(code).startswith("2"))
    return operation["responses"][codes[0]] if codes else {}
