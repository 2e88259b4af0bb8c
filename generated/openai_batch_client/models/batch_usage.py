# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchUsage of the contract."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from .._runtime.reading import LENIENT, STRICT, OpenModel, ReadOptions, as_dict, extra_keys, report_missing, write
from .batch_input_tokens_details import BatchInputTokensDetails
from .batch_output_tokens_details import BatchOutputTokensDetails

_KEYS = (
    "input_tokens",
    "input_tokens_details",
    "output_tokens",
    "output_tokens_details",
    "total_tokens",
)
_REQUIRED = ("input_tokens", "input_tokens_details", "output_tokens", "output_tokens_details", "total_tokens")


@define(kw_only=True, slots=False, repr=False)
class BatchUsage(OpenModel):
    """The tokens that a batch used."""

    input_tokens: int
    """The number of tokens in the requests."""
    input_tokens_details: BatchInputTokensDetails
    """A breakdown of the input tokens."""
    output_tokens: int
    """The number of tokens in the responses."""
    output_tokens_details: BatchOutputTokensDetails
    """A breakdown of the output tokens."""
    total_tokens: int
    """The number of tokens in requests and responses together."""
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
    def from_document(cls, document: Any, options: ReadOptions, label: str = "BatchUsage") -> Self:
        """Read a JSON document. `label` names the document in an error."""
        if type(document) is not dict:
            document = as_dict(document, label)
        new = cls.__new__(cls)
        try:
            new.input_tokens = document["input_tokens"]
            new.input_tokens_details = document["input_tokens_details"]
            new.output_tokens = document["output_tokens"]
            new.output_tokens_details = document["output_tokens_details"]
            new.total_tokens = document["total_tokens"]
        except KeyError:
            # Servers usually send every key. A missing one becomes None.
            report_missing(document, "BatchUsage", _REQUIRED, options)
            return cls.from_document(dict.fromkeys(_KEYS) | document, options, label)
        if (
            new.input_tokens is None
            or new.input_tokens_details is None
            or new.output_tokens is None
            or new.output_tokens_details is None
            or new.total_tokens is None
        ):
            report_missing(document, "BatchUsage", _REQUIRED, options)
        if new.input_tokens_details is not None:
            new.input_tokens_details = BatchInputTokensDetails.from_document(
                new.input_tokens_details, options, "BatchUsage.input_tokens_details"
            )
        if new.output_tokens_details is not None:
            new.output_tokens_details = BatchOutputTokensDetails.from_document(
                new.output_tokens_details, options, "BatchUsage.output_tokens_details"
            )
        if len(document) > 5:  # There are more keys than those above.
            new.additional_properties = extra_keys(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object. Fields that are None are left out."""
        document: dict[str, Any] = {
            "input_tokens": self.input_tokens,
            "input_tokens_details": write(self.input_tokens_details),
            "output_tokens": self.output_tokens,
            "output_tokens_details": write(self.output_tokens_details),
            "total_tokens": self.total_tokens,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
