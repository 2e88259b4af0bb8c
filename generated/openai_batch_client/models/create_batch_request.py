# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema CreateBatchRequest of the contract."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define, field

from .._runtime.reading import LENIENT, STRICT, ReadOptions, as_dict, extra_keys, report_missing, write
from .._runtime.spec import FileSpec
from .._runtime.unset import UNSET, Unset, sent
from .batch_completion_window import BatchCompletionWindow
from .batch_endpoint import BatchEndpoint
from .batch_file_expiration_after import BatchFileExpirationAfter
from .metadata import Metadata

_KEYS = (
    "input_file_id",
    "endpoint",
    "completion_window",
    "metadata",
    "output_expires_after",
)
_REQUIRED = ("input_file_id", "endpoint", "completion_window")
_NULLABLE = ("metadata",)
_UNSET = {
    "metadata": UNSET,
}


@define(kw_only=True)
class CreateBatchRequest:
    """The parameters of a new batch."""

    FILES: ClassVar[Mapping[str, FileSpec]] = {
        "input_file_id": FileSpec(
            upload_path="/files",
            purpose="batch",
            content_path="/files/{file_id}/content",
            line="BatchRequestInput",
            max_lines=50000,
            max_bytes=209715200,
            unique="custom_id",
            equal=(("url", "endpoint"),),
        ),
    }
    """The files whose ids it holds, by attribute."""

    input_file_id: str
    """The id of a file that was uploaded with the purpose `batch`. The file contains one JSON request per
    line, at most 50,000 lines and 200 MB.
    """
    endpoint: BatchEndpoint
    """The endpoint for all requests of the file."""
    completion_window: BatchCompletionWindow
    """The time within which the service must process the batch."""
    metadata: Metadata | None | Unset = UNSET
    """Key-value pairs that the service stores with the batch."""
    output_expires_after: BatchFileExpirationAfter | Mapping[str, Any] | None = None
    """The lifetime of the output file and the error file. If it is absent, the service decides."""
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
    def from_document(cls, document: Any, options: ReadOptions, label: str = "CreateBatchRequest") -> Self:
        """Read a JSON document. `label` names the document in an error."""
        if type(document) is not dict:
            document = as_dict(document, label)
        new = cls.__new__(cls)
        try:
            new.input_file_id = document["input_file_id"]
            new.endpoint = document["endpoint"]
            new.completion_window = document["completion_window"]
            new.metadata = document["metadata"]
            new.output_expires_after = document["output_expires_after"]
        except KeyError:
            # Servers usually send every key. A missing one becomes None.
            report_missing(document, "CreateBatchRequest", _REQUIRED, options)
            return cls.from_document(dict.fromkeys(_KEYS) | _UNSET | document, options, label)
        if new.input_file_id is None or new.endpoint is None or new.completion_window is None:
            report_missing(document, "CreateBatchRequest", _REQUIRED, options)
        if new.output_expires_after is not None:
            new.output_expires_after = BatchFileExpirationAfter.from_document(
                new.output_expires_after, options, "CreateBatchRequest.output_expires_after"
            )
        new.additional_properties = extra_keys(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object. None is null in metadata; other fields that are None are left out."""
        document: dict[str, Any] = {
            "input_file_id": self.input_file_id,
            "endpoint": self.endpoint,
            "completion_window": self.completion_window,
            "metadata": self.metadata,
            "output_expires_after": write(self.output_expires_after),
        }
        document = sent(document, _NULLABLE)
        return document | self.additional_properties
