# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchErrors of the contract."""

from collections.abc import Mapping
from typing import Any, Self

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
from .batch_error import BatchError

_KEYS = (
    "object",
    "data",
)
_REQUIRED = ()


@define(kw_only=True, slots=False, repr=False)
class BatchErrors(OpenModel):
    """The errors of an input file."""

    object_: str | None = None
    """The type of the object, always `list`."""
    data: list[BatchError] | None = None
    """The errors, in the order in which the service found them."""
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
    def from_document(cls, document: Any, options: ReadOptions, label: str = "BatchErrors") -> Self:
        """Read a JSON document. `label` names the document in an error."""
        if type(document) is not dict:
            document = as_dict(document, label)
        new = cls.__new__(cls)
        try:
            new.object_ = document["object"]
            new.data = document["data"]
        except KeyError:
            # Servers usually send every key. A missing one becomes None.
            report_missing(document, "BatchErrors", _REQUIRED, options)
            return cls.from_document(dict.fromkeys(_KEYS) | document, options, label)
        if new.data is not None:
            new.data = read_list(BatchError.from_document, new.data, options, "BatchErrors.data")
        if len(document) > 2:  # There are more keys than those above.
            new.additional_properties = extra_keys(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object. Fields that are None are left out."""
        document: dict[str, Any] = {
            "object": self.object_,
            "data": write(self.data),
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
