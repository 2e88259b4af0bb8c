# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema Metadata of the contract."""

from typing import TypeAlias

Metadata: TypeAlias = dict[str, str]
"""Up to 16 key-value pairs of strings. Keys have at most 64 characters, values at most 512."""
