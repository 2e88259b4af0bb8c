"""The contract as the generator reads it: only what determines names and files.

The generator parses a part of JSON Schema, and our templates print the types that `views` determines from the contract.
"""

from typing import Any

from scripts.codegen.views.schema_types import SchemaTypes
from scripts.openapi.contract import ContractOperation


def generator_input(types: SchemaTypes) -> dict[str, Any]:
    """An OpenAPI document with the components that have a Python name, and with the parameters of the operations."""
    contract = types.contract
    named = [name for name in (*types.classes, *types.aliases) if name not in contract.forms]
    schemas: dict[str, Any] = {name: {"type": "object"} for name in named}
    schemas |= {name: {"type": "string", "enum": ["value"]} for name in types.enums}
    paths: dict[str, Any] = {}
    for operation in contract.operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": contract.document["openapi"],
        "info": {key: contract.document["info"][key] for key in ("title", "version")},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(operation: ContractOperation) -> dict[str, Any]:
    kept = ("name", "in", "required")
    return {
        "operationId": operation.id,
        "tags": [operation.tag],
        "parameters": [
            {**{key: one[key] for key in kept if key in one}, "schema": {"type": "string"}}
            for one in operation.parameters
        ],
        "responses": {"default": {"description": ""}},
    }
