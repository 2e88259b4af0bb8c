# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Conversations of several requests, written once for both clients.

A plan is a generator. It yields what is to be done (`Send`, `Sleep`) and is given the result, or the exception; what it
finds for the caller it yields as `Give`. The sync and the async client each carry plans out in their own way.
"""

from collections.abc import Generator
from typing import Any, Generic, NamedTuple, TypeVar

from .exchange import Request, Response

T = TypeVar("T")


class Send(NamedTuple, Generic[T]):
    """Send a request; the result is its Response."""

    request: Request[T]
    timeout: Any = None
    """Seconds, or an httpx.Timeout; None means the client's own."""
    retry: bool = True
    """Whether the client may repeat it. A plan that has its own patience says no."""


class Sleep(NamedTuple):
    """Wait for some seconds."""

    seconds: float


class Give(NamedTuple, Generic[T]):
    """Something for the caller, who may take any time over it."""

    item: T


Plan = Generator[Any, Any, T]
"""A plan that ends in a result."""


def send(request: Request[T], timeout: Any = None, *, retry: bool = True) -> Plan[Response[T]]:
    """The answer to one request."""
    response: Response[T] = yield Send(request, timeout, retry)
    return response
