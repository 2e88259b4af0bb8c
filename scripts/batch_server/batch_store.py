"""The files and batches of the embedded server, in memory. A batch's state is computed at each request."""

import json
import re
import secrets
from typing import Any

from attrs import define, field, frozen

from scripts.openapi.contract import Contract

from .clock import ServerClock
from .input_file import InputError, InputFileFormat, InputLine, parse
from .line_responses import respond, token_counts
from .status_timeline import PROCESSING, Pace, StatusTimeline, TimelinePlanner

MAX_STORED_BYTES = 1_000_000_000
"""The limit for all files and all parsed input files together. Memory holds several times as much."""
# What a batch or a file needs besides its content, rounded up.
_OVERHEAD_BYTES = 2_000
_LONGEST_WINDOW = 100 * 365 * 86400.0
_UNIT_SECONDS = {"m": 60, "h": 3600, "d": 86400}


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


@define(eq=False)
class _StoredBatch:
    id: str
    index: int
    """Its position in the list, counted from the oldest batch."""
    request: dict[str, Any]
    created: float
    expires: float
    lines: list[InputLine]
    errors: list[InputError]
    timeline: StatusTimeline
    succeeded: list[bool]
    """For each line, whether its response is a success. Counts need it before the output file exists."""
    files: dict[str, str] = field(factory=dict)
    """The ids of the output and error files, by the batch's field."""
    usage: dict[str, Any] | None = None


class RequestRejected(Exception):
    """A request that gets an error response."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code


class BatchStore:
    """All files and batches of a server."""

    def __init__(self, contract: Contract, clock: ServerClock, pace: Pace) -> None:
        self._planner = TimelinePlanner(contract, pace)
        self.input_format = InputFileFormat.of(contract)
        schema = contract.schemas["Batch"]
        example = next(operation for operation in contract.operations if operation.id == "createBatch").example
        # Required fields that this server does not model are copied from the contract's example.
        self._defaults = {
            name: example.get(name) if name in schema["required"] else None for name in schema["properties"]
        }
        self._clock = clock
        self._requests_per_second = pace.requests_per_second
        self.files: dict[str, StoredFile] = {}
        self._stored_bytes = 0
        self._batches: list[_StoredBatch] = []
        self._by_id: dict[str, _StoredBatch] = {}

    def add_file(self, filename: str, purpose: str, content: bytes) -> StoredFile:
        """Store an uploaded file under a new id."""
        self._reserve(len(content))
        return self._store(filename, purpose, content)

    def _reserve(self, size: int) -> None:
        """Count the memory of a new file or batch."""
        if self._stored_bytes + size > MAX_STORED_BYTES:
            message = f"This server stores at most {MAX_STORED_BYTES} bytes, and is full; restart it."
            raise RequestRejected(413, message, code="server_full")
        self._stored_bytes += size + _OVERHEAD_BYTES

    def _store(self, filename: str, purpose: str, content: bytes) -> StoredFile:
        stored = StoredFile(f"file-{secrets.token_hex(11)}", filename, purpose, int(self._clock.now()), content)
        self.files[stored.id] = stored
        return stored

    def create(self, request: dict[str, Any], batch_id: str | None = None) -> dict[str, Any]:
        """Create a batch. Its input file is parsed now; errors in it appear when the batch fails."""
        input_file = self.files.get(request["input_file_id"])
        purpose = self.input_format.file.get("upload", {}).get("purpose")
        if input_file is None or input_file.purpose != purpose:
            message = f"No file '{request['input_file_id']}' with the purpose '{purpose}' exists."
            raise RequestRejected(400, message, param="input_file_id", code="invalid_file")
        self._reserve(len(input_file.content))
        now = self._clock.now()
        lines, errors = parse(input_file.content, self.input_format, request)
        expires = now + _window_seconds(request["completion_window"])
        batch = _StoredBatch(
            id=batch_id or f"batch_{secrets.token_hex(16)}",
            index=len(self._batches),
            request=request,
            created=now,
            expires=expires,
            lines=lines,
            errors=errors,
            timeline=self._planner.plan(now, len(lines), input_valid=not errors, deadline=expires),
            succeeded=[respond(line, request["endpoint"]).succeeded for line in lines],
        )
        self._batches.append(batch)
        self._by_id[batch.id] = batch
        return self._to_dict(batch)

    def retrieve(self, batch_id: str) -> dict[str, Any]:
        """The present state of a batch."""
        return self._to_dict(self._get(batch_id))

    def cancel(self, batch_id: str) -> dict[str, Any]:
        """Start to cancel a batch. If it is already being cancelled, its present state is returned."""
        batch = self._get(batch_id)
        now = self._clock.now()
        timeline = self._planner.cancel(batch.timeline, now)
        if timeline is None:
            status = batch.timeline.until(now).status
            message = f"The batch is {status} and cannot be cancelled."
            raise RequestRejected(409, message, code="batch_not_cancellable")
        batch.timeline = timeline
        return self._to_dict(batch)

    def page(self, after: str | None, limit: int) -> dict[str, Any]:
        """A page of the list, newest batch first."""
        end = len(self._batches) if after is None else self._get(after, param="after").index
        start = max(end - limit, 0)
        data = [self._to_dict(batch) for batch in reversed(self._batches[start:end])]
        first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
        return {"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": start > 0}

    def __len__(self) -> int:
        """The number of batches."""
        return len(self._batches)

    def _get(self, batch_id: str, param: str = "batch_id") -> _StoredBatch:
        batch = self._by_id.get(batch_id)
        if batch is None:
            raise RequestRejected(404, f"No batch with the id '{batch_id}' exists.", param=param)
        return batch

    def _to_dict(self, batch: _StoredBatch) -> dict[str, Any]:
        """The present state of a batch as JSON, with every field of the contract; fields without a value are null."""
        now = self._clock.now()
        past = batch.timeline.until(now)
        processed = self._processed_lines(batch, past, now)
        if self._planner.is_final(past.status):
            self._write_result_files(batch, processed)
        processing = past.entered(PROCESSING) is not None
        document: dict[str, Any] = {
            **self._defaults,
            "id": batch.id,
            "object": "batch",
            "endpoint": batch.request["endpoint"],
            "input_file_id": batch.request["input_file_id"],
            "completion_window": batch.request["completion_window"],
            "status": past.status,
            "created_at": int(batch.created),
            "expires_at": int(batch.expires),
            "metadata": batch.request.get("metadata"),
            "model": batch.lines[0].body.get("model") if batch.lines and processing else None,
            "request_counts": {
                "total": len(batch.lines) if processing else 0,
                "completed": sum(batch.succeeded[:processed]),
                "failed": processed - sum(batch.succeeded[:processed]),
            },
            "usage": batch.usage,
            **batch.files,
        }
        for at, status in past.entries:
            if f"{status}_at" in self._defaults:
                document[f"{status}_at"] = int(at)
        if past.status == "failed":
            document["errors"] = {"object": "list", "data": [error.to_dict() for error in batch.errors]}
        return document

    def _processed_lines(self, batch: _StoredBatch, past: StatusTimeline, now: float) -> int:
        """The number of processed lines. A batch that is cancelled or expires stops in the middle."""
        started = past.entered(PROCESSING)
        if started is None:
            return 0
        ended = next((at for at, _ in past.entries if at > started), now)
        stopped_early = past.entered("cancelling") is not None or past.entered("expired") is not None
        if past.status != PROCESSING and not stopped_early:
            return len(batch.lines)
        return min(int((ended - started) * self._requests_per_second), len(batch.lines))

    def _write_result_files(self, batch: _StoredBatch, processed: int) -> None:
        """Write the successes to the output file and the failures to the error file, and sum up the usage, once."""
        if batch.files or not processed:
            return
        rows: dict[str, list[str]] = {"output_file_id": [], "error_file_id": []}
        input_tokens = output_tokens = 0
        for number, line in enumerate(batch.lines[:processed]):
            result = respond(line, batch.request["endpoint"])
            line_input, line_output = token_counts(result)
            input_tokens, output_tokens = input_tokens + line_input, output_tokens + line_output
            request_id = f"req_{batch.id[6:22]}{number:08x}"
            response = {"status_code": result.status_code, "request_id": request_id, "body": result.body}
            row = {"id": f"batch_{request_id}", "custom_id": line.custom_id, "response": response, "error": None}
            rows["output_file_id" if result.succeeded else "error_file_id"].append(json.dumps(row) + "\n")
        for name, texts in rows.items():
            if texts:
                filename = f"{batch.id}_{name.removesuffix('_file_id')}.jsonl"
                batch.files[name] = self._store(filename, "batch_output", "".join(texts).encode()).id
        batch.usage = {
            "input_tokens": input_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": input_tokens + output_tokens,
        }


def _window_seconds(window: str) -> float:
    """The length of a completion window such as `24h`; a day where the format is unknown."""
    match = re.fullmatch(r"(\d+)([mhd])", window)
    return min(float(match[1]) * _UNIT_SECONDS[match[2]], _LONGEST_WINDOW) if match else 86400.0
