"""Parses the input file of a batch and validates each line, as the provider does before it processes a batch."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from openapi_schema_validator import OAS31Validator

from scripts.openapi.contract import Contract

from . import strict_json

MAX_ERRORS = 100


@frozen
class InputLine:
    """A valid line: a request of the batch."""

    custom_id: str
    body: Mapping[str, Any]
    """The body of the request; empty if a line has none."""


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


@frozen
class InputFileFormat:
    """The format of the input files of an operation: x-file of a field of its body, and the fields of a line."""

    id_field: str
    """The field of the request body with the id of the file."""
    file: Mapping[str, Any]
    """x-file as written."""
    fields: Mapping[str, OAS31Validator] = field(repr=False)
    """The validator of each required field of a line."""

    @classmethod
    def of(cls, contract: Contract, properties: Mapping[str, Any]) -> "InputFileFormat | None":
        """The format of the file whose id is a property of a request, or None if no property is."""
        for name, schema in properties.items():
            file = schema.get("x-file") if isinstance(schema, Mapping) else None
            if file and "upload" in file:
                line = contract.schemas[file["line"]]
                fields = {key: contract.resolve(line["properties"][key]) for key in line.get("required", ())}
                components = contract.document.get("components", {})
                validators = {key: OAS31Validator({**one, "components": components}) for key, one in fields.items()}
                return cls(name, file, validators)
        return None


def parse(
    content: bytes, input_format: InputFileFormat, request: Mapping[str, Any]
) -> tuple[list[InputLine], list[InputError]]:
    """Parse the input file of a batch that is created with the body `request`.

    Returns:
        The valid lines, and at most MAX_ERRORS errors. A file with errors is not processed at all.
    """
    lines: list[InputLine] = []
    errors: list[InputError] = []
    line_numbers: dict[str, int] = {}
    rows = [(number, row) for number, row in enumerate(content.split(b"\n"), 1) if row.strip()]
    if not rows:
        return [], [InputError("empty_file", "The file contains no requests.")]
    limit = input_format.file.get("max_lines")
    if limit is not None and len(rows) > limit:
        return [], [InputError("too_many_tasks", f"The file contains {len(rows)} requests; the limit is {limit}.")]
    for number, row in rows:
        parsed = _parse_line(row, number, input_format, request, line_numbers)
        if isinstance(parsed, InputError):
            errors.append(parsed)
            if len(errors) == MAX_ERRORS:
                break
        else:
            lines.append(parsed)
    return lines, errors


def _parse_line(
    row: bytes,
    number: int,
    input_format: InputFileFormat,
    request: Mapping[str, Any],
    line_numbers: dict[str, int],
) -> InputLine | InputError:
    """Parse a line; `line_numbers` has the lines of the unique values so far, and gains the value of a valid line."""
    try:
        line = strict_json.parse(row)
    except strict_json.InvalidJSON as error:
        return InputError("invalid_json_line", f"The line is not JSON: {error}.", number)
    if not isinstance(line, dict):
        return InputError("invalid_json_line", "The line is not a JSON object.", number)
    unique, equal = input_format.file.get("unique"), input_format.file.get("equal", {})
    for name, validator in input_format.fields.items():
        value, constant = line.get(name), validator.schema.get("const")
        if name in equal:
            expected = request.get(equal[name])
            if value != expected:
                message = f"The {name} must be the {equal[name]} of the batch, {expected}."
                return InputError(f"{name}_mismatch", message, number, name)
        elif not validator.is_valid(value):
            if constant is not None:
                return InputError(f"invalid_{name}", f"The {name} must be {constant}.", number, name)
            is_object = validator.schema.get("type") == "object"
            message = f"The {name} must be a JSON object." if is_object else f"The line has no {name}."
            return InputError(f"missing_{name}", message, number, name)
        elif name == unique and value in line_numbers:
            message = f"The {name} is already used in line {line_numbers[value]}."
            return InputError(f"duplicate_{name}", message, number, name)
    if unique is not None:
        line_numbers[line[unique]] = number
    return InputLine(str(line.get("custom_id", number)), line.get("body", {}))
