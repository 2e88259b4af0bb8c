"""Receives the body of a response: decompresses it, and ends if it becomes too large."""

import zlib
from typing import Any

# A larger response, decompressed, is refused while it arrives.
MAX_BODY_BYTES = 64 * 2**20
# What is kept of a body that is too large.
EXCERPT_BYTES = 64 * 2**10
# The client decompresses at most this many bytes at a time.
STEP_BYTES = 2**20
# The client asks for these encodings and accepts no others, because their decompression can be limited.
ACCEPT_ENCODING = "gzip, deflate"
# With this flag, zlib reads gzip and zlib headers.
_ANY_HEADER = zlib.MAX_WBITS | 32
_NO_HEADER = -zlib.MAX_WBITS


class Body:
    """A body that arrives in chunks."""

    def __init__(self, headers: Any) -> None:
        self.problem: str | None = None
        """Why the body cannot be received as a whole, or None. Further chunks are then of no use."""
        self._chunks: list[bytes] = []
        self._size = 0
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
            self.problem = f"its content encoding {encoding[:100]!r} was not asked for"
        self._is_compressed = encoding not in ("identity", "")
        self._inflater: Any = None
        self._has_header = True

    def add(self, chunk: bytes) -> bool:
        """Take the next bytes as they arrive. Return whether more can follow."""
        if self.problem is None:
            if self._is_compressed:
                self._inflate(chunk)
            else:
                self._keep(chunk)
        return self.problem is None

    def content(self) -> bytes:
        """The body up to now, decompressed."""
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    def _keep(self, content: bytes) -> None:
        self._chunks.append(content)
        self._size += len(content)
        if self._size > MAX_BODY_BYTES:
            self.problem = f"the body is larger than {MAX_BODY_BYTES // 2**20} MiB"
            self._chunks = [self._chunks[0][:EXCERPT_BYTES]]

    def _inflate(self, chunk: bytes) -> None:
        while chunk and self.problem is None:
            if self._inflater is None or self._inflater.eof:
                # Several compressed streams may follow each other.
                self._inflater = zlib.decompressobj(_ANY_HEADER)
            try:
                content = self._inflater.decompress(chunk, STEP_BYTES)
            except zlib.error as error:
                if self._has_header and not self._size:
                    # Some servers send deflate without its header.
                    self._has_header, self._inflater = False, zlib.decompressobj(_NO_HEADER)
                    continue
                self.problem = f"the body cannot be decompressed ({error})"
                return
            chunk = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
            self._keep(content)
