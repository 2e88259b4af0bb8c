# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""The bodies of requests that are not JSON: forms of texts, JSON documents and files.

A body is opened for each attempt. A file that cannot be rewound is sent once.
"""

import io
import json
import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from os import PathLike
from pathlib import Path
from typing import IO, Any

from .reading import write

__all__ = ["FileContent"]

FileContent = bytes | PathLike[str] | IO[bytes] | tuple[str, bytes | PathLike[str] | IO[bytes]]
"""What a method uploads as a file: bytes, a path, a file opened in binary mode, or a pair of file name and content."""

# A part of a form as httpx takes it: its name, then its file name, its content and its media type.
Part = tuple[str, tuple[str | None, Any, str | None]]


class RequestBody:
    """A body that is not JSON."""

    @property
    def failure(self) -> Exception | None:
        """The exception of a file, which the HTTP library replaces with its own."""
        return None

    @property
    def is_spent(self) -> bool:
        """Whether the body cannot be sent again, because a file was read that cannot be rewound."""
        return False

    def open(self) -> AbstractContextManager[Mapping[str, Any]]:
        """Begin an attempt. Return the arguments `files`, `data` or `content` of httpx."""
        raise NotImplementedError


class RawBody(RequestBody):
    """The arguments of httpx, as a caller passed them."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self._arguments = arguments

    def open(self) -> AbstractContextManager[Mapping[str, Any]]:
        return nullcontext(self._arguments)


class NotReadError(Exception):
    """Ends an upload. It is not a failure of the network, so that the upload is not repeated."""


class SentFile:
    """A file that is read while it is sent."""

    def __init__(self, file: Any, name: str) -> None:
        self.failure: Exception | None = None
        """The exception of the file, which the HTTP library replaces with its own."""
        self.is_read = False
        """Whether the file was read, in part or as a whole."""
        self._file = file
        self._name = name
        self.is_seekable = bool(file.seekable()) if hasattr(file, "seekable") else hasattr(file, "seek")

    def rewind(self) -> None:
        """Begin an attempt.

        Raises:
            ValueError: The file was read before, and cannot be rewound.
        """
        if self.is_seekable:
            self.seek(0)
        elif self.is_read:
            raise ValueError(f"{self._name} was read before and cannot be rewound. Nothing was sent.")

    def read(self, size: int = -1) -> bytes:
        self.is_read = True
        try:
            content = self._file.read(size)
            self.check(content)
        except Exception as error:
            self.failure = error
            raise NotReadError from error
        return bytes(content)

    def check(self, content: Any) -> None:
        """Raise an exception if the content that was read cannot be sent."""
        if not isinstance(content, bytes):
            raise TypeError(f"{self._name} must be a file that is opened in binary mode.")

    def seek(self, offset: int, whence: int = 0) -> int:
        if not self.is_seekable:
            raise io.UnsupportedOperation("the file cannot be rewound")
        position: int = self._file.seek(offset, whence)
        return position

    def tell(self) -> int:
        if not self.is_seekable:
            raise io.UnsupportedOperation("the file cannot be rewound")
        position: int = self._file.tell()
        return position


class Form(RequestBody):
    """A multipart form. A part whose value is None is not sent."""

    def __init__(
        self,
        *,
        texts: Mapping[str, Any] | None = None,
        documents: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        is_required: bool = True,
    ) -> None:
        """Check the parts. A list of values becomes several parts with the same name.

        Args:
            texts: Strings, numbers and booleans.
            documents: Models and mappings, which are sent as JSON.
            files: The files.
            is_required: Whether the service needs the form.

        Raises:
            TypeError: A file is not a FileContent.
            ValueError: The form is required and has no parts.
        """
        self._fields: list[Part] = [(name, (None, _text(value), None)) for name, value in _values(texts)]
        self._fields += [(name, (None, _json(value), "application/json")) for name, value in _values(documents)]
        self._files = [(name, *_named(name, value)) for name, value in _values(files, has_pairs=True)]
        self._sent: dict[int, SentFile] = {}
        if is_required and not self._fields and not self._files:
            raise ValueError("The form has no parts: pass at least one of them. Nothing was sent.")

    @property
    def failure(self) -> Exception | None:
        return next((file.failure for file in self._sent.values() if file.failure is not None), None)

    @property
    def is_spent(self) -> bool:
        return any(file.is_read and not file.is_seekable for file in self._sent.values())

    @contextmanager
    def open(self) -> Generator[Mapping[str, Any]]:
        with ExitStack() as opened:
            parts = self._fields + [
                (name, (file_name, self._content(index, file_name, content, opened), None))
                for index, (name, file_name, content) in enumerate(self._files)
            ]
            yield {"files": parts} if parts else {}

    def _content(self, index: int, name: str, content: Any, opened: ExitStack) -> bytes | SentFile:
        """The content of a file. A path is opened for each attempt, and every other file is rewound."""
        if isinstance(content, bytes):
            return content
        if isinstance(content, PathLike):
            # The stack closes the file. A path can be any PathLike.
            file = opened.enter_context(open(content, "rb"))  # noqa: PTH123, SIM115
            self._sent[index] = SentFile(file, name)
        else:
            self._sent.setdefault(index, SentFile(content, name)).rewind()
        return self._sent[index]


def _values(parts: Mapping[str, Any] | None, *, has_pairs: bool = False) -> Iterator[tuple[str, Any]]:
    """The parts that are sent. With `has_pairs`, a pair of a file name and a content is not a list of values."""
    for name, value in (parts or {}).items():
        several = isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview))
        several = several and not (has_pairs and _is_pair(value))
        for each in value if several else [value]:
            if each is not None:
                yield name, each


def _text(value: Any) -> bytes:
    return (str(value).lower() if isinstance(value, bool) else str(value)).encode()


def _json(value: Any) -> bytes:
    return json.dumps(write(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)


def _named(part: str, value: Any) -> tuple[str, Any]:
    """The file name and the content of a file."""
    name, content = value if _is_pair(value) else (None, value)
    if isinstance(content, (bytearray, memoryview)):
        content = bytes(content)
    if not isinstance(content, (bytes, PathLike)) and (
        isinstance(content, io.TextIOBase) or not callable(getattr(content, "read", None))
    ):
        advice = "Pass pathlib.Path(...) for a path" if isinstance(content, str) else "Open the file in binary mode"
        raise TypeError(
            f"{part} must be bytes, a path, a file that is opened in binary mode, or a pair of a file name and one of "
            f"these, got {type(content).__name__}. {advice}. Nothing was sent."
        )
    source = content if isinstance(content, PathLike) else getattr(content, "name", None)
    if name is None and isinstance(source, (str, PathLike)):
        name = Path(os.fsdecode(source)).name
    return name or part, content
