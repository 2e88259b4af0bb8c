"""How rules are declared, and the phrases that their messages share."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind, Rule, Side
from scripts.specdiff.engine.schema import Schema

Findings = Iterator[Change]


def rule(
    kind: PairKind, effect: Effect, python: PythonEffect = PythonEffect.NOTHING, *, also: PairKind | None = None
) -> Callable[[Callable[[Pair[Side]], Findings]], Rule]:
    """Turn a function into the rule whose id is the function's name with dashes.

    The function receives pairs of `kind` and of `also`; `effect` and `python` are the effects of its findings.
    """
    kinds = (kind, also) if also else (kind,)
    return lambda check: Rule(check.__name__.replace("_", "-"), kinds, effect, python, check)


def applies(pair: Pair[Schema], *types: str) -> bool:
    """Whether a keyword for these types applies on both sides, so that its change does not follow from another type."""
    sides = pair.old, pair.new
    return pair.old.types == pair.new.types or all(not side.types or side.types & {*types} for side in sides)


def quoted(value: Any) -> str:
    """A value of a document in a message: JSON of at most 60 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def quoted_list(values: Iterable[Any]) -> str:
    """Values in a message: up to eight, or six and the number of the others."""
    every = [quoted(value) for value in values]
    return ", ".join(every) if len(every) <= 8 else f"{', '.join(every[:6])} and {len(every) - 6} more"


def changed_from(subject: str, old: Any, new: Any) -> str:
    """The message about a changed value; None is an absent value."""
    before, after = ("absent" if value is None else quoted(value) for value in (old, new))
    return f"{subject} was {before} and is now {after}"
