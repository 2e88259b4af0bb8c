# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""The event loop of the running task, of asyncio or trio."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any


def current_event_loop() -> Any:
    """The event loop of asyncio, or the token of trio's run."""
    trio: Any = sys.modules.get("trio")
    if trio is not None:
        with suppress(RuntimeError):
            return trio.lowlevel.current_trio_token()
    import asyncio

    return asyncio.get_running_loop()


def call_soon(event_loop: Any, function: Callable[[], object]) -> bool:
    """Let an event loop call a function soon, from any thread. Return whether the loop is still running."""
    call = getattr(event_loop, "run_sync_soon", None) or event_loop.call_soon_threadsafe
    try:
        call(function)
    except RuntimeError:
        return False
    return True
