"""For each property of each response, the client reads a body without it, and a body in which its type is wrong."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from openai_batch_client import APIStatusError, CreateOutcomeUnknownError, UnexpectedResponseError
from scripts.batch_server.contract_validation import HttpMessage
from scripts.batch_server.exchange import without_nulls
from scripts.openapi.contract import Contract, ContractOperation
from tests.support import example_calls, judge
from tests.support.twin import Twin

CONTRACT = Contract.load()
RESPONSES = [
    (operation, code, example)
    for operation in CONTRACT.operations
    for code, response in operation.responses.items()
    for example in response.get("content", {}).get("application/json", {}).get("examples", {})
]
each_example = pytest.mark.parametrize(
    ("operation", "code", "name"), RESPONSES, ids=[f"{each.name}-{code}-{name}" for each, code, name in RESPONSES]
)
# No schema of the contract allows both.
WRONG: tuple[Any, ...] = ({"unexpected": {}}, [[]])


def schema_of(operation: ContractOperation, code: str) -> Any:
    return operation.responses[code]["content"]["application/json"]["schema"]


def example_of(operation: ContractOperation, code: str, name: str) -> Any:
    """The value of an example of a response."""
    examples = operation.responses[code]["content"]["application/json"]["examples"]
    return CONTRACT.resolve(examples[name])["value"]


def filled(schema: Any) -> Any:
    """A value that is valid under a schema and has every property."""
    schema = CONTRACT.resolve(schema)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return filled(schema[keyword][0])
    if "allOf" in schema:
        return {key: value for part in schema["allOf"] for key, value in filled(part).items()}
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "object":
        others = schema.get("additionalProperties")
        more = {"key": filled(others)} if isinstance(others, dict) else {}
        return {name: filled(inner) for name, inner in schema.get("properties", {}).items()} | more
    if kind == "array":
        return [filled(schema["items"])]
    values = {"string": "x" * max(1, schema.get("minLength", 1)), "boolean": True, "null": None}
    number = max(1, schema.get("minimum", 1))
    return schema.get("const", schema.get("enum", [values.get(kind, number)])[0])


def damaged(document: Any) -> Iterator[Any]:
    """Copies of a document: each without one of its values, and with one value of a wrong type."""

    def paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        if isinstance(node, (dict, list)):
            for key in node if isinstance(node, dict) else range(len(node)):
                yield (*path, key)
                yield from paths(node[key], (*path, key))

    yield from WRONG
    for *above, key in paths(document):
        for value in (None, *WRONG):
            changed = copy.deepcopy(document)
            place = changed
            for step in above:
                place = place[step]
            if value is None:
                del place[key]
            else:
                place[key] = value
            yield changed


def answered(
    twin: Twin, operation: ContractOperation, code: str, documents: list[Any], item_id: str = "x"
) -> Iterator[Any]:
    """The results of an operation about `item_id` whose response has these bodies, one after the other."""
    status = int(code) if code.isdigit() else 400
    arguments = example_calls.calls(operation, item_id)[0]
    current: Any = None

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json=current)

    api = twin.api(answer, title=f"{operation.tag}API", retry_budget=0)
    for current in documents:  # noqa: B007 -- `answer` sends it
        yield twin.ended(api, operation.name, arguments)


@each_example
def test_example_is_read(operation: ContractOperation, code: str, name: str, twin: Twin) -> None:
    """Each example of a success becomes a model with the same values, each example of an error its exception."""
    document = example_of(operation, code, name)
    (result,) = answered(twin, operation, code, [document], document.get("id", "x"))

    if code.startswith("2"):
        assert without_nulls(document) == without_nulls(result.to_dict())
    else:
        assert isinstance(result, APIStatusError)
        assert document["error"]["message"] == result.message


@pytest.mark.parametrize(
    ("operation", "code"),
    [(operation, code) for operation in CONTRACT.operations for code in operation.responses],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_damaged_value(operation: ContractOperation, code: str, twin: Twin) -> None:
    """A missing value, or a value of a wrong type, gives a model or the documented exception."""
    documents = list(damaged(filled(schema_of(operation, code))))
    results = list(answered(twin, operation, code, documents))

    assert len(documents) > 5
    kind = UnexpectedResponseError if code.startswith("2") else APIStatusError
    for document, result in zip(documents, results, strict=True):
        # If the answer to a create cannot be read, the outcome is unknown.
        is_expected = isinstance(result, (kind, CreateOutcomeUnknownError))
        assert is_expected or (code.startswith("2") and hasattr(result, "to_dict")), document


@pytest.mark.parametrize(
    "metadata",
    [{str(number): "x" for number in range(17)}, {"k" * 65: "x"}, {"key": "v" * 513}, {"key": 1}],
    ids=["pairs", "key", "value", "type"],
)
def test_metadata_beyond_its_limits(metadata: dict[str, Any]) -> None:
    """The judge of requests refuses metadata that is larger than the contract allows."""
    body = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}
    messages = [
        HttpMessage(
            "POST",
            "/batches",
            {"content-type": "application/json", "authorization": "Bearer sk-test"},
            json.dumps(body | {"metadata": sent}).encode(),
        )
        for sent in ({"key": "value"}, metadata)
    ]

    assert [False, True] == [judge.request_fault(message) is not None for message in messages]
