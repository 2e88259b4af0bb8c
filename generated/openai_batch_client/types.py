# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""Requests and responses as records, for callers of the operations' modules."""

from ._runtime.messages import AsyncStreamedResponse, OperationSpec, ReadOptions, Request, Response, StreamedResponse

__all__ = ["AsyncStreamedResponse", "OperationSpec", "ReadOptions", "Request", "Response", "StreamedResponse"]
