"""How the parts of a form are sent: the `encoding` of a media type, with OpenAPI's defaults."""

from typing import Any

from scripts.openapi.document import as_map

from .document import ComparedDocument
from .medium import Medium, is_json
from .merging import merge_all_of, resolve_ref
from .operations import Message

Encodings = dict[str, dict[str, Any]]


def encodings_of(
    documents: tuple[ComparedDocument, ComparedDocument], messages: tuple[Message, Message], medium: Medium
) -> tuple[Encodings, Encodings]:
    """The encodings of the properties that both messages have, if a message states an encoding."""
    written = [as_map(message.node.get("encoding")) for message in messages]
    names = sorted({**written[0], **written[1]})
    if not names:
        return {}, {}
    old, new = (
        _effective(document, message, medium, names) for document, message in zip(documents, messages, strict=True)
    )
    common = [name for name in names if name in old and name in new]
    return {name: old[name] for name in common}, {name: new[name] for name in common}


def _effective(document: ComparedDocument, message: Message, medium: Medium, names: list[str]) -> Encodings:
    schema = resolve_ref(document, document.schema(message.node.get("schema"), f"{message.pointer}/schema"))
    properties = merge_all_of(document, schema).properties
    written = as_map(message.node.get("encoding"))
    found: Encodings = {}
    for name in names:
        encoding = {key: value for key, value in as_map(written.get(name)).items() if not str(key).startswith("x-")}
        if name in properties:
            types = resolve_ref(document, document.schema(*properties[name])).types
            default = "application/json" if "object" in types else "text/plain"
            is_form = medium is Medium.FORM
            defaults = {"style": "form", "explode": encoding.get("style", "form") == "form"} if is_form else {}
            found[name] = {"contentType": default, **defaults, **encoding}
        elif encoding:
            found[name] = encoding
    return found


def json_properties(encodings: tuple[Encodings, Encodings]) -> frozenset[str]:
    """The properties that are JSON in both messages."""
    sides = [{name for name, one in side.items() if is_json(str(one.get("contentType")))} for side in encodings]
    return frozenset(sides[0] & sides[1])
