# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchRequestOutput of the contract."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from .._runtime.reading import LENIENT, STRICT, OpenModel, ReadOptions, as_dict, extra_keys, report_missing, write
from .batch_request_output_error import BatchRequestOutputError
from .batch_request_output_response import BatchRequestOutputResponse

_KEYS = (
    "id",
    "custom_id",
    "response",
    "error",
)
_REQUIRED = ("custom_id",)


@define(kw_only=True, slots=False, repr=False)
class BatchRequestOutput(OpenModel):
    """A line of an output file or an error file. It is the result of one request of a batch."""

    id: str | None = None
    """The service's id of the request in the batch."""
    custom_id: str
    """The caller's id of the request, from the input file. The order of the lines can differ."""
    response: BatchRequestOutputResponse | None = None
    """The HTTP response to the request; null if the request has no response."""
    error: BatchRequestOutputError | None = None
    """The reason why the request has no response, for example that the batch expired."""
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
    def from_document(cls, document: Any, options: ReadOptions, label: str = "BatchRequestOutput") -> Self:
        """Read a JSON document. `label` names the document in an error."""
        if type(document) is not dict:
            document = as_dict(document, label)
        new = cls.__new__(cls)
        try:
            new.id = document["id"]
            new.custom_id = document["custom_id"]
            new.response = document["response"]
            new.error = document["error"]
        except KeyError:
            # Servers usually send every key. A missing one becomes None.
            report_missing(document, "BatchRequestOutput", _REQUIRED, options)
            return cls.from_document(dict.fromkeys(_KEYS) | document, options, label)
        if new.custom_id is None:
            report_missing(document, "BatchRequestOutput", _REQUIRED, options)
        if new.response is not None:
            new.response = BatchRequestOutputResponse.from_document(
                new.response, options, "BatchRequestOutput.response"
            )
        if new.error is not None:
            new.error = BatchRequestOutputError.from_document(new.error, options, "BatchRequestOutput.error")
        if len(document) > 4:  # There are more keys than those above.
            new.additional_properties = extra_keys(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object. Fields that are None are left out."""
        document: dict[str, Any] = {
            "id": self.id,
            "custom_id": self.custom_id,
            "response": write(self.response),
            "error": write(self.error),
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
