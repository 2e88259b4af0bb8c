"""Injects network and server faults into a share of the requests, so that tests can check retries and creation."""

import asyncio
import random
from typing import Any

from attrs import frozen
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@frozen
class InjectedFault:
    """A kind of fault."""

    name: str
    processed: bool
    """Whether the server processes the request before the fault."""
    status: int | None = None
    """The status code that replaces the response. None: the connection is dropped."""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    delay: float = 0.0
    """Seconds before the connection is dropped."""
    half_sent: bool = False
    """Whether half of the response is sent before the connection is dropped."""


FAULTS = (
    InjectedFault("dropped before the request is processed", processed=False),
    InjectedFault("dropped after the request was processed", processed=True),
    InjectedFault("dropped in the middle of the response", processed=True, half_sent=True),
    InjectedFault("timeout after the request was processed", processed=True, delay=0.6),
    InjectedFault("timeout, the request is never processed", processed=False, delay=0.6),
    InjectedFault(
        "500 before the request is processed",
        processed=False,
        status=500,
        body='{"error": {"message": "failed", "type": "server_error"}}',
    ),
    InjectedFault("500 after the request was processed", processed=True, status=500),
    InjectedFault(
        "502 from a proxy",
        processed=True,
        status=502,
        headers=(("content-type", "text/html"),),
        body="<html>Bad Gateway",
    ),
    InjectedFault("520 from a proxy", processed=True, status=520),
    InjectedFault("503 with Retry-After", processed=False, status=503, headers=(("retry-after", "1"),)),
    InjectedFault("429", processed=False, status=429, headers=(("retry-after", "1"),)),
)


class FaultInjector:
    """An ASGI middleware that injects faults into a share of the requests, drawn with a seed."""

    def __init__(
        self, app: ASGIApp, *, share: float, seed: int = 0, faults: tuple[InjectedFault, ...] = FAULTS
    ) -> None:
        self._app = app
        self._share = share
        self._random = random.Random(seed)
        self._faults = faults
        self.counts: dict[str, int] = {}
        """How often each fault was injected, by name."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._random.random() >= self._share:
            await self._app(scope, receive, send)
            return
        fault = self._random.choice(self._faults)
        self.counts[fault.name] = self.counts.get(fault.name, 0) + 1
        response: list[Message] = []

        async def record(message: Message) -> None:
            response.append(message)

        if fault.processed:
            await self._app(scope, receive, record)
        await asyncio.sleep(fault.delay)
        if fault.status is not None:
            await Response(fault.body, fault.status, dict(fault.headers))(scope, receive, send)
            return
        if fault.half_sent:
            await send(response[0])
            body = response[1]["body"]
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        _drop(receive)


def _drop(receive: Any) -> None:
    """Drop the connection. ASGI cannot do that, but uvicorn's `receive` is a method of the object with the socket."""
    receive.__self__.transport.abort()
