"""Checks and holds API keys and headers, so that no exception and no traceback shows them.

A traceback shows the variables of its frames. So the functions that read a secret return a fault and do not raise it.
"""

import base64
import re
from collections.abc import Mapping
from inspect import isawaitable
from typing import Any, Literal
from urllib.parse import unquote

import httpx

from .http_library import Auth, HttpLibrary

AUTHORIZATION = "authorization"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
AuthOption = Auth | Literal["api_key"] | None


class Secret:
    """A value that `repr` does not show."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Secret()"


class Credentials:
    """How a client authorizes its requests."""

    def __init__(
        self,
        library: HttpLibrary,
        http_client: Any,
        auth: AuthOption,
        api_key: Secret,
        headers: Secret,
        user: Secret,
        key_header: str = AUTHORIZATION,
    ) -> None:
        """Choose the credentials.

        Args:
            library: The HTTP library.
            http_client: The HTTP client that the caller passed, or None.
            auth: The option `auth`.
            api_key: The option `api_key`, and the key of the environment.
            headers: The checked headers of the caller, with lower-case names.
            user: The user name and password of base_url, or None.
            key_header: The header that carries the key, in lower case. In `authorization`, the key is a bearer token.

        Raises:
            TypeError: `auth` or the key has a wrong type.
            ValueError: There is no key, or a header cannot contain it.
        """
        self.key: Secret | None = None
        """The API key, or a function that returns it. None if the key is not sent."""
        self.header_name = key_header
        """The header that authorizes requests, in lower case."""
        self.header: Secret | None = None
        """The value of that header, if it is the same for all requests and not among the caller's headers."""
        self.options: dict[str, Any] = {"auth": None}
        """Arguments of `send` of the HTTP client."""
        if auth is not None and auth != "api_key":
            if not isinstance(auth, library.module.Auth):
                raise TypeError(
                    f"auth must be an {library.module.__name__}.Auth, None or 'api_key', got {type(auth).__name__}."
                )
            self.options = {"auth": auth}
        elif auth is None or not {key_header, AUTHORIZATION}.isdisjoint(headers.value):
            return
        elif api_key.value[0] is None and user.value is not None:
            self.header_name = AUTHORIZATION
            self.header = Secret(f"Basic {base64.b64encode(unquote(user.value).encode()).decode()}")
        elif api_key.value[0] is None and _authorizes(http_client, key_header):
            self.options = {}
        else:
            explicit, of_environment = api_key.value
            self.key = Secret(explicit if explicit is not None else of_environment)
            del explicit, of_environment
            if not callable(self.key.value):
                fault = key_fault(self.key)
                if fault is not None:
                    raise fault
                self.header = self._header(self.key)

    @property
    def provider(self) -> Any:
        """The function that returns the key for each request, or None."""
        return self.key.value if self.key is not None and callable(self.key.value) else None

    def authorize(self, key: Any) -> Secret | Exception:
        """The value of the header for a key that a function returned, or the exception for a wrong key."""
        if isawaitable(key):
            # A coroutine that is neither awaited nor closed causes a warning.
            getattr(key, "close", lambda: None)()
            return TypeError("api_key is an async function. Use the async client. Nothing was sent.")
        return key_fault(Secret(key)) or self._header(Secret(key))

    def _header(self, key: Secret) -> Secret:
        return Secret(f"Bearer {key.value}") if self.header_name == AUTHORIZATION else key


def key_fault(key: Secret) -> Exception | None:
    """Why a value cannot be the API key, or None."""
    text = key.value
    if text is None or text == "":
        return ValueError("There is no API key: pass api_key or auth, or set OPENAI_API_KEY in the environment.")
    if not isinstance(text, str):
        return TypeError(f"The API key must be a string, or a function that returns one, got {type(text).__name__}.")
    if _value_fault(text) or text != text.strip():
        return ValueError("The API key has a character that a header cannot contain, such as a newline or a space.")
    return None


def read_headers(headers: Secret, option: str) -> tuple[dict[str, str], Exception | None]:
    """Read the caller's headers. Return them with lower-case names, and the exception if one is not valid.

    Args:
        headers: A mapping of strings, or None.
        option: The name of the option, for messages.
    """
    if headers.value is None:
        return {}, None
    if not isinstance(headers.value, Mapping):
        return {}, TypeError(f"{option} must be a mapping of strings, got {type(headers.value).__name__}.")
    read: dict[str, str] = {}
    for name, value in headers.value.items():
        if not isinstance(name, str) or not isinstance(value, str):
            return {}, TypeError(f"{option}: names and values must be strings; see the header {name!r}.")
        if not _HEADER_NAME.fullmatch(name):
            return {}, ValueError(f"{option}: {name!r} cannot be the name of a header.")
        if fault := _value_fault(value):
            return {}, ValueError(f"{option}: the value of {name} {fault}.")
        read[name.lower()] = value
    return read, None


def header_fault(name: str, value: str) -> Exception | None:
    """Why a value cannot be sent in a header, or None."""
    fault = _value_fault(value)
    return ValueError(f"The value of the header {name} {fault}. Nothing was sent.") if fault else None


def read_url(url: Secret) -> tuple[str, str, Secret, Exception | None]:
    """Split a base URL. Return the URL without the rest, its query, its user and password, and the exception."""
    nothing = Secret(None)
    text = url.value
    shown = re.sub(r"//.*@", "//***@", str(text))
    fault = ValueError(f"base_url must be https:// or http:// with a host, without # and spaces, and is {shown!r}.")
    try:
        parsed = httpx.URL(text)
    except (httpx.InvalidURL, TypeError, ValueError):
        return "", "", nothing, fault
    if parsed.scheme not in ("https", "http") or not parsed.host or re.search(r"[#\s]", text):
        return "", "", nothing, fault
    address, _, query = text.partition("?")
    user = Secret(parsed.userinfo.decode()) if parsed.userinfo else nothing
    return re.sub(r"//[^/]*@", "//", address).rstrip("/"), query, user, None


def _value_fault(value: str) -> str | None:
    if not value.isascii() or not value.replace("\t", " ").isprintable():
        return "has a character that a header cannot contain, such as a newline"
    return "begins or ends with a space" if value != value.strip() else None


def _authorizes(http_client: Any, key_header: str) -> bool:
    """Whether an HTTP client authorizes requests itself."""
    if http_client is None:
        return False
    return http_client.auth is not None or any(name in http_client.headers for name in (key_header, AUTHORIZATION))
