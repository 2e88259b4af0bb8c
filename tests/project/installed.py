"""Plays exchanges with the installed package, in an environment with the package and its dependencies only.

Standard input has the exchanges as JSON. The output is the number of exchanges and the version of the package.
"""

import asyncio
import gzip
import inspect
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx

import openai_batch_client
from openai_batch_client import APITimeoutError, AsyncBatchAPI, BatchAPI, BatchAPIError, to_datetime

TWINS: tuple[tuple[Any, Any], ...] = ((BatchAPI, httpx.Client), (AsyncBatchAPI, httpx.AsyncClient))


def main() -> None:
    exchanges = json.load(sys.stdin)
    for exchange in exchanges:
        for client_class, http_client in TWINS:
            play(exchange, client_class, http_client)
    check_retry()
    check_own_http_client()
    check_total_time()
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


def check_own_http_client() -> None:
    """The client's own HTTP client receives a compressed response over a socket."""
    content = gzip.compress(json.dumps({"object": "list", "data": [{"id": "batch_1"}], "has_more": False}).encode())
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    for client_class, _ in TWINS:
        with serving(head.encode() + content, seconds_for_each_byte=0) as url:
            expect(["batch_1"], [batch.id for batch in called(client_class, url).data])


def check_total_time() -> None:
    """`timeout` limits the whole response, even if it arrives byte by byte, in its headers and in its body."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n"
    for client_class, _ in TWINS:
        for content in (head + b"X-Slow: " + b"x" * 500, head + b"\r\n" + b"x" * 500):
            with serving(content, seconds_for_each_byte=0.01) as url:
                started = time.monotonic()
                expect(APITimeoutError, type(called(client_class, url, timeout=1)))
                expect(True, 0.9 < time.monotonic() - started < 2.5)


@contextmanager
def serving(content: bytes, seconds_for_each_byte: float) -> Iterator[str]:
    """Answer every connection with the same bytes. Yield the URL."""

    def answer() -> None:
        connection, _ = listener.accept()
        # The client may close the connection before the end.
        with connection, suppress(OSError):
            connection.recv(65536)
            for start in range(0, len(content), 1 if seconds_for_each_byte else len(content)):
                connection.sendall(content[start : start + 1] if seconds_for_each_byte else content)
                time.sleep(seconds_for_each_byte)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def called(client_class: Any, url: str, **options: Any) -> Any:
    """The result of `list_batches` of a client with its own HTTP client, or the exception."""
    api = client_class(api_key="sk-test", base_url=url, retry_budget=0, **options)

    async def call_async() -> Any:
        async with api:
            return await api.list_batches()

    try:
        if client_class is AsyncBatchAPI:
            return asyncio.run(call_async())
        with api:
            return api.list_batches()
    except BatchAPIError as error:
        return error


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
