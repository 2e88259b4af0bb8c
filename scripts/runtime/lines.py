"""Builds the input file of a batch from requests, and checks it line by line before anything is sent."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from .answer import one_line
from .files import OnProgress, Progress
from .reading import read_json
from .spec import FileSpec

# The message names this many faults.
MAX_FAULTS = 10
# Lines are written, and reported to on_progress, in groups of this size.
GROUP = 1000
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


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
        if isinstance(requests, (str, Path)):
            return self._check_file(Path(requests))
        return self._write(self.encoded(requests))

    def parts(self, requests: Any) -> Iterator[InputFile]:
        """Build files of at most the largest number of lines and bytes, one after the other.

        Raises:
            ValueError: The first ten faults of a part, with line numbers. Earlier parts were yielded.
        """
        if isinstance(requests, (str, Path)):
            with Path(requests).open("rb") as file:
                yield from self.parts(map(read_json, file))
            return
        lines = self.encoded(requests)
        first = next(lines, None)
        while first is not None:
            part = _Part(self._spec, chain([first], lines))
            yield self._write(iter(part))
            first = part.rest

    def encoded(self, requests: Iterable[Any]) -> Iterator[bytes]:
        """The lines, each with a newline. Faults are collected and yield no line."""
        encode, check = _encode, self._check
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
                    yield f"{encode(line)}\n".encode()
                except (TypeError, ValueError, RecursionError) as error:
                    fault = f"it is not JSON: {error}"
            if fault is not None:
                self._add_fault(number, fault)

    def _check(self, line: Any) -> str | None:
        """The fault of a line, or None."""
        if not isinstance(line, Mapping):
            return f"it is {type(line).__name__}, not a mapping"
        name = self._spec.unique
        if name is not None:
            value = line.get(name)
            if not isinstance(value, str) or not value:
                return f"{name} must be a string that is not empty"
            if value in self._seen:
                return f"{name} {one_line(value, 100)!r} occurs twice"
            self._seen.add(value)
        for field, expected in self._equal:
            if line.get(field) != expected:
                return f"{field} is {one_line(repr(line.get(field)), 100)}, not {expected!r}"
        return self._check_line(line)

    def _add_fault(self, number: int, fault: str) -> None:
        if len(self._faults) < MAX_FAULTS:
            self._faults.append(f"line {number}: {fault}")
        else:
            raise self._error()

    def _error(self) -> ValueError:
        return ValueError(f"The requests are not valid. Nothing was sent. {'; '.join(self._faults)}.")

    def _write(self, lines: Iterator[bytes]) -> InputFile:
        """Write lines to a temporary file. It has no name, so that it goes away with the process."""
        file: Any = tempfile.TemporaryFile()  # noqa: SIM115 -- the InputFile closes it
        try:
            digest, count, size = sha256(), 0, 0
            while group := [*islice(lines, GROUP)]:
                content = b"".join(group)
                digest.update(content)
                file.write(content)
                count, size = count + len(group), size + len(content)
                if self._on_progress:
                    self._on_progress(Progress("check", count, None))
            self._check_limits(count, size)
            file.flush()
        except BaseException:
            file.close()
            raise
        return InputFile(file, "requests.jsonl", count, size, digest.hexdigest())

    def _check_file(self, path: Path) -> InputFile:
        """Check a file of the caller, which is uploaded as it is."""
        file = path.open("rb")  # the InputFile closes it
        try:
            digest, count, size = sha256(), 0, 0
            for content in file:
                digest.update(content)
                count, size = count + 1, size + len(content)
                try:
                    fault = self._check(read_json(content))
                except (ValueError, RecursionError):
                    fault = "it is not JSON"
                if fault is not None:
                    self._add_fault(count, fault)
                if self._on_progress and count % GROUP == 0:
                    self._on_progress(Progress("check", count, None))
            self._check_limits(count, size)
        except BaseException:
            file.close()
            raise
        return InputFile(file, path.name, count, size, digest.hexdigest())

    def _check_limits(self, count: int, size: int) -> None:
        spec, faults = self._spec, self._faults
        if not count and not faults:
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
            if too_many or (too_large and count > 1):
                self.rest = line
                return
            yield line
