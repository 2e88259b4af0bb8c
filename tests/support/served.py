"""What it takes to call any operation of the contract at the embedded server: files that exist, and arguments."""

from collections.abc import Sequence
from typing import Any

from scripts.batch_server.store import StoredFile
from scripts.openapi.contract import ContractOperation

LINE = b'{"custom_id": "1", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "x"}}\n'


class AnyFile(dict[str, StoredFile]):
    """Files, as if each that anybody names had been uploaded: what the contract admits is not to be refused then."""

    def get(self, key: str, _: object = None) -> Any:
        """A file of one line."""
        return StoredFile(key, "in.jsonl", "batch", 0, LINE)


def calls(operation: ContractOperation, batch_id: str) -> Sequence[dict[str, Any]]:
    """Arguments from the contract's examples, once without and once with the optional parameters.

    The example of an id names a batch that the server does not have; `batch_id` takes its place.
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
