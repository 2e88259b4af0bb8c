"""openapi.yaml keeps the promises that the rest of the project builds on."""

from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from scripts.codegen import rules
from scripts.openapi.contract import Contract, ContractOperation

CONTRACT = Contract.load()
DOCUMENT = CONTRACT.document
OPERATIONS = {operation.id: operation for operation in CONTRACT.operations}

# What the document that this project grew from says of the four operations: method, path, parameters with place, type,
# whether they are required, and default; the schemas of body and success.
REFERENCE = {
    "createBatch": ("POST", "/batches", [], "CreateBatchRequest", "Batch"),
    "retrieveBatch": ("GET", "/batches/{batch_id}", [("batch_id", "path", "string", True, None)], None, "Batch"),
    "cancelBatch": ("POST", "/batches/{batch_id}/cancel", [("batch_id", "path", "string", True, None)], None, "Batch"),
    "listBatches": (
        "GET",
        "/batches",
        [("after", "query", "string", False, None), ("limit", "query", "integer", False, 20)],
        None,
        "ListBatchesResponse",
    ),
}

each_operation = pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.id)


def name(schema: Any) -> str | None:
    """The component that a body's schema refers to."""
    return schema and str(schema["$ref"]).rpartition("/")[2]


def media(node: Any) -> Any:
    """The JSON body of a request or response, or nothing."""
    return CONTRACT.resolve(node).get("content", {}).get("application/json", {})


def test_our_own_rules_hold() -> None:
    """scripts/regenerate has nothing to object to, and the document is OpenAPI 3.1."""
    assert [] == rules.objections(CONTRACT)
    assert DOCUMENT["openapi"].startswith("3.1.")


@pytest.mark.parametrize("operation_id", REFERENCE)
def test_operation_is_as_in_the_reference(operation_id: str) -> None:
    """Operation, parameters with defaults, bodies, result, authorization and content types are the reference's."""
    operation = OPERATIONS[operation_id]
    parameters = [
        (p["name"], p["in"], p["schema"]["type"], p["required"], p["schema"].get("default"))
        for p in operation.parameters
    ]
    content = CONTRACT.resolve(operation.document.get("requestBody", {})).get("content", {})

    found = (
        operation.method,
        operation.path,
        parameters,
        name(operation.request_schema),
        name(operation.response_schema),
    )
    assert REFERENCE[operation.id] == found
    assert operation.document["security"] == DOCUMENT["security"] == [{"ApiKeyAuth": []}]
    assert (["application/json"] if operation.method == "POST" and not parameters else []) == list(content)
    assert (200, ["application/json"]) == (operation.success[0], list(operation.success[1]["content"]))


def test_server_and_key_are_as_in_the_reference() -> None:
    """Where requests go, and how they bear the key."""
    assert "https://api.openai.com/v1" == DOCUMENT["servers"][0]["url"]
    scheme = DOCUMENT["components"]["securitySchemes"]["ApiKeyAuth"]
    assert ("http", "bearer") == (scheme["type"], scheme["scheme"])


@each_operation
def test_operation_is_complete(operation: ContractOperation) -> None:
    """Each operation says when to come back, every answer names the exchange, and all errors have one form."""
    assert {"429", "default"} <= operation.responses.keys()
    assert "Retry-After" in operation.responses["429"]["headers"]
    for code, response in operation.responses.items():
        assert "x-request-id" in response["headers"]
        assert code[0] == "2" or "ErrorResponse" == name(media(response)["schema"])


def test_schemas_stand_in_order_of_first_use() -> None:
    """Reading from top to bottom, one meets each schema soon after what uses it; none is unused."""
    assert CONTRACT.schema_names(DOCUMENT["paths"]) == list(CONTRACT.schemas)


def test_examples_are_there_and_used() -> None:
    """Every body has examples, and every example that is defined is one of somebody's."""
    used = set()
    for at, node in rules.nodes(DOCUMENT):
        if media(node):
            assert media(node)["examples"], at
            used |= {example.get("$ref") for example in media(node)["examples"].values()}

    assert {f"#/components/examples/{name}" for name in DOCUMENT["components"]["examples"]} == used - {None}


@each_operation
def test_a_success_has_a_full_example(operation: ContractOperation) -> None:
    """Some example of each success with a body has every property."""
    known = CONTRACT.resolve(operation.response_schema or {}).get("properties", {})
    examples = [CONTRACT.resolve(one)["value"] for one in media(operation.success[1]).get("examples", {}).values()]

    assert not known or known.keys() in [example.keys() for example in examples]


def test_what_may_be_absent_may_be_null() -> None:
    """Every property of a batch that is not required admits null, as servers send it."""
    batch = CONTRACT.schemas["Batch"]
    optional = batch["properties"].keys() - set(batch["required"])
    components = {"components": DOCUMENT["components"]}

    assert optional
    assert optional == {key for key in optional if OAS31Validator(batch["properties"][key] | components).is_valid(None)}
