"""The Python type of a schema: its annotations, and the expression that reads its JSON."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from attrs import evolve, frozen


class UnsupportedError(Exception):
    """The templates do not support a construct of the contract. The message suggests an alternative."""

    rule = "not-supported"
    pointer = ""
    """The JSON pointer of the construct, or of an object around it."""


class NameClashError(UnsupportedError):
    """A name of the contract means two things in Python."""

    rule = "name-is-free"


class ExtensionError(UnsupportedError):
    """The methods for an extension need other operations, parameters or properties."""

    rule = "extension-is-served"


LATE_RULES = {error.rule: error for error in (NameClashError, ExtensionError)}
"""The rules that need the views or the printed code. All other rules are in the catalogue."""


@contextmanager
def at(pointer: str) -> Iterator[None]:
    """Give each UnsupportedError that is raised in the context its place, unless it has one."""
    try:
        yield
    except UnsupportedError as error:
        error.pointer = error.pointer or pointer
        raise


@frozen
class PythonType:
    """A type in the generated package, given by the members of a union."""

    read: tuple[str, ...]
    """The annotation of a value from the server, where a Literal also accepts other values."""
    write: tuple[str, ...]
    """The annotation of a value from the caller, where a Literal is closed and a mapping can replace a model."""
    names: frozenset[str] = frozenset()
    """The classes and aliases of the package that the annotations refer to."""
    kinds: frozenset[str] = frozenset({"scalar"})
    """The kinds of JSON values: object, list, scalar."""
    object_reader: str = ""
    """The expression of the function that reads an object, as for `reader`; empty if objects are kept as they are."""
    list_reader: str = ""
    """The expression of the function that reads a list; empty if lists are kept as they are."""
    function: str = ""
    """The function of an alias that reads all its values, or an empty string."""
    model: str | None = None
    """The class, if the type is a class or a list of it, apart from None."""
    many: bool = False
    """Whether the type is a list of `model`."""
    constant: str = ""
    """The Python literal of a constant; empty if the value is not constant."""

    @property
    def nullable(self) -> bool:
        return "None" in self.read or "Any" in self.read

    @property
    def reader(self) -> str:
        """The expression of the function that reads a JSON value; empty if the JSON value is kept as it is.

        The function has the arguments `value`, `options` and `label`.
        """
        found = self.value_reader
        return f"nullable({found})" if found and self.nullable else found

    @property
    def value_reader(self) -> str:
        """Like `reader`, for values that are not null."""
        if self.function or not (self.object_reader or self.list_reader):
            return self.function
        if self.kinds == {"object"}:
            return self.object_reader
        if self.kinds == {"list"}:
            return self.list_reader
        readers = {"object": self.object_reader, "list": self.list_reader}
        used = [f"read_{kind}={reader}" for kind, reader in readers.items() if reader]
        if any(not readers.get(kind) for kind in self.kinds):
            used.append("keeps_others=True")
        return f"by_shape({', '.join(used)})"

    @property
    def is_converted(self) -> bool:
        """Whether a value may have to be converted to JSON: a model, or any sequence or mapping."""
        return bool(self.reader) or any(re.search(r"\b(Any|Mapping|Sequence)\b", name) for name in self.write)

    def or_none(self) -> "PythonType":
        """The type with None."""
        return self if self.nullable else evolve(self, read=(*self.read, "None"), write=(*self.write, "None"))


ANY = PythonType(("Any",), ("Any",), kinds=frozenset({"object", "list", "scalar"}))
NONE = PythonType(("None",), ("None",), kinds=frozenset())


def scalar(name: str) -> PythonType:
    return PythonType((name,), (name,))


def without_none(alternatives: Iterable[str]) -> tuple[str, ...]:
    return tuple(one for one in alternatives if one != "None")


def union(alternatives: Iterable[str]) -> str:
    """The annotation of a union."""
    return " | ".join(alternatives)


def combined(types: Sequence[PythonType]) -> PythonType:
    """The union of several types.

    Raises:
        UnsupportedError: Nothing tells which alternative a value is.
    """
    if len(types) == 1:
        return types[0]
    if any("Any" in one.read for one in types):
        return ANY
    readers: dict[str, str] = {}
    for kind, plural in (("object", "objects"), ("list", "lists")):
        found = {one.read: getattr(one, f"{kind}_reader") for one in types if kind in one.kinds}
        if len(found) > 1 and any(found.values()):
            raise UnsupportedError(f"nothing tells which of several {plural} a value is; use one of them")
        readers[kind] = next(iter(found.values()), "")
    # None is last, and a mapping can replace each of the classes before it.
    read, write = (
        sorted(
            dict.fromkeys(name for one in types for name in getattr(one, side)),
            key=lambda name: (name == "None", name == "Mapping[str, Any]"),
        )
        for side in ("read", "write")
    )
    rest = [one for one in types if one != NONE]
    only = rest[0] if len(rest) == 1 else None
    return PythonType(
        tuple(read),
        tuple(write),
        frozenset().union(*(one.names for one in types)),
        frozenset().union(*(one.kinds for one in types)),
        readers["object"],
        readers["list"],
        function=only.function if only else "",
        model=only.model if only else None,
        many=bool(only and only.many),
    )


def list_of(item: PythonType) -> PythonType:
    """The type of a list. A caller can pass any sequence."""
    is_plain = item.model is not None and not item.many and not item.nullable
    reader = f"list_of({item.reader})" if item.reader else ""
    return PythonType(
        (f"list[{union(item.read)}]",),
        (f"Sequence[{union(item.write)}]",),
        item.names,
        frozenset({"list"}),
        list_reader=reader,
        model=item.model if is_plain else None,
        many=is_plain,
    )


def map_of(value: PythonType) -> PythonType:
    """The type of a map. A caller can pass any mapping."""
    reader = f"map_of({value.reader})" if value.reader else ""
    return PythonType(
        (f"dict[str, {union(value.read)}]",),
        (f"Mapping[str, {union(value.write)}]",),
        value.names,
        frozenset({"object"}),
        object_reader=reader,
    )
