# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Flows: the requests and pauses of a method, written once for the sync and the async client.

A flow is a generator. It yields steps. The client carries out each step and resumes the flow with the response, or
throws the exception into the flow.
"""

from collections.abc import Callable, Generator
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from .messages import Opened, Request
from .options import CallOptions

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")


class Send(Generic[T]):
    """Send a request once. The result is its Response."""

    __slots__ = ("options", "request", "started")

    def __init__(self, request: Request[T], options: CallOptions) -> None:
        self.request = request
        self.options = options
        self.started = False
        """Whether the client has handed the request to the HTTP client, so that the server may have received it."""


class Sleep(NamedTuple):
    """Pause the flow."""

    seconds: float


class Join(NamedTuple):
    """Wait until another flow of this process has set the result of `future`. The result of the step is None."""

    future: "Future[Any]"


class Read(NamedTuple):
    """Read the next chunk of an opened response. The result is the chunk, or None at the end."""

    opened: Opened
    request: Request[Any]


class Close(NamedTuple):
    """Close an opened response. The client also closes it when the flow ends."""

    opened: Opened


class Work(NamedTuple):
    """Call a function that takes time, such as reading a file. The async client calls it in another thread."""

    function: Callable[[], Any]


class Call(NamedTuple):
    """Call a function of the caller. The async client awaits an async function. The result of the step is None."""

    name: str
    """The name of the parameter, such as `on_poll`."""
    function: Callable[..., object]
    argument: Any


def is_async(function: object) -> bool:
    """Whether a function of the caller, or an object that is called, is async."""
    return iscoroutinefunction(function) or iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


class Emit(NamedTuple, Generic[T]):
    """Yield an item to the caller, who may pause before the next item."""

    item: T


class EmitAll(NamedTuple, Generic[T]):
    """Yield items to the caller."""

    items: list[T]


Step = Send[Any] | Read | Close | Sleep | Join | Work | Call | Emit[Any] | EmitAll[Any]
Flow = Generator[Step, Any, T]
"""A flow with a result. A flow that emits items has the result None."""
