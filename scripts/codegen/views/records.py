"""The records of models and of their fields, with names from the generator and texts from the contract."""

from collections.abc import Mapping, Set
from typing import Any

from attrs import field, frozen

from .python_types import PythonType


@frozen
class Field:
    """A property of a model, or a parameter of an operation."""

    key: str
    """The name in requests and responses."""
    name: str
    """The name in Python."""
    type: PythonType
    annotation: str
    required: bool
    description: str
    place: str = "body"
    """The place in the request: path, query, header, a field of the body, the whole body (json), or a part of a form
    (texts, documents or files)."""
    default: Any = None
    """The default of the server. The docs show the default, and the client never sends it."""
    constant: str = ""
    """The Python literal of a constant that callers pass; empty if the value is not constant."""
    file: Mapping[str, Any] = field(factory=dict, repr=False)
    """x-file as written; empty without the extension."""
    omittable: bool = False
    """Whether UNSET, the default, means that the value is not sent, and None means null."""
    deprecated: bool = False

    @property
    def optional(self) -> bool:
        return not self.required or bool(self.constant)

    @property
    def default_clause(self) -> str:
        """The default in a signature or class, with the equals sign; empty for a required field."""
        default = "UNSET" if self.omittable else self.constant or None
        return f" = {default}" if self.optional else ""

    @property
    def doc(self) -> str:
        """The description, with a mark if it is deprecated, and with the default of the server."""
        texts = ["Deprecated."] if self.deprecated else []
        texts.append(self.description)
        texts += [] if self.default is None else [f"The server's default is {self.default}."]
        return " ".join(texts)


def avoid(name: str, reserved: Set[str]) -> str:
    """Append an underscore to a reserved name."""
    return f"{name}_" if name in reserved else name


@frozen
class Model:
    """A component schema."""

    schema: str
    """The name in the contract."""
    name: str
    """The name in Python."""
    module: str
    description: str
    fields: tuple[Field, ...] = ()
    values: tuple[str | int, ...] = ()
    """The values of an enum."""
    lifecycle: Mapping[str, Any] = field(factory=dict, repr=False)
    """x-lifecycle: the possible successors of each status of an enum."""
    success: tuple[str, ...] = ()
    """x-final-statuses: the final statuses that mean success."""
    alias: str = ""
    """The type for which an alias stands."""
    reader: str = ""
    """The reader of an alias that contains itself."""
    requested: bool = False
    """Whether only requests contain the model."""
    names: frozenset[str] = frozenset()
    """The other models that the annotations refer to."""
    status: "tuple[str, Model] | None" = None
    """The Python name of the status field, and the enum of the statuses."""

    files: Mapping[str, Mapping[str, Any]] = field(factory=dict, repr=False)
    """x-file of its fields as arguments of FileSpec, by the Python names of the fields."""

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(field.key for field in self.fields if field.required)

    def field(self, key: str) -> Field:
        """The field with the key `key`."""
        return next(field for field in self.fields if field.key == key)
