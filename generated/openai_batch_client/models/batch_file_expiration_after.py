# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchFileExpirationAfter of the contract."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from .._runtime.reading import LENIENT, STRICT, ReadOptions, as_dict, extra_keys, report_missing

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
    def from_document(cls, document: Any, options: ReadOptions, label: str = "BatchFileExpirationAfter") -> Self:
        """Read a JSON document. `label` names the document in an error."""
        if type(document) is not dict:
            document = as_dict(document, label)
        new = cls.__new__(cls)
        try:
            new.anchor = document["anchor"]
            new.seconds = document["seconds"]
        except KeyError:
            # Servers usually send every key. A missing one becomes None.
            report_missing(document, "BatchFileExpirationAfter", _REQUIRED, options)
            return cls.from_document(dict.fromkeys(_KEYS) | document, options, label)
        if new.anchor is None or new.seconds is None:
            report_missing(document, "BatchFileExpirationAfter", _REQUIRED, options)
        new.additional_properties = extra_keys(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object. Fields that are None are left out."""
        document: dict[str, Any] = {
            "anchor": self.anchor,
            "seconds": self.seconds,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
