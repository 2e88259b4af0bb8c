# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schemas of the contract."""

from .batch import Batch
from .batch_completion_window import BatchCompletionWindow
from .batch_endpoint import BatchEndpoint
from .batch_error import BatchError
from .batch_errors import BatchErrors
from .batch_file_expiration_after import BatchFileExpirationAfter
from .batch_input_tokens_details import BatchInputTokensDetails
from .batch_output_tokens_details import BatchOutputTokensDetails
from .batch_request_counts import BatchRequestCounts
from .batch_status import BatchStatus
from .batch_usage import BatchUsage
from .create_batch_request import CreateBatchRequest
from .error_details import ErrorDetails
from .error_response import ErrorResponse
from .list_batches_response import ListBatchesResponse
from .metadata import Metadata

__all__ = [
    "Batch",
    "BatchCompletionWindow",
    "BatchEndpoint",
    "BatchError",
    "BatchErrors",
    "BatchFileExpirationAfter",
    "BatchInputTokensDetails",
    "BatchOutputTokensDetails",
    "BatchRequestCounts",
    "BatchStatus",
    "BatchUsage",
    "CreateBatchRequest",
    "ErrorDetails",
    "ErrorResponse",
    "ListBatchesResponse",
    "Metadata",
]
