"""The changes that an extension can have: added, removed, or fields changed."""

from collections.abc import Mapping
from typing import Any

from scripts.openapi.pointers import below
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.pairs import Change, Object, Pair
from scripts.specdiff.rules.rule import Findings, changed_from


def values(pair: Pair[Object], name: str) -> tuple[Any, Any]:
    """The old and the new value of an extension. None means that the extension is absent."""
    return pair.old.get(name), pair.new.get(name)


def pointers(pair: Pair[Object], name: str) -> tuple[str, str]:
    """The JSON pointers of an extension in the old and in the new document."""
    assert pair.old_pointer is not None
    assert pair.new_pointer is not None
    return below(pair.old_pointer, name), below(pair.new_pointer, name)


def added(pair: Pair[Object], name: str) -> Findings:
    """Yield a change if the extension was added."""
    old, new = values(pair, name)
    if old is None and new is not None:
        yield Change(f"{name} added", old, new, *pointers(pair, name))


def removed(pair: Pair[Object], name: str) -> Findings:
    """Yield a change if the extension was removed."""
    old, new = values(pair, name)
    if old is not None and new is None:
        yield Change(f"{name} removed", old, new, *pointers(pair, name))


def fields_changed(pair: Pair[Object], name: str) -> Findings:
    """Yield a change for each field that differs, if both documents have the extension."""
    old, new = values(pair, name)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        places = pointers(pair, name)
        for key in [*old, *(key for key in new if key not in old)]:
            if canonical_json(old.get(key)) != canonical_json(new.get(key)):
                yield Change(
                    changed_from(f"{key} in {name}", old.get(key), new.get(key)),
                    old.get(key),
                    new.get(key),
                    below(places[0], key),
                    below(places[1], key),
                    str(key),
                )
    elif old is not None and new is not None and canonical_json(old) != canonical_json(new):
        yield Change(f"{name} changed", old, new, *pointers(pair, name))
