# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Uploads and downloads files, and sends requests outside the contract."""

import errno
import os
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from .answer import Answer
from .errors import APIConnectionError, APIStatusError, BatchAPIError, UnexpectedResponseError
from .flows import Close, Flow, Read, Sleep, is_async
from .messages import Opened, Request, path_segment, read_anything
from .options import CallOptions
from .parts import RequestBody, SentFile
from .reading import ReadOptions, ShapeError
from .retrying import is_retryable, report_retry, retry_delay, send_with_retries
from .spec import FileSpec, OperationSpec

__all__ = ["Progress"]

FILE_TYPE = "application/jsonl"


class Progress(NamedTuple):
    """How far an upload or download is, as `on_progress` receives it."""

    stage: Literal["check", "upload", "download"]
    """Requests are checked, or a file is uploaded or downloaded."""
    done: int
    """Lines that were checked, or bytes that were sent or received."""
    total: int | None
    """The number of lines or bytes in all, or None if it is not known."""


OnProgress = Callable[[Progress], object]


def check_progress(on_progress: OnProgress | None) -> None:
    """Raise TypeError if `on_progress` is an async function. It is called where nothing can be awaited."""
    if is_async(on_progress):
        raise TypeError("on_progress must not be an async function. Nothing was sent.")


def path_of(source: Any) -> Path | None:
    """The path that the caller passed, or None if it is not a path."""
    return Path(os.fsdecode(source)) if isinstance(source, (str, os.PathLike)) else None


def upload(
    options: CallOptions,
    spec: FileSpec,
    file: BinaryIO,
    *,
    name: str,
    size: int,
    digest: str,
    on_progress: OnProgress | None,
) -> Flow[str]:
    """Upload a file and return its id. An upload can be repeated: a file that nobody refers to costs nothing.

    Args:
        options: The options of the call.
        spec: x-file of the contract.
        file: The file, which is read from its beginning for each attempt.
        name: The name of the file for the service.
        size: The number of bytes that were checked.
        digest: The SHA-256 of the content that was checked.
        on_progress: Called with a Progress after each block.

    Raises:
        ValueError: The file has changed since it was checked.
        OSError: The file cannot be read.
        BatchAPIError: The upload failed.
    """
    assert spec.upload_path is not None
    content = _UploadedFile(file, name, size, on_progress)
    body = _Upload(spec, name, content)
    operation = OperationSpec(id=f"POST {spec.upload_path}", method="POST", retry="safe")
    request: Request[str] = Request(operation, spec.upload_path, read=_read_id, body=body, is_transfer=True)
    response = yield from send_with_retries(request, options)
    if content.digest.hexdigest() != digest:
        raise content.changed()
    return response.parsed


def _read_id(document: Any, options: ReadOptions) -> str:  # noqa: ARG001 -- the signature of Request.read
    file_id = document.get("id") if isinstance(document, dict) else None
    if not isinstance(file_id, str) or not file_id:
        raise ShapeError("File.id", "is required and missing")
    return file_id


class _UploadedFile(SentFile):
    """A file that computes the digest of what is uploaded, and reports how far it was read."""

    def __init__(self, file: BinaryIO, name: str, size: int, on_progress: OnProgress | None) -> None:
        super().__init__(file, name)
        self.digest = sha256()
        self._size = size
        self._on_progress = on_progress

    def rewind(self) -> None:
        """Begin an attempt. Raises ValueError if the file has another size than was checked."""
        if self.seek(0, os.SEEK_END) != self._size:
            raise self.changed()
        self.seek(0)

    def changed(self) -> ValueError:
        """The exception for a file with another content than was checked."""
        return ValueError(f"{self._name} has changed since it was checked. It was not used. Submit it again.")

    def check(self, content: Any) -> None:
        super().check(content)
        self.digest.update(content)
        done = self.tell()
        if done > self._size or (not content and done < self._size):
            raise self.changed()
        if content and self._on_progress:
            self._on_progress(Progress("upload", done, self._size))

    def seek(self, offset: int, whence: int = 0) -> int:
        self.digest = sha256()
        return super().seek(offset, whence)


class _Upload(RequestBody):
    """The form with the fields `purpose` and `file`."""

    def __init__(self, spec: FileSpec, name: str, content: _UploadedFile) -> None:
        self._arguments = {"data": {"purpose": spec.purpose}, "files": {"file": (name, content, FILE_TYPE)}}
        self._content = content

    @property
    def failure(self) -> Exception | None:
        return self._content.failure

    def open(self) -> AbstractContextManager[Mapping[str, Any]]:
        self._content.rewind()
        return nullcontext(self._arguments)


class Download:
    """The content of a file in chunks. A download that was cut is resumed where it stopped."""

    def __init__(self, options: CallOptions, content: Request[Any], on_progress: OnProgress | None = None) -> None:
        self.size: int | None = None
        """The size of the file in bytes, or None if the service does not say."""
        self._options = options
        self._content = content
        self._on_progress = on_progress
        self._position = 0
        self._skip = 0
        self._opened: Opened | None = None
        self._tag: str | None = None
        self._attempts = 0
        self._idle_since = 0.0
        self._ends_well = True
        self._request = self._make_request()

    @property
    def operation(self) -> str:
        """The method and path of the request, for messages."""
        return self._request.operation.id

    @property
    def is_whole(self) -> bool:
        """Whether the service said how long the file is, and that much was read."""
        return self.size is not None or self._ends_well

    def read(self) -> Flow[bytes | None]:
        """The next chunk, or None at the end of the file.

        Raises:
            BatchAPIError: The file could not be read to its end.
        """
        # The time that the caller takes for a chunk does not count.
        self._idle_since = self._options.clock.monotonic()
        while True:
            if self._opened is None and not (yield from self._open()):
                return None
            assert self._opened is not None
            try:
                chunk: bytes | None = yield Read(self._opened, self._request)
                if chunk is None:
                    if self._skip or (self.size is not None and self._position < self.size):
                        raise self._cut()
                    yield from self._close()
                    return None
            except APIConnectionError as error:
                yield from self._close()
                if self._position == self.size and not self._skip:
                    return None
                yield from self._pause(error)
                continue
            if self._skip:
                skipped = min(self._skip, len(chunk))
                self._skip -= skipped
                chunk = chunk[skipped:]
            if chunk:
                self._attempts = 0
                self._position += len(chunk)
                if self.size is not None and self._position > self.size:
                    raise self._unexpected(self._opened, "the file is longer than the service said")
                if self._on_progress:
                    self._on_progress(Progress("download", self._position, self.size))
                return chunk

    def _make_request(self) -> Request[Any]:
        headers = {**(self._content.headers or {}), "accept-encoding": "identity"}
        if self._position:
            headers["range"] = f"bytes={self._position}-"
        return self._content._replace(headers=headers, is_transfer=True, is_streamed=True)

    def _open(self) -> Flow[bool]:
        """Open the response. Return whether it has the rest of the file; False if nothing is left."""
        self._request = self._make_request()
        try:
            result: Any = yield from send_with_retries(self._request, self._options)
        except APIStatusError as error:
            # The service said no length, and the download was cut after the last byte.
            if error.status == 416 and error.headers.get("content-range") == f"bytes */{self._position}":
                return False
            raise
        opened: Opened = result
        self._opened = opened
        headers = opened.headers
        if opened.status_code not in (200, 206):
            raise self._unexpected(opened, "the status is not that of a file")
        if headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
            raise self._unexpected(opened, "its content encoding was not asked for")
        tag = headers.get("etag")
        if self._position and None not in (tag, self._tag) and tag != self._tag:
            raise self._unexpected(opened, "the file has changed while it was downloaded")
        self._tag = tag or self._tag
        size: int | None
        if opened.status_code == 206:
            span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", headers.get("content-range", ""))
            if span is None or int(span[1]) != self._position:
                raise self._unexpected(opened, "the response has another part of the file than was asked for")
            self._skip = 0
            size = None if span[2] == "*" else int(span[2])
        else:
            self._skip = self._position
            length = headers.get("content-length", "")
            size = int(length) if length.isascii() and length.isdigit() else None
        if self._position and None not in (size, self.size) and size != self.size:
            raise self._unexpected(opened, "the size of the file has changed while it was downloaded")
        self.size = size if size is not None else self.size
        self._ends_well = "transfer-encoding" in headers
        return True

    def _close(self) -> Flow[None]:
        assert self._opened is not None
        yield Close(self._opened)
        self._opened = None

    def _pause(self, error: APIConnectionError) -> Flow[None]:
        """Wait until the download can be resumed. Raise the error if it cannot."""
        self._attempts += 1
        error.attempts = self._attempts
        delay = retry_delay(error, self._attempts, self._options.clock)
        if self._position and self._request.operation.method != "GET":
            # Another answer may have another content.
            raise error
        idle = self._options.clock.monotonic() - self._idle_since
        if not is_retryable(self._request.operation, error) or idle + delay > self._options.retry_budget:
            raise error
        yield from report_retry(self._options, self._request.operation.id, self._attempts, delay, error)
        yield Sleep(delay)

    def _cut(self) -> APIConnectionError:
        operation = self._request.operation.id
        message = f"{operation}: the response ended after {self._position:,} bytes, before the end of the file"
        return APIConnectionError(message, operation=operation, sent=True)

    def _unexpected(self, opened: Opened, reason: str) -> UnexpectedResponseError:
        answer = Answer(opened.status_code, opened.headers, b"")
        return UnexpectedResponseError(answer, operation=self._request.operation.id, reason=reason)


def content_request(spec: FileSpec, file_id: str) -> Request[Any]:
    """The request for the content of a file."""
    path = re.sub(r"\{[^}]*\}", lambda _: path_segment("file_id", file_id), spec.content_path)
    return Request(OperationSpec(id=f"GET {path}", method="GET", retry="safe"), path, read=read_anything)


def download_to(
    options: CallOptions, spec: FileSpec, file_id: str, to: Any, on_progress: OnProgress | None
) -> Flow[Path]:
    """Download a file of x-file. See `save`."""
    return save(options, content_request(spec, file_id), to, on_progress)


def save(options: CallOptions, content: Request[Any], to: Any, on_progress: OnProgress | None) -> Flow[Path]:
    """Write the body of a response to a path. The target has the whole body, or is unchanged.

    Raises:
        BatchAPIError: The file could not be read to its end.
        OSError: The file could not be written.
        TypeError: `on_progress` is an async function. Nothing was sent.
    """
    check_progress(on_progress)
    download = Download(options, content, on_progress)
    # The file behind a link is written, as `open` does.
    target = Path(os.path.realpath(os.fsdecode(to)))
    exists = target.exists()
    if exists and not target.is_file():
        raise OSError(errno.EISDIR if target.is_dir() else errno.EINVAL, "it is not a regular file", str(target))
    temporary = target.with_name(f".{os.urandom(8).hex()}.part")
    file = temporary.open("xb")
    try:
        with file:
            while (chunk := (yield from download.read())) is not None:
                file.write(chunk)
        if not download.is_whole:
            message = (
                f"{download.operation}: the service did not say how long the file is, so that its end may be missing"
            )
            raise BatchAPIError(message, operation=download.operation)
        if exists:
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return Path(to)
