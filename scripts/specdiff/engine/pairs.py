"""Pairs of an old and a new part of the documents, and the rules that turn a pair into changes."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Generic, TypeVar

from attrs import define, field, frozen

from scripts.openapi.operations import Operation, Parameter

from .document import ComparedDocument
from .effects import Effect, PythonEffect
from .operations import Message
from .schema import Alternatives, Property, Schema

Object = Mapping[str, Any]
"""An object of the document as written."""
Side = TypeVar("Side")


class PairKind(Enum):
    """The kinds of pairs that rules judge, each with the type of its sides."""

    DOCUMENT = "document", Mapping
    SERVERS = "servers", list
    SECURITY = "security", list
    SECURITY_SCHEME = "security scheme", Mapping
    COMPONENTS = "components", list
    """The names of the removed component schemas."""
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
    """A parameter that became a list, and serializes a single item as before."""
    HEADER = "header", Parameter
    BODY = "body", Message
    RESPONSE = "response", Message
    MEDIA_TYPE = "media type", Message
    MESSAGE_TEXT = "message text", Message
    CONTENT_SCHEMA = "content schema", object
    """The schema of a media type that has a schema on one side only."""
    ENCODING = "encoding", object
    LINK = "link", object
    SCHEMA = "schema", Schema
    NULL = "null", Schema
    """Two schemas. Rules only compare whether they admit null."""
    DEFAULT = "default", Schema
    ANNOTATIONS = "annotations", Schema
    REFERENCE = "reference", str
    """The pointers of two components with different names, one of which replaced the other."""
    UNION = "union", Schema
    """A plain schema, and a schema that consists of alternatives."""
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
    """Distinguishes several findings of one rule at one label; part of the fingerprint, unlike `text`."""


@define
class Pair(Generic[Side]):
    """Corresponding parts of both documents. A part that was added or removed has one side only."""

    kind: PairKind
    sides: tuple[Side | None, Side | None]
    """The old and the new part, or None for a missing one."""
    label: str
    """The place of the pair, by names instead of positions, so that other edits do not change it."""
    old_pointer: str | None
    new_pointer: str | None
    documents: tuple[ComparedDocument, ComparedDocument] = field(repr=False)
    as_text: bool = False
    """Whether values are sent as text, as in paths, queries and headers, where a number is also a string."""
    today: str = ""
    """The date as YYYY-MM-DD, with which sunset dates are compared."""

    @property
    def old(self) -> Side:
        """The old part. Not for pairs that are `is_added`."""
        assert self.sides[0] is not None
        return self.sides[0]

    @property
    def new(self) -> Side:
        """The new part. Not for pairs that are `is_removed`."""
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


@frozen
class Rule:
    """A function that finds changes in pairs of some kinds, and the effect of these changes."""

    id: str
    kinds: tuple[PairKind, ...]
    effect: Effect
    python: PythonEffect
    check: Callable[[Pair[Any]], Iterable[Change]] = field(repr=False)

    @property
    def page(self) -> str:
        """The rule's documentation: the change, who notices it, and how to avoid it."""
        return inspect.getdoc(self.check) or ""

    @property
    def summary(self) -> str:
        return self.page.partition("\n")[0]
