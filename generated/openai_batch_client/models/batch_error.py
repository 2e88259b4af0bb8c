# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchError of the contract."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from .._runtime.reading import LENIENT, STRICT, Open, Reading, as_dict, beyond, report_missing

_KEYS = (
    "code",
    "message",
    "param",
    "line",
)
_REQUIRED = ()


@define(kw_only=True, slots=False)
class BatchError(Open):
    """An error of an input file."""

    code: str | None = None
    """A machine-readable code of the error."""
    message: str | None = None
    """A human-readable message."""
    param: str | None = None
    """The name of the invalid field, if a field caused the error."""
    line: int | None = None
    """The line of the input file, counted from 1, if a line caused the error."""
    additional_properties: dict[str, Any] = field(factory=dict)
    """What the contract does not know, as it was sent."""

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any], *, strict: bool = False) -> Self:
        """Read a JSON object.

        A required field that is missing or null becomes None, although its type does not say so, and is
        logged once.

        Raises:
            ShapeError: Something that should be an object or a list is neither; or, with `strict`, a
                required field is missing or null.
        """
        return cls.from_document(src_dict, STRICT if strict else LENIENT)

    @classmethod
    def from_document(cls, document: Any, reading: Reading, where: str = "BatchError") -> Self:
        """Read a JSON document as `reading` says. `where` is what an error calls it if it is no object."""
        if type(document) is not dict:
            document = as_dict(document, where)
        new = cls.__new__(cls)
        try:
            new.code = document["code"]
            new.message = document["message"]
            new.param = document["param"]
            new.line = document["line"]
        except KeyError:
            # Servers send every key, as a rule. What this one leaves out is None.
            report_missing(document, "BatchError", _REQUIRED, reading)
            return cls.from_document(dict.fromkeys(_KEYS) | document, reading, where)
        if len(document) > 4:  # more than the keys above
            new.additional_properties = beyond(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, without what is None."""
        document: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "line": self.line,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
