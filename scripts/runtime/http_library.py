"""The HTTP library of a client: httpx, or httpx2 if the caller passes one of its clients. httpx2 is never imported."""

import socket
import ssl
import sys
from collections.abc import Coroutine, Generator, Iterator
from typing import Any, NamedTuple, Protocol

import httpx

# After these failures the server cannot have received the request, because there was no connection.
_NOT_SENT = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol")
# The headers that stay in a failed request, which the exceptions of the library refer to. The others may be secret.
_HARMLESS_HEADERS = {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"}
# What OpenSSL says if the server does not speak TLS, or the two sides have nothing in common.
_TLS_MISMATCH = {
    "HTTP_REQUEST",
    "NO_PROTOCOLS_AVAILABLE",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "UNKNOWN_PROTOCOL",
    "UNSUPPORTED_PROTOCOL",
    "WRONG_VERSION_NUMBER",
}


class HttpClient(Protocol):
    """An httpx.Client or httpx2.Client."""

    @property
    def is_closed(self) -> bool: ...

    def build_request(self, *args: Any, **kwargs: Any) -> Any: ...

    def send(self, *args: Any, **kwargs: Any) -> Any: ...

    def close(self) -> None: ...


class AsyncHttpClient(Protocol):
    """An httpx.AsyncClient or httpx2.AsyncClient."""

    @property
    def is_closed(self) -> bool: ...

    def build_request(self, *args: Any, **kwargs: Any) -> Any: ...

    def send(self, *args: Any, **kwargs: Any) -> Coroutine[Any, Any, Any]: ...

    def aclose(self) -> Coroutine[Any, Any, None]: ...


class Auth(Protocol):
    """An httpx.Auth or httpx2.Auth."""

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]: ...

    def async_auth_flow(self, request: Any) -> Any: ...


class HttpLibrary(NamedTuple):
    """The classes of httpx or httpx2 that the client needs."""

    module: Any
    not_sent: tuple[type[Exception], ...]

    @classmethod
    def of(cls, http_client: object, kind: str) -> "HttpLibrary":
        """The library of an HTTP client.

        Args:
            http_client: The HTTP client.
            kind: The class that it must have: Client or AsyncClient.

        Raises:
            TypeError: It is not a client of httpx or httpx2, or has the other kind.
        """
        for base in type(http_client).__mro__:
            name = base.__module__.partition(".")[0]
            if name in ("httpx", "httpx2") and base.__name__ == kind:
                return cls.of_module(sys.modules[name])
        raise TypeError(
            f"http_client must be an httpx.{kind} or httpx2.{kind}, got {type(http_client).__module__}."
            f"{type(http_client).__qualname__}."
        )

    @classmethod
    def of_module(cls, module: Any) -> "HttpLibrary":
        return cls(module, tuple(getattr(module, name) for name in _NOT_SENT))

    def was_sent(self, error: Exception) -> bool:
        """Whether the server may have received a request that got no response."""
        return not isinstance(error, self.not_sent)

    def is_timeout(self, error: Exception) -> bool:
        """Whether a phase of the request took too long."""
        return isinstance(error, self.module.TimeoutException)

    def permanent_reason(self, error: Exception) -> str | None:
        """Why another attempt would surely fail, or None."""
        if isinstance(error, self.module.UnsupportedProtocol):
            return "the URL has a scheme that the HTTP client does not support"
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLCertVerificationError):
                return f"the certificate of the server does not verify ({cause.verify_message or cause.reason})"
            if isinstance(cause, ssl.SSLError) and cause.reason in _TLS_MISMATCH:
                return f"the server does not accept TLS connections of this client ({cause.reason}); check base_url"
        if not isinstance(error, (self.module.RequestError, OSError)):
            return f"{type(error).__name__} is not a failure of the network"
        return None

    def remove_secrets(self, error: Exception, http_request: Any) -> None:
        """Remove the headers of a failed request, and the frames of the library, which hold them in variables."""
        for request in (http_request, getattr(error, "_request", None) or http_request):
            for name in [*request.headers]:
                if name.lower() not in _HARMLESS_HEADERS:
                    del request.headers[name]
        if isinstance(error, self.module.RequestError):
            for cause in _causes(error):
                cause.__traceback__ = None


OWN_LIBRARY = HttpLibrary.of_module(httpx)


def is_unresolved(error: Exception) -> bool:
    """Whether the host name could not be resolved."""
    return any(isinstance(cause, socket.gaierror) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, and those that led to it."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting and len(seen) < 50:
        cause = waiting.pop(0)
        if cause is None or cause in seen:
            continue
        seen.append(cause)
        yield cause
        waiting += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
