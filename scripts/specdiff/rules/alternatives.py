"""Alternatives: schemas of which a value fits one or several, and schemas that it must fit all."""

from typing import Any

from scripts.specdiff.engine.document import Document, spelled
from scripts.specdiff.engine.effects import Effect, Reach
from scripts.specdiff.engine.merging import expanded
from scripts.specdiff.engine.schema import Schema
from scripts.specdiff.engine.sites import Change, Pair

from .catalogue import Findings, listed, rule


def _came(pair: Pair, keyword: str, words: str, overlapping: bool | None = None) -> Findings:
    """One finding for all alternatives that came and are of the kind asked for."""
    if pair.is_new and pair.new.keyword == keyword and (names := _chosen(pair, pair.new, 1, overlapping)):
        yield Change(f"{listed(names)} added to {words} ({keyword})", None, names, subject=spelled(names))


def _went(pair: Pair, keyword: str, words: str, overlapping: bool | None = None) -> Findings:
    """One finding for all alternatives that went and are of the kind asked for."""
    if pair.is_gone and pair.old.keyword == keyword and (names := _chosen(pair, pair.old, 0, overlapping)):
        yield Change(f"{listed(names)} removed from {words} ({keyword})", names, None, subject=spelled(names))


def _chosen(pair: Pair, held: Any, side: int, overlapping: bool | None) -> list[str]:
    """Names of the alternatives that some value may fit together with another one, or of those that none may."""
    document = pair.documents[side]
    return [
        name
        for name, schema in zip(held.names, held.schemas, strict=True)
        if overlapping is None
        or overlapping
        == any(not disjoint(document, schema, other) for other in (*held.kept, *held.schemas) if other is not schema)
    ]


@rule("alternatives", Effect.NARROWS, Reach.GROWS)
def combined_schema_added(pair: Pair) -> Findings:
    """A value must fit one more schema.

    Writers of what does not fit are refused; readers gain what it promises.
    Instead: add the properties one by one, as ones that may be left out.
    """
    yield from _came(pair, "allOf", "what it must fit")


@rule("alternatives", Effect.MAY_WIDEN, Reach.BREAKS_READERS)
def combined_schema_removed(pair: Pair) -> Findings:
    """A value must fit one schema less.

    Readers that rely on what it promised may fail.
    Instead: keep in responses what it promised.
    """
    yield from _went(pair, "allOf", "what it must fit")


@rule("alternatives", Effect.MAY_WIDEN, Reach.BREAKS_READERS)
def alternative_added(pair: Pair) -> Findings:
    """A value may be something else, too.

    Readers that know the old alternatives may meet one that they do not know.
    Instead: tell readers of the contract that there may be more, before there are.
    """
    yield from _came(pair, "anyOf", "what it may be")


@rule("alternatives", Effect.NARROWS, Reach.BREAKS_ARGUMENTS)
def alternative_removed(pair: Pair) -> Findings:
    """A value may no longer be something that it could be.

    Writers of that are refused; readers notice nothing.
    Instead: go on accepting it in requests.
    """
    yield from _went(pair, "anyOf", "what it may be")


@rule("alternatives", Effect.WIDENS, Reach.BREAKS_READERS)
def exclusive_alternative_added(pair: Pair) -> Findings:
    """A value may be something else, too, which no old alternative can be taken for.

    Readers that tell the alternatives apart meet one that they do not know.
    Instead: tell readers of the contract that there may be more, before there are.
    """
    yield from _came(pair, "oneOf", "what it is one of", overlapping=False)


@rule("alternatives", Effect.WITHDRAWS, Reach.BREAKS_READERS)
def overlapping_alternative_added(pair: Pair) -> Findings:
    """A value may be something else, too, and `oneOf` refuses what fits both that and an old alternative.

    Writers of such values are refused, and readers meet an alternative that they do not know.
    Instead: give each alternative a required property with a constant of its own.
    """
    yield from _came(pair, "oneOf", "what it is one of, from which it cannot always be told", overlapping=True)


@rule("alternatives", Effect.NARROWS, Reach.BREAKS_ARGUMENTS)
def exclusive_alternative_removed(pair: Pair) -> Findings:
    """A value may no longer be something that it could be, and that no other alternative could be taken for.

    Writers of that are refused; readers notice nothing.
    Instead: go on accepting it in requests.
    """
    yield from _went(pair, "oneOf", "what it is one of", overlapping=False)


@rule("alternatives", Effect.REFUSES, Reach.BREAKS_ARGUMENTS)
def overlapping_alternative_removed(pair: Pair) -> Findings:
    """A value may no longer be something that it could be, but may be what fitted that and another alternative.

    Writers of it are refused, and readers may meet what `oneOf` kept away.
    Instead: go on accepting it in requests.
    """
    yield from _went(pair, "oneOf", "what it is one of, from which it could not always be told", overlapping=True)


def disjoint(document: Document, one: Schema, other: Schema) -> bool:
    """Whether no value can fit both: other types, other values, or another constant in a required property."""
    one, other = expanded(document, one), expanded(document, other)
    types = [set(side.types) | ({"integer"} if "number" in side.types else set()) for side in (one, other)]
    if types[0] and types[1] and types[0].isdisjoint(types[1]):
        return True
    values = [{spelled(value) for value in side.get("enum") or ()} for side in (one, other)]
    if values[0] and values[1] and values[0].isdisjoint(values[1]):
        return True
    if types[0] == types[1] == {"object"}:
        for name in one.required & other.required & one.properties.keys() & other.properties.keys():
            inner = [expanded(document, document.schema(*side.properties[name])) for side in (one, other)]
            if inner[0].pointer != inner[1].pointer and disjoint(document, inner[0], inner[1]):
                return True
    return False


@rule("union", Effect.BREAKS, Reach.BREAKS)
def wrapped_in_one_of(pair: Pair) -> Findings:
    """An object became exactly one of several, and the old one may fit more than one of them.

    Writers may be refused because a value fits two, and readers have to tell alternatives apart.
    Instead: use `anyOf`, or give each alternative a required property with a constant of its own.
    """
    old, new = pair.old, pair.new
    if new.branches == "oneOf" and not old.branches:
        plain = expanded(pair.documents[0], old)
        if plain.types == {"object"} or plain.properties:
            held = [pair.documents[1].schema(node, pointer) for node, pointer in new.get("oneOf")]
            parted = all(
                disjoint(pair.documents[1], one, other) for index, one in enumerate(held) for other in held[:index]
            )
            if not parted or not plain.types:
                yield Change("it became exactly one of several", None, len(held), new_at=new.home("oneOf"))


@rule("schema", Effect.NARROWS)
def alternatives_introduced(pair: Pair) -> Findings:
    """A value must fit one of several schemas, besides what it had to be before.

    Writers of what fits none are refused.
    Instead: leave requests as they are.
    """
    for keyword in _more_alternatives(pair.old, pair.new):
        text = f"it must fit one of several schemas ({keyword})"
        yield Change(text, None, None, new_at=pair.new.home(keyword), subject=keyword)


@rule("schema", Effect.WIDENS)
def alternatives_dropped(pair: Pair) -> Findings:
    """A value need not fit one of several schemas any more.

    Readers that tell the alternatives apart meet something else.
    Instead: keep the alternatives in responses.
    """
    for keyword in _more_alternatives(pair.new, pair.old):
        text = f"it need not fit one of several schemas ({keyword})"
        yield Change(text, None, None, old_at=pair.old.home(keyword), subject=keyword)


def _more_alternatives(less: Schema, more: Schema) -> list[str]:
    """The keywords of alternatives that one schema has and the other has nothing for."""
    held = [[key for key in ("oneOf", "anyOf") if key in side.keywords] for side in (less, more)]
    return [key for key in held[1] if key not in held[0]] if len(held[0]) < len(held[1]) else []


def _exclusive(pair: Pair) -> tuple[str | None, str | None]:
    if any("oneOf" in side.keywords and "anyOf" in side.keywords for side in (pair.old, pair.new)):
        return None, None
    return pair.old.branches, pair.new.branches


@rule("schema", Effect.NARROWS)
def alternatives_became_exclusive(pair: Pair) -> Findings:
    """A value must fit exactly one schema, and could fit several.

    Writers of what fits two are refused.
    Instead: keep `anyOf`.
    """
    if _exclusive(pair) == ("anyOf", "oneOf"):
        yield Change(
            "it must fit exactly one of the schemas", "anyOf", "oneOf", pair.old.home("anyOf"), pair.new.home("oneOf")
        )


@rule("schema", Effect.MAY_WIDEN)
def alternatives_became_inclusive(pair: Pair) -> Findings:
    """A value may fit several schemas, and had to fit exactly one.

    Readers that tell the alternatives apart may meet what fits two.
    Instead: keep `oneOf` in responses.
    """
    if _exclusive(pair) == ("oneOf", "anyOf"):
        yield Change(
            "it may fit several of the schemas", "oneOf", "anyOf", pair.old.home("oneOf"), pair.new.home("anyOf")
        )
