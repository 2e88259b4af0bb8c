"""Runs the embedded server, or another ASGI application, in a thread on a free loopback port."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from attrs import frozen
from starlette.types import ASGIApp

from scripts.openapi.contract import Contract

from .app import create_app
from .batch_store import BatchStore
from .clock import ServerClock


@frozen
class RunningServer:
    """An embedded server that accepts requests."""

    url: str
    """The base URL for clients."""
    key: str
    """The API key for clients."""
    clock: ServerClock
    store: BatchStore


@contextmanager
def running(
    contract: Contract | None = None,
    *,
    key: str = "sk-local",
    wrap: Callable[[ASGIApp], ASGIApp] | None = None,
    **options: Any,
) -> Iterator[RunningServer]:
    """Run a server until the context ends.

    Args:
        contract: Default: openapi.yaml.
        key: The API key that clients must send.
        wrap: Wraps the application in a middleware.
        options: Passed to `create_app`.
    """
    contract = contract or Contract.load()
    app = create_app(contract, key=key, **options)
    with serving(wrap(app) if wrap else app) as port:
        yield RunningServer(base_url(contract, port), key, app.clock, app.store)


@contextmanager
def serving(app: ASGIApp, **config: Any) -> Iterator[int]:
    """Serve an application until the context ends, and yield its port; `config` is passed to uvicorn."""
    with listening_socket("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", **config))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            # The socket listens already: a client that connects before the server is ready only waits.
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def listening_socket(host: str, port: int) -> socket.socket:
    """Open a socket that listens; port 0 means any free port.

    `socket.create_server` does not set the socket's protocol. asyncio then leaves Nagle's algorithm on, which delays
    each response by 40 milliseconds.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def base_url(contract: Contract, port: int, host: str = "127.0.0.1") -> str:
    """The URL of the contract's operations on a server at this port."""
    return f"http://{host}:{port}{contract.server_path}"
