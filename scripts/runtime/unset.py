"""The value of an argument or attribute that is not sent, where None means null."""

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any, Final, TypeVar, cast

__all__ = ["UNSET", "Unset"]

T = TypeVar("T")


class Unset(Enum):
    """The class of UNSET, its only instance, which is false."""

    UNSET = "UNSET"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""The default of an argument whose value can be null: the client does not send the argument. None is sent as null."""
# The default of attributes that are None if they are absent, so that their type has no Unset: see EditedModel.
ABSENT: Any = UNSET


def given(value: T | Unset) -> T:
    """The value of an argument for an attribute with the default ABSENT."""
    return cast(T, value)


def sent(document: Mapping[str, Any], nullable: Collection[str]) -> dict[str, Any]:
    """The items of a JSON object that are sent: None only if the key is in `nullable`, and never UNSET."""
    return {
        key: value for key, value in document.items() if value is not UNSET and (value is not None or key in nullable)
    }
