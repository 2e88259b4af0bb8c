# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchRequestBody of the contract."""

from typing import Any, TypeAlias

BatchRequestBody: TypeAlias = dict[str, Any]
"""The JSON body of a request. The endpoint determines its fields."""
