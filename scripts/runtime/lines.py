"""Builds the input file of a batch from requests, and checks it line by line before anything is sent."""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn

from .answer import one_line
from .files import OnProgress, Progress, path_of
from .spec import FileSpec

# The message names this many faults.
MAX_FAULTS = 10
# on_progress is called after this many lines.
GROUP = 1000
# The default buffer of a file holds two lines.
BUFFER_BYTES = 2**20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Only such an escape can stand for half of a surrogate pair.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _plain(value: Any) -> Any:
    """The JSON value of an object that is neither a dict nor a list, such as a model."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a value is {type(value).__name__}")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"the number {constant} is not JSON")


# A circular value then raises RecursionError, which costs less than a check of each value.
_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False, default=_plain
).encode
_decode = json.JSONDecoder(parse_constant=_refuse).decode


class InputFile(NamedTuple):
    """A checked input file. Close it to remove it."""

    file: BinaryIO
    name: str
    lines: int
    size: int
    """In bytes."""
    digest: str
    """The SHA-256 of the content."""

    def close(self) -> None:
        """Close the file. A temporary file is removed."""
        self.file.close()


class InputLines:
    """Turns requests into checked lines."""

    def __init__(
        self,
        spec: FileSpec,
        arguments: Mapping[str, Any],
        make_line: Callable[[str, Any], Mapping[str, Any]],
        check_line: Callable[[Mapping[str, Any]], str | None],
        on_progress: OnProgress | None = None,
    ) -> None:
        """Prepare the checks.

        Args:
            spec: x-file of the input file.
            arguments: The arguments of the create operation, by name.
            make_line: Makes a line of an id and a body.
            check_line: Returns a fault that only this kind of line can have, or None.
            on_progress: Called with a Progress after each group of lines.
        """
        self._spec = spec
        self._equal = [(field, arguments.get(argument)) for field, argument in spec.equal]
        self._make_line = make_line
        self._check_line = check_line
        self._on_progress = on_progress
        self._max_bytes = float("inf") if spec.max_bytes is None else spec.max_bytes
        self._done = 0
        self._faults: list[str] = []
        self._seen: set[str] = set()

    def build(self, requests: Any) -> InputFile:
        """Build one file.

        Args:
            requests: The path of a JSON Lines file, or an iterable of mappings, models or pairs of id and body.

        Raises:
            ValueError: The first ten faults, with line numbers.
            OSError: The file cannot be read.
        """
        path = path_of(requests)
        built = self._write(self._encoded(requests)) if path is None else self._check_file(path)
        try:
            self._check_limits(built.lines, built.size)
        except BaseException:
            built.close()
            raise
        return built

    def parts(self, requests: Any) -> Iterator[InputFile]:
        """Build files of at most the largest number of lines and bytes, one after the other.

        Raises:
            ValueError: The first ten faults of all parts, with line numbers. Earlier parts were yielded.
        """
        path = path_of(requests)
        lines = self._encoded(requests) if path is None else self._read(path.open("rb", BUFFER_BYTES))
        first = next(lines, None)
        while first is not None:
            part = _Part(self._spec, chain([first], lines))
            yield self._write(iter(part))
            first = part.rest
        if self._faults:
            raise self._error()

    def _encoded(self, requests: Iterable[Any]) -> Iterator[bytes]:
        """The lines, each with a newline. Faults are collected and yield no line."""
        encode, check, max_bytes = _encode, self._check, self._max_bytes
        for number, request in enumerate(requests, 1):
            if type(request) is dict:
                line: Any = request
            elif isinstance(request, tuple):
                line = self._make_line(*request) if len(request) == 2 else request
            else:
                line = request.to_dict() if hasattr(request, "to_dict") else request
            fault = check(line)
            if fault is None:
                try:
                    content = f"{encode(line)}\n".encode()
                except UnicodeEncodeError:
                    fault = "it is not JSON: a text has half of a surrogate pair"
                except (TypeError, ValueError, RecursionError) as error:
                    fault = f"it is not JSON: {one_line(str(error), 200)}"
                else:
                    if len(content) <= max_bytes:
                        yield content
                        continue
                    fault = f"it has {len(content):,} bytes, and a file has at most {max_bytes:,}"
            self._add_fault(number, fault)

    def _read(self, file: BinaryIO) -> Iterator[bytes]:
        """The lines of a file that have no fault, each with a newline. The file is closed at the end."""
        with file:
            for number, content in enumerate(file, 1):
                if not content.isspace() and not self._has_fault(number, content):
                    yield content.rstrip(b"\r\n") + b"\n"

    def _has_fault(self, number: int, content: bytes) -> bool:
        """Check a line of a file. Blank lines are no requests."""
        fault: str | None
        if content.startswith(BYTE_ORDER_MARK):
            fault = "it begins with a byte order mark; save the file as UTF-8 without it"
        elif len(content) > self._max_bytes:
            fault = f"it has {len(content):,} bytes, and a file has at most {self._max_bytes:,}"
        else:
            try:
                text = content.decode()
                line = _decode(text)
                if _SURROGATE.search(text):
                    _encode(line).encode()
                fault = self._check(line)
            except UnicodeError:
                fault = "it is not JSON: it is not valid Unicode"
            except (ValueError, RecursionError) as error:
                fault = f"it is not JSON: {one_line(str(error), 200)}"
        if fault is not None:
            self._add_fault(number, fault)
        return fault is not None

    def _check(self, line: Any) -> str | None:
        """The fault of a line, or None."""
        if type(line) is not dict and not isinstance(line, Mapping):
            return f"it is {type(line).__name__}, not a mapping"
        name = self._spec.unique
        if name is not None:
            value = line.get(name)
            if not isinstance(value, str) or not value:
                return f"{name} must be a string that is not empty, got {one_line(repr(value), 100)}"
            if value in self._seen:
                return f"{name} {one_line(value, 100)!r} occurs twice"
            self._seen.add(value)
        for field, expected in self._equal:
            if line.get(field) != expected:
                return f"{field} is {one_line(repr(line.get(field)), 100)}, not {expected!r}"
        return self._check_line(line)

    def _add_fault(self, number: int, fault: str) -> None:
        if len(self._faults) == MAX_FAULTS:
            raise self._error(" There are more.")
        self._faults.append(f"line {number}: {fault}")

    def _error(self, more: str = "") -> ValueError:
        return ValueError(f"The requests are not valid: {'; '.join(self._faults)}.{more} Nothing was sent.")

    def _write(self, lines: Iterator[bytes]) -> InputFile:
        """Write lines to a temporary file. It has no name, so that it goes away with the process."""
        file: Any = tempfile.TemporaryFile(buffering=BUFFER_BYTES)  # noqa: SIM115 -- the InputFile closes it
        try:
            digest, count, size = sha256(), 0, 0
            for line in lines:
                count, size = count + 1, size + len(line)
                # What is more than a file may have is counted only.
                if size <= self._max_bytes:
                    digest.update(line)
                    file.write(line)
                self._report(1)
            self._report(0)
            file.flush()
        except BaseException:
            file.close()
            raise
        return InputFile(file, "requests.jsonl", count, size, digest.hexdigest())

    def _check_file(self, path: Path) -> InputFile:
        """Check a file of the caller, which is uploaded as it is."""
        file = path.open("rb", BUFFER_BYTES)  # the InputFile closes it
        try:
            if not file.seekable():
                # A pipe can be read only once.
                return self._write(self._read(file))
            digest, count, size = sha256(), 0, os.fstat(file.fileno()).st_size
            if size <= self._max_bytes:
                size = 0
                for number, content in enumerate(file, 1):
                    digest.update(content)
                    size += len(content)
                    if not content.isspace():
                        count += 1
                        self._has_fault(number, content)
                    self._report(1)
                self._report(0)
        except BaseException:
            file.close()
            raise
        # Services expect this suffix. A name can contain bytes that are not UTF-8.
        name = os.fsencode(path.name).decode(errors="replace")
        return InputFile(file, name if name.endswith(".jsonl") else f"{name}.jsonl", count, size, digest.hexdigest())

    def _report(self, count: int) -> None:
        """Count lines, and report a full group or (with a count of 0) the rest."""
        self._done += count
        if self._on_progress and (self._done % GROUP == 0) == bool(count):
            self._on_progress(Progress("check", self._done, None))

    def _check_limits(self, count: int, size: int) -> None:
        spec, faults = self._spec, self._faults
        if not count and size <= self._max_bytes and not faults:
            faults.append("there are no requests")
        for number, limit, unit in ((count, spec.max_lines, "lines"), (size, spec.max_bytes, "bytes")):
            if limit is not None and number > limit:
                faults.append(f"{number:,} {unit} are more than {limit:,}; submit several batches")
        if faults:
            raise self._error()


class _Part:
    """The lines that fit into one file. `rest` is the first line of the next file, or None."""

    def __init__(self, spec: FileSpec, lines: Iterable[bytes]) -> None:
        self.rest: bytes | None = None
        self._spec = spec
        self._lines = lines

    def __iter__(self) -> Iterator[bytes]:
        count = size = 0
        for line in self._lines:
            count, size = count + 1, size + len(line)
            too_many = self._spec.max_lines is not None and count > self._spec.max_lines
            too_large = self._spec.max_bytes is not None and size > self._spec.max_bytes
            if too_many or too_large:
                self.rest = line
                return
            yield line
