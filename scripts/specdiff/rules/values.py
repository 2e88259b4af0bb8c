"""Which values a schema admits: type, format, null, enum, pattern and encoding."""

from scripts.specdiff.engine.effects import Effect, Reach
from scripts.specdiff.engine.merging import expanded
from scripts.specdiff.engine.schema import Schema
from scripts.specdiff.engine.sites import Change, Pair

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


def _admits(wide: Schema, narrow: Schema, textual: bool) -> bool:
    """Whether the types of one schema admit every value of the types of another."""
    if not wide.types:
        return True
    if not narrow.types:
        return textual and wide.types == {"string"}
    if narrow.types == {"null"} and wide.nullable:
        return True
    admitted = set(wide.types)
    if "number" in admitted:
        admitted.add("integer")
    if textual and "string" in admitted and not any(key in wide.keywords for key in ("format", "pattern", "enum")):
        admitted |= {"number", "integer", "boolean", "string"}
        if narrow.types <= {"object", "array"}:
            return True
    return narrow.types <= admitted


def _types(schema: Schema) -> str:
    return " or ".join(sorted(schema.types)) if schema.types else "anything"


def _turn(pair: Pair, kind: str) -> Findings:
    """The change of a type, if it is of the kind asked for."""
    old, new = pair.old, pair.new
    if old.types == new.types:
        return
    wider, narrower = _admits(new, old, pair.textual), _admits(old, new, pair.textual)
    if kind == ("widened" if wider else "narrowed" if narrower else "changed"):
        text = f"the type was {_types(old)} and is now {_types(new)}"
        yield Change(text, sorted(old.types), sorted(new.types), old.home("type"), new.home("type"))


@rule("schema", Effect.BREAKS, Reach.BREAKS)
def type_changed(pair: Pair) -> Findings:
    """A value has another type, and neither type admits all values of the other.

    Whoever writes the old type is refused, and whoever reads it meets something else.
    Instead: add a property of the new type beside the old one.
    """
    yield from _turn(pair, "changed")


@rule("schema", Effect.WIDENS, Reach.BREAKS_READERS)
def type_widened(pair: Pair) -> Findings:
    """A value may have a type that it could not have before.

    Writers notice nothing; readers meet a type that they have no code for.
    Instead: keep the type in responses, and say the rest in a property of its own.
    """
    yield from _turn(pair, "widened")


@rule("schema", Effect.NARROWS, Reach.BREAKS_ARGUMENTS)
def type_narrowed(pair: Pair) -> Findings:
    """A value may no longer have a type that it could have before.

    Writers of that type are refused; readers notice nothing.
    Instead: go on accepting the old type in requests.
    """
    yield from _turn(pair, "narrowed")


def _null(pair: Pair) -> tuple[bool, bool] | None:
    """Whether null is admitted before and after, if both sides say what else is."""
    if pair.old.nullable == pair.new.nullable:
        return None
    sides = [expanded(document, side) for document, side in zip(pair.documents, (pair.old, pair.new), strict=True)]
    if any(not (side.types or side.branches) or side.types == {"null"} for side in sides):
        return None
    return sides[0].nullable, sides[1].nullable


@rule("schema", Effect.WIDENS, Reach.GROWS, also="null")
def became_nullable(pair: Pair) -> Findings:
    """A value may be null.

    Readers that expect a value fail on null. Users of the package read `None` for null and for absent alike.
    Instead: leave the value out, if it was not required.
    """
    if _null(pair) == (False, True):
        yield Change("null is admitted", False, True)


@rule("schema", Effect.NARROWS, also="null")
def became_not_nullable(pair: Pair) -> Findings:
    """A value may no longer be null.

    Writers that send null are refused; readers notice nothing.
    Instead: go on accepting null in requests.
    """
    if _null(pair) == (True, False):
        yield Change("null is no longer admitted", True, False)


def _format(pair: Pair, kind: str) -> Findings:
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
            became("the format", old or "any", new or "any"), old, new, pair.old.home("format"), pair.new.home("format")
        )


@rule("schema", Effect.BREAKS)
def format_changed(pair: Pair) -> Findings:
    """A value has another format, and neither admits all values of the other.

    Writers of the old format are refused, and readers cannot parse the new one.
    Instead: add a property of the new format beside the old one.
    """
    yield from _format(pair, "changed")


@rule("schema", Effect.WIDENS)
def format_widened(pair: Pair) -> Findings:
    """A format admits more values than before, or there is none any more.

    Readers that parse the old format, or keep the value in a narrower type, fail.
    Instead: keep the format in responses.
    """
    yield from _format(pair, "widened")


@rule("schema", Effect.NARROWS)
def format_narrowed(pair: Pair) -> Findings:
    """A format admits fewer values than before, or there is one where there was none.

    Writers of other values are refused.
    Instead: go on accepting the old format in requests.
    """
    yield from _format(pair, "narrowed")


@rule("schema", Effect.NARROWS)
def pattern_introduced(pair: Pair) -> Findings:
    """A text must match a pattern, where any was admitted.

    Writers of other texts are refused.
    Instead: go on accepting what was accepted.
    """
    if pair.new.get("pattern") is not None and pair.old.get("pattern") is None and matters(pair, "string"):
        pattern = pair.new.get("pattern")
        yield Change(f"it must match {shown(pattern)}", None, pattern, new_at=pair.new.home("pattern"))


@rule("schema", Effect.MAY_WIDEN)
def pattern_dropped(pair: Pair) -> Findings:
    """A text need not match a pattern any more.

    Readers that take the text apart by the pattern may fail.
    Instead: keep the pattern in responses.
    """
    if pair.old.get("pattern") is not None and pair.new.get("pattern") is None and matters(pair, "string"):
        pattern = pair.old.get("pattern")
        yield Change(f"it need not match {shown(pattern)}", pattern, None, old_at=pair.old.home("pattern"))


@rule("schema", Effect.UNSETTLES)
def pattern_changed(pair: Pair) -> Findings:
    """A text must match another pattern; which of the two admits more is not judged.

    Writers may be refused, and readers may meet what they cannot take apart.
    Instead: widen patterns in requests only, and narrow them in responses only.
    """
    old, new = pair.old.get("pattern"), pair.new.get("pattern")
    if old is not None and new is not None and old != new:
        yield Change(became("the pattern", old, new), old, new, pair.old.home("pattern"), pair.new.home("pattern"))


@rule("schema", Effect.BREAKS)
def content_encoding_changed(pair: Pair) -> Findings:
    """A text holds something else: `contentEncoding` or `contentMediaType` differs.

    Both writers and readers encode it in the wrong way.
    Instead: add a property for the new encoding.
    """
    for keyword in ("contentEncoding", "contentMediaType"):
        old, new = pair.old.get(keyword), pair.new.get(keyword)
        if old != new:
            yield Change(
                became(keyword, old, new), old, new, pair.old.home(keyword), pair.new.home(keyword), subject=keyword
            )


@rule("schema", Effect.UNSETTLES)
def reference_unresolved(pair: Pair) -> Findings:
    """A reference that leads out of the document or nowhere was changed, so that its target cannot be compared.

    What it does is not known.
    Instead: compare bundled documents, in which everything is at hand.
    """
    old, new = pair.old.get("$ref"), pair.new.get("$ref")
    if old != new:
        yield Change(became("the reference", old, new), old, new)
