"""Each file below exchanges/ is one HTTP exchange, read four ways: is the request valid under the contract, is the
response valid, and do the sync and the async client send that request and return that result?"""

import importlib
import inspect
import json
from typing import Any

import httpx
import pytest

import openai_batch_client
from openai_batch_client import errors
from scripts.batch_server.client_names import BatchNames, client_name
from scripts.openapi.contract import Contract, snake_case
from scripts.runtime.errors import BY_STATUS
from tests.support import contract_names, judge
from tests.support.exchange_files import EXCHANGES, Exchange, without_nulls
from tests.support.twin import Twin, through_both_libraries

CONTRACT = Contract.load()
# The folders of the exchanges have the names of the operations. The tests of a contract with other names use them, too.
OPERATIONS = {operation.name: operation for operation in CONTRACT.operations}
OPERATIONS |= contract_names.operations(BatchNames.of(CONTRACT))
BASE_URL = CONTRACT.document["servers"][0]["url"]


@pytest.fixture(params=EXCHANGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def exchange(request: pytest.FixtureRequest) -> Exchange:
    return Exchange.load(request.param)


def play(exchange: Exchange, twin: Twin) -> tuple[httpx.Request, Any]:
    """Call the operation and return the first request sent and the result or the exception."""
    twin.sent.clear()
    api = twin.api(exchange.answer, title=client_name(OPERATIONS[exchange.operation]), retry_budget=0)
    try:
        result = twin.run(getattr(api, exchange.operation)(**exchange.call))
    except errors.BatchAPIError as error:
        result = error
    # After a refusal, a method may send a second request to read the current state.
    assert {twin.http.Request} == {type(request) for request in twin.sent}
    return twin.sent[0], result


def test_exchange_is_valid_under_contract(exchange: Exchange, twin: Twin) -> None:
    """Request and response are valid under the contract if and only if the file does not set `outside_contract`."""
    request, _ = play(exchange, twin)
    message = judge.message(request, exchange.answer(request))
    fault = judge.request_fault(message) or judge.response_fault(message)

    assert (fault is None) == (exchange.outside_contract is None), fault


@through_both_libraries
def test_client_sends_request_and_returns_result(exchange: Exchange, twin: Twin) -> None:
    """The client sends the request of the file, and returns or raises the result of the file."""
    request, result = play(exchange, twin)

    assert str(request.url).startswith(f"{BASE_URL}/")
    sent: dict[str, Any] = {
        "method": request.method,
        "path": request.url.raw_path.decode().partition("?")[0].removeprefix("/v1"),
    }
    if request.url.query:
        sent["query"] = dict(request.url.params)
    if request.content:
        sent["body"] = json.loads(request.content)
    assert exchange.request == sent
    assert request.headers["authorization"] == "Bearer sk-test"
    assert request.headers["accept"] == "application/json"
    assert request.headers["user-agent"] == f"openai-batch-client/{CONTRACT.document['info']['version']}"
    if exchange.raises is None:
        assert not isinstance(result, Exception), result
        assert exchange.result == without_nulls(result.to_dict())
    else:
        kind = getattr(errors, exchange.raises["error"])
        assert kind is type(result)
        assert result.operation in str(result)
        error = result if "cause" not in exchange.raises else result.__cause__
        assert exchange.raises.get("cause", exchange.raises["error"]) == type(error).__name__
        expected = {name: value for name, value in exchange.raises.items() if name not in ("error", "cause")}
        assert expected == {name: getattr(error, name) for name in expected}


def test_operation_modules_match_the_method(exchange: Exchange, twin: Twin) -> None:
    """The functions of the operation's module send the same request, obey timeout, and return or raise the same."""
    operation = OPERATIONS[exchange.operation]
    module = importlib.import_module(f"openai_batch_client.api.{snake_case(operation.tag)}.{operation.name}")
    arguments = dict(exchange.call)
    if operation.request_schema:
        model = getattr(openai_batch_client, operation.request_schema["$ref"].rpartition("/")[2])
        arguments = {"body": model.from_dict(arguments)}
    request, expected = play(exchange, twin)
    twin.sent.clear()
    arguments["timeout"] = 9.5
    client = twin.api(exchange.answer, title=client_name(operation), retry_budget=0)
    name = "asyncio" if twin.prefix else "sync"
    if exchange.raises is None:
        response = twin.run(getattr(module, f"{name}_detailed")(client=client, **arguments))
        assert exchange.response["status"] == response.status_code
        assert exchange.response.get("headers", {}).get("x-request-id") == response.request_id
        assert expected == response.parsed == twin.run(getattr(module, name)(client=client, **arguments))
    else:
        with pytest.raises(type(expected)):
            twin.run(getattr(module, name)(client=client, **arguments))
    assert {9.5} == {sent.extensions["timeout"]["read"] for sent in twin.sent}
    assert {(request.method, request.url, request.content)} == {
        (sent.method, sent.url, sent.content) for sent in twin.sent
    }


def test_file_is_complete(exchange: Exchange) -> None:
    """Each file states its purpose and expects either a result or an exception."""
    assert exchange.why.endswith((".", "?"))
    assert (exchange.result is None) != (exchange.raises is None)


@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.name)
def test_every_response_of_an_operation_has_an_exchange(operation: Any) -> None:
    """Each operation has an exchange for every documented status and for every exception class of a status."""
    exchanges = [Exchange.load(path) for path in EXCHANGES if OPERATIONS[path.parent.name] == operation]
    statuses = {exchange.response["status"] for exchange in exchanges}
    documented = {int(code) for code in operation.responses if code != "default"}
    raised = {exchange.raises.get("cause", exchange.raises["error"]) for exchange in exchanges if exchange.raises}

    assert documented <= statuses
    assert {kind.__name__ for kind in BY_STATUS.values()} | {"ServerError", "UnexpectedResponseError"} <= raised


def test_folders_match_operations() -> None:
    """Folders and operations have the same names, and each operation has a sync and an async method."""
    assert {one.name for one in CONTRACT.operations} == {OPERATIONS[path.parent.name].name for path in EXCHANGES}
    for operation in CONTRACT.operations:
        for twin, is_kind in (("", inspect.isfunction), ("Async", inspect.iscoroutinefunction)):
            assert is_kind(getattr(getattr(openai_batch_client, f"{twin}{client_name(operation)}"), operation.name))


def test_every_status_has_an_exchange() -> None:
    """Each value of an enum with a lifecycle occurs in a response."""
    values = {value for schema in CONTRACT.schemas.values() if "x-lifecycle" in schema for value in schema["enum"]}
    text = "\n".join(path.read_text("utf-8") for path in EXCHANGES)

    assert values == {value for value in values if f"status: {value}\n" in text}
