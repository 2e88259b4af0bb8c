"""Alternatives and combinations: allOf, anyOf, oneOf, not, if, discriminators, and names of components."""

from collections.abc import Mapping

from scripts.openapi.pointers import last
from scripts.specdiff.engine.canonical import canonical
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import CONFLICTS, Schema

from .catalogue import Findings, became, listed, rule, shown

# Keywords whose change is judged as a whole: how to say that they constrain.
_WHOLE = {"not": "what it must not be", "if": "a condition", "then": "what follows", "else": "what follows otherwise"}


def _whole(pair: Pair[Schema], kind: str) -> Findings:
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
                pair.old.pointer_of(keyword),
                pair.new.pointer_of(keyword),
                subject=keyword,
            )


def _differ(pair: Pair[Schema], keyword: str) -> bool:
    shared = pair.documents[0].component_schemas & pair.documents[1].component_schemas
    old, new = (
        canonical(document, (side.get(keyword), side.pointer_of(keyword)), shared)
        for document, side in zip(pair.documents, (pair.old, pair.new), strict=True)
    )
    return old != new


@rule(PairKind.SCHEMA, Effect.NARROWS)
def condition_added(pair: Pair[Schema]) -> Findings:
    """A value must fit a condition or an exception (`not`, `if`, `then`, `else`).

    Writers of what does not fit are refused.
    Instead: go on accepting what was accepted.
    """
    yield from _whole(pair, "added")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def condition_removed(pair: Pair[Schema]) -> Findings:
    """A value need not fit a condition or an exception any more (`not`, `if`, `then`, `else`).

    Readers that rely on it meet something else.
    Instead: keep the condition in responses.
    """
    yield from _whole(pair, "removed")


@rule(PairKind.SCHEMA, Effect.BREAKS)
def condition_changed(pair: Pair[Schema]) -> Findings:
    """A condition or an exception differs (`not`, `if`); which of the two admits more is not judged.

    Writers may be refused, and readers may meet what was kept away.
    Instead: widen requests and narrow responses by other means.
    """
    yield from _whole(pair, "changed")


@rule(PairKind.SCHEMA, Effect.UNSETTLES)
def combination_changed(pair: Pair[Schema]) -> Findings:
    """Schemas that are combined say different things of the same, on one side or in another way; which is not judged.

    Writers may be refused, and readers may meet what was kept away.
    Instead: let only one of the schemas that `allOf` holds speak of a property or a pattern.
    """
    old, new = (sorted(side.get(CONFLICTS, ())) for side in (pair.old, pair.new))
    if old != new:
        yield Change("what combined schemas say of the same thing changed (allOf)", old or None, new or None)


def _discriminators(pair: Pair[Schema]) -> list[Mapping[str, object]]:
    found = [pair.old.get("discriminator"), pair.new.get("discriminator")]
    return [one if isinstance(one, Mapping) else {} for one in found]


def _said(pair: Pair[Schema], text: str, subject: str = "") -> Change:
    old, new = _discriminators(pair)
    places = pair.old.pointer_of("discriminator"), pair.new.pointer_of("discriminator")
    return Change(text, dict(old) or None, dict(new) or None, *places, subject=subject)


@rule(PairKind.SCHEMA, Effect.ADDS)
def discriminator_added(pair: Pair[Schema]) -> Findings:
    """Alternatives are told apart by a property.

    Nobody has to notice.
    """
    old, new = _discriminators(pair)
    if new and not old:
        yield _said(pair, f"alternatives are told apart by {shown(new.get('propertyName'))}")


@rule(PairKind.SCHEMA, Effect.UNSETTLES)
def discriminator_removed(pair: Pair[Schema]) -> Findings:
    """Alternatives are no longer told apart by a property.

    Generated clients that read it try the alternatives in turn instead.
    Instead: keep it.
    """
    old, new = _discriminators(pair)
    if old and not new:
        yield _said(pair, f"alternatives are no longer told apart by {shown(old.get('propertyName'))}")


@rule(PairKind.SCHEMA, Effect.UNSETTLES)
def discriminator_changed(pair: Pair[Schema]) -> Findings:
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


@rule(PairKind.SCHEMA, Effect.ADDS)
def discriminator_value_added(pair: Pair[Schema]) -> Findings:
    """One more value tells alternatives apart.

    Nobody has to notice; that there is one more alternative is found apart.
    """
    old, new = _discriminators(pair)
    if old and new:
        before, after = (one if isinstance(one := side.get("mapping"), Mapping) else {} for side in (old, new))
        added = [name for name in after if name not in before]
        if added:
            yield _said(pair, f"{listed(added)} added to the discriminator", canonical_json(added))


@rule(PairKind.REFERENCE, Effect.ADDS, PythonEffect.BREAKS)
def schema_renamed(pair: Pair[str]) -> Findings:
    """A component schema has another name.

    Nothing changes on the wire. Users of the package have to import the class under its new name.
    Instead: keep the name.
    """
    old, new = pair.old, pair.new
    if old not in pair.documents[1].component_schemas and new not in pair.documents[0].component_schemas:
        names = last(old), last(new)
        yield Change(
            f"schema {shown(names[0])} is now called {shown(names[1])}",
            *names,
            old_pointer=old,
            new_pointer=new,
            subject=names[0],
        )


@rule(PairKind.REFERENCE, Effect.ADDS, PythonEffect.BREAKS)
def reference_changed(pair: Pair[str]) -> Findings:
    """Another component is referred to; what differs between the two is found apart.

    Users of the package meet another class.
    Instead: change the component, not the reference.
    """
    old, new = pair.old, pair.new
    if old in pair.documents[1].component_schemas or new in pair.documents[0].component_schemas:
        names = last(old), last(new)
        yield Change(f"it refers to {shown(names[1])} instead of {shown(names[0])}", *names)
