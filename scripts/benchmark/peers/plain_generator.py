"""The client that openapi-python-client generates without our templates. Type checkers do not know its package."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

package = import_module("plain_batch_client")


def _client(url: str) -> Any:
    return package.AuthenticatedClient(base_url=url, token="sk-local")


def retrieve(url: str) -> Callable[[], object]:
    operation = import_module("plain_batch_client.api.batch.retrieve_batch")
    client = _client(url)
    return lambda: operation.sync("batch_0", client=client)


def page(url: str) -> Callable[[], object]:
    operation = import_module("plain_batch_client.api.batch.list_batches")
    client = _client(url)
    return lambda: operation.sync(client=client, limit=100)


def build(url: str) -> Callable[[], object]:
    import httpx

    model = import_module("plain_batch_client.models").Batch
    document = httpx.get(f"{url}/batches/batch_0").json()
    return lambda: model.from_dict(document)
