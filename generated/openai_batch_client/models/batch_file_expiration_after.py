# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchFileExpirationAfter of the contract."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from .._runtime.reading import LENIENT, STRICT, Reading, as_dict, beyond, report_missing

_KEYS = (
    "anchor",
    "seconds",
)
_REQUIRED = ("anchor", "seconds")


@define(kw_only=True)
class BatchFileExpirationAfter:
    """The lifetime of a batch's output file and error file."""

    anchor: Literal["created_at"] = "created_at"
    """The start of the lifetime. `created_at` is the creation time of the file, not of the batch."""
    seconds: int
    """The lifetime in seconds, from one hour to thirty days."""
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
    def from_document(cls, document: Any, reading: Reading, where: str = "BatchFileExpirationAfter") -> Self:
        """Read a JSON document as `reading` says. `where` is what an error calls it if it is no object."""
        if type(document) is not dict:
            document = as_dict(document, where)
        new = cls.__new__(cls)
        try:
            new.anchor = document["anchor"]
            new.seconds = document["seconds"]
        except KeyError:
            # Servers send every key, as a rule. What this one leaves out is None.
            report_missing(document, "BatchFileExpirationAfter", _REQUIRED, reading)
            return cls.from_document(dict.fromkeys(_KEYS) | document, reading, where)
        if new.anchor is None or new.seconds is None:
            report_missing(document, "BatchFileExpirationAfter", _REQUIRED, reading)
        new.additional_properties = beyond(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, without what is None."""
        document: dict[str, Any] = {
            "anchor": self.anchor,
            "seconds": self.seconds,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
