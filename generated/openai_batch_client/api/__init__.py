# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The operations: one package per tag, one module per operation."""

from typing import TYPE_CHECKING

from .._runtime.lazy import attach

if TYPE_CHECKING:
    from . import batch
else:
    __getattr__, __dir__ = attach(
        __name__,
        {
            "batch": ".batch",
        },
    )

__all__ = ["batch"]
