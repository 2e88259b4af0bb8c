"""Rules about the type, format, null, pattern and encoding of a value."""

from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.formats import OF_ALL_NUMBERS, WIDER
from scripts.specdiff.engine.medium import Medium
from scripts.specdiff.engine.merging import resolve_ref
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Schema

from .rule import Findings, applies, changed_from, quoted, rule

# Keywords that exclude some texts of numbers.
_OF_TEXTS = ("format", "pattern", "enum", "minLength", "maxLength")


def _allows_types(wide: Schema, narrow: Schema, medium: Medium) -> bool:
    """Whether the types of `wide` include every value of the types of `narrow`."""
    if not wide.types:
        return True
    if not narrow.types:
        return medium is Medium.TEXT and wide.types == {"string"}
    if narrow.types == {"null"} and wide.nullable:
        return True
    allowed = set(wide.types)
    if "number" in allowed:
        allowed.add("integer")
    if medium is not Medium.JSON and "string" in allowed and not any(key in wide.keywords for key in _OF_TEXTS):
        allowed |= {"number", "integer", "boolean", "string"}
        if narrow.types <= {"object", "array"} and not medium.is_exploded:
            return True
    return narrow.types <= allowed


def _types(schema: Schema) -> str:
    return " or ".join(sorted(schema.types)) if schema.types else "any"


def _type_change(pair: Pair[Schema], kind: str) -> Findings:
    """Yield the change of the type, if the change is of this kind."""
    old, new = pair.old, pair.new
    if old.types == new.types:
        return
    if _is_object_stated(pair):
        if kind == "stated":
            yield Change(
                f"the type object was {'removed' if old.types else 'added'}", sorted(old.types), sorted(new.types)
            )
        return
    wider, narrower = _allows_types(new, old, pair.medium), _allows_types(old, new, pair.medium)
    if kind == ("widened" if wider else "narrowed" if narrower else "changed"):
        text = f"the type was {_types(old)} and is now {_types(new)}"
        yield Change(text, sorted(old.types), sorted(new.types), old.pointer_of("type"), new.pointer_of("type"))


def _is_object_stated(pair: Pair[Schema]) -> bool:
    """Whether a schema with properties gained or lost `type: object`. Authors mean an object in any case."""
    typed, other = (pair.old, pair.new) if pair.old.types else (pair.new, pair.old)
    return typed.types == {"object"} and not other.types and bool(other.properties or other.required)


@rule(PairKind.SCHEMA, Effect.ADDS)
def object_type_stated(pair: Pair[Schema]) -> Findings:
    """A schema with properties gained or lost `type: object`.

    Callers that send objects do not have to change anything.
    """
    yield from _type_change(pair, "stated")


@rule(PairKind.SCHEMA, Effect.BREAKS, PythonEffect.BREAKS)
def type_changed(pair: Pair[Schema]) -> Findings:
    """A type changed, and neither the old nor the new type includes all values of the other.

    Callers that send the old type are rejected. Callers that read responses receive the new type.
    Instead: add a property with the new type beside the old property.
    """
    yield from _type_change(pair, "changed")


@rule(PairKind.SCHEMA, Effect.WIDENS, PythonEffect.BREAKS_READERS)
def type_widened(pair: Pair[Schema]) -> Findings:
    """A type was added, or a type includes more values.

    Callers that read responses may receive a type that they cannot handle. Callers that send the value notice nothing.
    Instead: keep the type in responses, and add a property for the new type.
    """
    yield from _type_change(pair, "widened")


@rule(PairKind.SCHEMA, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def type_narrowed(pair: Pair[Schema]) -> Findings:
    """A type was removed, or a type includes fewer values.

    Callers that send the old type are rejected. Callers that read responses notice nothing.
    Instead: keep accepting the old type in requests.
    """
    yield from _type_change(pair, "narrowed")


def _null(pair: Pair[Schema]) -> tuple[bool, bool] | None:
    """Whether the old and the new schema allow null; None unless both schemas also restrict other values."""
    if pair.old.nullable == pair.new.nullable:
        return None
    sides = [resolve_ref(document, side) for document, side in zip(pair.documents, (pair.old, pair.new), strict=True)]
    if any(not (side.types or side.alternatives_keyword) or side.types == {"null"} for side in sides):
        return None
    return sides[0].nullable, sides[1].nullable


@rule(PairKind.SCHEMA, Effect.WIDENS, PythonEffect.BREAKS_READERS, also=PairKind.NULL)
def became_nullable(pair: Pair[Schema]) -> Findings:
    """A value may now be null.

    Callers that expect a value in responses fail on null. Users of the package receive `None` for null values and for
    absent values.
    Instead: make the property optional, and omit the property.
    """
    if _null(pair) == (False, True):
        yield Change(
            "may now be null",
            False,
            True,
            in_requests="requests may now contain null",
            in_responses="responses may now contain null",
        )


@rule(PairKind.SCHEMA, Effect.NARROWS, also=PairKind.NULL)
def became_not_nullable(pair: Pair[Schema]) -> Findings:
    """A value may no longer be null.

    Callers that send null are rejected. Callers that read responses notice nothing.
    Instead: keep accepting null in requests.
    """
    if _null(pair) == (True, False):
        yield Change(
            "may no longer be null",
            True,
            False,
            in_requests="requests with null are now refused",
            in_responses="responses no longer contain null",
        )


def _format(pair: Pair[Schema], kind: str) -> Findings:
    old, new = pair.old.get("format"), pair.new.get("format")
    if old == new or (old and new is None and not pair.new.types <= pair.old.types | {"number"} and pair.new.types):
        return
    if {old, new} in [{None, name} for name in OF_ALL_NUMBERS]:
        found = "stated"
    elif old is None:
        found = "narrowed"
    elif new is None:
        found = "widened"
    else:
        found = "widened" if (old, new) in WIDER else "narrowed" if (new, old) in WIDER else "changed"
    if kind == found:
        yield Change(
            changed_from("the format", old, new),
            old,
            new,
            pair.old.pointer_of("format"),
            pair.new.pointer_of("format"),
        )


@rule(PairKind.SCHEMA, Effect.BREAKS)
def format_changed(pair: Pair[Schema]) -> Findings:
    """A format changed, and neither the old nor the new format includes all values of the other.

    Callers that send the old format are rejected. Callers that read responses cannot parse the new format.
    Instead: add a property with the new format beside the old property.
    """
    yield from _format(pair, "changed")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def format_widened(pair: Pair[Schema]) -> Findings:
    """A format became wider, or was removed.

    Callers that parse the old format in responses fail. Callers that store the value in a narrower type fail.
    Instead: keep the format in responses.
    """
    yield from _format(pair, "widened")


@rule(PairKind.SCHEMA, Effect.NARROWS)
def format_narrowed(pair: Pair[Schema]) -> Findings:
    """A format became narrower, or was added.

    Callers that send other values are rejected.
    Instead: keep accepting the old format in requests.
    """
    yield from _format(pair, "narrowed")


@rule(PairKind.SCHEMA, Effect.ADDS)
def number_format_stated(pair: Pair[Schema]) -> Findings:
    """The format `int64` or `double` was added or removed. All usual numbers have it.

    Callers do not have to change anything.
    """
    yield from _format(pair, "stated")


@rule(PairKind.SCHEMA, Effect.NARROWS)
def pattern_introduced(pair: Pair[Schema]) -> Findings:
    """A pattern was added: strings must match it.

    Callers that send strings that do not match the pattern are rejected.
    Instead: keep accepting all strings.
    """
    if pair.new.get("pattern") is not None and pair.old.get("pattern") is None and applies(pair, "string"):
        pattern = pair.new.get("pattern")
        yield Change(
            f"must now match the pattern {quoted(pattern)}", None, pattern, new_pointer=pair.new.pointer_of("pattern")
        )


@rule(PairKind.SCHEMA, Effect.MAY_WIDEN)
def pattern_dropped(pair: Pair[Schema]) -> Findings:
    """A pattern was removed: strings no longer have to match it.

    Callers that rely on the pattern in responses may fail.
    Instead: keep the pattern in responses.
    """
    if pair.old.get("pattern") is not None and pair.new.get("pattern") is None and applies(pair, "string"):
        pattern = pair.old.get("pattern")
        yield Change(
            f"no longer has to match the pattern {quoted(pattern)}",
            pattern,
            None,
            old_pointer=pair.old.pointer_of("pattern"),
        )


@rule(PairKind.SCHEMA, Effect.UNSETTLES)
def pattern_changed(pair: Pair[Schema]) -> Findings:
    """A pattern changed. The diff cannot decide whether more or fewer strings are allowed.

    Callers may be rejected, and may receive strings that they cannot parse.
    Instead: widen patterns in requests only, and narrow patterns in responses only.
    """
    old, new = pair.old.get("pattern"), pair.new.get("pattern")
    if old is not None and new is not None and old != new:
        yield Change(
            changed_from("the pattern", old, new),
            old,
            new,
            pair.old.pointer_of("pattern"),
            pair.new.pointer_of("pattern"),
        )


@rule(PairKind.SCHEMA, Effect.BREAKS)
def content_encoding_changed(pair: Pair[Schema]) -> Findings:
    """The encoding of a string changed: `contentEncoding` or `contentMediaType`.

    Callers encode and decode the string in the wrong way.
    Instead: add a property for the new encoding.
    """
    for keyword in ("contentEncoding", "contentMediaType"):
        old, new = pair.old.get(keyword), pair.new.get(keyword)
        if old != new:
            yield Change(
                changed_from(keyword, old, new),
                old,
                new,
                pair.old.pointer_of(keyword),
                pair.new.pointer_of(keyword),
                subject=keyword,
            )
