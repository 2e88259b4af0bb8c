# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchResponseBody of the contract."""

from typing import Any, TypeAlias

BatchResponseBody: TypeAlias = dict[str, Any]
"""The JSON body of a response. The endpoint determines its fields."""
