"""What openapi-generator makes of the contract for Python. It is made on the spot, so that no checker knows it."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

java = import_module("java_batch_client")


def _api(url: str) -> Any:
    return java.BatchApi(java.ApiClient(java.Configuration(host=url, access_token="sk-local")))


def retrieve(url: str) -> Callable[[], object]:
    api = _api(url)
    return lambda: api.retrieve_batch("batch_0")


def page(url: str) -> Callable[[], object]:
    api = _api(url)
    return lambda: api.list_batches(limit=100)


def build(url: str) -> Callable[[], object]:
    document = _api(url).retrieve_batch("batch_0").to_dict()
    return lambda: java.Batch.from_dict(document)
