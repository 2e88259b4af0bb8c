# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema ErrorResponse of the contract."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from .._runtime.reading import as_dict, beyond, read_model, report_missing, write
from .error_details import ErrorDetails

_KEYS = ("error",)
_REQUIRED = ("error",)


@define(kw_only=True)
class ErrorResponse:
    """The body of every answer that reports an error."""

    error: ErrorDetails
    """What went wrong."""
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
        document = src_dict if type(src_dict) is dict else as_dict(src_dict, "ErrorResponse")
        new = cls.__new__(cls)
        try:
            new.error = document["error"]
        except KeyError:
            # Servers send every key, as a rule. What this one leaves out is None.
            report_missing(document, "ErrorResponse", _REQUIRED, strict)
            return cls.from_dict(dict.fromkeys(_KEYS) | document, strict=strict)
        if new.error is None:
            report_missing(document, "ErrorResponse", _REQUIRED, strict)
        new.error = read_model(ErrorDetails, new.error, "ErrorResponse.error", strict)
        new.additional_properties = beyond(document, _KEYS) if len(document) > len(_KEYS) else {}
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, without what is None."""
        document: dict[str, Any] = {
            "error": write(self.error),
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
