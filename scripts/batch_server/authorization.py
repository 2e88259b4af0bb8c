"""Checks the API key of a request, in the header that the contract's security scheme names."""

import hmac
import re
from collections.abc import Mapping

from scripts.openapi.contract import Contract


class Authorization:
    """The key that requests must send, and the operations that need none."""

    def __init__(self, contract: Contract, key: str) -> None:
        header = contract.api_key_header
        self._is_bearer = not header
        self._header = header.encode() or b"authorization"
        self._expected = f"Bearer {key}".encode() if self._is_bearer else key.encode()
        everywhere = contract.document.get("security")
        self._public = [
            (operation.method, contract.server_path + re.sub(r"\\\{[^}]*\}", "[^/]+", re.escape(operation.path)))
            for operation in contract.operations
            if (security := operation.document.get("security", everywhere)) is not None
            and (not security or {} in security)
        ]

    def fault(self, method: str, path: str, headers: Mapping[bytes, bytes]) -> str | None:
        """Why a request is refused, or None."""
        sent = headers.get(self._header, b"")
        if hmac.compare_digest(sent, self._expected):
            return None
        if any(method == one and re.fullmatch(pattern, path) for one, pattern in self._public):
            return None
        if sent:
            return "The API key is not valid."
        return f"No API key; send it {'as a bearer token' if self._is_bearer else f'in {self._header.decode()}'}."
