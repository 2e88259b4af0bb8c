"""Rules about the properties of objects."""

from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Property, Schema

from .rule import Findings, quoted, quoted_list, rule


@rule(PairKind.PROPERTY, Effect.ADDS, PythonEffect.GROWS)
def property_added(pair: Pair[Property]) -> Findings:
    """An object has an additional optional property.

    Callers do not have to change anything. Users of the package gain an argument or an attribute.
    """
    if pair.is_added and not pair.new.required and not pair.new.owner.is_closed:
        yield Change(f"property {quoted(pair.new.name)} added", None, _written(pair))


@rule(PairKind.PROPERTY, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def required_property_added(pair: Pair[Property]) -> Findings:
    """An object has an additional required property.

    Callers that do not send it are rejected, even if it has a default.
    Instead: add the property as optional.
    """
    if pair.is_added and pair.new.required and not pair.new.owner.is_closed:
        yield Change(f"required property {quoted(pair.new.name)} added", None, _written(pair))


@rule(PairKind.PROPERTY, Effect.MAY_WIDEN, PythonEffect.GROWS)
def property_added_to_closed(pair: Pair[Property]) -> Findings:
    """An object that rejects undeclared properties has an additional optional property.

    Callers that reject undeclared properties in responses fail.
    Instead: leave objects in responses open.
    """
    if pair.is_added and pair.new.owner.is_closed and not pair.new.required:
        yield Change(f"property {quoted(pair.new.name)} added to a closed object", None, _written(pair))


@rule(PairKind.PROPERTY, Effect.REFUSES, PythonEffect.BREAKS_ARGUMENTS)
def required_property_added_to_closed(pair: Pair[Property]) -> Findings:
    """An object that rejects undeclared properties has an additional required property.

    Callers that do not send it are rejected. Callers that reject undeclared properties in responses fail.
    Instead: add the property as optional, and leave objects in responses open.
    """
    if pair.is_added and pair.new.owner.is_closed and pair.new.required:
        yield Change(f"required property {quoted(pair.new.name)} added to a closed object", None, _written(pair))


@rule(PairKind.PROPERTY, Effect.UNSETTLES, PythonEffect.BREAKS)
def property_removed(pair: Pair[Property]) -> Findings:
    """An object lost an optional property.

    The server ignores the value that callers send. Callers that use the property when it is present no longer find it.
    Instead: deprecate the property first.
    """
    if pair.is_removed and not pair.old.required and not pair.old.owner.is_closed:
        yield Change(f"property {quoted(pair.old.name)} removed", _written(pair), None)


@rule(PairKind.PROPERTY, Effect.WITHDRAWS, PythonEffect.BREAKS)
def required_property_removed(pair: Pair[Property]) -> Findings:
    """An object lost a required property.

    Callers that read it in responses fail. The server ignores the value that callers send.
    Instead: deprecate the property, and keep it in responses.
    """
    if pair.is_removed and pair.old.required and not pair.old.owner.is_closed:
        yield Change(f"required property {quoted(pair.old.name)} removed", _written(pair), None)


@rule(PairKind.PROPERTY, Effect.BREAKS, PythonEffect.BREAKS)
def property_refused(pair: Pair[Property]) -> Findings:
    """An object that rejects undeclared properties lost a property.

    Callers that send it are rejected, and callers that read responses no longer find it.
    Instead: deprecate the property first, and keep accepting it.
    """
    if pair.is_removed and pair.old.owner.is_closed:
        yield Change(f"property {quoted(pair.old.name)} removed from a closed object", _written(pair), None)


@rule(PairKind.PROPERTY, Effect.UNSETTLES, PythonEffect.BREAKS)
def property_renamed(pair: Pair[Property]) -> Findings:
    """An optional property has another name and is otherwise unchanged.

    The server ignores the old name, and responses no longer contain it.
    Instead: add the new name beside the old one, and deprecate the old one.
    """
    if pair.is_both and pair.old.name != pair.new.name and not (pair.old.required or pair.new.required):
        yield _renamed(pair)


@rule(PairKind.PROPERTY, Effect.BREAKS, PythonEffect.BREAKS)
def required_property_renamed(pair: Pair[Property]) -> Findings:
    """A required property has another name and is otherwise unchanged.

    Callers that send the old name are rejected, and responses no longer contain it.
    Instead: add the new name beside the old one, and deprecate the old one.
    """
    if pair.is_both and pair.old.name != pair.new.name and (pair.old.required or pair.new.required):
        yield _renamed(pair)


def _renamed(pair: Pair[Property]) -> Change:
    text = f"property {quoted(pair.old.name)} is now called {quoted(pair.new.name)}"
    return Change(text, pair.old.name, pair.new.name, subject=pair.old.name)


@rule(PairKind.PROPERTY, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def property_became_required(pair: Pair[Property]) -> Findings:
    """A property is now required; before, it was optional.

    Callers that do not send it are rejected, even if it has a default. Callers that read responses notice nothing.
    Instead: keep the property optional in requests.
    """
    if pair.is_both and pair.new.required and not pair.old.required:
        yield Change(f"property {quoted(pair.new.name)} is now required", False, True)


@rule(PairKind.PROPERTY, Effect.WIDENS, PythonEffect.BREAKS_READERS)
def property_became_optional(pair: Pair[Property]) -> Findings:
    """A property is now optional; before, it was required.

    Callers that rely on it in responses fail when it is absent. Callers that send it notice nothing.
    Instead: keep sending the property in responses.
    """
    if pair.is_both and pair.old.required and not pair.new.required:
        yield Change(f"property {quoted(pair.new.name)} is now optional", True, False)


@rule(PairKind.DIRECTION, Effect.MAY_NARROW)
def became_read_only(pair: Pair[Property]) -> Findings:
    """A property is now read-only: the server ignores it in requests.

    Callers that send it may be rejected. Callers that read responses notice nothing.
    Instead: keep accepting the property in requests.
    """
    if pair.is_both and pair.new.read_only and not pair.old.read_only:
        yield Change("is now read-only", False, True)


@rule(PairKind.DIRECTION, Effect.MAY_NARROW)
def became_writable(pair: Pair[Property]) -> Findings:
    """A property is no longer read-only: requests may contain it, and must if it is required.

    Callers that do not send a required property may be rejected. Callers that read responses notice nothing.
    Instead: make the property optional in requests.
    """
    if pair.is_both and pair.old.read_only and not pair.new.read_only:
        yield Change("is no longer read-only", True, False)


@rule(PairKind.DIRECTION, Effect.MAY_WIDEN)
def became_write_only(pair: Pair[Property]) -> Findings:
    """A property is now write-only: responses no longer contain it.

    Callers that read it in responses no longer find it. Callers that send it notice nothing.
    Instead: keep sending the property in responses.
    """
    if pair.is_both and pair.new.write_only and not pair.old.write_only:
        yield Change("is now write-only", False, True)


@rule(PairKind.DIRECTION, Effect.MAY_WIDEN)
def became_readable(pair: Pair[Property]) -> Findings:
    """A property is no longer write-only: responses may contain it.

    Callers that reject unknown properties in responses may fail. Callers that send it notice nothing.
    Instead: leave objects in responses open.
    """
    if pair.is_both and pair.old.write_only and not pair.new.write_only:
        yield Change("is no longer write-only", True, False)


def _written(pair: Pair[Property]) -> object:
    side = 1 if pair.is_added else 0
    property_ = pair.new if pair.is_added else pair.old
    return pair.documents[side].find(property_.schema.pointer)


def _undeclared(pair: Pair[Schema]) -> tuple[set[str], set[str]]:
    """Names that are required before and after, and that neither side declares."""
    old, new = pair.old, pair.new
    return {name for name in old.required if name not in old.properties and name not in new.properties}, {
        name for name in new.required if name not in old.properties and name not in new.properties
    }


@rule(PairKind.SCHEMA, Effect.MAY_NARROW)
def undeclared_property_required(pair: Pair[Schema]) -> Findings:
    """A property that is not declared is now required.

    Callers that do not send it are rejected.
    Instead: declare the property as optional.
    """
    old, new = _undeclared(pair)
    if added := sorted(new - old):
        yield Change(
            f"{quoted_list(added)} is now required, although it is not declared",
            None,
            added,
            subject=canonical_json(added),
        )


@rule(PairKind.SCHEMA, Effect.MAY_WIDEN)
def undeclared_property_not_required(pair: Pair[Schema]) -> Findings:
    """A property that is not declared is no longer required.

    Callers that rely on it in responses fail.
    Instead: keep sending the property in responses.
    """
    old, new = _undeclared(pair)
    if gone := sorted(old - new):
        yield Change(f"{quoted_list(gone)} is no longer required", gone, None, subject=canonical_json(gone))
