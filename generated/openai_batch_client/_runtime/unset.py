# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""The value of an argument that is not given, where None means null."""

from typing import Final

__all__ = ["UNSET", "Unset"]


class Unset:
    """The class of UNSET. It is false."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()
