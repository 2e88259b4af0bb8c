# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchStatus of the contract."""

from typing import Literal, TypeAlias

BatchStatus: TypeAlias = Literal[
    "validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled"
]
"""How far a batch is."""
