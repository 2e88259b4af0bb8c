"""Uploads and downloads files, and sends requests outside the contract."""

import os
import re
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from .answer import Answer
from .errors import APIConnectionError, APIStatusError, BatchAPIError, UnexpectedResponseError
from .flows import Close, Flow, Read, Sleep, Work
from .messages import Opened, Request, path_segment, read_anything
from .options import CallOptions
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


def upload(
    options: CallOptions, spec: FileSpec, file: BinaryIO, name: str, on_progress: OnProgress | None
) -> Flow[str]:
    """Upload a file and return its id. An upload can be repeated: a file that nobody refers to costs nothing.

    Args:
        options: The options of the call.
        spec: x-file of the contract.
        file: The file, which is read from its beginning for each attempt.
        name: The name of the file for the service.
        on_progress: Called with a Progress after each block.
    """
    assert spec.upload_path is not None
    size = file.seek(0, os.SEEK_END)

    @contextmanager
    def body() -> Generator[Mapping[str, Any]]:
        file.seek(0)
        content = _CountingReader(file, size, on_progress) if on_progress else file
        yield {"data": {"purpose": spec.purpose}, "files": {"file": (name, content, FILE_TYPE)}}

    operation = OperationSpec(id=f"POST {spec.upload_path}", method="POST", retry="safe")
    request: Request[str] = Request(operation, spec.upload_path, read=_read_id, body=body, is_transfer=True)
    response = yield from send_with_retries(request, options)
    return response.parsed


def _read_id(document: Any, options: ReadOptions) -> str:  # noqa: ARG001 -- the signature of Request.read
    file_id = document.get("id") if isinstance(document, dict) else None
    if not isinstance(file_id, str) or not file_id:
        raise ShapeError("File.id", "is required and missing")
    return file_id


class _CountingReader:
    """A file that reports how far it was read."""

    def __init__(self, file: BinaryIO, size: int, on_progress: OnProgress) -> None:
        self._file = file
        self._size = size
        self._on_progress = on_progress

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        if content:
            self._on_progress(Progress("upload", self._file.tell(), self._size))
        return content

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()


class Download:
    """The content of a file in chunks. A download that was cut is resumed where it stopped."""

    def __init__(
        self, options: CallOptions, spec: FileSpec, file_id: str, on_progress: OnProgress | None = None
    ) -> None:
        self.size: int | None = None
        """The size of the file in bytes, or None if the service does not say."""
        self._options = options
        self._path = re.sub(r"\{[^}]*\}", lambda _: path_segment("file_id", file_id), spec.content_path)
        self._on_progress = on_progress
        self._position = 0
        self._skip = 0
        self._opened: Opened | None = None
        self._tag: str | None = None
        self._attempts = 0
        self._progressed = options.clock.monotonic()
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
        while True:
            if self._opened is None and not (yield from self._open()):
                return None
            assert self._opened is not None
            try:
                chunk: bytes | None = yield Read(self._opened, self._request)
                if chunk is None:
                    yield Close(self._opened)
                    if self.size is None or self._position >= self.size:
                        return None
                    raise self._cut()
            except APIConnectionError as error:
                yield from self._pause(error)
                continue
            if self._skip:
                skipped = min(self._skip, len(chunk))
                self._skip -= skipped
                chunk = chunk[skipped:]
            if chunk:
                self._attempts, self._progressed = 0, self._options.clock.monotonic()
                self._position += len(chunk)
                if self._on_progress:
                    self._on_progress(Progress("download", self._position, self.size))
                return chunk

    def _make_request(self) -> Request[Any]:
        operation = OperationSpec(id=f"GET {self._path}", method="GET", retry="safe")
        headers = {"range": f"bytes={self._position}-"} if self._position else {}
        return Request(
            operation,
            self._path,
            read=read_anything,
            headers={**headers, "accept-encoding": "identity"},
            is_transfer=True,
            is_streamed=True,
        )

    def _open(self) -> Flow[bool]:
        """Open the response. Return whether it has the rest of the file; False if nothing is left."""
        self._request = self._make_request()
        try:
            result: Any = yield from send_with_retries(self._request, self._options)
        except APIStatusError as error:
            if error.status == 416 and self.size is not None and self._position >= self.size:
                return False
            raise
        opened: Opened = result
        self._opened = opened
        headers = opened.headers
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise self._unexpected(opened, "its content encoding was not asked for")
        tag = headers.get("etag")
        if self._position and None not in (tag, self._tag) and tag != self._tag:
            raise self._unexpected(opened, "the file has changed while it was downloaded")
        self._tag = tag
        if opened.status_code == 206:
            span = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", headers.get("content-range", ""))
            if span is None or int(span[1]) != self._position:
                raise self._unexpected(opened, "the response has another part of the file than was asked for")
            self._skip = 0
            size: int | None = int(span[2])
        else:
            self._skip = self._position
            length = headers.get("content-length", "")
            size = int(length) if length.isascii() and length.isdigit() else None
        if self._position and None not in (size, self.size) and size != self.size:
            raise self._unexpected(opened, "the size of the file has changed while it was downloaded")
        self.size = size if size is not None else self.size
        self._ends_well = "transfer-encoding" in headers
        return True

    def _pause(self, error: APIConnectionError) -> Flow[None]:
        """Close the response and wait until the download can be resumed."""
        if self._opened is not None:
            yield Close(self._opened)
            self._opened = None
        self._attempts += 1
        error.attempts = self._attempts
        delay = retry_delay(error, self._attempts, self._options.clock)
        idle = self._options.clock.monotonic() - self._progressed
        if not is_retryable(self._request.operation, error) or idle + delay > self._options.retry_budget:
            raise error
        yield from report_retry(self._options, self._request.operation.id, self._attempts, delay, error)
        yield Sleep(delay)

    def _cut(self) -> APIConnectionError:
        operation = self._request.operation.id
        message = f"{operation}: the response ended after {self._position:,} of {self.size:,} bytes"
        return APIConnectionError(message, operation=operation, sent=True)

    def _unexpected(self, opened: Opened, reason: str) -> UnexpectedResponseError:
        answer = Answer(opened.status_code, opened.headers, b"")
        return UnexpectedResponseError(answer, operation=self._request.operation.id, reason=reason)


def download_to(
    options: CallOptions, spec: FileSpec, file_id: str, to: Any, on_progress: OnProgress | None
) -> Flow[Path]:
    """Download a file. The target has the whole file, or is unchanged.

    Raises:
        BatchAPIError: The file could not be read to its end.
        OSError: The file could not be written.
    """
    target = Path(to)
    download = Download(options, spec, file_id, on_progress)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            while (chunk := (yield from download.read())) is not None:
                file.write(chunk)
        if not download.is_whole:
            operation = f"GET {spec.content_path}"
            message = f"{operation}: the service did not say how long the file is, so that its end may be missing"
            raise BatchAPIError(message, operation=operation)
        yield Work(lambda: Path(name).replace(target))
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return target
