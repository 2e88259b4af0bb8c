"""The records of models and of their fields, with names from the generator and texts from the contract."""

import re
from collections.abc import Mapping, Set
from typing import Any

from attrs import evolve, field, frozen

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
    sends_null: bool = False
    """Whether None is sent as null. Otherwise None is not sent."""
    edited: bool = False
    """Whether the field belongs to a model that requests and responses contain."""
    deprecated: bool = False

    @property
    def optional(self) -> bool:
        return not self.required or bool(self.constant)

    @property
    def default_clause(self) -> str:
        """The default in a signature or class, with the equals sign; empty for a required field."""
        unset = "ABSENT" if self.edited else "UNSET"
        default = unset if self.omittable else self.constant or None
        return f" = {default}" if self.optional else ""

    @property
    def text(self) -> str:
        """The description, with a mark if it is deprecated."""
        return deprecation_mark(self.deprecated) + self.description

    @property
    def doc(self) -> str:
        """The text, the default of the server, and the meaning of None."""
        texts = [self.text]
        texts += [] if self.default is None else [f"The server's default is {self.default}."]
        texts += ["None is sent as null."] if self.sends_null else []
        return " ".join(texts)

    def as_keyword(self, name: str) -> "Field":
        """The field as a keyword of a method."""
        if not (self.edited and self.omittable):
            return evolve(self, name=name)
        return evolve(self, name=name, annotation=or_unset(self.annotation), edited=False)

    def passed(self, name: str) -> str:
        """The expression that passes the keyword `name` to the constructor of a model."""
        return f"given({name})" if self.edited and self.omittable else name


def deprecation_mark(deprecated: bool) -> str:
    return "Deprecated. " if deprecated else ""


def or_unset(annotation: str) -> str:
    """The annotation of a value that may be UNSET."""
    return annotation if annotation == "Any" else f"{annotation} | Unset"


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
    """The description, with a mark if it is deprecated."""
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
    """The reader of an alias that contains itself. It is the body of a function of its own."""
    requested: bool = False
    """Whether only requests contain the model."""
    edited: bool = False
    """Whether requests and responses contain the model."""
    names: frozenset[str] = frozenset()
    """The models that the annotations refer to, which may be the model itself."""
    cyclic: frozenset[str] = frozenset()
    """The names whose modules import the module of the model. They are imported when they are used."""
    in_strings: bool = False
    """Whether Python must not evaluate the annotations, because a name is not imported or is a string."""
    status: "tuple[str, Model] | None" = None
    """The Python name of the status field, and the enum of the statuses."""

    files: Mapping[str, Mapping[str, Any]] = field(factory=dict, repr=False)
    """x-file of its fields as arguments of FileSpec, by the Python names of the fields."""

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(field.key for field in self.fields if field.required and not field.sends_null)

    @property
    def imported(self) -> list[str]:
        """The models that the module imports at once, sorted."""
        return sorted(self.names - self.cyclic)

    @property
    def imported_late(self) -> list[str]:
        """The models that the module imports when they are used, sorted."""
        return sorted(self.cyclic - {self.name})

    @property
    def reader_name(self) -> str:
        """The function that reads the type of an alias that contains itself; empty for other models."""
        return f"read_{self.module}" if self.reader else ""

    @property
    def reading(self) -> list[str]:
        """The functions of the runtime that make the readers of the fields, sorted."""
        readers = " ".join(
            [self.reader, *("" if field.type.many else field.type.value_reader for field in self.fields)]
        )
        return sorted(set(re.findall(r"\b(by_shape|list_of|map_of|nullable|one_of)\(", f"{self.reader} {readers}")))

    @property
    def nullable(self) -> tuple[str, ...]:
        """The keys whose value None is sent as null."""
        return tuple(field.key for field in self.fields if field.sends_null)

    @property
    def is_union(self) -> bool:
        """Whether an alias stands for several classes and a dict for objects of unknown classes."""
        return bool(self.names) and "dict[str, Any]" in self.alias.split(" | ")

    @property
    def written(self) -> str:
        """How to_dict writes None."""
        if not self.nullable:
            return "Fields that are None are left out."
        keys = ", ".join(self.nullable)
        absent = " if it was not absent when it was read" if self.edited and self.omittable else ""
        return f"None is null in {keys}{absent}; other fields that are None are left out."

    @property
    def omittable(self) -> tuple["Field", ...]:
        """The fields that are not sent if they are UNSET."""
        return tuple(field for field in self.fields if field.omittable)

    def field(self, key: str) -> Field:
        """The field with the key `key`."""
        return next(field for field in self.fields if field.key == key)
