# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema Metadata of the contract."""

from typing import TypeAlias

Metadata: TypeAlias = dict[str, str]
"""At most 16 pairs of strings, for the caller's own use. Keys hold up to 64 characters, values up to
512.
"""
