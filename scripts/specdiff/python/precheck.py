"""Recognizes documents without a generated package, because the validation of a large document takes minutes."""

from scripts.openapi.document import Document
from scripts.openapi.operations import operations


def obstacle(document: Document) -> str | None:
    """Return the reason why no package is generated from a document, if it is visible at once."""
    found = list(operations(document))
    for operation in found:
        if "x-retry" not in operation.node:
            place = f"{operation.method.upper()} {operation.path} (line {document.line(operation.pointer)})"
            return f"no package is made of {document.name}, whose {place} has no x-retry"
    return None if found else f"{document.name} has no operations"
