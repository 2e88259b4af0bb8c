# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Reads the results of a batch from its output and error files. It knows the schema of their lines."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from attrs import define

from .answer import one_line, text_of
from .batch import MISSING_CODES, failure, lifecycle_of
from .errors import BatchAPIError
from .files import Download, OnProgress, check_progress, content_request, path_of
from .flows import EmitAll, Flow
from .options import CallOptions
from .reading import read_json
from .spec import FileSpec

__all__ = ["RequestResult", "ResultError"]

# A longer line is not a result.
MAX_LINE_BYTES = 64 * 2**20
# Requests of the caller are compared with the results in groups of this size.
GROUP = 1000
# The service was busy or failed. The same request may succeed later.
_RETRYABLE_STATUSES = frozenset({408, 409, 429})
_RETRYABLE_CODES = frozenset({"batch_cancelled", "batch_expired", "request_timeout", "server_error"})


class ResultError(NamedTuple):
    """Why a request of a batch has no answer."""

    code: str | None
    message: str | None
    type: str | None = None
    param: str | None = None


@define
class RequestResult:
    """The result of one request of a batch."""

    custom_id: str | None
    """The id of the request, or None if the line cannot be read."""
    body: Any = None
    """The body of the response, or None."""
    error: ResultError | None = None
    """Why there is no answer, or None."""
    status_code: int | None = None
    """The HTTP status of the request, or None if it was not sent."""
    request_id: str | None = None
    """The server's id of the request, or None."""
    line: int | None = None
    """The number of the line in its file, counted from 1, or None if the request is in neither file."""
    retryable: bool | None = None
    """Whether the request may be sent again. None: it was answered, or the client cannot tell."""

    @property
    def ok(self) -> bool:
        """Whether the request was answered with a success."""
        return self.error is None


class Results:
    """The results of one batch."""

    def __init__(
        self,
        options: CallOptions,
        files: Mapping[str, FileSpec],
        batch: Any,
        requests: Any = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        """Prepare the reading. Nothing is sent.

        Args:
            options: The options of the call.
            files: x-file of the properties of a batch, by attribute.
            batch: The batch.
            requests: The requests of the batch, as they were submitted. None: its input file has them.
            on_progress: Called with a Progress after each chunk of a download.

        Raises:
            ValueError: The status of the batch is not final.
            OSError: There is no file at the path that was passed as `requests`.
            TypeError: `batch` is not a Batch, or `on_progress` is an async function.
        """
        check_progress(on_progress)
        lifecycle = lifecycle_of(batch)
        if path_of(requests) is not None:
            os.stat(requests)  # noqa: PTH116 -- it can be a path or a text
        self._options = options
        self._files = files
        self._batch = batch
        self._requests = requests
        self._on_progress = on_progress
        self._status = lifecycle.status(batch)
        if not lifecycle.is_final(batch):
            raise ValueError(f"{batch.id} is {one_line(self._status, 100)}: wait for a final status. Nothing was sent.")

    def iterate(self, with_missing: bool) -> Flow[None]:
        """Emit the results of both files and, if asked for, a result for each request that is in neither file.

        Raises:
            BatchAPIError: A file could not be read to its end.
        """
        if with_missing:
            self._check_requests()
        seen: set[str] = set()
        files = _ResultFiles(self._download("output_file_id"), self._download("error_file_id"))
        while (results := (yield from files.next(self._batch))) is not None:
            if with_missing:
                seen.update(result.custom_id for result in results if result.custom_id is not None)
            yield EmitAll(results)
        if with_missing:
            next_requests = self._next_requests()
            while (group := (yield from next_requests())) is not None:
                yield EmitAll([self._missing(item_id) for item_id in map(_id_of, group) if item_id not in seen])

    def remaining(self) -> Flow[None]:
        """Emit the requests that have no answer and may be sent again.

        Raises:
            BatchAPIError: A file could not be read to its end.
        """
        self._check_requests()
        if self._may_be_sent_again() is False:
            return
        done: set[str] = set()
        files = _ResultFiles(self._download("output_file_id"), self._download("error_file_id"))
        while (results := (yield from files.next(self._batch))) is not None:
            done.update(each.custom_id for each in results if each.custom_id is not None and not each.retryable)
        next_requests = self._next_requests()
        while (group := (yield from next_requests())) is not None:
            yield EmitAll([request for request in group if _id_of(request) not in done])

    def _download(self, attribute: str) -> Download | None:
        """The download of a file of the batch, or None if it has no such file."""
        file_id = getattr(self._batch, attribute)
        spec = self._files[attribute]
        return Download(self._options, content_request(spec, file_id), self._on_progress) if file_id else None

    def _check_requests(self) -> None:
        """Raise ValueError if the requests are not known."""
        if self._requests is None and not self._batch.input_file_id:
            raise ValueError(f"{self._batch.id} has no input file. Pass the requests. Nothing was sent.")

    def _next_requests(self) -> Callable[[], Flow[list[Any] | None]]:
        """A function that returns the next group of requests, or None at the end."""
        download = self._download("input_file_id") if self._requests is None else None
        if download is not None:
            lines = FileLines(download)

            def next_lines() -> Flow[list[Any] | None]:
                group = yield from lines.next()
                return None if group is None else [_read_request(number, line) for number, line in group]

            return next_lines
        given = _read_requests(self._requests)

        def next_given() -> Flow[list[Any] | None]:
            yield from ()
            return [*islice(given, GROUP)] or None

        return next_given

    def _missing(self, custom_id: str | None) -> RequestResult:
        """The result of a request that is in neither file. It may be sent again, unless the file is at fault."""
        code = MISSING_CODES.get(self._status, "no_result")
        error = ResultError(code, f"the request has no result; the batch is {one_line(self._status, 100)}")
        return RequestResult(custom_id, None, error, retryable=self._may_be_sent_again())

    def _may_be_sent_again(self) -> bool | None:
        """Whether the requests without a result may be sent again. None: the reason is not known."""
        reason = failure(self._batch)
        return True if reason is None else reason.retryable


class FileLines:
    """The lines of a file. A line ends at a newline only: U+2028 and others can occur in the strings of JSON."""

    def __init__(self, download: Download) -> None:
        self.download = download
        self._rest: list[bytes] = []
        self._size = 0
        self._number = 0
        self._is_over = False

    def next(self) -> Flow[list[tuple[int, bytes]] | None]:
        """The next lines that are not empty, with their numbers, or None at the end of the file.

        Raises:
            BatchAPIError: The file could not be read to its end, or a line is larger than 64 MiB.
        """
        while not self._is_over:
            chunk = yield from self.download.read()
            if chunk is None:
                self._is_over = True
                lines = [b"".join(self._rest)]
            else:
                head, newline, tail = chunk.rpartition(b"\n")
                if not newline:
                    self._rest.append(chunk)
                    self._size += len(chunk)
                    if self._size > MAX_LINE_BYTES:
                        operation = self.download.operation
                        raise BatchAPIError(f"{operation}: a line is larger than 64 MiB", operation=operation)
                    continue
                lines = b"".join([*self._rest, head]).split(b"\n")
                self._rest, self._size = [tail], len(tail)
            first, self._number = self._number + 1, self._number + len(lines)
            numbered = [(number, line) for number, line in enumerate(lines, first) if line and not line.isspace()]
            if numbered:
                return numbered
        return None


class _ResultFiles:
    """The results in the output file and the error file, one file after the other."""

    def __init__(self, *downloads: Download | None) -> None:
        self._left = [FileLines(download) for download in downloads if download is not None]
        self._count = 0
        self._cut: str | None = None
        """The operation that read a file whose end may be missing, or None."""

    def next(self, batch: Any) -> Flow[list[RequestResult] | None]:
        """The next results, or None at the end of the last file."""
        while self._left:
            group = yield from self._left[0].next()
            if group is not None:
                self._count += len(group)
                return [read_result(line, number) for number, line in group]
            download = self._left.pop(0).download
            if not download.is_whole:
                self._cut = download.operation
        if self._cut is not None:
            _check_count(self._cut, batch, self._count)
        return None


def read_result(line: bytes, number: int | None) -> RequestResult:
    """Read a line of an output or error file. A line that cannot be read is a result with an error."""
    try:
        document = read_json(line)
        custom_id, response, error = document["custom_id"], document.get("response"), document.get("error")
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return _unreadable(number)
    if not isinstance(custom_id, str):
        return _unreadable(number)
    status = body = request_id = None
    if isinstance(response, dict):
        status, body, request_id = response.get("status_code"), response.get("body"), response.get("request_id")
    elif not error:
        return _unreadable(number, custom_id)
    if not error and isinstance(status, int) and 200 <= status < 300:
        return RequestResult(custom_id, body, None, status, request_id, number)
    if not error and status is None and not (isinstance(body, dict) and body.get("error")):
        # Some services leave the status out.
        return RequestResult(custom_id, body, None, None, request_id, number)
    reason = _error_of(error or body)
    retryable = reason.code in _RETRYABLE_CODES
    if isinstance(status, int):
        retryable = retryable or status in _RETRYABLE_STATUSES or status >= 500
    return RequestResult(custom_id, body, reason, status, request_id, number, retryable)


def _unreadable(number: int | None, custom_id: Any = None) -> RequestResult:
    error = ResultError("unreadable_line", f"line {number} of the file is not a result")
    return RequestResult(custom_id if isinstance(custom_id, str) else None, None, error, None, None, number)


def _error_of(body: Any) -> ResultError:
    """The error in a line, or in the body of its response."""
    error = (body.get("error") or body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        return ResultError(*(text_of(error.get(name)) for name in ("code", "message", "type", "param")))
    return ResultError(None, text_of(error))


def _check_count(operation: str, batch: Any, count: int) -> None:
    """Raise if the end of a file may be missing. The service did not say how long the file is."""
    counts = batch.request_counts
    expected = (counts.completed or 0) + (counts.failed or 0) if counts else 0
    if not expected or count < expected:
        message = (
            f"{operation}: the end of the file may be missing: {count} of {expected or 'unknown'} results were read"
        )
        raise BatchAPIError(message, operation=operation)


def _read_requests(requests: Any) -> Iterator[Any]:
    """The requests of the caller: the lines of a JSON Lines file, or the items of an iterable."""
    path = path_of(requests)
    if path is None:
        items: Iterable[Any] = requests
        yield from items
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.isspace():
                yield _read_request(number, line)


def _read_request(number: int, line: bytes) -> Any:
    try:
        return read_json(line)
    except (ValueError, RecursionError):
        raise ValueError(f"line {number} of the requests is not JSON") from None


def _id_of(request: Any) -> Any:
    """The id of a request: of a mapping, a model, or a pair of id and body."""
    if isinstance(request, Mapping):
        return request.get("custom_id")
    return request[0] if isinstance(request, tuple) else getattr(request, "custom_id", None)
