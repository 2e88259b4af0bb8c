"""Arguments for each operation from the contract's examples, and the input files that they need."""

from collections.abc import Sequence
from typing import Any

from scripts.batch_server.file_store import StoredFile
from scripts.openapi.contract import ContractOperation

LINE = b'{"custom_id": "1", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "x"}}\n'


def input_file(file_id: str) -> StoredFile:
    """An input file with one request."""
    return StoredFile(file_id, "in.jsonl", "batch", 0, LINE)


class AnyFile(dict[str, StoredFile]):
    """A mapping in which every file id exists, so that the server accepts any id that the contract allows."""

    def get(self, key: str, _: object = None) -> Any:
        """An input file with this id."""
        return input_file(key)


def calls(operation: ContractOperation, batch_id: str) -> Sequence[dict[str, Any]]:
    """Arguments from the contract's examples: once without the optional parameters, once with all of them.

    `batch_id` replaces the ids of batches in the examples, because the server does not have those batches.
    """
    resolve = operation.contract.resolve
    required, every = {}, {}
    for parameter in operation.parameters:
        value = parameter["example"]
        every[parameter["name"]] = batch_id if str(value).startswith("batch_") else value
        if parameter.get("required"):
            required[parameter["name"]] = every[parameter["name"]]
    body = resolve(operation.document.get("requestBody", {})).get("content", {}).get("application/json", {})
    examples = [resolve(example)["value"] for example in body.get("examples", {}).values()]
    return [arguments | example for arguments in (required, every) for example in examples or [{}]]
