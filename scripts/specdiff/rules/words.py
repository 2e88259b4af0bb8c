"""What schemas say besides admitting values: defaults, directions, deprecation, and words for people."""

from collections.abc import Mapping
from typing import Any

from scripts.specdiff.engine.document import spelled
from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.sites import Change, Pair

from .catalogue import Findings, rule, shown

_ABSENT = object()


@rule("default", Effect.MAY_NARROW)
def default_changed(pair: Pair) -> Findings:
    """The server takes another value where none is given, or says so for the first time, or no more.

    Writers that leave it out get something else than they got; readers notice nothing.
    Instead: keep the default, and ask for the new value by name.
    """
    old, new = pair.old.get("default", _ABSENT), pair.new.get("default", _ABSENT)
    if old is not new and (old is _ABSENT or new is _ABSENT or spelled(old) != spelled(new)):
        words = ["none" if value is _ABSENT else shown(value) for value in (old, new)]
        text = f"the default was {words[0]} and is now {words[1]}"
        before, after = pair.old.get("default"), pair.new.get("default")
        yield Change(text, before, after, pair.old.home("default"), pair.new.home("default"))


_TEXTS = ("title", "description", "summary", "example", "examples", "externalDocs", "$comment")


@rule("words", Effect.DESCRIBES)
def schema_text_changed(pair: Pair) -> Findings:
    """Title, description, examples or other words of a schema differ.

    Nothing changes on the wire. Docs and docstrings of the package change.
    """
    changed = [key for key in _TEXTS if spelled(pair.old.get(key)) != spelled(pair.new.get(key))]
    if changed:
        old, new = ({key: side.get(key) for key in changed if key in side.keywords} for side in (pair.old, pair.new))
        yield Change(f"{' and '.join(changed)} changed", old, new, pair.old.home(changed[0]), pair.new.home(changed[0]))


@rule("words", Effect.UNSETTLES)
def xml_changed(pair: Pair) -> Findings:
    """How a value is written as XML differs.

    Whoever speaks XML writes or reads it in the wrong way.
    Instead: leave it as it is.
    """
    old, new = pair.old.get("xml"), pair.new.get("xml")
    if spelled(old) != spelled(new):
        yield Change("its form as XML changed", old, new, pair.old.home("xml"), pair.new.home("xml"))


def texts(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Which words for people differ between two objects."""
    return [key for key in _TEXTS if spelled(old.get(key)) != spelled(new.get(key))]
