"""Builds small documents about orders, for diff tests that need generated documents instead of case files."""

from typing import Any

from scripts.specdiff.catalogue import RULES
from scripts.specdiff.findings import Finding, compare
from tests.support.cases import PLACES, document

TEXT = {"type": "string"}
SHORT = {"type": "string", "maxLength": 9}


def ref(name: str) -> dict[str, str]:
    """Return a reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


ORDER = ref("Order")


def several(items: Any) -> dict[str, Any]:
    """Return the schema of an array."""
    return {"type": "array", "items": items}


def body(schema: Any) -> dict[str, Any]:
    """Return the request body of an operation as a field of the operation."""
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def taking(**schemas: Any) -> dict[str, Any]:
    """Return a document with an operation that takes an Order, and with component schemas."""
    return PLACES["schemas"]["request"](schemas)


def differences(old: Any, new: Any) -> list[Finding]:
    """Compare two documents, whose version, title and empty paths are filled in."""
    always = {"openapi": "3.1.0", "info": {"title": "Orders", "version": "1.0.0"}, "paths": {}}
    return list(
        compare(document({**always, **old}, "old"), document({**always, **new}, "new"), RULES.values()).findings
    )


def changes(old: Any, new: Any) -> list[tuple[str, str]]:
    """Return the ids and labels of the findings between two documents."""
    return [(finding.id, finding.label) for finding in differences(old, new)]
