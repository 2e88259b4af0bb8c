"""Detects documents from which no package can be generated, without the slow validation of large documents."""

from scripts.openapi.document import Document
from scripts.openapi.operations import operations


def obstacle(document: Document) -> str | None:
    """Return the reason if the document has no operations, or an operation without x-retry."""
    found = list(operations(document))
    for operation in found:
        if "x-retry" not in operation.node:
            place = f"{operation.method.upper()} {operation.path} (line {document.line(operation.pointer)})"
            return f"no package can be generated from {document.name}: {place} has no x-retry"
    return None if found else f"{document.name} has no operations"
