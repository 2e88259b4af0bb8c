# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The clients that the operations' modules are called with; the classes in api/ are such clients too."""

from ._runtime.client import AsyncClient, Client

__all__ = ["AsyncClient", "Client"]
