# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Limits the total time of a request of the sync client, even if the server sends a byte now and then.

httpx limits the time until the next bytes only. The streams of this module shorten that time to the time that is left.
"""

import threading
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

import httpx


class _Deadline(threading.local):
    """When the request of this thread has to end, in seconds of time.monotonic, or None."""

    end: float | None = None


_deadline = _Deadline()


@contextmanager
def total_time(seconds: float | None) -> Generator[None]:
    """Limit the requests of this thread until the context ends. None means no limit."""
    outer = _deadline.end
    _deadline.end = None if seconds is None else time.monotonic() + seconds
    try:
        yield
    finally:
        _deadline.end = outer


def is_over() -> bool:
    """Whether the time of this thread's request has passed."""
    return _deadline.end is not None and time.monotonic() >= _deadline.end


def limit_streams(http_client: httpx.Client) -> None:
    """Let the connections of an HTTP client keep to the total time.

    httpx has no option for it, so that this uses its attributes `_transport`, `_mounts` and `_pool`. All releases since
    0.25 have them, and 0.28 is the last series of httpx.
    """
    attributes = vars(http_client)
    for transport in (attributes["_transport"], *attributes["_mounts"].values()):
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = _Backend(pool._network_backend)


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    if _deadline.end is None:
        return timeout
    left = _deadline.end - time.monotonic()
    if left <= 0:
        raise error("the total time has passed")
    return left if timeout is None else min(left, timeout)


class _Backend:
    """A network backend of httpcore."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> "_Stream":
        timeout = _left(timeout, httpx.ConnectTimeout)
        return _Stream(self._backend.connect_tcp(host, port, timeout, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _Stream:
    """A network stream of httpcore."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        content: bytes = self._stream.read(max_bytes, _left(timeout, httpx.ReadTimeout))
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpx.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        timeout = _left(timeout, httpx.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
