"""Each file below exchanges/ is one HTTP exchange, read four ways: is the request valid under the contract, is the
response valid, and do the sync and the async client send that request and return that result?"""

import inspect
from typing import Any

import pytest

import openai_batch_client
from scripts.batch_server.client_names import client_name
from scripts.runtime.errors import BY_STATUS
from tests.support import exchange_files
from tests.support.exchange_files import CONTRACT, EXCHANGES, OPERATIONS, Exchange
from tests.support.twin import Twin, through_both_libraries


@pytest.fixture(params=EXCHANGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def exchange(request: pytest.FixtureRequest) -> Exchange:
    return Exchange.load(request.param)


@pytest.mark.parametrize("twin", ["sync"], indirect=True)
def test_exchange_is_valid_under_contract(exchange: Exchange, twin: Twin) -> None:
    """Request and response are valid under the contract if and only if the file does not set `outside_contract`.

    The next test compares the requests of all clients with the file.
    """
    exchange_files.check_validity(exchange, twin)


@through_both_libraries
def test_client_sends_request_and_returns_result(exchange: Exchange, twin: Twin) -> None:
    """The client sends the request of the file, and returns or raises the result of the file."""
    exchange_files.check_call(exchange, twin)


def test_operation_modules_match_the_method(exchange: Exchange, twin: Twin) -> None:
    """The functions of the operation's module send the same request, obey timeout, and return or raise the same."""
    exchange_files.check_module(exchange, twin)


def test_file_is_complete(exchange: Exchange) -> None:
    """Each file states its purpose and expects either a result or an exception."""
    exchange_files.check_completeness(exchange)


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
