"""Small documents about orders, for tests that compare what a program makes and no case file could hold."""

from typing import Any

from scripts.specdiff.catalogue import RULES
from scripts.specdiff.findings import Finding, compare
from tests.support.cases import PLACES, document

TEXT = {"type": "string"}
SHORT = {"type": "string", "maxLength": 9}


def ref(name: str) -> dict[str, str]:
    """A reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


ORDER = ref("Order")


def several(items: Any) -> dict[str, Any]:
    """An array."""
    return {"type": "array", "items": items}


def body(schema: Any) -> dict[str, Any]:
    """The body of an operation."""
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def taking(**schemas: Any) -> dict[str, Any]:
    """A document that takes an Order and has these component schemas."""
    return PLACES["schemas"]["request"](schemas)


def differences(old: Any, new: Any) -> list[Finding]:
    """What is found between two documents, of which nothing has to be said that is always the same."""
    always = {"openapi": "3.1.0", "info": {"title": "Orders", "version": "1.0.0"}, "paths": {}}
    return list(
        compare(document({**always, **old}, "old"), document({**always, **new}, "new"), RULES.values()).findings
    )


def changes(old: Any, new: Any) -> list[tuple[str, str]]:
    """The rules that find something between two documents, and where."""
    return [(finding.id, finding.label) for finding in differences(old, new)]
