"""Rules about conditions, discriminators, and the names of component schemas."""

from collections.abc import Mapping

from scripts.openapi.pointers import last
from scripts.specdiff.engine.canonical import canonical
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.discriminators import alternatives, values
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import CONFLICTS, Schema

from .rule import Findings, changed_from, quoted, quoted_list, rule

# Keywords whose schemas are compared as a whole, with their names in messages.
_CONDITIONS = {
    "not": "an exclusion",
    "if": "a condition",
    "then": "a consequence",
    "else": "an alternative consequence",
}


def _condition_changes(pair: Pair[Schema], kind: str) -> Findings:
    for keyword, phrase in _CONDITIONS.items():
        old, new = pair.old.get(keyword), pair.new.get(keyword)
        if (old is None) == (new is None):
            found = "changed" if keyword in ("not", "if") and old != new and _differ(pair, keyword) else ""
        else:
            found = "added" if old is None else "removed"
        if found == kind:
            yield Change(
                f"{phrase} was {found} ({keyword})",
                old,
                new,
                pair.old.pointer_of(keyword),
                pair.new.pointer_of(keyword),
                subject=keyword,
            )


def _differ(pair: Pair[Schema], keyword: str) -> bool:
    shared = pair.documents[0].shared_schemas(pair.documents[1])
    old, new = (
        canonical(document, (side.get(keyword), side.pointer_of(keyword)), shared)
        for document, side in zip(pair.documents, (pair.old, pair.new), strict=True)
    )
    return old != new


@rule(PairKind.SCHEMA, Effect.NARROWS)
def condition_added(pair: Pair[Schema]) -> Findings:
    """A value must satisfy a new condition or exclusion (`not`, `if`, `then`, `else`).

    Callers that send values that do not satisfy the condition are rejected.
    Instead: keep accepting the old values.
    """
    yield from _condition_changes(pair, "added")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def condition_removed(pair: Pair[Schema]) -> Findings:
    """A value no longer has to satisfy a condition or exclusion (`not`, `if`, `then`, `else`).

    Callers that rely on the condition in responses may receive other values.
    Instead: keep the condition in responses.
    """
    yield from _condition_changes(pair, "removed")


@rule(PairKind.SCHEMA, Effect.BREAKS)
def condition_changed(pair: Pair[Schema]) -> Findings:
    """A condition or exclusion changed (`not`, `if`). The diff cannot decide whether more or fewer values are allowed.

    Callers may be rejected, and may receive values that the old condition excluded.
    Instead: widen requests and narrow responses with other keywords.
    """
    yield from _condition_changes(pair, "changed")


@rule(PairKind.SCHEMA, Effect.UNSETTLES)
def combination_changed(pair: Pair[Schema]) -> Findings:
    """Several `allOf` schemas describe the same property or pattern differently. The diff cannot decide the effect.

    Callers may be rejected, and may receive values that were excluded before.
    Instead: describe each property or pattern in only one of the `allOf` schemas.
    """
    old, new = (sorted(side.get(CONFLICTS, ())) for side in (pair.old, pair.new))
    if old != new:
        yield Change(
            "the combined schemas (allOf) describe the same property or pattern differently", old or None, new or None
        )


def _discriminators(pair: Pair[Schema]) -> list[Mapping[str, object]]:
    found = [pair.old.get("discriminator"), pair.new.get("discriminator")]
    return [one if isinstance(one, Mapping) else {} for one in found]


def _discriminator_change(pair: Pair[Schema], text: str, subject: str = "") -> Change:
    old, new = _discriminators(pair)
    places = pair.old.pointer_of("discriminator"), pair.new.pointer_of("discriminator")
    return Change(text, dict(old) or None, dict(new) or None, *places, subject=subject)


@rule(PairKind.SCHEMA, Effect.ADDS)
def discriminator_added(pair: Pair[Schema]) -> Findings:
    """A `discriminator` was added: a property now distinguishes the alternatives.

    Callers do not have to change anything.
    """
    old, new = _discriminators(pair)
    if new and not old:
        yield _discriminator_change(pair, f"{quoted(new.get('propertyName'))} now distinguishes the alternatives")


@rule(PairKind.SCHEMA, Effect.UNSETTLES, about_values=False)
def discriminator_removed(pair: Pair[Schema]) -> Findings:
    """A `discriminator` was removed: no property distinguishes the alternatives.

    Generated clients no longer read the property, and try the alternatives in turn.
    Instead: keep the discriminator.
    """
    old, new = _discriminators(pair)
    if old and not new:
        yield _discriminator_change(pair, f"{quoted(old.get('propertyName'))} no longer distinguishes the alternatives")


@rule(PairKind.SCHEMA, Effect.BREAKS, about_values=False)
def discriminator_changed(pair: Pair[Schema]) -> Findings:
    """A `discriminator` has another property, or one of its values means another schema or no schema.

    Callers that send the old value are rejected or misunderstood. Callers that read the value in responses mistake one
    alternative for another. Without a mapping, the value is the name of the component.
    Instead: add values, and keep the old values unchanged.
    """
    old, new = _discriminators(pair)
    if not (old and new):
        return
    names = old.get("propertyName"), new.get("propertyName")
    if names[0] != names[1]:
        yield _discriminator_change(
            pair, changed_from("the property that distinguishes the alternatives", *names), "property"
        )
    before, after = _values(pair)
    members = [set(alternatives(*side)) for side in zip(pair.documents, (pair.old, pair.new), strict=True)]
    for value, target in before.items():
        if value in after and not _is_same(pair, target, after[value]):
            meanings = f"meant {_name(target)} and now means {_name(after[value])}"
            text = f"the value {quoted(value)} of {quoted(names[0])} {meanings}"
            yield _discriminator_change(pair, text, value)
        elif value not in after and (
            target not in members[0] or any(_is_same(pair, target, one) for one in members[1])
        ):
            # If the whole alternative was removed, the rules about alternatives report it.
            yield _discriminator_change(
                pair, f"the value {quoted(value)} of {quoted(names[0])} has no meaning now", value
            )


def _values(pair: Pair[Schema]) -> tuple[dict[str, str], dict[str, str]]:
    return values(pair.documents[0], pair.old), values(pair.documents[1], pair.new)


def _name(target: str) -> str:
    return quoted(target.rpartition("/")[2])


def _is_same(pair: Pair[Schema], old: str, new: str) -> bool:
    """Whether a component has the same name, or may have been renamed."""
    old_names, new_names = (document.component_schemas for document in pair.documents)
    return old == new or (old in old_names - new_names and new in new_names - old_names)


@rule(PairKind.SCHEMA, Effect.ADDS)
def discriminator_value_added(pair: Pair[Schema]) -> Findings:
    """A value was added to a `discriminator`.

    Callers do not have to change anything. Another rule reports the new alternative.
    """
    old, new = _discriminators(pair)
    if old and new:
        before, after = _values(pair)
        mapped = new.get("mapping")
        if added := [name for name in after if name not in before and isinstance(mapped, Mapping) and name in mapped]:
            text = f"{quoted_list(added)} added to the discriminator mapping"
            yield _discriminator_change(pair, text, canonical_json(added))


@rule(PairKind.REFERENCE, Effect.ADDS, PythonEffect.BREAKS)
def schema_renamed(pair: Pair[str]) -> Findings:
    """A component schema was renamed.

    Requests and responses stay the same. Users of the package must import the class under its new name.
    Instead: keep the name.
    """
    old, new = pair.old, pair.new
    if old not in pair.documents[1].component_schemas and new not in pair.documents[0].component_schemas:
        names = last(old), last(new)
        yield Change(
            f"schema {quoted(names[0])} is now called {quoted(names[1])}",
            *names,
            old_pointer=old,
            new_pointer=new,
            subject=names[0],
        )


@rule(PairKind.REFERENCE, Effect.ADDS, PythonEffect.BREAKS)
def reference_changed(pair: Pair[str]) -> Findings:
    """A reference refers to another component. Other rules report the differences between the two components.

    Users of the package get another class.
    Instead: change the component, not the reference.
    """
    old, new = pair.old, pair.new
    if old in pair.documents[1].component_schemas or new in pair.documents[0].component_schemas:
        names = last(old), last(new)
        yield Change(f"refers to {quoted(names[1])} instead of {quoted(names[0])}", *names)
