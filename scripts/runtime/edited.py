"""Models that requests and responses contain: they send back what was read."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from .reading import OpenModel
from .unset import UNSET


class EditedModel(OpenModel):
    """A model that requests and responses contain.

    An attribute is None if the server's value is null or absent. The model knows which of the two it was, so that
    `to_dict` sends back what was read. An assignment of None sends null.

    `attrs.evolve` passes all values to the constructor, and also `_absent`: the names of the attributes that are None
    because they are absent. They stay absent in the new model.
    """

    _absent: frozenset[str] = frozenset()

    def __setattr__(self, name: str, value: Any) -> None:
        absent = self._absent
        if name == "_absent":
            # The constructor sets it last.
            value = absent.union(each for each in value if self.__dict__[each] is None)
        elif value is UNSET:
            self.__dict__["_absent"], value = absent | {name}, None
        elif name in absent:
            self.__dict__["_absent"] = absent - {name}
        self.__dict__[name] = value


E = TypeVar("E", bound="EditedModel")


def note_absent(model: E, names: Iterable[tuple[str, str]], document: Mapping[str, Any]) -> E:
    """Note which attributes of a model are absent in a JSON object. `names` are pairs of an attribute and its key."""
    for name, key in names:
        if key not in document:
            setattr(model, name, UNSET)
    return model


def is_absent(model: EditedModel, name: str) -> bool:
    """Whether the value of an attribute is not sent."""
    return name in model.__dict__.get("_absent", ())
