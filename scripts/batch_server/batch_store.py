"""Objects that process an uploaded file of requests, such as batches: their input, their results and their counts."""

import json
import re
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from .errors import RequestRejected
from .input_file import InputError, InputFileFormat, InputLine, parse
from .line_responses import respond, token_counts
from .object_store import ObjectStore
from .resources import Resource
from .status_timeline import StatusTimeline
from .stored_object import Scope, StoredObject, Surroundings

_LONGEST_WINDOW = 100 * 365 * 86400.0
_UNIT_SECONDS = {"m": 60, "h": 3600, "d": 86400}


@define(eq=False)
class StoredBatch(StoredObject):
    """An object with an input file."""

    lines: list[InputLine] = field(factory=list)
    errors: list[InputError] = field(factory=list)
    endpoint: str = ""
    succeeded: list[bool] = field(factory=list)
    """For each line, whether its response is a success. Counts need it before the output file exists."""


class BatchStore(ObjectStore):
    """All objects of a resource whose creation names an uploaded file."""

    def __init__(self, resource: Resource, shared: Surroundings, input_format: InputFileFormat) -> None:
        self.input_format = input_format
        super().__init__(resource, shared)
        lines = {name: schema["x-file"]["line"] for name, schema in self._properties.items() if "x-file" in schema}
        results = {name: line for name, line in lines.items() if name != input_format.id_field}
        # The first file has the successes, the second the failures. A single file has the failures.
        self._result_files = [None, *results] if len(results) == 1 else [*results]

    def _size(self, request: Mapping[str, Any]) -> int:
        """The size of the input file, whose lines are parsed."""
        name, purpose = self.input_format.id_field, self.input_format.file["upload"]["purpose"]
        if name not in request:
            return 0
        input_file = self.shared.files.by_id.get(request[name])
        if input_file is None or input_file.purpose != purpose:
            message = f"No file '{request[name]}' with the purpose '{purpose}' exists."
            raise RequestRejected(400, message, param=name, code="invalid_file")
        return len(input_file.content)

    def _stored(self, request: Mapping[str, Any], object_id: str | None, scope: Scope) -> StoredObject:
        """Parse the input file now; errors in it appear when the batch fails."""
        base = super()._stored(request, object_id, scope)
        assert self.planner is not None
        stored = StoredBatch(base.id, base.index, scope, request, base.created, base.fields, base.timeline)
        input_file = self.shared.files.by_id.get(request.get(self.input_format.id_field, ""))
        if input_file is None:
            return stored
        stored.lines, stored.errors = parse(input_file.content, self.input_format, request)
        stored.endpoint = str(
            next((request.get(other) for other in self.input_format.file.get("equal", {}).values()), "")
        )
        expires = stored.created + _window_seconds(request)
        self._set_time(stored.fields, "expires_at", expires)
        stored.timeline = self.planner.plan(
            stored.created, len(stored.lines), input_valid=not stored.errors, deadline=expires
        )
        stored.succeeded = [respond(line, stored.endpoint).succeeded for line in stored.lines]
        return stored

    def _of_status(self, stored: StoredObject, past: StatusTimeline) -> Mapping[str, Any]:
        """The model, the counts, the errors and the result files."""
        assert isinstance(stored, StoredBatch)
        assert self.planner is not None
        processed = self._processed_lines(stored, past)
        if self.planner.is_final(past.status):
            self._write_result_files(stored, processed)
        processing = past.entered(self.planner.processing) is not None
        succeeded = sum(stored.succeeded[:processed])
        found = {
            "model": stored.lines[0].body.get("model") if stored.lines and processing else None,
            "request_counts": {
                "total": len(stored.lines) if processing else 0,
                "completed": succeeded,
                "failed": processed - succeeded,
            },
            **stored.computed,
        }
        if past.status == self.planner.rejected:
            found["errors"] = {"object": "list", "data": [error.to_dict() for error in stored.errors]}
        return found

    def _processed_lines(self, stored: StoredBatch, past: StatusTimeline) -> int:
        """The number of processed lines. A batch that leaves the usual path stops in the middle."""
        assert self.planner is not None
        started = past.entered(self.planner.processing)
        if started is None:
            return 0
        now = self.shared.clock.now()
        ended = next((at for at, _ in past.entries if at > started), now)
        stopped_early = any(status not in self.planner.usual_path for _, status in past.entries)
        if past.status != self.planner.processing and not stopped_early:
            return len(stored.lines)
        return min(int((ended - started) * self.shared.pace.requests_per_second), len(stored.lines))

    def _write_result_files(self, stored: StoredBatch, processed: int) -> None:
        """Write the successes to the output file and the failures to the error file, and sum up the usage, once."""
        if stored.computed or not processed:
            return
        rows: dict[bool, list[str]] = {True: [], False: []}
        input_tokens = output_tokens = 0
        secret = str(stored.id).rpartition("_")[2][:16]
        for number, line in enumerate(stored.lines[:processed]):
            result = respond(line, stored.endpoint)
            line_input, line_output = token_counts(result)
            input_tokens, output_tokens = input_tokens + line_input, output_tokens + line_output
            request_id = f"req_{secret}{number:08x}"
            response = {"status_code": result.status_code, "request_id": request_id, "body": result.body}
            row = {"id": f"batch_{request_id}", "custom_id": line.custom_id, "response": response, "error": None}
            rows[result.succeeded].append(json.dumps(row) + "\n")
        for name, texts in zip(self._result_files, rows.values(), strict=False):
            if texts and name:
                filename = f"{stored.id}_{name.removesuffix('_file_id')}.jsonl"
                stored.computed[name] = self.shared.files.add(filename, "batch_output", "".join(texts).encode()).id
        stored.computed["usage"] = {
            "input_tokens": input_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": input_tokens + output_tokens,
        }


def _window_seconds(request: Mapping[str, Any]) -> float:
    """The length of a completion window such as `24h`; a day where the format is unknown."""
    windows = [re.fullmatch(r"(\d+)([mhd])", value) for value in request.values() if isinstance(value, str)]
    match = next(filter(None, windows), None)
    return min(float(match[1]) * _UNIT_SECONDS[match[2]], _LONGEST_WINDOW) if match else 86400.0
