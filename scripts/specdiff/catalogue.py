"""All rules of scripts/diff: the general rules about OpenAPI, and the rules about our own extensions."""

from scripts.openapi.contract import EXTENSIONS

from .contract_rules import file_extensions, name_extensions, operation_extensions, status_extensions
from .engine.pairs import Rule
from .rules import (
    alternatives,
    bounds,
    composition,
    contents,
    counterexamples,
    documents,
    enums,
    lifespan,
    messages,
    objects,
    operations,
    parameters,
    references,
    security,
    values,
    words,
)
from .rules.extensions import extension_rule

_MODULES = (
    operations,
    lifespan,
    parameters,
    messages,
    references,
    values,
    enums,
    bounds,
    objects,
    contents,
    alternatives,
    composition,
    words,
    documents,
    counterexamples,
    security,
    # The contract's own extensions.
    operation_extensions,
    status_extensions,
    file_extensions,
    name_extensions,
)
_RULES = [value for module in _MODULES for value in vars(module).values() if isinstance(value, Rule)]

RULES: dict[str, Rule] = {rule.id: rule for rule in (*_RULES, extension_rule(EXTENSIONS))}
"""The rules by id, in the order of `scripts/diff --rules`."""
