# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchUsage of the contract."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from .._runtime.reading import copied, read_model, report_missing, write
from .batch_input_tokens_details import BatchInputTokensDetails
from .batch_output_tokens_details import BatchOutputTokensDetails


@define(kw_only=True)
class BatchUsage:
    """The tokens that a batch used."""

    input_tokens: int
    """The number of tokens in the requests."""
    input_tokens_details: BatchInputTokensDetails
    """What the input tokens consist of."""
    output_tokens: int
    """The number of tokens in the answers."""
    output_tokens_details: BatchOutputTokensDetails
    """What the output tokens consist of."""
    total_tokens: int
    """The number of tokens in requests and answers together."""
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
        document = src_dict.copy() if type(src_dict) is dict else copied(src_dict, "BatchUsage")
        # Attributes are set one by one: a call with so many keywords takes as long again.
        new = cls.__new__(cls)
        new.input_tokens = document.pop("input_tokens", None)
        new.output_tokens = document.pop("output_tokens", None)
        new.total_tokens = document.pop("total_tokens", None)
        if (
            new.input_tokens is None
            or document.get("input_tokens_details") is None
            or new.output_tokens is None
            or document.get("output_tokens_details") is None
            or new.total_tokens is None
        ):
            report_missing(
                src_dict,
                "BatchUsage",
                ("input_tokens", "input_tokens_details", "output_tokens", "output_tokens_details", "total_tokens"),
                strict,
            )
        new.input_tokens_details = read_model(
            BatchInputTokensDetails,
            document.pop("input_tokens_details", None),
            "BatchUsage.input_tokens_details",
            strict,
        )
        new.output_tokens_details = read_model(
            BatchOutputTokensDetails,
            document.pop("output_tokens_details", None),
            "BatchUsage.output_tokens_details",
            strict,
        )
        new.additional_properties = document or {}
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, without what is None."""
        document: dict[str, Any] = {
            "input_tokens": self.input_tokens,
            "input_tokens_details": write(self.input_tokens_details),
            "output_tokens": self.output_tokens,
            "output_tokens_details": write(self.output_tokens_details),
            "total_tokens": self.total_tokens,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
