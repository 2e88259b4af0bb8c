"""Marks functions as deprecated: type checkers report their use, and a call warns at the caller's line (PEP 702)."""

import warnings
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import deprecated as deprecated
else:

    def deprecated(message: str) -> Any:
        """Mark a function as deprecated.

        Args:
            message: The message of the DeprecationWarning.
        """

        def mark(function: Any) -> Any:
            @wraps(function)
            def warning(*args: Any, **kwargs: Any) -> Any:
                warnings.warn(message, DeprecationWarning, stacklevel=2)
                return function(*args, **kwargs)

            return warning

        return mark
