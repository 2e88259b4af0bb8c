"""Everything that an embedded server stores: files, and the objects of each resource of the contract."""

from attrs import frozen

from scripts.openapi.contract import Contract, ContractOperation

from .batch_store import BatchStore
from .clock import ServerClock
from .errors import RequestRejected
from .file_store import FileStore, StoredFile
from .input_file import InputFileFormat
from .object_store import ObjectStore
from .resources import Role, find_resources, request_content
from .schema_values import SchemaValues
from .status_timeline import Pace
from .stored_object import Surroundings


@frozen
class StoredRole:
    """An operation's role, and the store of its objects."""

    role: Role
    store: ObjectStore


class ServerStore:
    """The stores of all resources, and the files that they share."""

    def __init__(self, contract: Contract, clock: ServerClock, pace: Pace) -> None:
        self.files = FileStore(clock)
        self.values = SchemaValues(contract)
        shared = Surroundings(contract, clock, pace, self.files, self.values)
        self.resources: dict[str, ObjectStore] = {}
        """The stores by the path of the collection."""
        self._roles: dict[tuple[str, str], StoredRole] = {}
        for resource in find_resources(contract):
            create = resource.operation(Role.CREATE)
            properties = self.values.properties(request_content(create)[1].get("schema", {})) if create else {}
            input_format = InputFileFormat.of(contract, properties) if resource.status_field else None
            store = BatchStore(resource, shared, input_format) if input_format else ObjectStore(resource, shared)
            self.resources[resource.path] = store
            for role, operations in resource.roles.items():
                for operation in operations:
                    self._roles[operation.method, operation.path] = StoredRole(role, store)
        uploads = {file["upload"]["path"] for file in contract.files.values() if "upload" in file}
        for path in uploads & self.resources.keys():
            self.files.on_file = self.resources[path].add_file

    def role(self, operation: ContractOperation) -> StoredRole | None:
        """The role of an operation, or None if it fits no shape."""
        return self._roles.get((operation.method, operation.path))

    @property
    def batches(self) -> BatchStore:
        """The first resource whose creation names an uploaded file.

        Raises:
            LookupError: The contract has none.
        """
        for store in self.resources.values():
            if isinstance(store, BatchStore):
                return store
        raise LookupError("no operation of the contract creates an object for an uploaded file")

    def lead(self, object_id: str, status: str) -> None:
        """Lead an object to a status along its lifecycle, for tests."""
        for store in self.resources.values():
            for stored in store.objects:
                if str(stored.id) == object_id and store.planner and status in store.planner.successors:
                    store.lead(object_id, status, stored.scope)
                    return
        raise RequestRejected(404, f"No object with the id '{object_id}' has the status '{status}' in its lifecycle.")


__all__ = ["ServerStore", "StoredFile", "StoredRole"]
