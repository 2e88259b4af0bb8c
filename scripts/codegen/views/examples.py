"""Chooses the arguments in the examples of the docs."""

from collections.abc import Iterable, Mapping
from typing import Any

from scripts.openapi.contract import FORM, JSON, Contract, ContractOperation
from scripts.openapi.document import as_list, as_map

from .records import Field

# A schema that refers to itself has no example beyond this depth.
_DEEPEST = 5


def example_arguments(operation: ContractOperation, fields: Iterable[Field]) -> dict[str, Any]:
    """The arguments of an operation: values of the contract's examples, and values for all required arguments."""
    contract = operation.contract
    written = {(parameter["in"], parameter["name"]): parameter for parameter in operation.parameters}
    content = operation.request_body.get("content", {})
    media = content.get(JSON) or content.get(FORM) or {}
    body = _written(contract, media)
    found: dict[str, Any] = {}
    for field in fields:
        if field.place in ("path", "query", "header"):
            parameter = written[field.place, field.key]
            value, schema = _written(contract, parameter), parameter.get("schema", {})
        elif field.place == "json":
            value, schema = body, media.get("schema", {})
        else:
            schema = contract.properties(media.get("schema", {})).get(field.key, {})
            value = body.get(field.key) if isinstance(body, Mapping) else None
        if field.place == "files":
            value = _file(field, value) if field.required or value is not None else None
        elif value is None and field.required:
            value = sample(contract, schema)
        if value is not None or (field.required and field.type.nullable):
            found[field.name] = value
    return found


def sample(contract: Contract, schema: Any, depth: int = 0) -> Any:
    """A value that a schema allows, as far as its types, constants and bounds say."""
    schema = as_map(contract.resolve(schema))
    for key in ("example", "const", "default"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if as_list(schema.get(key)):
            return schema[key][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if as_list(schema.get(key)):
            return sample(contract, schema[key][0], depth + 1) if depth < _DEEPEST else None
    kinds = schema.get("type", "string")
    match kinds[0] if isinstance(kinds, list) else kinds:
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "array":
            return [sample(contract, schema.get("items", {}), depth + 1)] if depth < _DEEPEST else []
        case "object":
            needed = schema.get("required", ()) if depth < _DEEPEST else ()
            return {name: sample(contract, contract.properties(schema).get(name, {}), depth + 1) for name in needed}
        case "null":
            return None
    return "example".ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]


def _written(contract: Contract, node: Mapping[str, Any]) -> Any:
    """The first example of a parameter or a media type, or None."""
    for each in as_map(node.get("examples")).values():
        return as_map(contract.resolve(each)).get("value")
    return node.get("example")


def _file(field: Field, value: Any) -> Any:
    """A file as an argument. An example of the contract is its content."""
    content = (f"{field.key}.txt", str(value if isinstance(value, str) else "content").encode())
    return [content] if field.annotation.startswith("Sequence") else content
