"""Lets a share of the exchanges with the embedded server go wrong, in the ways in which real ones do."""

import asyncio
import random
from typing import Any

from attrs import frozen
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@frozen
class Fault:
    """One way to go wrong."""

    name: str
    acts: bool
    """Whether the server does what it was asked for, before anything goes wrong."""
    status: int | None = None
    """Answered instead of the true answer; without one the connection is dropped."""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    seconds: float = 0.0
    """Waited before the connection is dropped."""
    half: bool = False
    """Whether half of the true answer is sent before the connection is dropped."""


FAULTS = (
    Fault("dropped before it is read", acts=False),
    Fault("dropped after it was done", acts=True),
    Fault("dropped in the middle of the answer", acts=True, half=True),
    Fault("no answer in time", acts=True, seconds=0.6),
    Fault("never done, no answer in time", acts=False, seconds=0.6),
    Fault(
        "500 before it is done", acts=False, status=500, body='{"error": {"message": "failed", "type": "server_error"}}'
    ),
    Fault("500 after it was done", acts=True, status=500),
    Fault("502 of a proxy", acts=True, status=502, headers=(("content-type", "text/html"),), body="<html>Bad Gateway"),
    Fault("520 of a proxy", acts=True, status=520),
    Fault("503 with Retry-After", acts=False, status=503, headers=(("retry-after", "1"),)),
    Fault("429", acts=False, status=429, headers=(("retry-after", "1"),)),
)


class Faulty:
    """An ASGI application that fails for a share of its requests, drawn with a seed."""

    def __init__(self, inside: ASGIApp, *, share: float, seed: int = 0, faults: tuple[Fault, ...] = FAULTS) -> None:
        self._inside = inside
        self._share = share
        self._random = random.Random(seed)
        self._faults = faults
        self.counts: dict[str, int] = {}
        """How often each fault occurred."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._random.random() >= self._share:
            await self._inside(scope, receive, send)
            return
        fault = self._random.choice(self._faults)
        self.counts[fault.name] = self.counts.get(fault.name, 0) + 1
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        if fault.acts:
            await self._inside(scope, receive, keep)
        await asyncio.sleep(fault.seconds)
        if fault.status is not None:
            await Response(fault.body, fault.status, dict(fault.headers))(scope, receive, send)
            return
        if fault.half:
            await send(answer[0])
            body = answer[1]["body"]
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        _drop(receive)


def _drop(receive: Any) -> None:
    """Break the connection. ASGI has no word for that; uvicorn's receive belongs to what holds the transport."""
    receive.__self__.transport.abort()
