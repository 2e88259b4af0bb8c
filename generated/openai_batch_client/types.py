# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""Requests and responses as records, for callers of the operations' modules."""

from ._runtime.messages import OperationSpec, ReadOptions, Request, Response

__all__ = ["OperationSpec", "ReadOptions", "Request", "Response"]
