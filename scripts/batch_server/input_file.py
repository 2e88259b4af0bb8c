"""Parses the input file of a batch and validates each line, as the provider does before it processes a batch."""

from typing import Any

from attrs import frozen

from . import strict_json

MAX_LINES = 50_000
MAX_ERRORS = 100


@frozen
class InputLine:
    """A valid line: a request of the batch."""

    custom_id: str
    body: dict[str, Any]


@frozen
class InputError:
    """An error in a line, or in the whole file."""

    code: str
    message: str
    line: int | None = None
    """Line number, counted from 1; None for an error in the whole file."""
    param: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "param": self.param, "line": self.line}


def parse(content: bytes, endpoint: str) -> tuple[list[InputLine], list[InputError]]:
    """Parse an input file for a batch with this endpoint.

    Returns:
        The valid lines, and at most MAX_ERRORS errors. A file with errors is not processed at all.
    """
    lines: list[InputLine] = []
    errors: list[InputError] = []
    line_numbers: dict[str, int] = {}
    rows = [(number, row) for number, row in enumerate(content.split(b"\n"), 1) if row.strip()]
    if not rows:
        return [], [InputError("empty_file", "The file contains no requests.")]
    if len(rows) > MAX_LINES:
        return [], [InputError("too_many_tasks", f"The file contains {len(rows)} requests; the limit is {MAX_LINES}.")]
    for number, row in rows:
        parsed = _parse_line(row, number, endpoint, line_numbers)
        if isinstance(parsed, InputError):
            errors.append(parsed)
            if len(errors) == MAX_ERRORS:
                break
        else:
            line_numbers[parsed.custom_id] = number
            lines.append(parsed)
    return lines, errors


def _parse_line(row: bytes, number: int, endpoint: str, line_numbers: dict[str, int]) -> InputLine | InputError:
    """Parse a line; `line_numbers` has the lines of the custom_ids so far."""
    try:
        request = strict_json.parse(row)
    except strict_json.InvalidJSON as error:
        return InputError("invalid_json_line", f"The line is not JSON: {error}.", number)
    if not isinstance(request, dict):
        return InputError("invalid_json_line", "The line is not a JSON object.", number)
    custom_id = request.get("custom_id")
    if not isinstance(custom_id, str) or not custom_id:
        return InputError("missing_custom_id", "The line has no custom_id.", number, "custom_id")
    if custom_id in line_numbers:
        message = f"The custom_id is already used in line {line_numbers[custom_id]}."
        return InputError("duplicate_custom_id", message, number, "custom_id")
    if request.get("method") != "POST":
        return InputError("invalid_method", "The method must be POST.", number, "method")
    if request.get("url") != endpoint:
        return InputError("url_mismatch", f"The url must be the endpoint of the batch, {endpoint}.", number, "url")
    if not isinstance(request.get("body"), dict):
        return InputError("missing_body", "The body must be a JSON object.", number, "body")
    return InputLine(custom_id, request["body"])
