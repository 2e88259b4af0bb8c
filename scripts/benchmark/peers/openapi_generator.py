"""The client that openapi-generator generates from the contract. Type checkers do not know its package."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

package = import_module("openapi_generator_client")


def _api(url: str) -> Any:
    return package.BatchApi(package.ApiClient(package.Configuration(host=url, access_token="sk-local")))


def retrieve(url: str) -> Callable[[], object]:
    api = _api(url)
    return lambda: api.retrieve_batch("batch_0")


def page(url: str) -> Callable[[], object]:
    api = _api(url)
    return lambda: api.list_batches(limit=100)


def build(url: str) -> Callable[[], object]:
    document = _api(url).retrieve_batch("batch_0").to_dict()
    return lambda: package.Batch.from_dict(document)
