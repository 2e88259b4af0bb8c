"""The generated client works with the embedded server for every operation of the contract."""

from typing import Any

import pytest

import openai_batch_client
from scripts.batch_server.client_names import client_name
from scripts.batch_server.clock import ServerClock
from scripts.batch_server.exchange import without_nulls
from scripts.batch_server.resources import success_content
from scripts.batch_server.running import running
from scripts.batch_server.schema_values import SchemaValues
from scripts.openapi.contract import Contract, ContractOperation
from tests.support.example_calls import AnyFile, calls, created
from tests.support.twin import Tally, Twin, as_json

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
CONTRACT = Contract.load()
VALUES = SchemaValues(CONTRACT)


@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.name)
def test_operation(operation: ContractOperation, twin: Twin, judged: Any) -> None:
    """Calls with the contract's examples, with and without optional arguments, return the documented result."""
    tally: Tally = judged("openapi-core", "calls to the embedded server, request and response")
    with running(clock=ServerClock(0)) as server:
        server.store.files.by_id = AnyFile()
        with twin.connected(server.url, title=client_name(operation), api_key=server.key) as api:
            for number in range(len(calls(operation))):
                arguments = calls(operation, created(server.store, operation))[number]
                check_result(operation, twin.call(api, operation.name, arguments))
                tally.cases += 1
            if pagination := operation.document.get("x-pagination"):
                own = (pagination["cursor"], pagination["page_size"])
                filters = {name: value for name, value in calls(operation)[0].items() if name not in own}
                items = twin.ended(api, f"iter_{operation.name.partition('_')[2]}", filters)
                listed = VALUES.properties(operation.response_schema)[pagination["items"]]["items"]
                assert {model(listed)} == {type(item) for item in items}


def check_result(operation: ContractOperation, result: Any) -> None:
    """Check that a result has the documented type, and is complete."""
    kind, content = success_content(operation)
    if operation.response_schema is None:
        assert type(result) is (type(None) if not kind else str if kind.startswith("text/") else bytes)
        return
    schema = content["schema"]
    document = as_json(result)
    whole = VALUES.whole(schema)
    if "properties" in whole:
        assert isinstance(result, model(schema))
        assert set(whole.get("required", ())) <= document.keys()
    assert VALUES.is_valid(schema, document) or VALUES.is_valid(schema, without_nulls(document))


def model(schema: Any) -> type[Any]:
    """The model of a component."""
    found: type[Any] = getattr(openai_batch_client, schema["$ref"].rpartition("/")[2])
    return found
