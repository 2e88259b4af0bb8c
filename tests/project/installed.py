"""Plays exchanges with the installed package, in an environment with the package and its dependencies only.

Standard input has the exchanges as JSON. The output is the number of exchanges and the version of the package.
"""

import asyncio
import inspect
import json
import sys
from typing import Any

import httpx

import openai_batch_client
from openai_batch_client import AsyncBatchAPI, BatchAPI, BatchAPIError, to_datetime

TWINS: tuple[tuple[Any, Any], ...] = ((BatchAPI, httpx.Client), (AsyncBatchAPI, httpx.AsyncClient))


def main() -> None:
    exchanges = json.load(sys.stdin)
    for exchange in exchanges:
        for client_class, http_client in TWINS:
            play(exchange, client_class, http_client)
    check_retry()
    check_date_text()
    print(len(exchanges), openai_batch_client.__version__)


def play(exchange: dict[str, Any], client_class: Any, http_client: Any) -> None:
    """Compare the request and the result of a call with those of the exchange."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        response = exchange["response"]
        return httpx.Response(response["status"], headers=response["headers"], content=response["text"].encode())

    api = client_class(
        api_key="sk-test", retry_budget=0, http_client=http_client(transport=httpx.MockTransport(answer))
    )
    result: Any
    try:
        result = completed(getattr(api, exchange["operation"])(**exchange["call"]))
    except BatchAPIError as error:
        result = error
    request = exchange["request"]
    expect(request["method"], sent[0].method)
    expect(request["path"], sent[0].url.raw_path.decode().partition("?")[0].removeprefix("/v1"))
    expect(request.get("query", {}), dict(sent[0].url.params))
    expect(request.get("body"), json.loads(sent[0].content) if sent[0].content else None)
    if exchange.get("raises"):
        expect(exchange["raises"]["error"], type(result).__name__)
    else:
        expect(exchange["result"], without_nulls(result.to_dict()))


def check_retry() -> None:
    """A transient failure is retried."""
    for client_class, http_client in TWINS:
        answers = [httpx.Response(200, json={"data": []}), httpx.Response(503, headers={"retry-after": "0"})]
        transport = httpx.MockTransport(lambda _, answers=answers: answers.pop())
        api = client_class(api_key="sk-test", http_client=http_client(transport=transport))
        expect([], completed(api.list_batches()).data)


def check_date_text() -> None:
    """`to_datetime` parses a date as text with dateutil."""
    expect(1793491200.0, to_datetime("1 November 2026").timestamp())


def completed(value: Any) -> Any:
    return asyncio.run(value) if inspect.iscoroutine(value) else value


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def expect(expected: object, actual: object) -> None:
    if expected != actual:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


if __name__ == "__main__":
    main()
