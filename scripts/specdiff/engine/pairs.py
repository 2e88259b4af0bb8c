"""Pairs of an old and a new part, and rules, which find the changes in a pair."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Generic, TypeVar

from attrs import define, field, frozen

from scripts.openapi.operations import Operation, Parameter

from .document import ComparedDocument
from .effects import Direction, Effect, PythonEffect, Verdict
from .medium import Medium
from .operations import Message
from .schema import Alternatives, Property, Schema

Object = Mapping[str, Any]
"""A JSON object of the document, as written."""
Side = TypeVar("Side")


class PairKind(Enum):
    """The kinds of pairs that rules judge, each with the type of its sides."""

    DOCUMENT = "document", Mapping
    SERVERS = "servers", list
    SECURITY = "security", list
    SECURITY_SCHEME = "security scheme", Mapping
    SECURITY_SCHEME_NAME = "security scheme name", str
    """The names of a security scheme of which only the name changed."""
    COMPONENTS = "components", list
    """The names of the removed component schemas."""
    LIBRARY = "library", list
    """The names of removed or changed components that only an extension or another document may use."""
    UNREAD = "unread reference", str
    """References that were not followed. A side is None if the part is not such a reference."""
    PATH = "path", str
    """A path that was added or removed, and whose operations are in a file that was not read."""
    OPERATION = "operation", Operation
    WEBHOOK = "webhook", Operation
    CALLBACK = "callback", str
    """The name, address and method of a callback that was added or removed."""
    STABILITY = "stability", Mapping
    LIFESPAN = "lifespan", Mapping
    """The objects that contain `deprecated` and `x-sunset`."""
    EXTENSIONS = "extensions", Mapping
    """The objects that contain extensions."""
    PARAMETER = "parameter", Parameter
    PARAMETER_LIST = "parameter list", Parameter
    """A parameter that became a list. A single item is serialized like the old value."""
    HEADER = "header", Parameter
    BODY = "body", Message
    RESPONSE = "response", Message
    MEDIA_TYPE = "media type", Message
    MESSAGE_TEXT = "message text", Message
    CONTENT_SCHEMA = "content schema", object
    """The schema of a media type, if the media type has a schema in only one document."""
    ENCODING = "encoding", object
    LINK = "link", object
    PLACE = "place", str
    """The pointers of two schemas as written, whose difference no rule judges."""
    SCHEMA = "schema", Schema
    NULL = "null", Schema
    """Two schemas. The rules of this kind only compare whether null is allowed."""
    DEFAULT = "default", Schema
    ANNOTATIONS = "annotations", Schema
    REFERENCE = "reference", str
    """The pointers of two components with different names. The new component replaced the old component."""
    ALTERNATIVES = "alternatives", Alternatives
    PROPERTY = "property", Property
    DIRECTION = "direction", Property
    """The `readOnly` and `writeOnly` flags of a property."""

    def __init__(self, title: str, side: type) -> None:
        self.title = title
        self.side = side


@frozen
class Change:
    """A change that a rule found in a pair."""

    text: str
    """The message without the label; it may quote the document, so it is untrusted text."""
    old: Any = None
    new: Any = None
    old_pointer: str | None = None
    """JSON pointer of the change in the old document, if it differs from the pair's pointer."""
    new_pointer: str | None = None
    subject: str = ""
    """Distinguishes findings of the same rule at the same label. The fingerprint contains it instead of `text`."""
    in_requests: str | None = None
    """The message if only requests contain the part; None if it is `text`."""
    in_responses: str | None = None
    """The message if only responses contain the part; None if it is `text`."""

    def message(self, direction: Direction) -> str:
        """The message without the label, which says what callers notice."""
        specific = {Direction.REQUEST: self.in_requests, Direction.RESPONSE: self.in_responses}.get(direction)
        return specific or self.text


@frozen
class Place:
    """Two schemas as written, between which values can be compared: the body, a property, the items or a component.

    The place of an alternative, or of another schema that does not judge values alone, is the place of its owner.
    """

    old: str | None
    """The pointer of the old schema, or None if every value is allowed."""
    new: str | None
    label: str
    as_text: bool = False
    """Whether values are sent as text, see `Pair.as_text`."""


@define
class Pair(Generic[Side]):
    """Corresponding parts of both documents. An added or removed part has only one side."""

    kind: PairKind
    sides: tuple[Side | None, Side | None]
    """The old and the new part. A missing part is None."""
    label: str
    """The place of the pair. It consists of names, not of positions, so unrelated edits do not change it."""
    old_pointer: str | None
    new_pointer: str | None
    documents: tuple[ComparedDocument, ComparedDocument] = field(repr=False)
    medium: Medium = Medium.JSON
    today: str = ""
    """The current date as YYYY-MM-DD, for rules about sunset dates."""
    place: Place | None = None
    """The place that contains the pair, or None if the pair is not about values of a schema."""

    @property
    def as_text(self) -> bool:
        """Whether values are sent as text, as in paths, queries and headers, where a number is also a string."""
        return self.medium is not Medium.JSON

    @property
    def old(self) -> Side:
        """The old part. The pair must not be `is_added`."""
        assert self.sides[0] is not None
        return self.sides[0]

    @property
    def new(self) -> Side:
        """The new part. The pair must not be `is_removed`."""
        assert self.sides[1] is not None
        return self.sides[1]

    @property
    def is_added(self) -> bool:
        return self.sides[0] is None

    @property
    def is_removed(self) -> bool:
        return self.sides[1] is None

    @property
    def is_both(self) -> bool:
        return not (self.is_added or self.is_removed)


ExtensionReferences = Callable[[ComparedDocument, Object], Iterable[str]]
"""A function that returns the pointers of the components to which an extension of a schema refers."""


@frozen
class Rule:
    """A function that finds changes in pairs of some kinds, and the effect of these changes."""

    id: str
    kinds: tuple[PairKind, ...]
    effect: Effect
    python: PythonEffect
    check: Callable[[Pair[Any]], Iterable[Change]] = field(repr=False)
    references: ExtensionReferences | None = field(default=None, repr=False)
    """The components that the extension of the rule refers to. The walk follows them like `$ref`."""
    about_values: bool = True
    """Whether the changes only matter if the schemas accept different values."""
    proved: tuple[Verdict, Verdict] | None = None
    """The verdicts for requests and responses, if a proof corrects the effect."""

    @property
    def page(self) -> str:
        """The rule's documentation: the change, the affected callers, and an alternative."""
        return inspect.getdoc(self.check) or ""

    @property
    def summary(self) -> str:
        return self.page.partition("\n")[0]
