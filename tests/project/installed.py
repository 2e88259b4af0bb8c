"""Plays exchanges with whatever version of the package is installed. It is run where there is nothing else, so that it
uses what the package itself brings. Standard input has the exchanges as JSON; the output says how many were played."""

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
        for kind, http_client in TWINS:
            play(exchange, kind, http_client)
    repeated()
    dates()
    print(len(exchanges), openai_batch_client.__version__)


def play(exchange: dict[str, Any], kind: Any, http_client: Any) -> None:
    """Send what the exchange says, and get what it says."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        response = exchange["response"]
        return httpx.Response(response["status"], headers=response["headers"], content=response["text"].encode())

    api = kind(api_key="sk-test", retry_budget=0, http_client=http_client(transport=httpx.MockTransport(answer)))
    outcome: Any
    try:
        outcome = finished(getattr(api, exchange["operation"])(**exchange["call"]))
    except BatchAPIError as error:
        outcome = error
    asked = exchange["request"]
    expect(asked["method"], sent[0].method)
    expect(asked["path"], sent[0].url.raw_path.decode().partition("?")[0].removeprefix("/v1"))
    expect(asked.get("query", {}), dict(sent[0].url.params))
    expect(asked.get("body"), json.loads(sent[0].content) if sent[0].content else None)
    if exchange.get("raises"):
        expect(exchange["raises"]["error"], type(outcome).__name__)
    else:
        expect(exchange["result"], without_nulls(outcome.to_dict()))


def repeated() -> None:
    """A transient failure is retried."""
    for kind, http_client in TWINS:
        answers = [httpx.Response(200, json={"data": []}), httpx.Response(503, headers={"retry-after": "0"})]
        transport = httpx.MockTransport(lambda _, left=answers: left.pop())
        api = kind(api_key="sk-test", http_client=http_client(transport=transport))
        expect([], finished(api.list_batches()).data)


def dates() -> None:
    """A date as text is read, which is dateutil's part."""
    expect(1793491200.0, to_datetime("1 November 2026").timestamp())


def finished(value: Any) -> Any:
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
