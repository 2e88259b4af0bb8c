# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Flows: the requests and pauses of a method, written once for the sync and the async client.

A flow is a generator. It yields steps. The client carries out each step and resumes the flow with the response, or
throws the exception into the flow.
"""

from collections.abc import Generator
from typing import Any, Generic, NamedTuple, TypeVar

from .messages import Request

T = TypeVar("T")


class Send(NamedTuple, Generic[T]):
    """Send a request once. The result is its Response."""

    request: Request[T]
    timeout: Any = None
    """Seconds, or an httpx.Timeout; None means the client's timeout."""


class Sleep(NamedTuple):
    """Pause the flow."""

    seconds: float


class Emit(NamedTuple, Generic[T]):
    """Yield an item to the caller, who may pause before the next item."""

    item: T


Step = Send[Any] | Sleep | Emit[Any]
Flow = Generator[Step, Any, T]
"""A flow with a result. A flow that emits items has the result None."""
