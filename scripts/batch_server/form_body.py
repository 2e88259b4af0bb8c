"""Reads the bodies of requests: JSON, and forms with uploaded files."""

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

MULTIPART = "multipart/form-data"
_NUMBERS: Mapping[str, Any] = {"integer": int, "number": float}


@frozen
class Upload:
    """A part of a form with the content of a file."""

    filename: str
    media_type: str
    content: bytes = field(repr=False)


@frozen
class RequestBody:
    """The parsed body of a request."""

    document: Any = None
    """The JSON document, or the text parts of a form by name."""
    uploads: Mapping[str, Upload | list[Upload]] = field(factory=dict)
    """The files of a form by name; a list where the schema is an array."""

    @property
    def files(self) -> list[tuple[str, Upload]]:
        """All files with their names in the form."""
        listed = ((name, one if isinstance(one, list) else [one]) for name, one in self.uploads.items())
        return [(name, upload) for name, several in listed for upload in several]

    @property
    def contents(self) -> dict[str, Any]:
        """The content of each file, or a list of contents."""
        return {
            name: [each.content for each in one] if isinstance(one, list) else one.content
            for name, one in self.uploads.items()
        }

    @property
    def fields(self) -> Mapping[str, Any]:
        """The document if it is an object, otherwise nothing."""
        return self.document if isinstance(self.document, Mapping) else {}


def is_binary(schema: Mapping[str, Any]) -> bool:
    """Whether the schema of a part says that it is a file."""
    kind = schema.get("contentMediaType", "")
    return schema.get("format") == "binary" or (kind != "" and not kind.startswith("text/") and "json" not in kind)


def parse_form(content_type: str, body: bytes, properties: Mapping[str, Mapping[str, Any]]) -> RequestBody:
    """Parse a body of multipart/form-data.

    Args:
        content_type: The header, with the boundary.
        body: The body.
        properties: The schemas of the parts, without references. A text part is converted to the type of its schema.

    Raises:
        ValueError: The body is not a form.
    """
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    if not boundary:
        raise ValueError("The content type has no boundary.")
    decoder = MultipartDecoder(boundary.encode("latin-1"), max_form_memory_size=None)
    decoder.receive_data(body)
    decoder.receive_data(None)
    document: dict[str, Any] = {}
    uploads: dict[str, Upload | list[Upload]] = {}
    part: Field | File | None = None
    content = bytearray()
    while not isinstance(event := decoder.next_event(), (Epilogue, NeedData)):
        if isinstance(event, (Field, File)):
            part, content = event, bytearray()
        elif isinstance(event, Data) and part is not None:
            content += event.data
            if not event.more_data:
                _add_part(part, bytes(content), properties.get(part.name, {}), document, uploads)
    return RequestBody(document, uploads)


def _add_part(
    part: Field | File,
    content: bytes,
    schema: Mapping[str, Any],
    document: dict[str, Any],
    uploads: dict[str, Any],
) -> None:
    many = schema.get("type") == "array"
    inner = schema.get("items", {}) if many else schema
    if isinstance(part, File) or is_binary(inner):
        filename = part.filename if isinstance(part, File) else None
        kind = part.headers.get("content-type") or "application/octet-stream"
        # The upload can declare a character set that decodes to half surrogate pairs, which JSON cannot have.
        upload = Upload((filename or "").encode("utf-8", "replace").decode(), kind, content)
        if many:
            uploads.setdefault(part.name, []).append(upload)
        else:
            uploads[part.name] = upload
        return
    value = _converted(content.decode(), inner)
    if many:
        document.setdefault(part.name, []).append(value)
    else:
        document[part.name] = value


def _converted(text: str, schema: Mapping[str, Any]) -> Any:
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        try:
            if kind in _NUMBERS:
                return _NUMBERS[kind](text)
            if kind in ("object", "boolean"):
                return json.loads(text)
        except ValueError:
            continue
    return text
