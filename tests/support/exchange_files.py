"""Reads and checks the files of tests/exchanges/. Each is an HTTP exchange with the expected result of the client."""

import importlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen

import openai_batch_client
from openai_batch_client import errors
from openai_batch_client._runtime.reading import write
from scripts.batch_server.client_names import BatchNames, client_name
from scripts.batch_server.exchange import without_nulls
from scripts.openapi import loading
from scripts.openapi.contract import ROOT, Contract, snake_case
from tests.support import contract_names, judge
from tests.support.twin import Twin

CONTRACT = Contract.load()
# The folders of the exchanges have the names of the operations. The tests of a contract with other names use them, too.
OPERATIONS = {operation.name: operation for operation in CONTRACT.operations}
OPERATIONS |= contract_names.operations(BatchNames.of(CONTRACT))
BASE_URL = CONTRACT.document["servers"][0]["url"]
EXCHANGES = sorted((ROOT / "tests" / "exchanges").glob("*/*.yaml"))


@frozen
class Exchange:
    """A file of tests/exchanges/."""

    operation: str
    why: str
    """The reason for this exchange, in a sentence."""
    call: dict[str, Any]
    request: dict[str, Any]
    response: dict[str, Any]
    result: Any = None
    has_result: bool = False
    """Whether the file has `result`, which is null for an operation that returns nothing."""
    raises: dict[str, Any] | None = None
    source: str | None = None
    """The URL of a quotation or `live`, and the date, if a real service sent these fields. The values are invented."""
    outside_contract: str | None = None
    """The reason why the exchange is not valid under the contract, if it is not."""

    @classmethod
    @cache
    def load(cls, path: Path) -> "Exchange":
        document = loading.load(path).document
        return cls(operation=path.parent.name, has_result="result" in document, **document)

    def answer(self, request: httpx.Request | None = None) -> httpx.Response:
        """The response in the file."""
        body = self.response.get("text", json.dumps(self.response["body"]) if "body" in self.response else "")
        headers = {"content-type": "application/json", **self.response.get("headers", {})}
        return httpx.Response(self.response["status"], headers=headers, content=body.encode(), request=request)


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


def check_validity(exchange: Exchange, twin: Twin) -> None:
    """Request and response are valid under the contract if and only if the file does not set `outside_contract`."""
    request, _ = play(exchange, twin)
    message = judge.message(request, exchange.answer(request))
    fault = judge.request_fault(message) or judge.response_fault(message)

    assert (fault is None) == (exchange.outside_contract is None), fault


def check_call(exchange: Exchange, twin: Twin) -> None:
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
        assert exchange.result == without_nulls(write(result))
    else:
        kind = getattr(errors, exchange.raises["error"])
        assert kind is type(result)
        assert result.operation in str(result)
        error = result if "cause" not in exchange.raises else result.__cause__
        assert exchange.raises.get("cause", exchange.raises["error"]) == type(error).__name__
        expected = {name: value for name, value in exchange.raises.items() if name not in ("error", "cause")}
        assert expected == {name: getattr(error, name) for name in expected}


def check_module(exchange: Exchange, twin: Twin) -> None:
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


def check_completeness(exchange: Exchange) -> None:
    """The file states its purpose and expects either a result or an exception."""
    assert exchange.why.endswith((".", "?"))
    assert exchange.has_result != (exchange.raises is not None)


def check(exchange: Exchange, twin: Twin) -> None:
    """All checks of an exchange."""
    check_completeness(exchange)
    check_validity(exchange, twin)
    check_call(exchange, twin)
    check_module(exchange, twin)
