"""Runs the embedded server on a loopback port, beside the code that talks to it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from attrs import frozen
from starlette.types import ASGIApp

from scripts.codegen.contract import Contract

from .app import create_app
from .clock import Clock
from .store import Store


@frozen
class Server:
    """A server that is up."""

    url: str
    """The base URL for clients."""
    key: str
    """The API key that it wants."""
    clock: Clock
    store: Store


@contextmanager
def running(
    contract: Contract | None = None,
    *,
    key: str = "sk-local",
    wrap: Callable[[ASGIApp], ASGIApp] | None = None,
    **options: Any,
) -> Iterator[Server]:
    """Run a server on a free loopback port until the context ends.

    `wrap` puts something between the connections and the application; `options` are those of `create_app`.
    """
    contract = contract or Contract.load()
    app = create_app(contract, key=key, **options)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(wrap(app) if wrap else app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            # The socket listens already, so that whoever connects before the server is ready only waits.
            yield Server(base_url(contract, listener.getsockname()[1]), key, app.clock, app.store)
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def base_url(contract: Contract, port: int, host: str = "127.0.0.1") -> str:
    """Where a server at a port offers the operations of `contract`."""
    return f"http://{host}:{port}{urlsplit(contract.document['servers'][0]['url']).path.rstrip('/')}"
