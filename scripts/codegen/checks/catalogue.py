"""The catalogue of rules for contracts, and the lookups that rules share."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scripts.openapi.contract import Contract
from scripts.openapi.operations import operations
from scripts.openapi.pointers import below
from scripts.openapi.walk import walk

Violations = Iterator[tuple[str, str]]
"""JSON pointers, each with a message that says what is wrong there and how to correct it."""
RULES: dict[str, Callable[[Contract], Violations]] = {}
"""The rules by id, in the order of the files and of the functions in them."""


def rule(check: Callable[[Contract], Violations]) -> Callable[[Contract], Violations]:
    """Add a function to the catalogue; its id is its name with dashes."""
    RULES[check.__name__.replace("_", "-")] = check
    return check


def operation_nodes(contract: Contract) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every operation object with its JSON pointer."""
    for operation in operations(contract.source):
        yield operation.pointer, operation.node


def schemas(contract: Contract) -> Iterator[tuple[str, Any]]:
    """Every schema that is not part of another schema, with its JSON pointer."""
    for node in walk(contract.document):
        if node.pointer == "/components/schemas":
            yield from ((below(node.pointer, name), schema) for name, schema in node.value.items())
        elif "schema" in node.value and not node.has_names:
            yield f"{node.pointer}/schema", node.value["schema"]


def resolve(contract: Contract, node: Any) -> Mapping[str, Any]:
    """The object at the end of the references of `node`, or an empty object."""
    return contract.source.resolve(node)[0]


def properties(contract: Contract, schema: Any) -> Mapping[str, Any]:
    """The properties of a schema; empty if it has none."""
    found = resolve(contract, schema).get("properties", {})
    return found if isinstance(found, Mapping) else {}


def json_schema(contract: Contract, body: Any) -> Any:
    """The schema of a request body or response, or None."""
    return resolve(contract, body).get("content", {}).get("application/json", {}).get("schema")


def first_success(operation: Mapping[str, Any]) -> Any:
    """The response with the lowest status code that is a success, or an empty response."""
    codes = sorted(code for code in operation.get("responses", ()) if str(code).startswith("2"))
    return operation["responses"][codes[0]] if codes else {}
