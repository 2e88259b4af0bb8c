# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""A response as it arrived: status, headers and a body of limited size."""

from typing import Any, NamedTuple, Protocol

import httpx


class Answer(NamedTuple):
    """A response before it is read."""

    status_code: int
    headers: httpx.Headers
    content: bytes
    """The body, decompressed. If `problem` is set, it is the beginning of the body."""
    problem: str | None = None
    """Why the body could not be received as a whole, or None."""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status_code < 300


class AnyResponse(Protocol):
    """An Answer, or a response of httpx or httpx2."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Any: ...

    @property
    def content(self) -> bytes: ...


def one_line(text: str, limit: int) -> str:
    """The beginning of `text` as one line. Control characters are escaped, so that no log line is forged."""
    shown = text if len(text) <= limit else f"{text[:limit]}... ({len(text):,} characters)"
    return shown if shown.isprintable() else "".join(map(_printable, shown))


def text_of(value: object) -> str | None:
    """A value of JSON as text, or None if there is none. Some servers send numbers as codes."""
    return None if value is None or value == "" else str(value)


def _printable(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
