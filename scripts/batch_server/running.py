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

from scripts.openapi.contract import Contract

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
    with serving(wrap(app) if wrap else app) as port:
        yield Server(base_url(contract, port), key, app.clock, app.store)


@contextmanager
def serving(app: ASGIApp, **config: Any) -> Iterator[int]:
    """Serve any application on a free loopback port, until the context ends; `config` is uvicorn's."""
    with bound("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", **config))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            # The socket listens already, so that whoever connects before the server is ready only waits.
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens, at any free port for port 0.

    Unlike that of `socket.create_server`, it names its protocol: asyncio turns Nagle's algorithm off only where it
    does, and each answer would wait 40 milliseconds otherwise.
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
    """Where a server at a port offers the operations of `contract`."""
    return f"http://{host}:{port}{urlsplit(contract.document['servers'][0]['url']).path.rstrip('/')}"
