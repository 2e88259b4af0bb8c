# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema ErrorDetails of the contract."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from .._runtime.reading import LENIENT, STRICT, OpenModel, ReadOptions, as_dict, extra_keys, report_missing

_KEYS = (
    "message",
    "type",
    "param",
    "code",
)
_REQUIRED = ("message", "type")


@define(kw_only=True, slots=False, repr=False)
class ErrorDetails(OpenModel):
    """The error of a request."""

    message: str
    """A human-readable message."""
    type_: str
    """The machine-readable type of the error."""
    param: str | None = None
    """The name of the invalid parameter or field, if a parameter or field caused the error."""
    code: str | None = None
    """A machine-readable code, more specific than the type, if the error has one."""
    additional_properties: dict[str, Any] = field(factory=dict)
    """Fields that the contract does not define."""

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any], *, strict: bool = False) -> Self:
        """Read a JSON object.

        A required field that is missing or null becomes None, against its type, and is logged once.

        Raises:
            ShapeError: A value should be an object or a list and is not, or the id is missing; with
                `strict`, also if another required field is missing or null. It is a ValueError.
        """
        return cls.from_document(src_dict, STRICT if strict else LENIENT)

    @classmethod
    def from_document(cls, document: Any, options: ReadOptions, label: str = "ErrorDetails") -> Self:
        """Read a JSON document. `label` names the document in an error."""
        if type(document) is not dict:
            document = as_dict(document, label)
        new = cls.__new__(cls)
        try:
            new.message = document["message"]
            new.type_ = document["type"]
            new.param = document["param"]
            new.code = document["code"]
        except KeyError:
            # Servers usually send every key. A missing one becomes None.
            report_missing(document, "ErrorDetails", _REQUIRED, options)
            return cls.from_document(dict.fromkeys(_KEYS) | document, options, label)
        if new.message is None or new.type_ is None:
            report_missing(document, "ErrorDetails", _REQUIRED, options)
        if len(document) > 4:  # There are more keys than those above.
            new.additional_properties = extra_keys(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object. Fields that are None are left out."""
        document: dict[str, Any] = {
            "message": self.message,
            "type": self.type_,
            "param": self.param,
            "code": self.code,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
