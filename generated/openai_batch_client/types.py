# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""A request and a response as data, for callers of the operations' modules."""

from ._runtime.exchange import Operation, Reading, Request, Response

__all__ = ["Operation", "Reading", "Request", "Response"]
