"""Alternatives and combinations: allOf, anyOf, oneOf, not, if, discriminators, and names of components."""

from collections.abc import Mapping
from typing import Any

from scripts.specdiff.document import Document, spelled
from scripts.specdiff.effects import Effect, Reach
from scripts.specdiff.meaning import meaning
from scripts.specdiff.merging import expanded
from scripts.specdiff.schema import Schema
from scripts.specdiff.sites import Change, Pair

from .catalogue import Findings, became, listed, rule, shown


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


# Keywords whose change is judged as a whole: how to say that they constrain.
_WHOLE = {"not": "what it must not be", "if": "a condition", "then": "what follows", "else": "what follows otherwise"}


def _whole(pair: Pair, kind: str) -> Findings:
    for keyword, words in _WHOLE.items():
        old, new = pair.old.get(keyword), pair.new.get(keyword)
        if (old is None) == (new is None):
            found = "changed" if keyword in ("not", "if") and old != new and _differ(pair, keyword) else ""
        else:
            found = "added" if old is None else "removed"
        if found == kind:
            yield Change(
                f"{words} was {found} ({keyword})",
                old,
                new,
                pair.old.home(keyword),
                pair.new.home(keyword),
                subject=keyword,
            )


def _differ(pair: Pair, keyword: str) -> bool:
    shared = pair.documents[0].names & pair.documents[1].names
    old, new = (
        meaning(document, side.get(keyword), side.home(keyword), shared)
        for document, side in zip(pair.documents, (pair.old, pair.new), strict=True)
    )
    return old != new


@rule("schema", Effect.NARROWS)
def condition_added(pair: Pair) -> Findings:
    """A value must fit a condition or an exception (`not`, `if`, `then`, `else`).

    Writers of what does not fit are refused.
    Instead: go on accepting what was accepted.
    """
    yield from _whole(pair, "added")


@rule("schema", Effect.WIDENS)
def condition_removed(pair: Pair) -> Findings:
    """A value need not fit a condition or an exception any more (`not`, `if`, `then`, `else`).

    Readers that rely on it meet something else.
    Instead: keep the condition in responses.
    """
    yield from _whole(pair, "removed")


@rule("schema", Effect.BREAKS)
def condition_changed(pair: Pair) -> Findings:
    """A condition or an exception differs (`not`, `if`); which of the two admits more is not judged.

    Writers may be refused, and readers may meet what was kept away.
    Instead: widen requests and narrow responses by other means.
    """
    yield from _whole(pair, "changed")


@rule("schema", Effect.UNSETTLES)
def combination_changed(pair: Pair) -> Findings:
    """Schemas that are combined say different things of the same, on one side or in another way; which is not judged.

    Writers may be refused, and readers may meet what was kept away.
    Instead: let only one of the schemas that `allOf` holds speak of a property or a pattern.
    """
    old, new = (sorted(side.get("unjoined", ())) for side in (pair.old, pair.new))
    if old != new:
        yield Change("what combined schemas say of the same thing changed (allOf)", old or None, new or None)


def _discriminators(pair: Pair) -> list[Mapping[str, object]]:
    found = [pair.old.get("discriminator"), pair.new.get("discriminator")]
    return [one if isinstance(one, Mapping) else {} for one in found]


def _said(pair: Pair, text: str, subject: str = "") -> Change:
    old, new = _discriminators(pair)
    places = pair.old.home("discriminator"), pair.new.home("discriminator")
    return Change(text, dict(old) or None, dict(new) or None, *places, subject=subject)


@rule("schema", Effect.ADDS)
def discriminator_added(pair: Pair) -> Findings:
    """Alternatives are told apart by a property.

    Nobody has to notice.
    """
    old, new = _discriminators(pair)
    if new and not old:
        yield _said(pair, f"alternatives are told apart by {shown(new.get('propertyName'))}")


@rule("schema", Effect.UNSETTLES)
def discriminator_removed(pair: Pair) -> Findings:
    """Alternatives are no longer told apart by a property.

    Generated clients that read it try the alternatives in turn instead.
    Instead: keep it.
    """
    old, new = _discriminators(pair)
    if old and not new:
        yield _said(pair, f"alternatives are no longer told apart by {shown(old.get('propertyName'))}")


@rule("schema", Effect.UNSETTLES)
def discriminator_changed(pair: Pair) -> Findings:
    """Another property tells alternatives apart, or its values stand for others.

    Generated clients that were made before take one alternative for another.
    Instead: add values, and leave the old ones as they are.
    """
    old, new = _discriminators(pair)
    if old and new:
        if old.get("propertyName") != new.get("propertyName"):
            names = old.get("propertyName"), new.get("propertyName")
            yield _said(pair, became("the property that tells alternatives apart", *names), "property")
        before, after = (one if isinstance(one := side.get("mapping"), Mapping) else {} for side in (old, new))
        changed = [name for name in before if before[name] != after.get(name)]
        if changed:
            yield _said(pair, f"{listed(changed)} of the discriminator stand for something else", "mapping")


@rule("schema", Effect.ADDS)
def discriminator_value_added(pair: Pair) -> Findings:
    """One more value tells alternatives apart.

    Nobody has to notice; that there is one more alternative is found apart.
    """
    old, new = _discriminators(pair)
    if old and new:
        before, after = (one if isinstance(one := side.get("mapping"), Mapping) else {} for side in (old, new))
        added = [name for name in after if name not in before]
        if added:
            yield _said(pair, f"{listed(added)} added to the discriminator", spelled(added))


@rule("reference", Effect.ADDS, Reach.BREAKS)
def schema_renamed(pair: Pair) -> Findings:
    """A component schema has another name.

    Nothing changes on the wire. Users of the package have to import the class under its new name.
    Instead: keep the name.
    """
    old, new = pair.old.base, pair.new.base
    if old not in pair.documents[1].names and new not in pair.documents[0].names:
        names = old.rpartition("/")[2], new.rpartition("/")[2]
        yield Change(
            f"schema {shown(names[0])} is now called {shown(names[1])}",
            *names,
            old_at=old,
            new_at=new,
            subject=names[0],
        )


@rule("reference", Effect.ADDS, Reach.BREAKS)
def reference_changed(pair: Pair) -> Findings:
    """Another component is referred to; what differs between the two is found apart.

    Users of the package meet another class.
    Instead: change the component, not the reference.
    """
    old, new = pair.old.base, pair.new.base
    if old in pair.documents[1].names or new in pair.documents[0].names:
        names = old.rpartition("/")[2], new.rpartition("/")[2]
        yield Change(f"it refers to {shown(names[1])} instead of {shown(names[0])}", *names)
