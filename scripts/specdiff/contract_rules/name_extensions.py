"""The rule about `x-python-name`, which names a parameter or a property in the package."""

from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind
from scripts.specdiff.rules.rule import Findings, changed_from, rule

from .extension import pointers, values

_NAME = "x-python-name"


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.BREAKS)
def python_name_changed(pair: Pair[Object]) -> Findings:
    """The name of a parameter or a property in Python was added, removed or changed (`x-python-name`).

    Requests and responses stay the same. Users of the package must use the other name.
    Instead: keep the name.
    """
    old, new = values(pair, _NAME)
    if old != new:
        yield Change(changed_from(_NAME, old, new), old, new, *pointers(pair, _NAME))
