"""The stamp of a created object: the second pair beside the idempotency key."""

import json
from hashlib import sha256
from os import urandom
from typing import Any, NamedTuple

DIGEST_LENGTH, CALL_LENGTH = 32, 16


class Stamp(NamedTuple):
    """The digest of the arguments of a create, and the id of the call, with a full stop between them."""

    digest: str
    call: str

    def __str__(self) -> str:
        return f"{self.digest}.{self.call}"

    @classmethod
    def make(cls, body: Any) -> "Stamp":
        """The stamp of a new call with these arguments."""
        text = json.dumps(body, sort_keys=True, ensure_ascii=True, default=str)
        return cls(sha256(text.encode()).hexdigest()[:DIGEST_LENGTH], urandom(CALL_LENGTH // 2).hex())

    @classmethod
    def read(cls, written: Any) -> "Stamp":
        digest, _, call = written.partition(".") if isinstance(written, str) else ("", "", "")
        return cls(digest, call)

    @property
    def is_whole(self) -> bool:
        """Whether the service has not cut it."""
        return (DIGEST_LENGTH, CALL_LENGTH) == (len(self.digest), len(self.call))
