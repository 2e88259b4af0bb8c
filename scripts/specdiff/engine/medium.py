"""How messages carry values: as JSON, as text, or as fields of a form or query."""

from enum import Enum

# Media types below `text/` whose values have types, as in JSON.
_TYPED = ("json", "yaml", "event-stream", "jsonl")


class Medium(Enum):
    """The carrier of a value. Only JSON, and formats like JSON, distinguish a number from a string."""

    JSON = "json"
    TEXT = "text"
    FIELDS = "fields"
    """A parameter, or a property of a form, whose arrays and objects are sent as several fields."""
    FORM = "form"
    """The properties of the object are fields of a form."""
    PART = "part"
    """A part of a multipart body: an object is JSON, and the items of an array are parts."""
    MULTIPART = "multipart"
    """The properties of the object are parts."""

    @property
    def inner(self) -> "Medium":
        """The medium of the properties and items of a value."""
        return _INNER.get(self, self)

    @property
    def is_exploded(self) -> bool:
        """Whether arrays and objects are sent as several fields, so that they differ from a single text."""
        return self in (Medium.FIELDS, Medium.FORM, Medium.PART, Medium.MULTIPART)


_INNER = {Medium.FIELDS: Medium.TEXT, Medium.FORM: Medium.FIELDS, Medium.MULTIPART: Medium.PART}


def medium_of(media_type: str) -> Medium:
    """The medium of a media type. An unknown media type may be JSON."""
    name = media_type.lower().partition(";")[0].strip()
    if name == "application/x-www-form-urlencoded":
        return Medium.FORM
    if name.startswith("multipart/"):
        return Medium.MULTIPART
    is_text = name.startswith("text/") and name != "text/*" and not name.endswith(_TYPED)
    return Medium.TEXT if is_text or name.endswith("xml") else Medium.JSON


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON."""
    name = media_type.lower().partition(";")[0].strip()
    return name.endswith(("/json", "+json"))
