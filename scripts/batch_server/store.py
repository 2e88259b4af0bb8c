"""The files and batches of the embedded server, in memory; a batch's state is computed whenever it is asked for."""

import json
import re
import secrets
from typing import Any

from attrs import define, field, frozen

from scripts.openapi.contract import Contract

from .answers import answer, tokens
from .clock import Clock
from .input_file import Line, LineFault, check
from .lifecycle import PROCESSING, Lifecycle, Pace, Timeline

_WINDOW_SECONDS = {"m": 60, "h": 3600, "d": 86400}


@frozen
class StoredFile:
    """A file, uploaded or written by a batch."""

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
class _Batch:
    id: str
    number: int
    request: dict[str, Any]
    created: float
    expires: float
    lines: list[Line]
    faults: list[LineFault]
    timeline: Timeline
    succeeded: list[bool]
    """For each line whether it will be answered, so that counts are known before the answers are written."""
    written: dict[str, str] = field(factory=dict)
    """The ids of the files that were written at its end, by field."""
    usage: dict[str, Any] | None = None


class Refused(Exception):
    """A request that the server understands and does not carry out."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code


class Store:
    """Everything that a server holds."""

    def __init__(self, contract: Contract, clock: Clock, pace: Pace) -> None:
        self._lifecycle = Lifecycle(contract)
        schema = contract.schemas["Batch"]
        known = next(operation for operation in contract.operations if operation.id == "createBatch").example
        # What must be there and is nothing to this server is as in the contract's example.
        self._fields = {name: known.get(name) if name in schema["required"] else None for name in schema["properties"]}
        self._clock = clock
        self._pace = pace
        self.files: dict[str, StoredFile] = {}
        self._batches: list[_Batch] = []
        self._by_id: dict[str, _Batch] = {}

    def add_file(self, filename: str, purpose: str, content: bytes) -> StoredFile:
        """Keep a file under a new id."""
        stored = StoredFile(f"file-{secrets.token_hex(11)}", filename, purpose, int(self._clock.now()), content)
        self.files[stored.id] = stored
        return stored

    def create(self, request: dict[str, Any], batch_id: str | None = None) -> dict[str, Any]:
        """Begin a batch; its input file is checked now, though the outcome shows only later."""
        source = self.files.get(request["input_file_id"])
        if source is None or source.purpose != "batch":
            words = f"There is no file '{request['input_file_id']}' with the purpose 'batch'."
            raise Refused(400, words, param="input_file_id", code="invalid_file")
        now = self._clock.now()
        lines, faults = check(source.content, request["endpoint"])
        expires = now + _seconds(request["completion_window"])
        timeline = self._lifecycle.plan(now, len(lines), faulty=bool(faults), deadline=expires, pace=self._pace)
        succeeded = [answer(line, request["endpoint"]).succeeded for line in lines]
        identifier = batch_id or f"batch_{secrets.token_hex(16)}"
        batch = _Batch(identifier, len(self._batches), request, now, expires, lines, faults, timeline, succeeded)
        self._batches.append(batch)
        self._by_id[batch.id] = batch
        return self._shown(batch)

    def retrieve(self, batch_id: str) -> dict[str, Any]:
        """The batch as it is now."""
        return self._shown(self._found(batch_id))

    def cancel(self, batch_id: str) -> dict[str, Any]:
        """Begin to cancel; a batch that is being cancelled already is given back as it is."""
        batch = self._found(batch_id)
        now = self._clock.now()
        timeline = self._lifecycle.cancelled(batch.timeline, now, self._pace)
        if timeline is None:
            status = batch.timeline.until(now).status
            raise Refused(409, f"The batch is {status} and cannot be cancelled.", code="batch_not_cancellable")
        batch.timeline = timeline
        return self._shown(batch)

    def page(self, after: str | None, limit: int) -> dict[str, Any]:
        """A page of the list, newest first."""
        end = len(self._batches) if after is None else self._found(after, param="after").number
        start = max(end - limit, 0)
        data = [self._shown(batch) for batch in reversed(self._batches[start:end])]
        first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
        return {"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": start > 0}

    def __len__(self) -> int:
        """The number of batches."""
        return len(self._batches)

    def _found(self, batch_id: str, param: str = "batch_id") -> _Batch:
        batch = self._by_id.get(batch_id)
        if batch is None:
            raise Refused(404, f"No batch with the id '{batch_id}' was found.", param=param)
        return batch

    def _shown(self, batch: _Batch) -> dict[str, Any]:
        """The batch as JSON. Every field is there, and null until it has a value."""
        now = self._clock.now()
        past = batch.timeline.until(now)
        done = self._processed(batch, past, now)
        if self._lifecycle.is_terminal(past.status):
            self._write_files(batch, done)
        began = past.entered(PROCESSING) is not None
        shown: dict[str, Any] = {
            **self._fields,
            "id": batch.id,
            "object": "batch",
            "endpoint": batch.request["endpoint"],
            "input_file_id": batch.request["input_file_id"],
            "completion_window": batch.request["completion_window"],
            "status": past.status,
            "created_at": int(batch.created),
            "expires_at": int(batch.expires),
            "metadata": batch.request.get("metadata"),
            "model": batch.lines[0].body.get("model") if batch.lines and began else None,
            "request_counts": {
                "total": len(batch.lines) if began else 0,
                "completed": sum(batch.succeeded[:done]),
                "failed": done - sum(batch.succeeded[:done]),
            },
            "usage": batch.usage,
            **batch.written,
        }
        for at, status in past.entries:
            if f"{status}_at" in self._fields:
                shown[f"{status}_at"] = int(at)
        if past.status == "failed":
            shown["errors"] = {"object": "list", "data": [fault.to_dict() for fault in batch.faults]}
        return shown

    def _processed(self, batch: _Batch, past: Timeline, now: float) -> int:
        """How many lines are done: as many as the pace allows between entering and leaving the processing status."""
        began = past.entered(PROCESSING)
        if began is None:
            return 0
        ended = next((at for at, _ in past.entries if at > began), now)
        cut = past.entered("cancelling") is not None or past.entered("expired") is not None
        if past.status != PROCESSING and not cut:
            return len(batch.lines)
        return min(int((ended - began) * self._pace.requests_per_second), len(batch.lines))

    def _write_files(self, batch: _Batch, done: int) -> None:
        """At the end of a batch: its answers, in one file those that succeeded, in another those that failed."""
        if batch.written or not done:
            return
        rows: dict[str, list[str]] = {"output_file_id": [], "error_file_id": []}
        inputs = outputs = 0
        for number, line in enumerate(batch.lines[:done]):
            result = answer(line, batch.request["endpoint"])
            into, out = tokens(result)
            inputs, outputs = inputs + into, outputs + out
            request_id = f"req_{batch.id[6:22]}{number:08x}"
            response = {"status_code": result.status_code, "request_id": request_id, "body": result.body}
            row = {"id": f"batch_{request_id}", "custom_id": line.custom_id, "response": response, "error": None}
            rows["output_file_id" if result.succeeded else "error_file_id"].append(json.dumps(row) + "\n")
        for name, texts in rows.items():
            if texts:
                filename = f"{batch.id}_{name.removesuffix('_file_id')}.jsonl"
                batch.written[name] = self.add_file(filename, "batch_output", "".join(texts).encode()).id
        batch.usage = {
            "input_tokens": inputs,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": outputs,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": inputs + outputs,
        }


def _seconds(window: str) -> float:
    match = re.fullmatch(r"(\d+)([mhd])", window)
    return float(match[1]) * _WINDOW_SECONDS[match[2]] if match else 86400.0
