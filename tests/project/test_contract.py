"""openapi.yaml has the properties that the rest of the project depends on."""

from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from scripts.codegen.checks import validation
from scripts.openapi.contract import Contract, ContractOperation
from scripts.openapi.walk import walk

CONTRACT = Contract.load()
DOCUMENT = CONTRACT.document
OPERATIONS = {operation.id: operation for operation in CONTRACT.operations}

# The four operations in the original documentation: method, path, parameters (name, location, type, required, default),
# request schema and response schema.
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
    """The name of the component that a schema refers to."""
    return schema and str(schema["$ref"]).rpartition("/")[2]


def media(node: Any) -> Any:
    """The JSON media type of a request or response; empty if there is none."""
    return CONTRACT.resolve(node).get("content", {}).get("application/json", {})


def test_contract_passes_the_checks() -> None:
    """The contract passes the checks of scripts/regenerate, and it is an OpenAPI 3.1 document."""
    assert [] == validation.validate(CONTRACT)
    assert DOCUMENT["openapi"].startswith("3.1.")


@pytest.mark.parametrize("operation_id", REFERENCE)
def test_operation_is_as_in_the_reference(operation_id: str) -> None:
    """Path, parameters, defaults, schemas, authorization and content types are the same as in the reference."""
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
    """The server URL and the authorization scheme are the same as in the reference."""
    assert "https://api.openai.com/v1" == DOCUMENT["servers"][0]["url"]
    scheme = DOCUMENT["components"]["securitySchemes"]["ApiKeyAuth"]
    assert ("http", "bearer") == (scheme["type"], scheme["scheme"])


def test_input_file_is_as_in_the_reference() -> None:
    """The limits and rules of an input file are those that the provider documents."""
    (file,) = [one for one in CONTRACT.files.values() if one["line"] == "BatchRequestInput" and "upload" in one]

    assert {"path": "/files", "purpose": "batch"} == file["upload"]
    assert "/files/{file_id}/content" == file["content"]
    assert (50_000, 200 * 2**20) == (file["max_lines"], file["max_bytes"])
    assert ("custom_id", {"url": "endpoint"}) == (file["unique"], file["equal"])


@pytest.mark.parametrize("operation_id", REFERENCE)
def test_operation_is_complete(operation_id: str) -> None:
    """Every 429 response has Retry-After, every response has a request id, and all errors share one schema."""
    operation = OPERATIONS[operation_id]
    assert {"429", "default"} <= operation.responses.keys()
    assert "Retry-After" in operation.responses["429"]["headers"]
    for code, response in operation.responses.items():
        assert "x-request-id" in response["headers"]
        assert code[0] == "2" or "ErrorResponse" == name(media(response)["schema"])


def test_schemas_are_in_order_of_first_use() -> None:
    """Schemas are in the order of their first use, and every schema is used."""
    assert CONTRACT.schema_names(DOCUMENT["paths"]) == list(CONTRACT.schemas)


def test_every_body_has_examples() -> None:
    """Every body has examples, and every example component is used."""
    used = set()
    for pointer, node, _ in walk(DOCUMENT):
        if media(node):
            assert "example" in media(node) or media(node)["examples"], pointer
            used |= {example.get("$ref") for example in media(node).get("examples", {}).values()}

    assert {f"#/components/examples/{name}" for name in DOCUMENT["components"]["examples"]} == used - {None}


@each_operation
def test_success_has_a_complete_example(operation: ContractOperation) -> None:
    """Every success response has an example with all properties."""
    known = CONTRACT.resolve(operation.response_schema or {}).get("properties", {})
    examples = [CONTRACT.resolve(one)["value"] for one in media(operation.success[1]).get("examples", {}).values()]

    assert not known or known.keys() in [example.keys() for example in examples]


def test_optional_properties_are_nullable() -> None:
    """Every optional property of a batch may be null, because servers send null."""
    batch = CONTRACT.schemas["Batch"]
    optional = batch["properties"].keys() - set(batch["required"])
    components = {"components": DOCUMENT["components"]}

    assert optional
    assert optional == {key for key in optional if OAS31Validator(batch["properties"][key] | components).is_valid(None)}


def test_created_object_is_compared_with_its_request() -> None:
    """x-create-once lists each required field of the request that the created object also has."""
    for operation in CONTRACT.operations:
        once = operation.document.get("x-create-once")
        if once and "same" in once:
            request, result = map(CONTRACT.resolve, (operation.request_schema, operation.response_schema))
            shared = {f"/{field}" for field in request["required"] if field in result["properties"]}
            assert shared == {*once["same"], *once["rewritable"]}
