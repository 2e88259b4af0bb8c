"""Which components a schema refers to, and how directions go on there."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.openapi.document import as_map

from .document import Document
from .sites import Flow

# Under these what admits more makes the whole admit less, so that a change is one in either direction.
TURNING = ("not", "if")


def references(document: Document, node: Any, flow: Flow = Flow.SAME) -> Iterator[tuple[str, Flow]]:
    """The components that a schema refers to, as it is written, and how directions go on there."""
    if isinstance(node, list):
        for item in node:
            yield from references(document, item, flow)
    elif isinstance(node, Mapping):
        if flow is Flow.SAME and node.get("readOnly") is True:
            flow = Flow.READ_ONLY
        elif flow is Flow.SAME and node.get("writeOnly") is True:
            flow = Flow.WRITE_ONLY
        target = document.target(node.get("$ref"))
        if target is not None:
            yield target, flow
        for key, value in node.items():
            if key == "properties":
                for one in as_map(value).values():
                    yield from references(document, one, flow)
            elif key in TURNING:
                for other, _ in references(document, value, flow):
                    yield from ((other, Flow.SAME), (other, Flow.TURNED))
            elif key not in ("$ref", "example", "examples", "enum", "const", "default", "discriminator"):
                yield from references(document, value, flow)
