"""Decides whether a package can be generated from a document, without the generator and its slow validation."""

from scripts.openapi.contract import OPENAPI_YAML
from scripts.openapi.document import Document
from scripts.openapi.operations import operations


def is_ours(document: Document) -> bool:
    """Whether a document is a contract of this project: the checked-in file, or an operation has x-retry."""
    if document.path is not None and document.path.resolve() == OPENAPI_YAML:
        return True
    return any("x-retry" in operation.node for operation in operations(document))


def obstacle(document: Document) -> str | None:
    """Return the reason if the document has no operations, or an operation without x-retry."""
    if document.loaded.files:
        return f"{document.name} refers to other files"
    found = list(operations(document))
    for operation in found:
        if "x-retry" not in operation.node:
            place = f"{operation.method.upper()} {operation.path} (line {document.line(operation.pointer)})"
            return f"no package can be generated from {document.name}: {place} has no x-retry"
    return None if found else f"{document.name} has no operations"
