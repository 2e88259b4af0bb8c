"""All rules, each in the file of what it speaks of."""

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

__all__ = ["RULES"]

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
