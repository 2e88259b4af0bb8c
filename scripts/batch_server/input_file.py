"""Checks an input file line by line, as the provider does before it processes anything."""

import json
from typing import Any

from attrs import frozen

MAX_LINES = 50_000
MAX_FAULTS = 100


@frozen
class Line:
    """A line that asks for something."""

    custom_id: str
    body: dict[str, Any]


@frozen
class LineFault:
    """What is wrong with a line, or, without a line, with the file."""

    code: str
    message: str
    line: int | None = None
    """Counted from 1."""
    param: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "param": self.param, "line": self.line}


def check(content: bytes, endpoint: str) -> tuple[list[Line], list[LineFault]]:
    """The lines of a file and what is wrong with them; a file with faults is not processed at all."""
    lines: list[Line] = []
    faults: list[LineFault] = []
    seen: dict[str, int] = {}
    rows = [(number, row) for number, row in enumerate(content.split(b"\n"), 1) if row.strip()]
    if not rows:
        return [], [LineFault("empty_file", "The file holds no requests.")]
    if len(rows) > MAX_LINES:
        return [], [LineFault("too_many_tasks", f"The file holds {len(rows)} requests; {MAX_LINES} are allowed.")]
    for number, row in rows:
        read = _read(row, number, endpoint, seen)
        if isinstance(read, LineFault):
            faults.append(read)
            if len(faults) == MAX_FAULTS:
                break
        else:
            seen[read.custom_id] = number
            lines.append(read)
    return lines, faults


def _read(row: bytes, number: int, endpoint: str, seen: dict[str, int]) -> Line | LineFault:
    try:
        request = json.loads(row)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict):
        return LineFault("invalid_json_line", "The line is not a JSON object.", number)
    custom_id = request.get("custom_id")
    if not isinstance(custom_id, str) or not custom_id:
        return LineFault("missing_custom_id", "The line has no custom_id.", number, "custom_id")
    if custom_id in seen:
        words = f"The custom_id is that of line {seen[custom_id]}, too."
        return LineFault("duplicate_custom_id", words, number, "custom_id")
    if request.get("method") != "POST":
        return LineFault("invalid_method", "The method must be POST.", number, "method")
    if request.get("url") != endpoint:
        return LineFault("url_mismatch", f"The url must be the batch's endpoint, {endpoint}.", number, "url")
    if not isinstance(request.get("body"), dict):
        return LineFault("missing_body", "The body must be a JSON object.", number, "body")
    return Line(custom_id, request["body"])
