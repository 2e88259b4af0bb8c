"""Reads the files of tests/exchanges/. Each file is an HTTP exchange with the expected result of the client."""

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
    """A file of tests/exchanges/."""

    operation: str
    why: str
    """The reason for this exchange, in a sentence."""
    call: dict[str, Any]
    request: dict[str, Any]
    response: dict[str, Any]
    result: Any = None
    raises: dict[str, Any] | None = None
    source: str | None = None
    """The URL and the date of a quotation, if a real service sent a response with these fields. The values are ours."""
    outside_contract: str | None = None
    """The reason why the exchange is not valid under the contract, if it is not."""

    @classmethod
    @cache
    def load(cls, path: Path) -> "Exchange":
        return cls(operation=path.parent.name, **loading.load(path).document)

    def answer(self, request: httpx.Request | None = None) -> httpx.Response:
        """The response in the file."""
        body = self.response.get("text", json.dumps(self.response.get("body")))
        headers = {"content-type": "application/json", **self.response.get("headers", {})}
        return httpx.Response(self.response["status"], headers=headers, content=body.encode(), request=request)


def without_nulls(value: Any) -> Any:
    """Remove the keys with null values at every level. Models omit null fields, but keep nulls in unknown fields."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
