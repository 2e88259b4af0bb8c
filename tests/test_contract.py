"""openapi.yaml keeps the promises that the rest of the project builds on."""

import re
from collections.abc import Iterator
from typing import Any

import openapi_spec_validator
import pytest
from openapi_schema_validator import OAS31Validator

from scripts.codegen import rules
from scripts.codegen.contract import Contract, Operation

CONTRACT = Contract.load()
DOCUMENT = CONTRACT.document
OPERATIONS = {operation.id: operation for operation in CONTRACT.operations}
LIFECYCLES = {name: schema for name, schema in CONTRACT.schemas.items() if "x-lifecycle" in schema}

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


def fault(schema: Any, value: Any) -> str | None:
    """Why `value` is not valid under `schema`, or None if it is."""
    # References lead into the same document, so that the components come along.
    validator = OAS31Validator({**schema, "components": DOCUMENT["components"]})
    error = next(validator.iter_errors(value), None)
    return error and f"{'/'.join(map(str, error.path))}: {error.message}"


def nodes() -> Iterator[tuple[str, Any]]:
    """Every object of the document with its JSON pointer, but nothing inside examples."""
    return ((f"#{pointer}", node) for pointer, node in rules.nodes(DOCUMENT))


def name(schema: Any) -> str | None:
    """The component that a body's schema refers to."""
    return schema and str(schema["$ref"]).rpartition("/")[2]


def media(node: Any) -> Any:
    return CONTRACT.resolve(node).get("content", {}).get("application/json", {})


def values(node: Any) -> list[Any]:
    """The examples of a request body or response."""
    return [CONTRACT.resolve(example)["value"] for example in media(node).get("examples", {}).values()]


def test_document_is_valid() -> None:
    """The contract is a valid OpenAPI 3.1 document."""
    openapi_spec_validator.validate(dict(DOCUMENT))

    assert DOCUMENT["openapi"].startswith("3.1.")


@each_operation
def test_operation_is_as_in_the_reference(operation: Operation) -> None:
    """Operation, parameters with defaults, bodies, result, authorization and content types are the reference's."""
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


def test_reference_is_complete() -> None:
    """No operation of the reference is missing; server and key are its."""
    assert REFERENCE.keys() <= OPERATIONS.keys()
    assert "https://api.openai.com/v1" == DOCUMENT["servers"][0]["url"]
    scheme = DOCUMENT["components"]["securitySchemes"]["ApiKeyAuth"]
    assert ("http", "bearer") == (scheme["type"], scheme["scheme"])


@each_operation
def test_operation_is_complete(operation: Operation) -> None:
    """Each operation has one declared tag, a retry class, and documents its errors and Retry-After."""
    assert {operation.tag} <= {tag["name"] for tag in DOCUMENT["tags"]}
    assert operation.document["x-retry"] in ("safe", "unless-received")
    assert {"429", "default"} <= operation.responses.keys()
    assert "Retry-After" in operation.responses["429"]["headers"]
    for code, response in operation.responses.items():
        assert "x-request-id" in response["headers"]
        assert code == "200" or "ErrorResponse" == name(media(response)["schema"])


def test_everything_is_described() -> None:
    """Every operation, parameter, response, header, schema and property says in words what it is."""
    kinds = ("/parameters/", "/responses/", "/headers/", "/schemas/", "/properties/", "/tags/", "/servers/")
    silent = [
        at
        for at, node in nodes()
        if any(at.rpartition("/")[0].endswith(kind.rstrip("/")) for kind in kinds) or "operationId" in node
        if not (CONTRACT.resolve(node) | node).get("description") and not at.startswith("#/security")
    ]

    assert [] == silent
    assert [] == [operation.id for operation in CONTRACT.operations if not operation.document["summary"]]


def test_nothing_is_anonymous() -> None:
    """Every object and every enum is a component, so that no name is invented for it."""
    anonymous = [
        at
        for at, node in nodes()
        if "properties" in node or "enum" in node or node.get("type") == "object"
        if not re.fullmatch(r"#/components/schemas/\w+", at)
    ]

    assert [] == anonymous


def test_schemas_stand_in_order_of_first_use() -> None:
    """Reading from top to bottom, one meets each schema soon after what uses it; none is unused."""
    assert CONTRACT.schema_names(DOCUMENT["paths"]) == list(CONTRACT.schemas)


def test_examples_are_valid() -> None:
    """Every example is valid under the schema beside it, and every example that is defined is used."""
    used = 0
    for at, node in nodes():
        content = node.get("content", {}).get("application/json") if "content" in node else None
        if content:
            assert content["examples"], at
            for value in values(node):
                used += 1
                assert fault(content["schema"], value) is None, at
        if "schema" in node and "example" in node:
            assert fault(node["schema"], node["example"]) is None, at

    assert len(DOCUMENT["components"]["examples"]) == used


@each_operation
def test_a_success_has_a_full_example(operation: Operation) -> None:
    """Some example of each success has every property, with nulls as real servers send them."""
    schema = CONTRACT.resolve(operation.response_schema)
    full = [value for value in values(operation.success[1]) if value.keys() == schema["properties"].keys()]

    assert full
    batches = [batch for value in full for batch in value.get("data", [value])]
    assert any(
        None in batch.values() and batch.keys() == CONTRACT.schemas["Batch"]["properties"].keys() for batch in batches
    )


def test_what_may_be_absent_may_be_null() -> None:
    """Every property of a batch that is not required admits null, as servers send it."""
    batch = CONTRACT.schemas["Batch"]
    optional = batch["properties"].keys() - set(batch["required"])

    assert optional
    assert {} == {
        key: fault(batch["properties"][key], None) for key in optional if fault(batch["properties"][key], None)
    }


@pytest.mark.parametrize("enum", LIFECYCLES)
def test_lifecycle_is_closed(enum: str) -> None:
    """A lifecycle covers each status once, names no other, begins at the first, and always can end."""
    schema = LIFECYCLES[enum]
    successors = schema["x-lifecycle"]
    ends = {status for status, following in successors.items() if not following}
    reaching, reached = set(ends), {schema["enum"][0]}
    for _ in successors:
        reaching |= {status for status, following in successors.items() if reaching & set(following)}
        reached |= {follower for status in reached for follower in successors[status]}

    assert schema["enum"] == list(successors)
    assert {status for following in successors.values() for status in following} <= successors.keys()
    assert successors.keys() == reaching == reached
    assert ends


@each_operation
def test_change_of_status_is_known(operation: Operation) -> None:
    """An operation that changes a status names one that its result can have, and that is not the first."""
    change = operation.document.get("x-lifecycle")
    known = [name for name in CONTRACT.schema_names(operation.response_schema) if name in LIFECYCLES]
    assert change is None or change["towards"] in {status for name in known for status in LIFECYCLES[name]["enum"][1:]}


@each_operation
def test_pagination_names_what_exists(operation: Operation) -> None:
    """x-pagination names query parameters, fields of the page and fields of its items."""
    pagination = operation.document.get("x-pagination")
    if pagination is None:
        assert "data" not in CONTRACT.resolve(operation.response_schema)["properties"]
        return
    page = CONTRACT.resolve(operation.response_schema)["properties"]
    item = CONTRACT.resolve(page[pagination["items"]]["items"])["properties"]

    assert {pagination["cursor"], pagination["page_size"]} <= {
        p["name"] for p in operation.parameters if p["in"] == "query"
    }
    assert {pagination["next_cursor"], pagination["more"]} <= page.keys()
    assert {pagination["item_id"], pagination["order"]["by"]} <= item.keys()
    assert pagination["order"]["direction"] in ("ascending", "descending")


@each_operation
def test_create_once_points_at_what_exists(operation: Operation) -> None:
    """x-create-once names a listing operation, and its pointers lead into the request and into what is created."""
    once = operation.document.get("x-create-once")
    if once is None:
        assert "safe" == operation.document["x-retry"]
        return

    assert "x-pagination" in OPERATIONS[once["found_by"]].document
    for pointer in (once["token"], *once["same"]):
        for schema in (operation.request_schema, operation.response_schema):
            assert leads_somewhere(schema, pointer.split("/")[1:]), pointer


def leads_somewhere(schema: Any, path: list[str]) -> bool:
    """Whether a JSON pointer leads to something in the objects that a schema describes."""
    schema = CONTRACT.resolve(schema)
    if "anyOf" in schema:
        return any(leads_somewhere(one, path) for one in schema["anyOf"])
    if not path:
        return "type" in schema
    inside = schema.get("properties", {}).get(path[0], schema.get("additionalProperties"))
    return inside is not None and leads_somewhere(inside, path[1:])
