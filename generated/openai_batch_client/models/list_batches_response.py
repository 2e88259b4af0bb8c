# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema ListBatchesResponse of the contract."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from .._runtime.reading import (
    LENIENT,
    STRICT,
    OpenModel,
    ReadOptions,
    as_dict,
    extra_keys,
    read_list,
    report_missing,
    write,
)
from .batch import Batch

_KEYS = (
    "object",
    "data",
    "first_id",
    "last_id",
    "has_more",
)
_REQUIRED = ("object", "data", "has_more")


@define(kw_only=True, slots=False, repr=False)
class ListBatchesResponse(OpenModel):
    """One page of the list of batches."""

    object_: Literal["list"] | str
    """The type of the object."""
    data: list[Batch]
    """The batches of this page, newest first."""
    first_id: str | None = None
    """The id of the first batch of this page; null on an empty page."""
    last_id: str | None = None
    """The id of the last batch of this page, the cursor for the next page; null on an empty page."""
    has_more: bool
    """Whether the list has another page."""
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
    def from_document(cls, document: Any, options: ReadOptions, label: str = "ListBatchesResponse") -> Self:
        """Read a JSON document. `label` names the document in an error."""
        if type(document) is not dict:
            document = as_dict(document, label)
        new = cls.__new__(cls)
        try:
            new.object_ = document["object"]
            new.data = document["data"]
            new.first_id = document["first_id"]
            new.last_id = document["last_id"]
            new.has_more = document["has_more"]
        except KeyError:
            # Servers usually send every key. A missing one becomes None.
            report_missing(document, "ListBatchesResponse", _REQUIRED, options)
            return cls.from_document(dict.fromkeys(_KEYS) | document, options, label)
        if new.object_ is None or new.data is None or new.has_more is None:
            report_missing(document, "ListBatchesResponse", _REQUIRED, options)
        if new.data is not None:
            new.data = read_list(Batch.from_document, new.data, options, "ListBatchesResponse.data")
        if len(document) > 5:  # There are more keys than those above.
            new.additional_properties = extra_keys(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object. Fields that are None are left out."""
        document: dict[str, Any] = {
            "object": self.object_,
            "data": write(self.data),
            "first_id": self.first_id,
            "last_id": self.last_id,
            "has_more": self.has_more,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
