"""Lets a package offer names that it imports when they are asked for (PEP 562): most programs use few of them."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def offering(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and the `__dir__` of a package.

    Args:
        package: Its name.
        homes: For each name the module that has it, beginning with a dot. A name may be the module's own.
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(homes[name], package)
        value = module if homes[name] == f".{name}" else getattr(module, name)
        # The next time it is found without asking here.
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return get, names
