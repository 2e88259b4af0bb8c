# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchOutputTokensDetails of the contract."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from .._runtime.reading import LENIENT, STRICT, Open, Reading, as_dict, beyond, report_missing

_KEYS = ("reasoning_tokens",)
_REQUIRED = ("reasoning_tokens",)


@define(kw_only=True, slots=False)
class BatchOutputTokensDetails(Open):
    """A breakdown of a batch's output tokens."""

    reasoning_tokens: int
    """The number of output tokens that the model used for reasoning."""
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
    def from_document(cls, document: Any, reading: Reading, where: str = "BatchOutputTokensDetails") -> Self:
        """Read a JSON document as `reading` says. `where` is what an error calls it if it is no object."""
        if type(document) is not dict:
            document = as_dict(document, where)
        new = cls.__new__(cls)
        try:
            new.reasoning_tokens = document["reasoning_tokens"]
        except KeyError:
            # Servers send every key, as a rule. What this one leaves out is None.
            report_missing(document, "BatchOutputTokensDetails", _REQUIRED, reading)
            return cls.from_document(dict.fromkeys(_KEYS) | document, reading, where)
        if new.reasoning_tokens is None:
            report_missing(document, "BatchOutputTokensDetails", _REQUIRED, reading)
        if len(document) > 1:  # more than the keys above
            new.additional_properties = beyond(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, without what is None."""
        document: dict[str, Any] = {
            "reasoning_tokens": self.reasoning_tokens,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
