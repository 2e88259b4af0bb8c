"""The files below tests/exchanges/: one HTTP exchange each."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from attrs import frozen

from scripts.openapi import loading
from scripts.openapi.contract import ROOT

EXCHANGES = sorted((ROOT / "tests" / "exchanges").glob("*/*.yaml"))


@frozen
class Exchange:
    """The content of one file."""

    operation: str
    why: str
    call: dict[str, Any]
    request: dict[str, Any]
    response: dict[str, Any]
    result: Any = None
    raises: dict[str, Any] | None = None
    outside_contract: str | None = None

    @classmethod
    @cache
    def load(cls, path: Path) -> "Exchange":
        return cls(operation=path.parent.name, **loading.load(path).document)

    def answer(self, request: httpx.Request | None = None) -> httpx.Response:
        """The response of the file."""
        body = self.response.get("text", json.dumps(self.response.get("body")))
        headers = {"content-type": "application/json", **self.response.get("headers", {})}
        return httpx.Response(self.response["status"], headers=headers, content=body.encode(), request=request)


def without_nulls(value: Any) -> Any:
    """`value` without the keys of objects that are null: unknown fields keep what was sent."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
