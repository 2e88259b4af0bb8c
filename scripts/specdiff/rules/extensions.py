"""Extensions: those that clients act on, and words for the others.

What is known of an extension is one line of a table; see the header of openapi.yaml for what ours say.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.codegen.contract import EXTENSIONS
from scripts.specdiff.document import spelled
from scripts.specdiff.effects import Effect, Reach
from scripts.specdiff.sites import Change, Pair

from .catalogue import Findings, became, listed, rule, shown

# Judged by rules of their own, here or elsewhere.
_JUDGED = {*EXTENSIONS, "x-sunset", "x-stability-level", "x-extensible-enum"}


def _both(pair: Pair, name: str) -> tuple[Any, Any]:
    return pair.old.get(name), pair.new.get(name)


def _at(pair: Pair, name: str) -> tuple[str, str]:
    return f"{pair.old_at}/{name}", f"{pair.new_at}/{name}"


@rule("extensions", Effect.UNSETTLES, Reach.GROWS)
def retry_restricted(pair: Pair) -> Findings:
    """An operation may be repeated freely no more: `x-retry` was `safe`, or nothing was said.

    Callers that repeat it after a lost answer may do twice what should be done once. The package stops repeating it.
    Instead: make it safe to repeat on the server.
    """
    old, new = _both(pair, "x-retry")
    if new == "unless-received" and old != new:
        yield Change(became("x-retry", old, new), old, new, *_at(pair, "x-retry"))


@rule("extensions", Effect.ADDS, Reach.GROWS)
def retry_allowed(pair: Pair) -> Findings:
    """An operation may be repeated after any failure: `x-retry` is `safe`.

    Nobody has to notice. The package repeats it.
    """
    old, new = _both(pair, "x-retry")
    if new == "safe" and old != new:
        yield Change(became("x-retry", old, new), old, new, *_at(pair, "x-retry"))


@rule("extensions", Effect.UNSETTLES, Reach.GROWS)
def retry_unknown(pair: Pair) -> Findings:
    """Nothing is said any more of when an operation may be repeated, or something that nobody knows.

    Callers cannot tell whether repeating it does twice what should be done once.
    Instead: say `safe` or `unless-received`.
    """
    old, new = _both(pair, "x-retry")
    if old != new and new not in ("safe", "unless-received"):
        yield Change(became("x-retry", old, new), old, new, *_at(pair, "x-retry"))


def _steps(value: Any) -> set[tuple[str, str]]:
    """The steps of a lifecycle: a status and one that can follow it."""
    if not isinstance(value, Mapping):
        return set()
    return {
        (str(status), str(follower))
        for status, followers in value.items()
        if isinstance(followers, list)
        for follower in followers
    }


def _ends(value: Any) -> set[str]:
    return (
        {str(status) for status, followers in value.items() if followers == []} if isinstance(value, Mapping) else set()
    )


@rule("extensions", Effect.MAY_WIDEN, Reach.GROWS)
def lifecycle_extended(pair: Pair) -> Findings:
    """A status can be followed by others than before.

    Readers that know the old course of events are surprised. The package goes by the new one.
    Instead: tell readers of the contract before it happens.
    """
    old, new = _both(pair, "x-lifecycle")
    if added := sorted(_steps(new) - _steps(old)):
        steps = [f"{status} to {follower}" for status, follower in added]
        yield Change(
            f"{listed(steps)} added to the lifecycle", None, steps, *_at(pair, "x-lifecycle"), subject=spelled(steps)
        )


@rule("extensions", Effect.MAY_WIDEN, Reach.GROWS)
def lifecycle_reduced(pair: Pair) -> Findings:
    """A status is not followed by others any more that could follow.

    Readers that wait for them wait in vain. The package goes by the new lifecycle.
    Instead: tell readers of the contract before it happens.
    """
    old, new = _both(pair, "x-lifecycle")
    if gone := sorted(_steps(old) - _steps(new)):
        steps = [f"{status} to {follower}" for status, follower in gone]
        yield Change(
            f"{listed(steps)} removed from the lifecycle",
            steps,
            None,
            *_at(pair, "x-lifecycle"),
            subject=spelled(steps),
        )


@rule("extensions", Effect.WIDENS, Reach.BREAKS_READERS)
def terminal_statuses_changed(pair: Pair) -> Findings:
    """A status that ended a life does not, or one that did not does.

    Callers that wait for an end stop too early, or never. The package waits by the new lifecycle.
    Instead: add a status, and leave the old ones as they are.
    """
    old, new = _both(pair, "x-lifecycle")
    known = old.keys() & new.keys() if isinstance(old, Mapping) and isinstance(new, Mapping) else set()
    changed = sorted((_ends(old) ^ _ends(new)) & known)
    if changed:
        yield Change(
            f"{listed(changed)} ends a life no more, or does now",
            sorted(_ends(old)),
            sorted(_ends(new)),
            *_at(pair, "x-lifecycle"),
        )


@rule("extensions", Effect.UNSETTLES, Reach.GROWS)
def lifecycle_target_changed(pair: Pair) -> Findings:
    """An operation brings about another status than it did.

    Callers that wait for the old one wait in vain.
    Instead: add an operation.
    """
    old, new = (value.get("towards") if isinstance(value, Mapping) else None for value in _both(pair, "x-lifecycle"))
    if old != new:
        yield Change(f"it brings about {shown(new)}, and did {shown(old)}", old, new, *_at(pair, "x-lifecycle"))


def _fields(pair: Pair, name: str) -> Iterator[Change]:
    old, new = _both(pair, name)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            if spelled(old.get(key)) != spelled(new.get(key)):
                yield Change(
                    became(f"{key} in {name}", old.get(key), new.get(key)),
                    old.get(key),
                    new.get(key),
                    f"{_at(pair, name)[0]}/{key}",
                    f"{_at(pair, name)[1]}/{key}",
                    str(key),
                )
    elif spelled(old) != spelled(new):
        yield Change(f"{name} {'added' if old is None else 'removed'}", old, new, *_at(pair, name))


@rule("extensions", Effect.BREAKS, Reach.GROWS)
def pagination_changed(pair: Pair) -> Findings:
    """A list is read in another way: cursor, page size, items, or order differ in `x-pagination`.

    Callers that page by hand stop too early, or read a page for ever. The package pages in the new way.
    Instead: add a second operation that lists.
    """
    old, new = _both(pair, "x-pagination")
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _fields(pair, "x-pagination")


@rule("extensions", Effect.ADDS, Reach.BREAKS_READERS)
def pagination_declared(pair: Pair) -> Findings:
    """How a list is read page by page is said, or not said any more.

    Nothing changes on the wire. Users of the package gain or lose the method that goes through all pages.
    """
    if (pair.old.get("x-pagination") is None) != (pair.new.get("x-pagination") is None):
        yield from _fields(pair, "x-pagination")


@rule("extensions", Effect.UNSETTLES, Reach.BREAKS_ARGUMENTS)
def create_once_changed(pair: Pair) -> Findings:
    """Where an idempotency token is kept, or how it is found again, differs in `x-create-once`.

    Callers that use the same token with an old and a new client may create twice.
    Instead: leave it as it is.
    """
    yield from _fields(pair, "x-create-once")


@rule("extensions", Effect.DESCRIBES)
def extension_changed(pair: Pair) -> Findings:
    """An extension differs that no rule knows.

    What it means is between its readers and its writers.
    """
    names = {name for side in (pair.old, pair.new) for name in side if str(name).startswith("x-")} - _JUDGED
    if pair.new.get("x-extensible-enum") is None and pair.old.get("x-extensible-enum") is not None:
        # That the list is gone admits and refuses nothing.
        names.add("x-extensible-enum")
    changed = sorted(name for name in names if spelled(pair.old.get(name)) != spelled(pair.new.get(name)))
    if changed:
        old, new = ({name: side.get(name) for name in changed} for side in (pair.old, pair.new))
        said = ", ".join(changed)
        yield Change(f"{said} changed", old, new, *_at(pair, changed[0]), subject=said)
