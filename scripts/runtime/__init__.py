"""The hand-written part of the client: what does not depend on the contract.

In the package it is a copy, made by scripts/regenerate from scripts/runtime; edit it there. Records that only
code reads are named tuples: to define an attrs class takes six times as long, and every program that starts pays for
it. What takes several requests is imported when it is asked for.
"""

from typing import TYPE_CHECKING

from .offering import offering

if TYPE_CHECKING:
    from . import creating, paging, waiting
else:
    __getattr__, __dir__ = offering(__name__, {name: f".{name}" for name in ("creating", "paging", "waiting")})

__all__ = ["creating", "paging", "waiting"]
