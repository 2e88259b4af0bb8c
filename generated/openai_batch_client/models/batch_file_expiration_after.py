# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchFileExpirationAfter of the contract."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from .._runtime.reading import copied, report_missing


@define(kw_only=True)
class BatchFileExpirationAfter:
    """When the output file and the error file of a batch are deleted."""

    anchor: Literal["created_at"] = "created_at"
    """The moment that the time counts from; the creation of the file, not of the batch."""
    seconds: int
    """How long after the anchor the file is deleted, in seconds, from one hour to thirty days."""
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
        document = src_dict.copy() if type(src_dict) is dict else copied(src_dict, "BatchFileExpirationAfter")
        # Attributes are set one by one: a call with so many keywords takes as long again.
        new = cls.__new__(cls)
        new.anchor = document.pop("anchor", None)
        new.seconds = document.pop("seconds", None)
        if new.anchor is None or new.seconds is None:
            report_missing(src_dict, "BatchFileExpirationAfter", ("anchor", "seconds"), strict)
        new.additional_properties = document or {}
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, without what is None."""
        document: dict[str, Any] = {
            "anchor": self.anchor,
            "seconds": self.seconds,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
