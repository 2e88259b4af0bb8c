"""Whatever an operation is called with, what arrives at a server is what the contract admits, and what was meant."""

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
def test_what_arrives(operation: ContractOperation, twin: Twin, wire: Wire, judged: Any) -> None:
    """Drawn arguments arrive in a request that openapi-core finds valid, each where the contract puts it."""
    tally: Tally = judged("openapi-core", "requests with drawn arguments, as they arrived")
    # Nothing is read from it: what counts is what was sent.
    wire.answer = Answer(b"", 500)
    with twin.connected(wire.url, title=f"{operation.tag}API") as api:

        @given(drawing.arguments(operation))
        def send(arguments: drawing.Arguments) -> None:
            wire.received.clear()
            assert isinstance(twin.ended(api, operation.name, arguments.all), BatchAPIError)
            (message,) = wire.received
            assert judge.request_fault(message) is None
            assert as_meant(operation, arguments) == as_arrived(operation, message)
            tally.cases += 1

        send()
    assert tally.cases >= settings().max_examples


def as_meant(operation: ContractOperation, arguments: drawing.Arguments) -> dict[str, Any]:
    """What a server should be told, worked out from the contract alone."""
    placed: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for (place, name), value in arguments.parameters.items():
        if value is not None:
            placed[place][name] = str(value).lower() if isinstance(value, bool) else str(value)
    path = operation.path
    for name, value in placed["path"].items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    body = None if arguments.body is None else without_nulls(arguments.body)
    return {
        "method": operation.method,
        "path": path,
        "query": placed["query"],
        "headers": placed["header"] | {"authorization": "Bearer sk-test"},
        "body": body,
    }


def as_arrived(operation: ContractOperation, message: HttpMessage) -> dict[str, Any]:
    """What a server was told, as far as the contract knows it."""
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


def without_nulls(fields: dict[str, Any]) -> dict[str, Any]:
    """The arguments that say something: None is how a caller leaves one out."""
    return {name: value for name, value in fields.items() if value is not None}
