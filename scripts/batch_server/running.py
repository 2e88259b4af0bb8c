"""Runs the embedded server, or another ASGI application, in a thread on a free loopback port."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import h11
import uvicorn
from attrs import frozen
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from scripts.openapi.contract import Contract

from .app import create_app
from .clock import ServerClock
from .server_store import ServerStore

# Connections that wait to be accepted; the default of 128 is too small for hundreds of clients that begin at once.
_BACKLOG = 2048


@frozen
class RunningServer:
    """An embedded server that accepts requests."""

    url: str
    """The base URL for clients."""
    key: str
    """The API key for clients."""
    clock: ServerClock
    store: ServerStore


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
        server = uvicorn.Server(uvicorn_config(app, log_level="critical", **config))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            # The socket listens already: a client that connects before the server is ready only waits.
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(timeout=10)


class _Protocol(H11Protocol):
    """HTTP/1.1 as uvicorn implements it, with the service's error object for requests that are not HTTP."""

    def send_400_response(self, msg: str) -> None:
        """Send status 400 and close the connection, unless a response has begun."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            error = {"message": msg, "type": "invalid_request_error", "param": None, "code": None}
            content = json.dumps({"error": error}).encode()
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(content))),
                ("connection", "close"),
            ]
            response = h11.Response(status_code=400, headers=headers, reason="Bad Request")
            for event in (response, h11.Data(data=content), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def uvicorn_config(app: ASGIApp, **options: Any) -> uvicorn.Config:
    """The configuration of uvicorn for our servers; `options` are passed to it."""
    return uvicorn.Config(app, http=_Protocol, ws="none", lifespan="off", **options)


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
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def base_url(contract: Contract, port: int, host: str = "127.0.0.1") -> str:
    """The URL of the contract's operations on a server at this port."""
    return f"http://{host}:{port}{contract.server_path}"
