# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema Batch of the contract."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from attrs import define, field

from .._runtime.reading import LENIENT, STRICT, OpenModel, ReadOptions, as_dict, extra_keys, report_missing, write
from .._runtime.spec import FileSpec, LifecycleSpec
from .batch_errors import BatchErrors
from .batch_request_counts import BatchRequestCounts
from .batch_status import BATCH_STATUS_SUCCESS, BATCH_STATUS_SUCCESSORS, BatchStatus
from .batch_usage import BatchUsage
from .metadata import Metadata

_KEYS = (
    "id",
    "object",
    "endpoint",
    "model",
    "errors",
    "input_file_id",
    "completion_window",
    "status",
    "output_file_id",
    "error_file_id",
    "created_at",
    "in_progress_at",
    "expires_at",
    "finalizing_at",
    "completed_at",
    "failed_at",
    "expired_at",
    "cancelling_at",
    "cancelled_at",
    "request_counts",
    "usage",
    "metadata",
)
_REQUIRED = ("id", "object", "endpoint", "input_file_id", "completion_window", "status", "created_at")


@define(kw_only=True, slots=False, repr=False)
class Batch(OpenModel):
    """A set of requests that are processed together, and its state."""

    LIFECYCLE: ClassVar[LifecycleSpec] = LifecycleSpec("status", BATCH_STATUS_SUCCESSORS, BATCH_STATUS_SUCCESS)
    """The lifecycle of its status."""

    FILES: ClassVar[Mapping[str, FileSpec]] = {
        "input_file_id": FileSpec(
            upload_path=None,
            purpose=None,
            content_path="/files/{file_id}/content",
            line="BatchRequestInput",
            max_lines=None,
            max_bytes=None,
            unique=None,
            equal=(),
        ),
        "output_file_id": FileSpec(
            upload_path=None,
            purpose=None,
            content_path="/files/{file_id}/content",
            line="BatchRequestOutput",
            max_lines=None,
            max_bytes=None,
            unique=None,
            equal=(),
        ),
        "error_file_id": FileSpec(
            upload_path=None,
            purpose=None,
            content_path="/files/{file_id}/content",
            line="BatchRequestOutput",
            max_lines=None,
            max_bytes=None,
            unique=None,
            equal=(),
        ),
    }
    """The files whose ids it holds, by attribute."""

    id: str
    """The id of the batch."""
    object_: Literal["batch"] | str
    """The type of the object."""
    endpoint: str
    """The endpoint for the requests."""
    model: str | None = None
    """The model that processes the requests."""
    errors: BatchErrors | None = None
    """The errors of the input file, if its validation failed."""
    input_file_id: str
    """The id of the file that contains the requests."""
    completion_window: str
    """The time within which the service processes the batch."""
    status: BatchStatus | str
    """The status of the batch."""
    output_file_id: str | None = None
    """The id of the file that contains the responses to the successful requests."""
    error_file_id: str | None = None
    """The id of the file that contains the errors of the failed requests."""
    created_at: int
    """When the batch was created, in Unix seconds."""
    in_progress_at: int | None = None
    """When processing started, in Unix seconds."""
    expires_at: int | None = None
    """When the completion window ends, in Unix seconds."""
    finalizing_at: int | None = None
    """When the service started to write the result files, in Unix seconds."""
    completed_at: int | None = None
    """When the batch was completed, in Unix seconds."""
    failed_at: int | None = None
    """When the validation of the input file failed, in Unix seconds."""
    expired_at: int | None = None
    """When the batch expired, in Unix seconds."""
    cancelling_at: int | None = None
    """When the cancellation started, in Unix seconds."""
    cancelled_at: int | None = None
    """When the batch was cancelled, in Unix seconds."""
    request_counts: BatchRequestCounts | None = None
    """The number of requests, in total and by result."""
    usage: BatchUsage | None = None
    """The tokens that the batch used. Batches created before September 2025 do not have this field."""
    metadata: Metadata | None = None
    """The key-value pairs that were set when the batch was created."""
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
    def from_document(cls, document: Any, options: ReadOptions, label: str = "Batch") -> Self:
        """Read a JSON document. `label` names the document in an error."""
        if type(document) is not dict:
            document = as_dict(document, label)
        new = cls.__new__(cls)
        try:
            new.id = document["id"]
            new.object_ = document["object"]
            new.endpoint = document["endpoint"]
            new.model = document["model"]
            new.errors = document["errors"]
            new.input_file_id = document["input_file_id"]
            new.completion_window = document["completion_window"]
            new.status = document["status"]
            new.output_file_id = document["output_file_id"]
            new.error_file_id = document["error_file_id"]
            new.created_at = document["created_at"]
            new.in_progress_at = document["in_progress_at"]
            new.expires_at = document["expires_at"]
            new.finalizing_at = document["finalizing_at"]
            new.completed_at = document["completed_at"]
            new.failed_at = document["failed_at"]
            new.expired_at = document["expired_at"]
            new.cancelling_at = document["cancelling_at"]
            new.cancelled_at = document["cancelled_at"]
            new.request_counts = document["request_counts"]
            new.usage = document["usage"]
            new.metadata = document["metadata"]
        except KeyError:
            # Servers usually send every key. A missing one becomes None.
            report_missing(document, "Batch", _REQUIRED, options)
            return cls.from_document(dict.fromkeys(_KEYS) | document, options, label)
        if (
            new.id is None
            or new.object_ is None
            or new.endpoint is None
            or new.input_file_id is None
            or new.completion_window is None
            or new.status is None
            or new.created_at is None
        ):
            report_missing(document, "Batch", _REQUIRED, options)
        if new.errors is not None:
            new.errors = BatchErrors.from_document(new.errors, options, "Batch.errors")
        if new.request_counts is not None:
            new.request_counts = BatchRequestCounts.from_document(new.request_counts, options, "Batch.request_counts")
        if new.usage is not None:
            new.usage = BatchUsage.from_document(new.usage, options, "Batch.usage")
        if len(document) > 22:  # There are more keys than those above.
            new.additional_properties = extra_keys(document, _KEYS)
        return new

    def to_dict(self) -> dict[str, Any]:
        """The JSON object. Fields that are None are left out."""
        document: dict[str, Any] = {
            "id": self.id,
            "object": self.object_,
            "endpoint": self.endpoint,
            "model": self.model,
            "errors": write(self.errors),
            "input_file_id": self.input_file_id,
            "completion_window": self.completion_window,
            "status": self.status,
            "output_file_id": self.output_file_id,
            "error_file_id": self.error_file_id,
            "created_at": self.created_at,
            "in_progress_at": self.in_progress_at,
            "expires_at": self.expires_at,
            "finalizing_at": self.finalizing_at,
            "completed_at": self.completed_at,
            "failed_at": self.failed_at,
            "expired_at": self.expired_at,
            "cancelling_at": self.cancelling_at,
            "cancelled_at": self.cancelled_at,
            "request_counts": write(self.request_counts),
            "usage": write(self.usage),
            "metadata": self.metadata,
        }
        document = {key: value for key, value in document.items() if value is not None}
        return document | self.additional_properties
