# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchStatus of the contract."""

from typing import Literal, TypeAlias

BatchStatus: TypeAlias = Literal[
    "validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled"
]
"""The status of a batch."""

BATCH_STATUS_SUCCESSORS: dict[str, tuple[str, ...]] = {
    "validating": ("in_progress", "failed", "expired", "cancelling"),
    "failed": (),
    "in_progress": ("finalizing", "expired", "cancelling"),
    "finalizing": ("completed", "expired", "cancelling"),
    "completed": (),
    "expired": (),
    "cancelling": ("cancelled",),
    "cancelled": (),
}
"""The statuses that can follow each status. A final status has none."""

BATCH_STATUS_SUCCESS: tuple[str, ...] = ("completed",)
"""The final statuses that mean success."""
