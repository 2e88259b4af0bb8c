# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchRequestInput of the contract."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from .._runtime.reading import LENIENT, STRICT, ReadOptions, as_dict, extra_keys, report_missing
from .batch_request_body import BatchRequestBody

_KEYS = (
    "custom_id",
    "method",
    "url",
    "body",
)
_REQUIRED = ("custom_id", "method", "url", "body")


@define(kw_only=True)
class BatchRequestInput:
    """A line of an input file. It is one request of a batch."""

    custom_id: str
    """The caller's id of the request, unique in the file. The line of the result has the same id."""
    method: Literal["POST"] = "POST"
    """The HTTP method of the request."""
    url: str
    """The endpoint of the request. It must be the endpoint of the batch."""
    body: BatchRequestBody
    """The body of the request, as the endpoint expects it."""
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
    def from_document(cls, document: Any, options: ReadOptions, label: str = "BatchRequestInput") -> Self:
        """Read a JSON document. `label` names the document in an error."""
        if type(document) is not dict:
            document = as_dict(document, label)
        new = cls.__new__(cls)
        try:
            new.custom_id = document["custom_id"]
            new.method = document["method"]
            new.url = document["url"]
            new.body = document["body"]
        except KeyError:
            # Servers usually send every key. A missing one becomes None.
            report_missing(document, "BatchRequestInput", _REQUIRED, options)
            return cls.from_document(dict.fromkeys(_KEYS) | document, options, label)
        if new.custom_id is None or new.method is None or new.url is None or new.body is None:
            report_missing(document, "BatchRequestInput", _REQUIRED, options)
        new.additional_properties = extra_keys(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object. Fields that are None are left out."""
        document: dict[str, Any] = {
            "custom_id": self.custom_id,
            "method": self.method,
            "url": self.url,
            "body": self.body,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
