"""For any arguments, the server receives a request that is valid under the contract and contains the arguments."""

import json
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given, settings

from openai_batch_client import BatchAPIError
from scripts.batch_server.contract_validation import HttpMessage
from scripts.openapi.contract import Contract, ContractOperation
from tests.support import drawing, judge
from tests.support.twin import Tally, Twin
from tests.support.wire import Answer, Wire


@pytest.mark.parametrize("operation", Contract.load().operations, ids=lambda operation: operation.name)
def test_request_matches_arguments(operation: ContractOperation, twin: Twin, wire: Wire, judged: Any) -> None:
    """Generated arguments make a request that openapi-core accepts, with each argument at its place."""
    tally: Tally = judged("openapi-core", "requests with drawn arguments, as they arrived")
    # The test examines only the request, so any response will do.
    wire.answer = Answer(b"", 500)
    with twin.connected(wire.url, title=f"{operation.tag}API") as api:

        @given(drawing.arguments(operation))
        def send(arguments: drawing.Arguments) -> None:
            wire.received.clear()
            assert isinstance(twin.ended(api, operation.name, arguments.all), BatchAPIError)
            (message,) = wire.received
            assert judge.request_fault(message) is None
            assert expected_request(operation, arguments) == received_request(operation, message)
            tally.cases += 1

        send()
    assert tally.cases >= settings().max_examples


def expected_request(operation: ContractOperation, arguments: drawing.Arguments) -> dict[str, Any]:
    """Build the expected request from the arguments and the contract."""
    placed: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for (place, name), value in arguments.parameters.items():
        if value is not None:
            placed[place][name] = str(value).lower() if isinstance(value, bool) else str(value)
    path = operation.path
    for name, value in placed["path"].items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return {
        "method": operation.method,
        "path": path,
        "query": placed["query"],
        "headers": placed["header"] | {"authorization": "Bearer sk-test"},
        "body": arguments.body,
    }


def received_request(operation: ContractOperation, message: HttpMessage) -> dict[str, Any]:
    """Return the parts of the received request that the contract defines."""
    target = urlsplit(message.target)
    query = parse_qsl(target.query, keep_blank_values=True)
    assert len(dict(query)) == len(query)
    names = {parameter["name"] for parameter in operation.parameters if parameter["in"] == "header"}
    headers = {name: message.headers[name.lower()] for name in names if name.lower() in message.headers}
    return {
        "method": message.method,
        "path": target.path,
        "query": dict(query),
        "headers": headers | {"authorization": message.headers["authorization"]},
        "body": json.loads(message.body) if message.body else None,
    }
