"""For any arguments, the server receives a request that is valid under the contract and contains the arguments."""

import json
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given

from openai_batch_client import BatchAPIError
from scripts.batch_server.client_names import client_name
from scripts.batch_server.contract_validation import HttpMessage
from scripts.openapi.contract import Contract, ContractOperation
from tests.support import drawing, judge
from tests.support.twin import Tally, Twin
from tests.support.wire import Answer, Wire

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")


@pytest.mark.parametrize("operation", Contract.load().operations, ids=lambda operation: operation.name)
def test_request_matches_arguments(operation: ContractOperation, twin: Twin, wire: Wire, judged: Any) -> None:
    """Generated arguments make a request that openapi-core accepts, with each argument at its place."""
    tally: Tally = judged("openapi-core", "requests with drawn arguments, as they arrived")
    # The test examines only the request, so any response will do.
    wire.answer = Answer(b"", 500)
    with twin.connected(wire.url, title=client_name(operation)) as api:

        @given(drawing.arguments(operation))
        def send(arguments: drawing.Arguments) -> None:
            wire.received.clear()
            assert isinstance(twin.ended(api, operation.name, arguments.all), BatchAPIError)
            (message,) = wire.received
            assert judge.request_fault(message) is None
            assert expected_request(operation, arguments) == received_request(operation, message)
            tally.cases += 1

        send()
    # Some operations have few different arguments.
    assert tally.cases


def expected_request(operation: ContractOperation, arguments: drawing.Arguments) -> dict[str, Any]:
    """Build the expected request from the arguments and the contract."""
    keys = [authorization(operation)] if any(operation.document.get("security", ())) else []
    placed: dict[str, list[tuple[str, str]]] = {"path": [], "query": [], "header": keys}
    for (place, name), value in arguments.parameters.items():
        if value is not None:
            texts = drawing.as_texts(value)
            placed[place] += [(name, text) for text in texts] if place == "query" else [(name, ",".join(texts))]
    path = operation.path
    for name, value in placed["path"]:
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return {
        "method": operation.method,
        "path": path,
        "query": sorted(placed["query"]),
        "headers": {name.lower(): value for name, value in placed["header"]},
        "body": expected_body(operation, arguments.body),
    }


def expected_body(operation: ContractOperation, body: Any) -> Any:
    """Return the JSON document, or the parts of a form, in which a file is its content."""
    if not operation.form or body is drawing.ABSENT:
        return body
    contents = [(name, value[1] if isinstance(value, tuple) else value) for name, value in body.items()]
    return {
        name: [one[1] if isinstance(one, tuple) else one for one in value] if isinstance(value, list) else value
        for name, value in contents
    }


def authorization(operation: ContractOperation) -> tuple[str, str]:
    """Return the header with the API key."""
    header = operation.contract.api_key_header
    return (header, "sk-test") if header else ("authorization", "Bearer sk-test")


def received_request(operation: ContractOperation, message: HttpMessage) -> dict[str, Any]:
    """Return the parts of the received request that the contract defines."""
    target = urlsplit(message.target)
    names = {parameter["name"].lower() for parameter in operation.parameters if parameter["in"] == "header"}
    names.add(authorization(operation)[0])
    return {
        "method": message.method,
        "path": target.path,
        "query": sorted(parse_qsl(target.query, keep_blank_values=True)),
        "headers": {name: message.headers[name] for name in names if name in message.headers},
        "body": received_body(operation, message),
    }


def received_body(operation: ContractOperation, message: HttpMessage) -> Any:
    """Return the JSON document, or the parts of a form, in which a file is its content."""
    if not message.body:
        return drawing.ABSENT
    return judge.form(message) if operation.form else json.loads(message.body)
