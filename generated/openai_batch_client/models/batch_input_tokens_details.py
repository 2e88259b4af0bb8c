# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchInputTokensDetails of the contract."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from .._runtime.reading import copied, report_missing


@define(kw_only=True)
class BatchInputTokensDetails:
    """What the input tokens of a batch consist of."""

    cached_tokens: int
    """The number of input tokens that came from the prompt cache."""
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
        document = src_dict.copy() if type(src_dict) is dict else copied(src_dict, "BatchInputTokensDetails")
        # Attributes are set one by one: a call with so many keywords takes as long again.
        new = cls.__new__(cls)
        new.cached_tokens = document.pop("cached_tokens", None)
        if new.cached_tokens is None:
            report_missing(src_dict, "BatchInputTokensDetails", ("cached_tokens",), strict)
        new.additional_properties = document or {}
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, without what is None."""
        document: dict[str, Any] = {
            "cached_tokens": self.cached_tokens,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
