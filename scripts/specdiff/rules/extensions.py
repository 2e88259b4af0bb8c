"""Extensions: those that clients act on, and words for the others.

What is known of an extension is one line of a table; see the header of openapi.yaml for what ours say.
"""

from collections.abc import Mapping
from typing import Any

from scripts.openapi.contract import EXTENSIONS
from scripts.openapi.pointers import below
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind

from .catalogue import Findings, became, rule

# Judged by rules of their own, here or elsewhere.
_JUDGED = {*EXTENSIONS, "x-sunset", "x-stability-level", "x-extensible-enum"}


def both(pair: Pair[Object], name: str) -> tuple[Any, Any]:
    """What the two sides say in an extension; None where they have it not."""
    return pair.old.get(name), pair.new.get(name)


def at(pair: Pair[Object], name: str) -> tuple[str, str]:
    """Where it stands on the two sides."""
    assert pair.old_pointer is not None
    assert pair.new_pointer is not None
    return below(pair.old_pointer, name), below(pair.new_pointer, name)


def came(pair: Pair[Object], name: str) -> Findings:
    """An extension that only the new side has."""
    old, new = both(pair, name)
    if old is None and new is not None:
        yield Change(f"{name} added", old, new, *at(pair, name))


def went(pair: Pair[Object], name: str) -> Findings:
    """An extension that only the old side has."""
    old, new = both(pair, name)
    if old is not None and new is None:
        yield Change(f"{name} removed", old, new, *at(pair, name))


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.GROWS)
def retry_restricted(pair: Pair[Object]) -> Findings:
    """An operation is no longer safe to retry: `x-retry` became `unless-received`.

    Callers that retry it after a lost response may carry out the operation twice. The package stops retrying it.
    Instead: make the operation safe to retry on the server.
    """
    old, new = both(pair, "x-retry")
    if new == "unless-received" and old != new:
        yield Change(became("x-retry", old, new), old, new, *at(pair, "x-retry"))


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.GROWS)
def retry_allowed(pair: Pair[Object]) -> Findings:
    """An operation is now safe to retry after any failure: `x-retry` became `safe`.

    Callers do not have to change anything. The package retries the operation.
    """
    old, new = both(pair, "x-retry")
    if new == "safe" and old != new:
        yield Change(became("x-retry", old, new), old, new, *at(pair, "x-retry"))


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS)
def retry_unknown(pair: Pair[Object]) -> Findings:
    """The contract no longer says when a retry is safe: `x-retry` is missing or has an unknown value.

    Callers cannot know whether a retry carries out the operation twice. No package can be generated.
    Instead: set `x-retry` to `safe` or `unless-received`.
    """
    old, new = both(pair, "x-retry")
    if old != new and new not in ("safe", "unless-received"):
        yield Change(became("x-retry", old, new), old, new, *at(pair, "x-retry"))


def _fields(pair: Pair[Object], name: str) -> Findings:
    """What differs in an extension that both sides have."""
    old, new = both(pair, name)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        places = at(pair, name)
        for key in [*old, *(key for key in new if key not in old)]:
            if canonical_json(old.get(key)) != canonical_json(new.get(key)):
                yield Change(
                    became(f"{key} in {name}", old.get(key), new.get(key)),
                    old.get(key),
                    new.get(key),
                    below(places[0], key),
                    below(places[1], key),
                    str(key),
                )
    elif old is not None and new is not None and canonical_json(old) != canonical_json(new):
        yield Change(f"{name} changed", old, new, *at(pair, name))


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.GROWS)
def pagination_added(pair: Pair[Object]) -> Findings:
    """The contract now describes the pagination of a list (`x-pagination`).

    Requests and responses stay the same. The package gains the method that iterates over all pages.
    """
    yield from came(pair, "x-pagination")


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS)
def pagination_removed(pair: Pair[Object]) -> Findings:
    """The contract no longer describes the pagination of a list (`x-pagination`).

    Callers that follow the old description may stop too early. The package loses the method that iterates over all
    pages.
    Instead: keep `x-pagination`.
    """
    yield from went(pair, "x-pagination")


@rule(PairKind.EXTENSIONS, Effect.BREAKS, PythonEffect.GROWS)
def pagination_changed(pair: Pair[Object]) -> Findings:
    """A list has another pagination: cursor, page size, items or order changed in `x-pagination`.

    Callers with their own pagination may stop too early, or request the same page forever. The package uses the new
    pagination.
    Instead: add a second operation that returns the list.
    """
    yield from _fields(pair, "x-pagination")


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.GROWS)
def create_once_added(pair: Pair[Object]) -> Findings:
    """The contract now describes how an idempotency token is stored and found (`x-create-once`).

    Requests and responses stay the same. The create method of the package gains an idempotency key.
    """
    yield from came(pair, "x-create-once")


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS)
def create_once_removed(pair: Pair[Object]) -> Findings:
    """The contract no longer describes how an idempotency token is stored and found (`x-create-once`).

    Callers that search for their token may create an object twice. The create method loses its idempotency key.
    Instead: keep `x-create-once`.
    """
    yield from went(pair, "x-create-once")


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS_ARGUMENTS)
def create_once_changed(pair: Pair[Object]) -> Findings:
    """An idempotency token is stored or found differently (`x-create-once`).

    Callers that use the same token with an old and a new client may create an object twice.
    Instead: keep `x-create-once` unchanged.
    """
    yield from _fields(pair, "x-create-once")


@rule(PairKind.EXTENSIONS, Effect.DESCRIBES)
def extension_changed(pair: Pair[Object]) -> Findings:
    """An extension changed that no other rule judges.

    Only callers that read the extension notice the change.
    """
    names = {name for side in (pair.old, pair.new) for name in side if str(name).startswith("x-")} - _JUDGED
    if pair.new.get("x-extensible-enum") is None and pair.old.get("x-extensible-enum") is not None:
        # That the list is gone admits and refuses nothing.
        names.add("x-extensible-enum")
    changed = sorted(name for name in names if canonical_json(pair.old.get(name)) != canonical_json(pair.new.get(name)))
    if changed:
        old, new = ({name: side.get(name) for name in changed} for side in (pair.old, pair.new))
        said = ", ".join(changed)
        yield Change(f"{said} changed", old, new, *at(pair, changed[0]), subject=said)
