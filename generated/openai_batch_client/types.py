# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""Requests and responses as records, and UNSET, for callers of the operations' modules."""

from ._runtime.messages import AsyncStreamedResponse, OperationSpec, ReadOptions, Request, Response, StreamedResponse
from ._runtime.unset import UNSET, Unset

__all__ = [
    "AsyncStreamedResponse",
    "OperationSpec",
    "ReadOptions",
    "Request",
    "Response",
    "StreamedResponse",
    "UNSET",
    "Unset",
]
