"""Rules about the properties of objects."""

from collections.abc import Mapping

from scripts.specdiff.engine.acceptance import is_false
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Property, Schema

from .rule import Findings, quoted, quoted_list, rule


@rule(PairKind.PROPERTY, Effect.ADDS, PythonEffect.GROWS)
def property_added(pair: Pair[Property]) -> Findings:
    """An optional property was added to an object.

    Callers do not have to change anything. Users of the package gain an argument or an attribute.
    """
    if pair.is_added and not pair.new.required and not pair.new.owner.is_closed and not is_false(pair.new.schema):
        yield Change(f"property {quoted(pair.new.name)} added", None, _written(pair))


@rule(PairKind.PROPERTY, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def required_property_added(pair: Pair[Property]) -> Findings:
    """A required property was added to an object.

    Callers that do not send the property are rejected, even if it has a default.
    Instead: add the property as optional.
    """
    if pair.is_added and pair.new.required and not pair.new.owner.is_closed:
        name = quoted(pair.new.name)
        yield Change(
            f"required property {name} added",
            None,
            _written(pair),
            in_requests=f"required property {name} added, so requests without it are now refused",
        )


@rule(PairKind.PROPERTY, Effect.MAY_WIDEN, PythonEffect.GROWS)
def property_added_to_closed(pair: Pair[Property]) -> Findings:
    """An optional property was added to a closed object. A closed object rejects undeclared properties.

    Callers that reject undeclared properties in responses fail.
    Instead: leave objects in responses open.
    """
    if pair.is_added and pair.new.owner.is_closed and not pair.new.required:
        yield Change(f"property {quoted(pair.new.name)} added to a closed object", None, _written(pair))


@rule(PairKind.PROPERTY, Effect.REFUSES, PythonEffect.BREAKS_ARGUMENTS)
def required_property_added_to_closed(pair: Pair[Property]) -> Findings:
    """A required property was added to a closed object. A closed object rejects undeclared properties.

    Callers that do not send the property are rejected. Callers that reject undeclared properties in responses fail.
    Instead: add the property as optional, and leave objects in responses open.
    """
    if pair.is_added and pair.new.owner.is_closed and pair.new.required:
        yield Change(f"required property {quoted(pair.new.name)} added to a closed object", None, _written(pair))


@rule(PairKind.PROPERTY, Effect.UNSETTLES, PythonEffect.BREAKS)
def property_removed(pair: Pair[Property]) -> Findings:
    """An optional property was removed from an object.

    The server ignores the property in requests. Callers that read the property in responses no longer receive it.
    Instead: deprecate the property first.
    """
    if pair.is_removed and not pair.old.required and not pair.old.owner.is_closed:
        yield Change(f"property {quoted(pair.old.name)} removed", _written(pair), None)


@rule(PairKind.PROPERTY, Effect.WITHDRAWS, PythonEffect.BREAKS)
def required_property_removed(pair: Pair[Property]) -> Findings:
    """A required property was removed from an object.

    Callers that read the property in responses fail. The server ignores the property in requests.
    Instead: deprecate the property, and keep it in responses.
    """
    if pair.is_removed and pair.old.required and not pair.old.owner.is_closed:
        yield Change(f"required property {quoted(pair.old.name)} removed", _written(pair), None)


@rule(PairKind.PROPERTY, Effect.REFUSES, PythonEffect.BREAKS, about_values=False)
def property_refused(pair: Pair[Property]) -> Findings:
    """An optional property was removed from a closed object. A closed object rejects undeclared properties.

    Callers that send the property are rejected. Callers that read responses no longer receive the property.
    Instead: deprecate the property first, and keep accepting the property.
    """
    if pair.is_removed and pair.old.owner.is_closed and not pair.old.required:
        yield Change(f"property {quoted(pair.old.name)} removed from a closed object", _written(pair), None)


@rule(PairKind.PROPERTY, Effect.BREAKS, PythonEffect.BREAKS)
def required_property_refused(pair: Pair[Property]) -> Findings:
    """A required property was removed from a closed object. A closed object rejects undeclared properties.

    Callers that send the property are rejected. Callers that read the property in responses fail.
    Instead: deprecate the property first, and keep accepting and sending the property.
    """
    if pair.is_removed and pair.old.owner.is_closed and pair.old.required:
        yield Change(f"required property {quoted(pair.old.name)} removed from a closed object", _written(pair), None)


@rule(PairKind.PROPERTY, Effect.NARROWS)
def property_excluded(pair: Pair[Property]) -> Findings:
    """A property must now be absent, because no value is allowed for it.

    Callers that send the property are rejected. Callers that read responses notice nothing.
    Instead: keep accepting the property.
    """
    if pair.is_added and not pair.new.required and is_false(pair.new.schema):
        yield Change(f"property {quoted(pair.new.name)} must now be absent", None, False)


@rule(PairKind.PROPERTY, Effect.UNSETTLES, PythonEffect.BREAKS)
def property_renamed(pair: Pair[Property]) -> Findings:
    """An optional property was renamed.

    The server ignores the old name in requests. Responses no longer contain the old name.
    Instead: add the new name beside the old name, and deprecate the old name.
    """
    if _is_rename(pair) and not (pair.old.required or pair.new.required or _is_restricted(pair)):
        yield _renamed(pair)


@rule(PairKind.PROPERTY, Effect.BREAKS, PythonEffect.BREAKS)
def restricted_property_renamed(pair: Pair[Property]) -> Findings:
    """An optional property was renamed in an object that rejects or restricts undeclared properties.

    Callers that send the old name are rejected. Callers that read responses reject the new name.
    Instead: add the new name beside the old name, and deprecate the old name.
    """
    if _is_rename(pair) and not (pair.old.required or pair.new.required) and _is_restricted(pair):
        yield _renamed(pair)


def _is_rename(pair: Pair[Property]) -> bool:
    return pair.is_both and pair.old.name != pair.new.name


def _is_restricted(pair: Pair[Property]) -> bool:
    owners = pair.old.owner, pair.new.owner
    return any(owner.is_closed or isinstance(owner.get("additionalProperties"), Mapping) for owner in owners)


@rule(PairKind.PROPERTY, Effect.BREAKS, PythonEffect.BREAKS)
def required_property_renamed(pair: Pair[Property]) -> Findings:
    """A required property was renamed.

    Callers that send the old name are rejected. Responses no longer contain the old name.
    Instead: add the new name beside the old name, and deprecate the old name.
    """
    if _is_rename(pair) and (pair.old.required or pair.new.required):
        yield _renamed(pair)


def _renamed(pair: Pair[Property]) -> Change:
    text = f"property {quoted(pair.old.name)} is now called {quoted(pair.new.name)}"
    return Change(text, pair.old.name, pair.new.name, subject=pair.old.name)


@rule(PairKind.PROPERTY, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def property_became_required(pair: Pair[Property]) -> Findings:
    """An optional property is now required.

    Callers that do not send the property are rejected, even if it has a default. Callers that read responses notice
    nothing.
    Instead: keep the property optional in requests.
    """
    if pair.is_both and pair.new.required and not pair.old.required:
        name = quoted(pair.new.name)
        yield Change(
            f"property {name} is now required",
            False,
            True,
            in_requests=f"requests without {name} are now refused",
            in_responses=f"responses now always contain {name}",
        )


@rule(PairKind.PROPERTY, Effect.WIDENS, PythonEffect.BREAKS_READERS)
def property_became_optional(pair: Pair[Property]) -> Findings:
    """A required property is now optional.

    Callers that rely on the property in responses fail if it is absent. Callers that send the property notice nothing.
    Instead: keep sending the property in responses.
    """
    if pair.is_both and pair.old.required and not pair.new.required:
        name = quoted(pair.new.name)
        yield Change(
            f"property {name} is now optional",
            True,
            False,
            in_requests=f"requests may now lack {name}",
            in_responses=f"responses may now lack {name}",
        )


@rule(PairKind.DIRECTION, Effect.MAY_NARROW)
def became_read_only(pair: Pair[Property]) -> Findings:
    """A property is now read-only.

    Callers that send the property may be rejected, or the server may ignore it. Callers that read responses notice
    nothing.
    Instead: keep accepting the property in requests.
    """
    if pair.is_both and pair.new.read_only and not pair.old.read_only:
        yield Change("is now read-only", False, True)


@rule(PairKind.DIRECTION, Effect.ADDS)
def became_writable(pair: Pair[Property]) -> Findings:
    """An optional property is no longer read-only.

    Callers do not have to change anything.
    """
    if pair.is_both and pair.old.read_only and not pair.new.read_only and not pair.new.required:
        yield Change("is no longer read-only", True, False)


@rule(PairKind.DIRECTION, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def required_property_became_writable(pair: Pair[Property]) -> Findings:
    """A required property is no longer read-only.

    Callers that do not send the property are rejected. Callers that read responses notice nothing.
    Instead: make the property optional in requests.
    """
    if pair.is_both and pair.old.read_only and not pair.new.read_only and pair.new.required:
        yield Change("is no longer read-only, so requests without it are refused", True, False)


def _became_write_only(pair: Pair[Property]) -> bool:
    return pair.is_both and pair.new.write_only and not pair.old.write_only


@rule(PairKind.DIRECTION, Effect.MAY_WIDEN)
def became_write_only(pair: Pair[Property]) -> Findings:
    """An optional property is now write-only.

    Callers that read the property in responses no longer receive it. Callers that send the property notice nothing.
    Instead: keep sending the property in responses.
    """
    if _became_write_only(pair) and not pair.old.required:
        yield Change("is now write-only", False, True)


@rule(PairKind.DIRECTION, Effect.WIDENS, PythonEffect.BREAKS_READERS)
def required_property_became_write_only(pair: Pair[Property]) -> Findings:
    """A required property is now write-only.

    Callers that read the property in responses fail. Callers that send the property notice nothing.
    Instead: keep sending the property in responses.
    """
    if _became_write_only(pair) and pair.old.required:
        yield Change("is now write-only, so responses no longer contain it", False, True)


@rule(PairKind.DIRECTION, Effect.MAY_WIDEN)
def became_readable(pair: Pair[Property]) -> Findings:
    """A property is no longer write-only.

    Callers that reject undeclared properties in responses may fail. Callers that send the property notice nothing.
    Instead: leave objects in responses open.
    """
    if pair.is_both and pair.old.write_only and not pair.new.write_only:
        yield Change("is no longer write-only", True, False)


def _written(pair: Pair[Property]) -> object:
    side = 1 if pair.is_added else 0
    property_ = pair.new if pair.is_added else pair.old
    return pair.documents[side].find(property_.schema.pointer)


def _undeclared(pair: Pair[Schema]) -> tuple[set[str], set[str]]:
    """The required properties of the old and of the new schema, without the properties that either schema declares."""
    old, new = pair.old, pair.new
    return {name for name in old.required if name not in old.properties and name not in new.properties}, {
        name for name in new.required if name not in old.properties and name not in new.properties
    }


@rule(PairKind.SCHEMA, Effect.NARROWS)
def undeclared_property_required(pair: Pair[Schema]) -> Findings:
    """An undeclared property is now required.

    Callers that do not send the property are rejected.
    Instead: declare the property as optional.
    """
    old, new = _undeclared(pair)
    if added := sorted(new - old):
        yield Change(
            f"now required, but not declared: {quoted_list(added)}",
            None,
            added,
            in_requests=f"requests without {quoted_list(added)} are now refused",
            subject=canonical_json(added),
        )


@rule(PairKind.SCHEMA, Effect.MAY_WIDEN)
def undeclared_property_not_required(pair: Pair[Schema]) -> Findings:
    """An undeclared property is no longer required.

    Callers that rely on the property in responses fail.
    Instead: keep sending the property in responses.
    """
    old, new = _undeclared(pair)
    if gone := sorted(old - new):
        yield Change(f"no longer required: {quoted_list(gone)}", gone, None, subject=canonical_json(gone))
