# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The clients that the functions of the operations' modules take. The classes in api/ are subclasses."""

from ._runtime.async_client import AsyncClient
from ._runtime.client import Client

__all__ = ["AsyncClient", "Client"]
