"""The decorator that declares a rule, and phrases for the messages of several rules."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, ExtensionReferences, Pair, PairKind, Rule, Side
from scripts.specdiff.engine.schema import Schema

Findings = Iterator[Change]


def rule(
    kind: PairKind,
    effect: Effect,
    python: PythonEffect = PythonEffect.NOTHING,
    *,
    also: PairKind | None = None,
    references: ExtensionReferences | None = None,
    about_values: bool = True,
) -> Callable[[Callable[[Pair[Side]], Findings]], Rule]:
    """Turn a function into a rule. The id of the rule is the function's name with dashes.

    The rule judges pairs of the kinds `kind` and `also`. All its findings have the effects `effect` and `python`.
    `about_values` is false if the changes matter although the schemas accept the same values. `references` returns the
    components to which the extension of the rule refers.
    """
    kinds = (kind, also) if also else (kind,)
    return lambda check: Rule(check.__name__.replace("_", "-"), kinds, effect, python, check, references, about_values)


def applies(pair: Pair[Schema], *types: str) -> bool:
    """Whether both schemas allow one of these types. Otherwise the change of the type is reported instead."""
    sides = pair.old, pair.new
    return pair.old.types == pair.new.types or all(not side.types or side.types & {*types} for side in sides)


def quoted(value: Any) -> str:
    """Quote a value of a document in a message, as JSON of at most 60 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def quoted_list(values: Iterable[Any]) -> str:
    """List up to eight values in a message. Of a longer list, list six values and the number of the rest."""
    quotes = [quoted(value) for value in values]
    return ", ".join(quotes) if len(quotes) <= 8 else f"{', '.join(quotes[:6])} and {len(quotes) - 6} more"


def changed_from(subject: str, old: Any, new: Any) -> str:
    """The message about a changed value. None means that the value is absent."""
    before, after = ("absent" if value is None else quoted(value) for value in (old, new))
    return f"{subject} was {before} and is now {after}"
