"""The uploaded files and the result files of the embedded server, in memory, and the limit of its memory."""

import secrets
from collections.abc import Callable
from typing import Any

from attrs import frozen

from .clock import ServerClock
from .errors import RequestRejected

MAX_STORED_BYTES = 1_000_000_000
"""The limit for all files and all parsed input files together. Memory holds several times as much."""
# What an object or a file needs besides its content, rounded up.
_OVERHEAD_BYTES = 2_000


@frozen
class StoredFile:
    """An uploaded file, or an output or error file of a batch."""

    id: str
    filename: str
    purpose: str
    created_at: int
    content: bytes

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.content),
            "created_at": self.created_at,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
        }


class FileStore:
    """All files of a server."""

    def __init__(self, clock: ServerClock) -> None:
        self._clock = clock
        self._stored_bytes = 0
        self.by_id: dict[str, StoredFile] = {}
        self.on_file: Callable[[StoredFile], object] = lambda _: None
        """Called with each file that no operation of the contract uploaded."""

    def reserve(self, size: int) -> None:
        """Count the memory of a new file or object."""
        if self._stored_bytes + size > MAX_STORED_BYTES:
            message = f"This server stores at most {MAX_STORED_BYTES} bytes, and is full; restart it."
            raise RequestRejected(413, message, code="server_full")
        self._stored_bytes += size + _OVERHEAD_BYTES

    def upload(self, filename: str, purpose: str, content: bytes) -> StoredFile:
        """Store an uploaded file under a new id."""
        self.reserve(len(content))
        return self.add(filename, purpose, content)

    def add(self, filename: str, purpose: str, content: bytes) -> StoredFile:
        """Store a file whose memory is counted already."""
        stored = StoredFile(f"file-{secrets.token_hex(11)}", filename, purpose, int(self._clock.now()), content)
        self.by_id[stored.id] = stored
        self.on_file(stored)
        return stored
