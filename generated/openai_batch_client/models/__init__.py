# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schemas of the contract."""

from typing import TYPE_CHECKING

from .._runtime.lazy import attach

if TYPE_CHECKING:
    from .batch import Batch
    from .batch_completion_window import BatchCompletionWindow
    from .batch_endpoint import BatchEndpoint
    from .batch_error import BatchError
    from .batch_errors import BatchErrors
    from .batch_file_expiration_after import BatchFileExpirationAfter
    from .batch_input_tokens_details import BatchInputTokensDetails
    from .batch_output_tokens_details import BatchOutputTokensDetails
    from .batch_request_body import BatchRequestBody
    from .batch_request_counts import BatchRequestCounts
    from .batch_request_input import BatchRequestInput
    from .batch_request_output import BatchRequestOutput
    from .batch_request_output_error import BatchRequestOutputError
    from .batch_request_output_response import BatchRequestOutputResponse
    from .batch_response_body import BatchResponseBody
    from .batch_status import BatchStatus
    from .batch_usage import BatchUsage
    from .create_batch_request import CreateBatchRequest
    from .error_details import ErrorDetails
    from .error_response import ErrorResponse
    from .list_batches_response import ListBatchesResponse
    from .metadata import Metadata
else:
    __getattr__, __dir__ = attach(
        __name__,
        {
            "CreateBatchRequest": ".create_batch_request",
            "BatchRequestInput": ".batch_request_input",
            "BatchRequestBody": ".batch_request_body",
            "BatchEndpoint": ".batch_endpoint",
            "BatchCompletionWindow": ".batch_completion_window",
            "Metadata": ".metadata",
            "BatchFileExpirationAfter": ".batch_file_expiration_after",
            "Batch": ".batch",
            "BatchErrors": ".batch_errors",
            "BatchError": ".batch_error",
            "BatchStatus": ".batch_status",
            "BatchRequestOutput": ".batch_request_output",
            "BatchRequestOutputResponse": ".batch_request_output_response",
            "BatchResponseBody": ".batch_response_body",
            "BatchRequestOutputError": ".batch_request_output_error",
            "BatchRequestCounts": ".batch_request_counts",
            "BatchUsage": ".batch_usage",
            "BatchInputTokensDetails": ".batch_input_tokens_details",
            "BatchOutputTokensDetails": ".batch_output_tokens_details",
            "ErrorResponse": ".error_response",
            "ErrorDetails": ".error_details",
            "ListBatchesResponse": ".list_batches_response",
        },
    )

__all__ = [
    "Batch",
    "BatchCompletionWindow",
    "BatchEndpoint",
    "BatchError",
    "BatchErrors",
    "BatchFileExpirationAfter",
    "BatchInputTokensDetails",
    "BatchOutputTokensDetails",
    "BatchRequestBody",
    "BatchRequestCounts",
    "BatchRequestInput",
    "BatchRequestOutput",
    "BatchRequestOutputError",
    "BatchRequestOutputResponse",
    "BatchResponseBody",
    "BatchStatus",
    "BatchUsage",
    "CreateBatchRequest",
    "ErrorDetails",
    "ErrorResponse",
    "ListBatchesResponse",
    "Metadata",
]
