# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchRequestCounts of the contract."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from .._runtime.reading import copied, report_missing


@define(kw_only=True)
class BatchRequestCounts:
    """How many requests a batch has, and how they fared so far."""

    total: int
    """The number of requests in the input file."""
    completed: int
    """The number of requests that were answered successfully."""
    failed: int
    """The number of requests that failed."""
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
        document = src_dict.copy() if type(src_dict) is dict else copied(src_dict, "BatchRequestCounts")
        # Attributes are set one by one: a call with so many keywords takes as long again.
        new = cls.__new__(cls)
        new.total = document.pop("total", None)
        new.completed = document.pop("completed", None)
        new.failed = document.pop("failed", None)
        if new.total is None or new.completed is None or new.failed is None:
            report_missing(src_dict, "BatchRequestCounts", ("total", "completed", "failed"), strict)
        new.additional_properties = document or {}
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, without what is None."""
        document: dict[str, Any] = {
            "total": self.total,
            "completed": self.completed,
            "failed": self.failed,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
