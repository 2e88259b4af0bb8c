"""Builds small documents about orders, for tests of the diff whose documents are not in case files."""

from typing import Any

from scripts.specdiff.findings import Finding, compare
from scripts.specdiff.rules import RULES
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
    """A document with these component schemas and an operation whose request body has an Order."""
    return PLACES["schemas"]["request"](schemas)


def differences(old: Any, new: Any) -> list[Finding]:
    """The findings between two documents. Version, info and an empty `paths` are added to both."""
    defaults = {"openapi": "3.1.0", "info": {"title": "Orders", "version": "1.0.0"}, "paths": {}}
    return list(
        compare(document({**defaults, **old}, "old"), document({**defaults, **new}, "new"), RULES.values()).findings
    )


def changes(old: Any, new: Any) -> list[tuple[str, str]]:
    """The rule id and the label of each finding between two documents."""
    return [(finding.id, finding.label) for finding in differences(old, new)]
