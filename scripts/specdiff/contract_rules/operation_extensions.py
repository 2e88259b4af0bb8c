"""Rules about the extensions of operations: `x-retry`, `x-pagination` and `x-create-once`."""

from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind
from scripts.specdiff.rules.rule import Findings, changed_from, rule

from .extension import added, fields_changed, pointers, removed, values


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.GROWS)
def retry_restricted(pair: Pair[Object]) -> Findings:
    """An operation is no longer safe to retry: `x-retry` became `unless-received`.

    A retry after a lost response may execute the operation twice. The package stops such retries.
    Instead: make the operation safe to retry on the server.
    """
    old, new = values(pair, "x-retry")
    if new == "unless-received" and old != new:
        yield Change(changed_from("x-retry", old, new), old, new, *pointers(pair, "x-retry"))


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.GROWS)
def retry_allowed(pair: Pair[Object]) -> Findings:
    """An operation is now safe to retry after any failure: `x-retry` became `safe`.

    Callers do not have to change anything. The package starts to retry the operation.
    """
    old, new = values(pair, "x-retry")
    if new == "safe" and old != new:
        yield Change(changed_from("x-retry", old, new), old, new, *pointers(pair, "x-retry"))


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS)
def retry_unknown(pair: Pair[Object]) -> Findings:
    """The contract no longer says when a retry is safe: `x-retry` was removed or has an unknown value.

    Callers cannot know whether a retry executes the operation twice. No package can be generated.
    Instead: set `x-retry` to `safe` or `unless-received`.
    """
    old, new = values(pair, "x-retry")
    if old != new and new not in ("safe", "unless-received"):
        yield Change(changed_from("x-retry", old, new), old, new, *pointers(pair, "x-retry"))


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.GROWS)
def pagination_added(pair: Pair[Object]) -> Findings:
    """The description of a list's pagination was added (`x-pagination`).

    Requests and responses stay the same. The package gains a method that iterates over all pages.
    """
    yield from added(pair, "x-pagination")


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS)
def pagination_removed(pair: Pair[Object]) -> Findings:
    """The description of a list's pagination was removed (`x-pagination`).

    Callers that rely on the old pagination may stop too early. The package loses the method that iterates over all
    pages.
    Instead: keep `x-pagination`.
    """
    yield from removed(pair, "x-pagination")


@rule(PairKind.EXTENSIONS, Effect.BREAKS, PythonEffect.GROWS)
def pagination_changed(pair: Pair[Object]) -> Findings:
    """The pagination of a list changed: the cursor, page size, items or order in `x-pagination`.

    Callers that rely on the old pagination may stop too early, or request the same page forever. The package uses the
    new pagination.
    Instead: add a second operation that returns the list.
    """
    yield from fields_changed(pair, "x-pagination")


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.GROWS)
def create_once_added(pair: Pair[Object]) -> Findings:
    """The description of idempotency tokens was added (`x-create-once`).

    Requests and responses stay the same. The create method of the package gains an idempotency key.
    """
    yield from added(pair, "x-create-once")


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS)
def create_once_removed(pair: Pair[Object]) -> Findings:
    """The description of idempotency tokens was removed (`x-create-once`).

    Callers that search for their token may create an object twice. The create method loses its idempotency key.
    Instead: keep `x-create-once`.
    """
    yield from removed(pair, "x-create-once")


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS_ARGUMENTS)
def create_once_changed(pair: Pair[Object]) -> Findings:
    """The place where an idempotency token is stored or found changed (`x-create-once`).

    Callers that use the same token with an old and a new client may create an object twice.
    Instead: keep `x-create-once` unchanged.
    """
    yield from fields_changed(pair, "x-create-once")
