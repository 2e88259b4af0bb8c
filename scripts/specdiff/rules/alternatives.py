"""Rules about alternatives (`oneOf`, `anyOf`) and combined schemas (`allOf`)."""

from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.facts import Node
from scripts.specdiff.engine.inclusion.exclusion import exclusions
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Alternatives, Schema

from .rule import Findings, quoted_list, rule


def _added(pair: Pair[Alternatives], keyword: str, group: str, overlapping: bool | None = None) -> Findings:
    """Yield one change for all added members of the keyword."""
    if pair.is_added and pair.new.keyword == keyword and (names := _names(pair, pair.new, 1, overlapping)):
        listing = quoted_list(names)
        may = f"may now match {listing} ({keyword})"
        yield Change(
            f"{listing} added to {group} ({keyword})",
            None,
            names,
            subject=canonical_json(names),
            in_responses=None if keyword == "allOf" else f"responses {may}",
        )


def _removed(pair: Pair[Alternatives], keyword: str, group: str, overlapping: bool | None = None) -> Findings:
    """Yield one change for all removed members of the keyword."""
    if pair.is_removed and pair.old.keyword == keyword and (names := _names(pair, pair.old, 0, overlapping)):
        listing = quoted_list(names)
        refused = f"requests that match {listing} are now refused ({keyword})"
        yield Change(
            f"{listing} removed from {group} ({keyword})",
            names,
            None,
            subject=canonical_json(names),
            in_requests=None if keyword == "allOf" else refused,
        )


def _names(pair: Pair[Alternatives], members: Alternatives, side: int, overlapping: bool | None) -> list[str]:
    """The names of the members that overlap with another member, or of those that do not; None selects all members."""
    document = pair.documents[side]
    return [
        schema.name
        for schema in members.schemas
        if overlapping is None
        or overlapping
        == any(
            not disjoint(document, schema, other) for other in (*members.kept, *members.schemas) if other is not schema
        )
    ]


@rule(PairKind.ALTERNATIVES, Effect.NARROWS, PythonEffect.GROWS)
def combined_schema_added(pair: Pair[Alternatives]) -> Findings:
    """A schema was added to `allOf`.

    Callers that send values that do not match the schema are rejected. Callers that read responses gain guarantees.
    Instead: add the properties of the schema as optional properties.
    """
    yield from _added(pair, "allOf", "the combined schemas")


@rule(PairKind.ALTERNATIVES, Effect.MAY_WIDEN, PythonEffect.BREAKS_READERS)
def combined_schema_removed(pair: Pair[Alternatives]) -> Findings:
    """A schema was removed from `allOf`.

    Callers that rely on the guarantees of the schema in responses may fail.
    Instead: keep the schema in responses.
    """
    yield from _removed(pair, "allOf", "the combined schemas")


@rule(PairKind.ALTERNATIVES, Effect.MAY_WIDEN, PythonEffect.BREAKS_READERS)
def alternative_added(pair: Pair[Alternatives]) -> Findings:
    """A schema was added to `anyOf`.

    Callers that read responses may receive an alternative that they do not know.
    Instead: announce in the contract that the list of alternatives may grow, before it grows.
    """
    yield from _added(pair, "anyOf", "the alternatives")


@rule(PairKind.ALTERNATIVES, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def alternative_removed(pair: Pair[Alternatives]) -> Findings:
    """A schema was removed from `anyOf`.

    Callers that send the removed alternative are rejected. Callers that read responses notice nothing.
    Instead: keep accepting the alternative in requests.
    """
    yield from _removed(pair, "anyOf", "the alternatives")


@rule(PairKind.ALTERNATIVES, Effect.WIDENS, PythonEffect.BREAKS_READERS)
def exclusive_alternative_added(pair: Pair[Alternatives]) -> Findings:
    """A schema was added to `oneOf`. No value matches both this schema and another schema.

    Callers that distinguish the alternatives in responses may receive an unknown alternative.
    Instead: announce in the contract that the list of alternatives may grow, before it grows.
    """
    yield from _added(pair, "oneOf", "the alternatives", overlapping=False)


@rule(PairKind.ALTERNATIVES, Effect.BREAKS, PythonEffect.BREAKS_READERS)
def overlapping_alternative_added(pair: Pair[Alternatives]) -> Findings:
    """A schema was added to `oneOf`. Some values match both this schema and another schema.

    Callers that send values that match two schemas are rejected. Callers that read responses may receive an unknown
    alternative.
    Instead: give each alternative a required property with its own constant.
    """
    yield from _added(pair, "oneOf", "the alternatives, which now overlap", overlapping=True)


@rule(PairKind.ALTERNATIVES, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def exclusive_alternative_removed(pair: Pair[Alternatives]) -> Findings:
    """A schema was removed from `oneOf`. No value matched both this schema and another schema.

    Callers that send the removed alternative are rejected. Callers that read responses notice nothing.
    Instead: keep accepting the alternative in requests.
    """
    yield from _removed(pair, "oneOf", "the alternatives", overlapping=False)


@rule(PairKind.ALTERNATIVES, Effect.REFUSES, PythonEffect.BREAKS_ARGUMENTS)
def overlapping_alternative_removed(pair: Pair[Alternatives]) -> Findings:
    """A schema was removed from `oneOf`. Some values matched both this schema and another schema.

    Callers that send the removed alternative are rejected. Callers that read responses may receive values that matched
    both schemas. Before, `oneOf` rejected these values.
    Instead: keep accepting the alternative in requests.
    """
    yield from _removed(pair, "oneOf", "the alternatives, which overlapped", overlapping=True)


def disjoint(document: ComparedDocument, one: Schema, other: Schema) -> bool:
    """Whether certainly no value matches both schemas."""
    return exclusions(document).excludes(Node(document, one), Node(document, other))


@rule(PairKind.SCHEMA, Effect.NARROWS)
def alternatives_introduced(pair: Pair[Schema]) -> Findings:
    """A schema gained alternatives (`oneOf` or `anyOf`).

    Callers that send values that match no alternative are rejected.
    Instead: leave request schemas unchanged.
    """
    for keyword in _more_alternatives(pair.old, pair.new):
        text = f"must now match one of several schemas ({keyword})"
        yield Change(text, None, None, new_pointer=pair.new.pointer_of(keyword), subject=keyword)


@rule(PairKind.SCHEMA, Effect.WIDENS)
def alternatives_dropped(pair: Pair[Schema]) -> Findings:
    """A schema lost its alternatives (`oneOf` or `anyOf`).

    Callers that distinguish the alternatives in responses may receive unknown values.
    Instead: keep the alternatives in responses.
    """
    for keyword in _more_alternatives(pair.new, pair.old):
        text = f"no longer has to match one of several schemas ({keyword})"
        yield Change(text, None, None, old_pointer=pair.old.pointer_of(keyword), subject=keyword)


def _more_alternatives(less: Schema, more: Schema) -> list[str]:
    """Those of `oneOf` and `anyOf` that only the second schema has, if it has more of the two keywords."""
    keywords = [[key for key in ("oneOf", "anyOf") if key in side.keywords] for side in (less, more)]
    return [key for key in keywords[1] if key not in keywords[0]] if len(keywords[0]) < len(keywords[1]) else []


def _exclusive(pair: Pair[Schema]) -> tuple[str | None, str | None]:
    if any("oneOf" in side.keywords and "anyOf" in side.keywords for side in (pair.old, pair.new)):
        return None, None
    return pair.old.alternatives_keyword, pair.new.alternatives_keyword


@rule(PairKind.SCHEMA, Effect.NARROWS)
def alternatives_became_exclusive(pair: Pair[Schema]) -> Findings:
    """Alternatives became exclusive: `oneOf` replaces `anyOf`, and a value must match exactly one schema.

    Callers that send values that match two schemas are rejected.
    Instead: keep `anyOf`.
    """
    if _exclusive(pair) == ("anyOf", "oneOf"):
        yield Change(
            "must now match exactly one of the alternatives",
            "anyOf",
            "oneOf",
            pair.old.pointer_of("anyOf"),
            pair.new.pointer_of("oneOf"),
        )


@rule(PairKind.SCHEMA, Effect.MAY_WIDEN)
def alternatives_became_inclusive(pair: Pair[Schema]) -> Findings:
    """Alternatives are no longer exclusive: `anyOf` replaces `oneOf`, and a value may match several schemas.

    Callers that distinguish the alternatives in responses may receive values that match two schemas.
    Instead: keep `oneOf` in responses.
    """
    if _exclusive(pair) == ("oneOf", "anyOf"):
        yield Change(
            "may now match several of the alternatives",
            "oneOf",
            "anyOf",
            pair.old.pointer_of("oneOf"),
            pair.new.pointer_of("anyOf"),
        )
