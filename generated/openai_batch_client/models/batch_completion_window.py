# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchCompletionWindow of the contract."""

from typing import Literal, TypeAlias

BatchCompletionWindow: TypeAlias = Literal["24h"]
"""The time within which the service processes a batch. Unfinished requests expire."""
