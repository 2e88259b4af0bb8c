"""Distinguishes the models that callers write from the models that they read."""

from attrs import frozen

from scripts.openapi.contract import OPENAPI_YAML, Contract
from scripts.specdiff.engine.document import ComparedDocument


@frozen
class Roles:
    """The models of a package by use, with names in lower case and without underscores."""

    written: frozenset[str]
    """Callers create these models, for requests and for the lines of files that they upload."""
    read: frozenset[str]
    """Methods return these models, or values that contain them."""

    @classmethod
    def of(cls, document: ComparedDocument) -> "Roles":
        contract = Contract(document.data, OPENAPI_YAML)
        written, read = set[str](), set[str]()
        for operation in contract.operations:
            request = [contract.resolve(operation.document.get("requestBody", {})), *operation.parameters]
            written.update(contract.schema_names(request, received=True))
            read.update(contract.schema_names(list(operation.responses.values()), received=True))
        for line in contract.uploaded_lines:
            written.update(contract.schema_names({"$ref": f"#/components/schemas/{line}"}))
        return cls(frozenset(map(_bare, written)), frozenset(map(_bare, read)))

    def is_written(self, model: str) -> bool:
        return _bare(model) in self.written

    def is_read(self, model: str) -> bool:
        """Whether callers read a model. Models of unknown use, such as those without a component, are read."""
        return _bare(model) in self.read or not self.is_written(model)


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()
