"""Rules about operations, webhooks, callbacks and links."""

from typing import Any

from scripts.openapi.operations import Operation
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.operations import is_unstable, stability
from scripts.specdiff.engine.pairs import Change, Pair, PairKind

from .lifespan import sunset_date
from .rule import Findings, changed_from, quoted, quoted_list, rule
from .words import texts


@rule(PairKind.OPERATION, Effect.BREAKS, PythonEffect.BREAKS)
def operation_removed(pair: Pair[Operation]) -> Findings:
    """An operation was removed without a deprecation, or before its sunset.

    Callers receive an error.
    Instead: mark the operation `deprecated` first, and set `x-sunset`.
    """
    if pair.is_removed and not is_unstable(pair.old):
        sunset = sunset_date(pair.old.node.get("x-sunset"))
        if not pair.old.is_deprecated:
            yield Change("operation removed")
        elif sunset and sunset > pair.today:
            yield Change(f"operation removed before its sunset {sunset}")
        elif sunset is None and "x-sunset" in pair.old.node:
            yield Change(f"operation removed although its sunset {quoted(pair.old.node['x-sunset'])} is not a date")


@rule(PairKind.OPERATION, Effect.UNSETTLES, PythonEffect.BREAKS)
def deprecated_operation_removed(pair: Pair[Operation]) -> Findings:
    """A deprecated operation was removed after its sunset, or without a sunset.

    Callers that ignored the deprecation receive an error.
    """
    if pair.is_removed and pair.old.is_deprecated and not is_unstable(pair.old):
        sunset = sunset_date(pair.old.node.get("x-sunset"))
        if "x-sunset" not in pair.old.node or (sunset and sunset <= pair.today):
            yield Change("deprecated operation removed")


@rule(PairKind.OPERATION, Effect.UNSETTLES, PythonEffect.BREAKS)
def unstable_operation_removed(pair: Pair[Operation]) -> Findings:
    """An unstable operation was removed. Its `x-stability-level` is draft or alpha.

    Callers receive an error, but the contract promised no stability.
    """
    if pair.is_removed and is_unstable(pair.old):
        yield Change(f"operation of stability {quoted(stability(pair.old.node))} removed")


@rule(PairKind.OPERATION, Effect.ADDS, PythonEffect.GROWS)
def operation_added(pair: Pair[Operation]) -> Findings:
    """An operation was added.

    Callers do not have to change anything. Users of the package gain a method.
    """
    if pair.is_added:
        yield Change("operation added")


@rule(PairKind.OPERATION, Effect.BREAKS, PythonEffect.NOTHING)
def operation_moved(pair: Pair[Operation]) -> Findings:
    """The HTTP method or the path of an operation changed.

    Callers of the old method or path receive an error. Users of the package notice nothing.
    Instead: serve the old and the new path for a time.
    """
    if pair.is_both and pair.old.shape != pair.new.shape:
        old, new = (f"{side.method.upper()} {side.path}" for side in (pair.old, pair.new))
        yield Change(f"{old} is now {new}", old, new)


@rule(PairKind.OPERATION, Effect.ADDS, PythonEffect.BREAKS)
def operation_renamed(pair: Pair[Operation]) -> Findings:
    """The operationId of an operation changed, was added or was removed.

    Requests and responses stay the same. Users of the package must call the method by its new name.
    Instead: keep the operationId, and improve the summary.
    """
    if pair.is_both and pair.old.id != pair.new.id:
        yield Change(changed_from("the operationId", pair.old.id, pair.new.id), pair.old.id, pair.new.id)


@rule(PairKind.OPERATION, Effect.ADDS, PythonEffect.BREAKS)
def operation_regrouped(pair: Pair[Operation]) -> Findings:
    """The tags of an operation changed.

    Requests and responses stay the same. Users of the package find the method in another class.
    Instead: keep the tags.
    """
    if pair.is_both and set(pair.old.tags) != set(pair.new.tags):
        text = f"tags were {quoted_list(pair.old.tags) or 'none'} and are now {quoted_list(pair.new.tags) or 'none'}"
        yield Change(text, pair.old.tags, pair.new.tags)


@rule(PairKind.OPERATION, Effect.DESCRIBES)
def operation_text_changed(pair: Pair[Operation]) -> Findings:
    """The summary, description or another text of an operation changed.

    Requests and responses stay the same. Docs and docstrings of the package change.
    """
    if pair.is_both and (changed := texts(pair.old.node, pair.new.node)):
        old, new = ({key: side.node.get(key) for key in changed} for side in (pair.old, pair.new))
        at = [f"{side.pointer}/{changed[0]}" for side in (pair.old, pair.new)]
        yield Change(f"{' and '.join(changed)} changed", old, new, *at)


@rule(PairKind.WEBHOOK, Effect.BREAKS)
def webhook_removed(pair: Pair[Operation]) -> Findings:
    """A webhook was removed.

    Callers that wait for the webhook wait forever.
    Instead: mark the webhook `deprecated` first.
    """
    if pair.is_removed:
        yield Change(f"{pair.old.label} removed")


@rule(PairKind.WEBHOOK, Effect.ADDS)
def webhook_added(pair: Pair[Operation]) -> Findings:
    """A webhook was added.

    Callers do not have to change anything.
    """
    if pair.is_added:
        yield Change(f"{pair.new.label} added")


@rule(PairKind.CALLBACK, Effect.BREAKS)
def callback_removed(pair: Pair[str]) -> Findings:
    """A callback was removed, or its URL changed.

    Callers that wait for the callback wait forever.
    Instead: mark the callback `deprecated` first.
    """
    if pair.is_removed:
        yield Change(f"callback {quoted(pair.old)} removed", pair.old, None, subject=canonical_json(pair.old))


@rule(PairKind.CALLBACK, Effect.MAY_NARROW)
def callback_added(pair: Pair[str]) -> Findings:
    """A callback was added.

    Callers that do not expect the callback may respond with an error.
    Instead: send the callback only to callers that request it.
    """
    if pair.is_added:
        yield Change(f"callback {quoted(pair.new)} added", None, pair.new, subject=canonical_json(pair.new))


@rule(PairKind.LINK, Effect.ADDS)
def link_changed(pair: Pair[Any]) -> Findings:
    """A link from a response to another operation was added, removed or changed.

    Requests and responses stay the same. Only callers that follow links notice the change.
    """
    if pair.is_added != pair.is_removed:
        yield Change(f"link {'added' if pair.is_added else 'removed'}", *pair.sides)
    elif pair.is_both and canonical_json(pair.old) != canonical_json(pair.new):
        yield Change("link changed", pair.old, pair.new)
