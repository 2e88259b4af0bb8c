# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""The hand-written part of the client. It names no operation of the contract, and only `batch` knows a schema.

The package has a copy, which scripts/regenerate makes of scripts/runtime; edit it there. Operations that take several
requests are imported on first use. Inner records are named tuples: defining an attrs class takes six times as long,
and every program pays for that at its start.
"""

from typing import TYPE_CHECKING

from .lazy import attach

if TYPE_CHECKING:
    from . import creating, files, jobs, listing, paging, results, waiting
else:
    _FLOWS = ("creating", "files", "jobs", "listing", "paging", "results", "waiting")
    __getattr__, __dir__ = attach(__name__, {name: f".{name}" for name in _FLOWS})

__all__ = ["creating", "files", "jobs", "listing", "paging", "results", "waiting"]
