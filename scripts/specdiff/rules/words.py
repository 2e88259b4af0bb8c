"""Rules about defaults, texts and the XML representation of schemas."""

from collections.abc import Mapping
from typing import Any

from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Schema

from .rule import Findings, quoted, rule

_ABSENT = object()


@rule(PairKind.DEFAULT, Effect.MAY_NARROW)
def default_changed(pair: Pair[Schema]) -> Findings:
    """A default was changed, added or removed.

    Callers that do not send the value get a different result. Callers that read responses notice nothing.
    Instead: keep the default, and let callers send the new value explicitly.
    """
    old, new = pair.old.get("default", _ABSENT), pair.new.get("default", _ABSENT)
    if old is not new and (old is _ABSENT or new is _ABSENT or canonical_json(old) != canonical_json(new)):
        values = ["absent" if value is _ABSENT else quoted(value) for value in (old, new)]
        text = f"the default was {values[0]} and is now {values[1]}"
        before, after = pair.old.get("default"), pair.new.get("default")
        yield Change(text, before, after, pair.old.pointer_of("default"), pair.new.pointer_of("default"))


_TEXTS = ("title", "description", "summary", "example", "examples", "externalDocs", "$comment")


@rule(PairKind.ANNOTATIONS, Effect.DESCRIBES)
def schema_text_changed(pair: Pair[Schema]) -> Findings:
    """The title, description, examples or another text of a schema changed.

    Requests and responses stay the same. Docs and docstrings of the package change.
    """
    if changed := texts(pair.old.keywords, pair.new.keywords):
        old, new = ({key: side.get(key) for key in changed if key in side.keywords} for side in (pair.old, pair.new))
        yield Change(
            f"{' and '.join(changed)} changed",
            old,
            new,
            pair.old.pointer_of(changed[0]),
            pair.new.pointer_of(changed[0]),
        )


@rule(PairKind.ANNOTATIONS, Effect.BREAKS)
def xml_changed(pair: Pair[Schema]) -> Findings:
    """The XML representation of a value changed.

    Callers that send or read XML fail.
    Instead: keep the XML representation.
    """
    old, new = pair.old.get("xml"), pair.new.get("xml")
    if canonical_json(old) != canonical_json(new) and any(document.has_xml for document in pair.documents):
        yield Change("its XML representation changed", old, new, pair.old.pointer_of("xml"), pair.new.pointer_of("xml"))


def texts(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The names of the text fields that differ between two objects."""
    # Most objects have none of the fields, or equal texts.
    pairs = ((key, old.get(key), new.get(key)) for key in _TEXTS if key in old or key in new)
    return [
        key
        for key, before, after in pairs
        if not (isinstance(before, str) and before == after) and canonical_json(before) != canonical_json(after)
    ]
