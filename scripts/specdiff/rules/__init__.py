"""All rules, each in the file of what it speaks of."""

from collections.abc import Mapping

from scripts.specdiff.engine.sites import Rule

from . import (
    alternatives,
    bounds,
    composition,
    contents,
    documents,
    enums,
    extensions,
    lifecycles,
    lifespan,
    messages,
    objects,
    operations,
    parameters,
    values,
    words,
)
from .catalogue import RULES

__all__ = ["RULES", "by_kind"]

# Importing a file enters its rules.
_FILES = (
    operations,
    lifespan,
    parameters,
    messages,
    values,
    enums,
    bounds,
    objects,
    contents,
    alternatives,
    composition,
    words,
    extensions,
    lifecycles,
    documents,
)


def by_kind() -> Mapping[str, list[Rule]]:
    """The rules by the kinds of pairs that they are shown."""
    kinds: dict[str, list[Rule]] = {}
    for rule in RULES.values():
        for kind in rule.kinds:
            kinds.setdefault(kind, []).append(rule)
    return kinds
