"""Lets the tests use the names of the present contract, whatever a changed contract calls the same operations.

Most tests of the client call the operations on batches. A contract with other names of operations, parameters, schemas
and tags has the same behaviour, so that these tests must pass without edits.
"""

import functools
import importlib
import sys
from collections.abc import Callable
from typing import Any

import openai_batch_client
from scripts.batch_server.client_names import BatchNames
from scripts.openapi.contract import Contract, ContractOperation, snake_case


def operations(names: BatchNames) -> dict[str, ContractOperation]:
    """The operations on batches, by the names that the tests use."""
    return {
        "create_batch": names.create,
        "retrieve_batch": names.retrieve,
        "cancel_batch": names.cancel,
        "list_batches": names.list,
    }


def methods(names: BatchNames) -> dict[str, str]:
    """The names of the other methods, by the names that the tests use."""
    singular = {f"{verb}_batch": f"{verb}_{names.noun}" for verb in ("find", "submit", "wait_for")}
    return singular | {f"{verb}_batches": f"{verb}_{names.plural}" for verb in ("iter", "submit", "wait_for")}


def models(names: BatchNames) -> dict[str, str]:
    """The names of the models, by the names that the tests use."""
    file = names.create.contract.properties(names.create.request_schema)[names.file_field]["x-file"]
    schemas = {
        "CreateBatchRequest": names.create.request_schema,
        "ListBatchesResponse": names.list.response_schema,
    }
    found = {name: str(schema["$ref"]).rpartition("/")[2] for name, schema in schemas.items()}
    return found | {"Batch": names.model, "BatchRequestInput": str(file["line"])}


def keywords(names: BatchNames) -> dict[str, str]:
    """The names of the parameters, by the names that the tests use."""
    (in_path,) = (one["name"] for one in names.retrieve.parameters if one["in"] == "path")
    paging = names.resource.pagination
    used = {"batch_id": in_path, "after": paging["cursor"], "limit": paging["page_size"]}
    return {name: snake_case(written) for name, written in used.items() if name != written}


def install() -> None:
    """Add the names that the tests use to the package, where the contract has other names."""
    names = BatchNames.of(Contract.load())
    package: Any = openai_batch_client
    others = keywords(names)
    for twin in ("", "Async"):
        client = getattr(package, f"{twin}{names.client}")
        setattr(package, f"{twin}BatchAPI", client)
        for used, method in methods(names).items():
            setattr(client, used, getattr(client, method))
        for used, operation in operations(names).items():
            if used != operation.name or others:
                setattr(client, used, _with_keywords(getattr(client, operation.name), others))
    for used, model in models(names).items():
        for holder in (package, package.models):
            setattr(holder, used, getattr(package.models, model))
    module: Any = importlib.import_module(getattr(package, names.client).__module__)
    package.api.batch = sys.modules["openai_batch_client.api.batch"] = module
    for used, operation in operations(names).items():
        function = importlib.import_module(f"{module.__name__}.{operation.name}")
        setattr(module, used, function)
        sys.modules[f"openai_batch_client.api.batch.{used}"] = function


def _with_keywords(method: Callable[..., Any], others: dict[str, str]) -> Callable[..., Any]:
    """A method that takes keywords under the names that the tests use."""
    if not others:
        return method

    @functools.wraps(method)
    def called(*arguments: Any, **options: Any) -> Any:
        return method(*arguments, **{others.get(name, name): value for name, value in options.items()})

    return called


def needs_names() -> bool:
    """Whether the contract has other names than those that the tests use."""
    names = BatchNames.of(Contract.load())
    found = operations(names).items()
    same = all(used == operation.name for used, operation in found)
    same = same and names.client == "BatchAPI" and not keywords(names)
    return not same or any(used != model for used, model in models(names).items())


IDS = {name: operation.id for name, operation in operations(BatchNames.of(Contract.load())).items()}
"""The operationIds, by the names that the tests use."""
