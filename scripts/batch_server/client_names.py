"""The names in the generated client of the operations on batches, found by extensions and shapes in the contract."""

import re
from typing import Any

from attrs import frozen

from scripts.openapi.contract import Contract, ContractOperation, snake_case

from .input_file import InputFileFormat
from .resources import Resource, Role, find_resources
from .schema_values import SchemaValues


def client_name(operation: ContractOperation) -> str:
    """The class with the method of an operation: the tag in capitalized words, and API."""
    words = re.split(r"[^A-Za-z0-9]+", operation.tag)
    return "".join(word[:1].upper() + word[1:] for word in words) + "API"


@frozen
class BatchNames:
    """The operations on the objects that process an uploaded file, and the names that the client gives them."""

    resource: Resource
    create: ContractOperation
    file_field: str
    """The field of the request with the id of the file."""

    @classmethod
    def of(cls, contract: Contract) -> "BatchNames":
        """The names for a contract.

        Raises:
            LookupError: No operation of the contract creates an object for an uploaded file.
        """
        values = SchemaValues(contract)
        for resource in find_resources(contract):
            create = resource.operation(Role.CREATE)
            properties = values.properties(create.request_schema) if create and create.request_schema else {}
            input_format = InputFileFormat.of(contract, properties)
            if create and input_format:
                return cls(resource, create, input_format.id_field)
        raise LookupError("no operation of the contract creates an object for an uploaded file")

    @property
    def client(self) -> str:
        """The class, such as BatchAPI."""
        return client_name(self.create)

    @property
    def model(self) -> str:
        """The class of the objects, such as Batch."""
        return str(self.resource.schema["$ref"]).rpartition("/")[2]

    @property
    def noun(self) -> str:
        """The object in names of methods: the method that waits is `wait_for_` and this noun."""
        return snake_case(self.model)

    @property
    def retrieve(self) -> ContractOperation:
        return self._operation(Role.RETRIEVE)

    @property
    def cancel(self) -> ContractOperation:
        return self._operation(Role.TRANSITION)

    @property
    def list(self) -> ContractOperation:
        return self._operation(Role.LIST)

    @property
    def plural(self) -> str:
        """The objects in names of methods: the method that iterates is `iter_` and this plural."""
        return self.list.name.removeprefix("list_")

    @property
    def request(self) -> dict[str, Any]:
        """The body of the first documented request."""
        content = self.create.request_body["content"]["application/json"]
        return dict(SchemaValues(self.create.contract).body(content))

    def _operation(self, role: Role) -> ContractOperation:
        found = self.resource.operation(role)
        if found is None:
            raise LookupError(f"{self.resource.path} has no operation that does this: {role.name.lower()}")
        return found
