"""Which operations there are, what they are called, and how long they will stay."""

from typing import Any

from scripts.openapi.operations import Operation
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.operations import is_unstable, stability
from scripts.specdiff.engine.pairs import Change, Pair, PairKind

from .catalogue import Findings, became, listed, rule, shown
from .lifespan import sunset_date
from .words import texts


@rule(PairKind.OPERATION, Effect.BREAKS, PythonEffect.BREAKS)
def operation_removed(pair: Pair[Operation]) -> Findings:
    """An operation is gone without a time of deprecation, or before its sunset.

    Callers get an error.
    Instead: mark it `deprecated` first, with the date of its end in `x-sunset`.
    """
    if pair.is_removed and not is_unstable(pair.old):
        sunset = sunset_date(pair.old.node.get("x-sunset"))
        if not pair.old.is_deprecated:
            yield Change("operation removed")
        elif sunset and sunset > pair.today:
            yield Change(f"operation removed before its sunset {sunset}")
        elif sunset is None and "x-sunset" in pair.old.node:
            yield Change(f"operation removed, and its sunset {shown(pair.old.node['x-sunset'])} is no date")


@rule(PairKind.OPERATION, Effect.UNSETTLES, PythonEffect.BREAKS)
def deprecated_operation_removed(pair: Pair[Operation]) -> Findings:
    """An operation is gone as it was announced: it was deprecated, and its sunset, if it had one, is past.

    Callers that did not listen get an error.
    """
    if pair.is_removed and pair.old.is_deprecated and not is_unstable(pair.old):
        sunset = sunset_date(pair.old.node.get("x-sunset"))
        if "x-sunset" not in pair.old.node or (sunset and sunset <= pair.today):
            yield Change("deprecated operation removed")


@rule(PairKind.OPERATION, Effect.UNSETTLES, PythonEffect.BREAKS)
def unstable_operation_removed(pair: Pair[Operation]) -> Findings:
    """An operation is gone that promised nothing: its `x-stability-level` is draft or alpha.

    Callers that did not listen get an error.
    """
    if pair.is_removed and is_unstable(pair.old):
        yield Change(f"operation of stability {shown(stability(pair.old.node))} removed")


@rule(PairKind.OPERATION, Effect.ADDS, PythonEffect.GROWS)
def operation_added(pair: Pair[Operation]) -> Findings:
    """There is one more operation.

    Nobody has to notice. Users of the package gain a method.
    """
    if pair.is_added:
        yield Change("operation added")


@rule(PairKind.OPERATION, Effect.BREAKS, PythonEffect.NOTHING)
def operation_moved(pair: Pair[Operation]) -> Findings:
    """An operation, known by its operationId, has another method or path.

    Callers of the old one get an error. Users of the package notice nothing.
    Instead: serve both for a time.
    """
    if pair.is_both and pair.old.shape != pair.new.shape:
        old, new = (f"{side.method.upper()} {side.path}" for side in (pair.old, pair.new))
        yield Change(f"{old} is now {new}", old, new)


@rule(PairKind.OPERATION, Effect.ADDS, PythonEffect.BREAKS)
def operation_renamed(pair: Pair[Operation]) -> Findings:
    """An operation has another operationId, or gained or lost it.

    Nothing changes on the wire. Users of the package call a method by another name.
    Instead: keep the operationId, and put what one should read into the summary.
    """
    if pair.is_both and pair.old.id != pair.new.id:
        yield Change(became("the operationId", pair.old.id, pair.new.id), pair.old.id, pair.new.id)


@rule(PairKind.OPERATION, Effect.ADDS, PythonEffect.BREAKS)
def operation_regrouped(pair: Pair[Operation]) -> Findings:
    """An operation has other tags.

    Nothing changes on the wire. Users of the package find the method in another class.
    Instead: keep the tags.
    """
    if pair.is_both and set(pair.old.tags) != set(pair.new.tags):
        text = f"tags were {listed(pair.old.tags) or 'none'} and are now {listed(pair.new.tags) or 'none'}"
        yield Change(text, pair.old.tags, pair.new.tags)


@rule(PairKind.OPERATION, Effect.DESCRIBES)
def operation_text_changed(pair: Pair[Operation]) -> Findings:
    """Summary, description or other words of an operation differ.

    Nothing changes on the wire. Docs and docstrings of the package change.
    """
    if pair.is_both and (changed := texts(pair.old.node, pair.new.node)):
        old, new = ({key: side.node.get(key) for key in changed} for side in (pair.old, pair.new))
        at = [f"{side.pointer}/{changed[0]}" for side in (pair.old, pair.new)]
        yield Change(f"{' and '.join(changed)} changed", old, new, *at)


@rule(PairKind.WEBHOOK, Effect.BREAKS)
def webhook_removed(pair: Pair[Operation]) -> Findings:
    """A request that the server sent to callers is not sent any more.

    Callers that wait for it wait in vain.
    Instead: mark it `deprecated` first.
    """
    if pair.is_removed:
        yield Change(f"{pair.old.label} removed")


@rule(PairKind.WEBHOOK, Effect.ADDS)
def webhook_added(pair: Pair[Operation]) -> Findings:
    """There is one more request that the server sends to callers.

    Nobody has to notice.
    """
    if pair.is_added:
        yield Change(f"{pair.new.label} added")


@rule(PairKind.CALLBACK, Effect.BREAKS)
def callback_removed(pair: Pair[str]) -> Findings:
    """A request that the server sent back to callers is not sent any more, or to another address.

    Callers that wait for it wait in vain.
    Instead: mark it `deprecated` first.
    """
    if pair.is_removed:
        yield Change(f"callback {shown(pair.old)} removed", pair.old, None, subject=canonical_json(pair.old))


@rule(PairKind.CALLBACK, Effect.MAY_NARROW)
def callback_added(pair: Pair[str]) -> Findings:
    """There is one more request that the server sends back to callers.

    Callers that do not expect it may answer it with an error.
    Instead: send it only to those that ask for it.
    """
    if pair.is_added:
        yield Change(f"callback {shown(pair.new)} added", None, pair.new, subject=canonical_json(pair.new))


@rule(PairKind.LINK, Effect.ADDS)
def link_changed(pair: Pair[Any]) -> Findings:
    """A link from a response to another operation was added, removed or changed.

    Nothing changes on the wire; only clients that follow links notice.
    """
    if pair.is_added != pair.is_removed:
        yield Change(f"link {'added' if pair.is_added else 'removed'}", *pair.sides)
    elif pair.is_both and canonical_json(pair.old) != canonical_json(pair.new):
        yield Change("link changed", pair.old, pair.new)
