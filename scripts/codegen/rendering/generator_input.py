"""The contract as the generator reads it: only the parts that determine names of modules, functions and classes.

The generator parses a part of JSON Schema, and our templates print the types that `views` determines from the contract.
"""

from typing import Any

from scripts.codegen.views.schema_types import SchemaTypes
from scripts.openapi.contract import ContractOperation


def generator_input(types: SchemaTypes) -> dict[str, Any]:
    """An OpenAPI document with the components that have a Python name, and with the operations.

    Each operation has a path of its own, which is its number.
    """
    contract = types.contract
    named = [name for name in (*types.classes, *types.aliases) if name not in contract.forms]
    schemas: dict[str, Any] = {name: {"type": "object"} for name in named}
    schemas |= {name: {"type": "string", "enum": ["value"]} for name in types.enums}
    paths = {f"/{number}": {"get": _operation(each)} for number, each in enumerate(contract.operations)}
    return {
        "openapi": contract.document["openapi"],
        "info": {key: contract.document["info"][key] for key in ("title", "version")},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(operation: ContractOperation) -> dict[str, Any]:
    return {"operationId": operation.id, "tags": [operation.tag], "responses": {"default": {"description": ""}}}
