# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Marks functions as deprecated: type checkers report their use, and a call warns at the caller's line (PEP 702)."""

import warnings
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from typing_extensions import deprecated as deprecated
else:
    P = ParamSpec("P")
    T = TypeVar("T")

    def deprecated(message: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
        """Mark a function as deprecated.

        Args:
            message: The message of the DeprecationWarning.
        """

        def mark(function: Callable[P, T]) -> Callable[P, T]:
            @wraps(function)
            def warning(*args: P.args, **kwargs: P.kwargs) -> T:
                warnings.warn(message, DeprecationWarning, stacklevel=2)
                return function(*args, **kwargs)

            return warning

        return mark
