"""The list that rules enter themselves into, and the words that they share."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind, Rule, Side
from scripts.specdiff.engine.schema import Schema

Findings = Iterator[Change]
RULES: dict[str, Rule] = {}
"""By id, in the order of the files and of the functions in them."""


def rule(
    kind: PairKind, effect: Effect, python: PythonEffect = PythonEffect.NOTHING, *, also: PairKind | None = None
) -> Callable[[Callable[[Pair[Side]], Findings]], Callable[[Pair[Side]], Findings]]:
    """Enter a function under its name with dashes.

    It is shown pairs of the `kind`, and of the one `also` named; `effect` is what its findings do.
    """

    def enter(check: Callable[[Pair[Side]], Findings]) -> Callable[[Pair[Side]], Findings]:
        name = check.__name__.replace("_", "-")
        RULES[name] = Rule(name, (kind, also) if also else (kind,), effect, python, check)
        return check

    return enter


def matters(pair: Pair[Schema], *types: str) -> bool:
    """Whether what is said of values of these types is a change of its own, and not one that the types make."""
    sides = pair.old, pair.new
    return pair.old.types == pair.new.types or all(not side.types or side.types & {*types} for side in sides)


def shown(value: Any) -> str:
    """A value of a document in a message: as JSON, and short."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def listed(values: Iterable[Any]) -> str:
    """Several values in a message: all of a few, otherwise some and how many more."""
    every = [shown(value) for value in values]
    return ", ".join(every) if len(every) <= 8 else f"{', '.join(every[:6])} and {len(every) - 6} more"


def became(what: str, old: Any, new: Any) -> str:
    """The sentence for a value that changed; None is one that is not there."""
    said = ["absent" if value is None else shown(value) for value in (old, new)]
    return f"{what} was {said[0]} and is now {said[1]}"
