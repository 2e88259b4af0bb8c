"""Which values a schema admits: type, format, null, enum, pattern and encoding."""

from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.merging import resolve_ref
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Schema

from .catalogue import Findings, became, matters, rule, shown

# Formats of which the second admits every value of the first, https://spec.openapis.org/registry/format/
_WIDER = {
    ("int32", "int64"),
    ("int32", "bigint"),
    ("int64", "bigint"),
    ("float", "double"),
    ("date", "date-time"),
    ("time", "date-time"),
}


def _admits(wide: Schema, narrow: Schema, as_text: bool) -> bool:
    """Whether the types of one schema admit every value of the types of another."""
    if not wide.types:
        return True
    if not narrow.types:
        return as_text and wide.types == {"string"}
    if narrow.types == {"null"} and wide.nullable:
        return True
    admitted = set(wide.types)
    if "number" in admitted:
        admitted.add("integer")
    if as_text and "string" in admitted and not any(key in wide.keywords for key in ("format", "pattern", "enum")):
        admitted |= {"number", "integer", "boolean", "string"}
        if narrow.types <= {"object", "array"}:
            return True
    return narrow.types <= admitted


def _types(schema: Schema) -> str:
    return " or ".join(sorted(schema.types)) if schema.types else "anything"


def _turn(pair: Pair[Schema], kind: str) -> Findings:
    """The change of a type, if it is of the kind asked for."""
    old, new = pair.old, pair.new
    if old.types == new.types:
        return
    wider, narrower = _admits(new, old, pair.as_text), _admits(old, new, pair.as_text)
    if kind == ("widened" if wider else "narrowed" if narrower else "changed"):
        text = f"the type was {_types(old)} and is now {_types(new)}"
        yield Change(text, sorted(old.types), sorted(new.types), old.pointer_of("type"), new.pointer_of("type"))


@rule(PairKind.SCHEMA, Effect.BREAKS, PythonEffect.BREAKS)
def type_changed(pair: Pair[Schema]) -> Findings:
    """A value has another type, and neither type admits all values of the other.

    Whoever writes the old type is refused, and whoever reads it meets something else.
    Instead: add a property of the new type beside the old one.
    """
    yield from _turn(pair, "changed")


@rule(PairKind.SCHEMA, Effect.WIDENS, PythonEffect.BREAKS_READERS)
def type_widened(pair: Pair[Schema]) -> Findings:
    """A value may have a type that it could not have before.

    Writers notice nothing; readers meet a type that they have no code for.
    Instead: keep the type in responses, and say the rest in a property of its own.
    """
    yield from _turn(pair, "widened")


@rule(PairKind.SCHEMA, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def type_narrowed(pair: Pair[Schema]) -> Findings:
    """A value may no longer have a type that it could have before.

    Writers of that type are refused; readers notice nothing.
    Instead: go on accepting the old type in requests.
    """
    yield from _turn(pair, "narrowed")


def _null(pair: Pair[Schema]) -> tuple[bool, bool] | None:
    """Whether null is admitted before and after, if both sides say what else is."""
    if pair.old.nullable == pair.new.nullable:
        return None
    sides = [resolve_ref(document, side) for document, side in zip(pair.documents, (pair.old, pair.new), strict=True)]
    if any(not (side.types or side.alternatives_keyword) or side.types == {"null"} for side in sides):
        return None
    return sides[0].nullable, sides[1].nullable


@rule(PairKind.SCHEMA, Effect.WIDENS, PythonEffect.GROWS, also=PairKind.NULL)
def became_nullable(pair: Pair[Schema]) -> Findings:
    """A value may be null.

    Readers that expect a value fail on null. Users of the package read `None` for null and for absent alike.
    Instead: leave the value out, if it was not required.
    """
    if _null(pair) == (False, True):
        yield Change("null is admitted", False, True)


@rule(PairKind.SCHEMA, Effect.NARROWS, also=PairKind.NULL)
def became_not_nullable(pair: Pair[Schema]) -> Findings:
    """A value may no longer be null.

    Writers that send null are refused; readers notice nothing.
    Instead: go on accepting null in requests.
    """
    if _null(pair) == (True, False):
        yield Change("null is no longer admitted", True, False)


def _format(pair: Pair[Schema], kind: str) -> Findings:
    old, new = pair.old.get("format"), pair.new.get("format")
    if old == new or (old and new is None and not pair.new.types <= pair.old.types | {"number"} and pair.new.types):
        return
    if old is None:
        found = "narrowed"
    elif new is None:
        found = "widened"
    else:
        found = "widened" if (old, new) in _WIDER else "narrowed" if (new, old) in _WIDER else "changed"
    if kind == found:
        yield Change(
            became("the format", old or "any", new or "any"),
            old,
            new,
            pair.old.pointer_of("format"),
            pair.new.pointer_of("format"),
        )


@rule(PairKind.SCHEMA, Effect.BREAKS)
def format_changed(pair: Pair[Schema]) -> Findings:
    """A value has another format, and neither admits all values of the other.

    Writers of the old format are refused, and readers cannot parse the new one.
    Instead: add a property of the new format beside the old one.
    """
    yield from _format(pair, "changed")


@rule(PairKind.SCHEMA, Effect.WIDENS)
def format_widened(pair: Pair[Schema]) -> Findings:
    """A format admits more values than before, or there is none any more.

    Readers that parse the old format, or keep the value in a narrower type, fail.
    Instead: keep the format in responses.
    """
    yield from _format(pair, "widened")


@rule(PairKind.SCHEMA, Effect.NARROWS)
def format_narrowed(pair: Pair[Schema]) -> Findings:
    """A format admits fewer values than before, or there is one where there was none.

    Writers of other values are refused.
    Instead: go on accepting the old format in requests.
    """
    yield from _format(pair, "narrowed")


@rule(PairKind.SCHEMA, Effect.NARROWS)
def pattern_introduced(pair: Pair[Schema]) -> Findings:
    """A text must match a pattern, where any was admitted.

    Writers of other texts are refused.
    Instead: go on accepting what was accepted.
    """
    if pair.new.get("pattern") is not None and pair.old.get("pattern") is None and matters(pair, "string"):
        pattern = pair.new.get("pattern")
        yield Change(f"it must match {shown(pattern)}", None, pattern, new_pointer=pair.new.pointer_of("pattern"))


@rule(PairKind.SCHEMA, Effect.MAY_WIDEN)
def pattern_dropped(pair: Pair[Schema]) -> Findings:
    """A text need not match a pattern any more.

    Readers that take the text apart by the pattern may fail.
    Instead: keep the pattern in responses.
    """
    if pair.old.get("pattern") is not None and pair.new.get("pattern") is None and matters(pair, "string"):
        pattern = pair.old.get("pattern")
        yield Change(f"it need not match {shown(pattern)}", pattern, None, old_pointer=pair.old.pointer_of("pattern"))


@rule(PairKind.SCHEMA, Effect.UNSETTLES)
def pattern_changed(pair: Pair[Schema]) -> Findings:
    """A text must match another pattern; which of the two admits more is not judged.

    Writers may be refused, and readers may meet what they cannot take apart.
    Instead: widen patterns in requests only, and narrow them in responses only.
    """
    old, new = pair.old.get("pattern"), pair.new.get("pattern")
    if old is not None and new is not None and old != new:
        yield Change(
            became("the pattern", old, new), old, new, pair.old.pointer_of("pattern"), pair.new.pointer_of("pattern")
        )


@rule(PairKind.SCHEMA, Effect.BREAKS)
def content_encoding_changed(pair: Pair[Schema]) -> Findings:
    """A text holds something else: `contentEncoding` or `contentMediaType` differs.

    Both writers and readers encode it in the wrong way.
    Instead: add a property for the new encoding.
    """
    for keyword in ("contentEncoding", "contentMediaType"):
        old, new = pair.old.get(keyword), pair.new.get(keyword)
        if old != new:
            yield Change(
                became(keyword, old, new),
                old,
                new,
                pair.old.pointer_of(keyword),
                pair.new.pointer_of(keyword),
                subject=keyword,
            )


@rule(PairKind.SCHEMA, Effect.UNSETTLES)
def reference_unresolved(pair: Pair[Schema]) -> Findings:
    """A reference that leads out of the document or nowhere was changed, so that its target cannot be compared.

    What it does is not known.
    Instead: compare bundled documents, in which everything is at hand.
    """
    old, new = pair.old.get("$ref"), pair.new.get("$ref")
    if old != new:
        yield Change(became("the reference", old, new), old, new)
