"""The generated client works with the embedded server for every operation of the contract."""

from typing import Any

import pytest

import openai_batch_client
from scripts.batch_server.clock import ServerClock
from scripts.batch_server.running import running
from scripts.openapi.contract import Contract, ContractOperation
from tests.support.drawing import response_schema
from tests.support.example_calls import AnyFile, calls
from tests.support.twin import Tally, Twin

CONTRACT = Contract.load()
CREATE = next(operation for operation in CONTRACT.operations if "x-create-once" in operation.document)


@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.name)
def test_operation(operation: ContractOperation, twin: Twin, judged: Any) -> None:
    """Calls with the contract's examples, with and without optional arguments, return the documented model."""
    tally: Tally = judged("openapi-core", "calls to the embedded server, request and response")
    body = response_schema(operation, str(operation.success[0]))
    model = getattr(openai_batch_client, body["$ref"].rpartition("/")[2]) if body else type(None)
    with running(clock=ServerClock(0)) as server:
        server.store.files.by_id = AnyFile()
        with (
            twin.connected(server.url, title=f"{CREATE.tag}API", api_key=server.key) as creator,
            twin.connected(server.url, title=f"{operation.tag}API", api_key=server.key) as api,
        ):
            batch = twin.call(creator, CREATE.name, calls(CREATE, "")[0])
            for arguments in calls(operation, batch.id):
                result = twin.call(api, operation.name, arguments)
                assert isinstance(result, model)
                assert result is None or set(CONTRACT.resolve(body).get("required", ())) <= result.to_dict().keys()
                tally.cases += 1
            if pagination := operation.document.get("x-pagination"):
                items = twin.run(getattr(api, f"iter_{operation.name.partition('_')[2]}")())
                listed = CONTRACT.resolve(body)["properties"][pagination["items"]]["items"]["$ref"].rpartition("/")[2]
                assert {getattr(openai_batch_client, listed)} == {type(item) for item in items}
