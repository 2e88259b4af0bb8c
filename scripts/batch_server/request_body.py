"""Limits the size and the duration of request bodies, so that a client cannot fill the memory or hold a request."""

import asyncio

from starlette.types import Message, Receive, Scope

from .errors import RequestRejected

# The largest request of the contract has a few kilobytes.
MAX_JSON_BYTES = 1_000_000
MAX_FILE_BYTES = 200 * 1024 * 1024
"""The limit of the Batch API for an input file, https://platform.openai.com/docs/guides/batch"""
MAX_UPLOAD_BYTES = MAX_FILE_BYTES + 100_000
"""A file with the other parts of its upload."""
MAX_SECONDS = 60.0
"""How long a client may take to send a body."""


class LimitedBody:
    """The `receive` of a request that reads at most `limit` bytes, within MAX_SECONDS."""

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._declared = int(dict(scope["headers"]).get(b"content-length", b"0"))
        self._received = 0
        self._deadline = asyncio.get_running_loop().time() + MAX_SECONDS
        self._is_complete = False

    async def __call__(self) -> Message:
        """Receive the next part of the body, or the end of the connection.

        Raises:
            RequestRejected: The body is too large, or takes too long.
        """
        if self._is_complete:
            return await self._receive()
        if self._declared <= self._limit:
            try:
                async with asyncio.timeout_at(self._deadline):
                    message = await self._receive()
            except TimeoutError:
                raise RequestRejected(408, f"The body took more than {MAX_SECONDS:g} seconds.") from None
            self._received += len(message.get("body", b""))
            self._is_complete = not message.get("more_body", False)
            if self._received <= self._limit:
                return message
        raise RequestRejected(413, f"The body is larger than {self._limit} bytes, the limit for this request.")
