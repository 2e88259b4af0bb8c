# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema ErrorDetails of the contract."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from .._runtime.reading import copied, report_missing


@define(kw_only=True)
class ErrorDetails:
    """What went wrong with a request."""

    message: str
    """What is wrong, for people."""
    type_: str
    """The class of the error, for programs."""
    param: str | None = None
    """The parameter or field at fault, where there is one."""
    code: str | None = None
    """The kind of the error, more exact than its class, where there is one."""
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
        document = src_dict.copy() if type(src_dict) is dict else copied(src_dict, "ErrorDetails")
        # Attributes are set one by one: a call with so many keywords takes as long again.
        new = cls.__new__(cls)
        new.message = document.pop("message", None)
        new.type_ = document.pop("type", None)
        new.param = document.pop("param", None)
        new.code = document.pop("code", None)
        if new.message is None or new.type_ is None:
            report_missing(src_dict, "ErrorDetails", ("message", "type"), strict)
        new.additional_properties = document or {}
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, without what is None."""
        document: dict[str, Any] = {
            "message": self.message,
            "type": self.type_,
            "param": self.param,
            "code": self.code,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
