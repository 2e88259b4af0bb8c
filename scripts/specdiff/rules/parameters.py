"""Rules about parameters in paths, queries, headers and cookies."""

from scripts.openapi.operations import Parameter
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.operations import parameter_schema
from scripts.specdiff.engine.pairs import Change, Pair, PairKind
from scripts.specdiff.engine.schema import Schema

from .lifespan import sunset_date
from .rule import Findings, changed_from, quoted, rule
from .words import texts


@rule(PairKind.PARAMETER, Effect.ADDS, PythonEffect.GROWS)
def parameter_added(pair: Pair[Parameter]) -> Findings:
    """An optional parameter was added to an operation.

    Callers do not have to change anything. Users of the package gain an argument.
    """
    if pair.is_added and not pair.new.required:
        yield Change(f"{pair.new.location} parameter {quoted(pair.new.name)} added", None, pair.new.node)


@rule(PairKind.PARAMETER, Effect.NARROWS, PythonEffect.BREAKS)
def required_parameter_added(pair: Pair[Parameter]) -> Findings:
    """A required parameter was added to an operation.

    Callers that do not send the parameter are rejected, even if it has a default. Receivers of a webhook can ignore it.
    Instead: add the parameter as optional.
    """
    if pair.is_added and pair.new.required:
        yield Change(f"required {pair.new.location} parameter {quoted(pair.new.name)} added", None, pair.new.node)


@rule(PairKind.PARAMETER, Effect.UNSETTLES, PythonEffect.BREAKS)
def parameter_removed(pair: Pair[Parameter]) -> Findings:
    """An optional parameter was removed.

    The server ignores or rejects the parameter. Users of the package lose an argument.
    Instead: mark the parameter `deprecated` first.
    """
    if pair.is_removed and not pair.old.required and not _too_early(pair):
        announced = "deprecated " if pair.old.node.get("deprecated") is True else ""
        yield Change(f"{announced}{pair.old.location} parameter {quoted(pair.old.name)} removed", pair.old.node, None)


@rule(PairKind.PARAMETER, Effect.WITHDRAWS, PythonEffect.BREAKS)
def required_parameter_removed(pair: Pair[Parameter]) -> Findings:
    """A required parameter was removed.

    The server ignores or rejects the parameter. Receivers of a webhook that rely on the parameter fail.
    Instead: mark the parameter `deprecated` first, and keep sending it in webhooks.
    """
    if pair.is_removed and pair.old.required and not _too_early(pair):
        yield Change(f"required {pair.old.location} parameter {quoted(pair.old.name)} removed", pair.old.node, None)


@rule(PairKind.PARAMETER, Effect.BREAKS, PythonEffect.BREAKS)
def parameter_removed_early(pair: Pair[Parameter]) -> Findings:
    """A deprecated parameter was removed before its sunset, or its sunset is not a date.

    Callers that rely on the sunset may fail.
    Instead: wait until the sunset.
    """
    if pair.is_removed and (reason := _too_early(pair)):
        yield Change(f"{pair.old.location} parameter {quoted(pair.old.name)} removed {reason}", pair.old.node, None)


def _too_early(pair: Pair[Parameter]) -> str | None:
    """The reason why the removal is too early, or None."""
    sunset = pair.old.node.get("x-sunset")
    if pair.old.node.get("deprecated") is not True or sunset is None:
        return None
    date = sunset_date(sunset)
    if date is None:
        return f"although its sunset {quoted(sunset)} is not a date"
    return f"before its sunset {date}" if date > pair.today else None


@rule(PairKind.PARAMETER, Effect.UNSETTLES, PythonEffect.BREAKS)
def parameter_moved(pair: Pair[Parameter]) -> Findings:
    """An optional parameter moved to another location: path, query, header or cookie.

    The server ignores or rejects the parameter in the old location.
    Instead: accept the parameter in both locations for a time.
    """
    if not (pair.is_both and (pair.old.required or pair.new.required)):
        yield from _move(pair)


@rule(PairKind.PARAMETER, Effect.BREAKS, PythonEffect.BREAKS)
def required_parameter_moved(pair: Pair[Parameter]) -> Findings:
    """A required parameter moved to another location: path, query, header or cookie.

    Callers that send the parameter in the old location are rejected.
    Instead: accept the parameter in both locations for a time.
    """
    if pair.is_both and (pair.old.required or pair.new.required):
        yield from _move(pair)


def _move(pair: Pair[Parameter]) -> Findings:
    if pair.is_both and pair.old.location != pair.new.location:
        yield Change(
            f"{pair.old.location} parameter {quoted(pair.old.name)} is now a {pair.new.location} parameter",
            pair.old.location,
            pair.new.location,
        )


@rule(PairKind.PARAMETER, Effect.ADDS, PythonEffect.BREAKS)
def path_parameter_renamed(pair: Pair[Parameter]) -> Findings:
    """A path parameter was renamed.

    Requests and responses stay the same. Users of the package must rename the keyword argument.
    Instead: keep the name.
    """
    if _renamed(pair) and pair.new.location == "path":
        yield _name_change(pair)


@rule(PairKind.PARAMETER, Effect.UNSETTLES, PythonEffect.BREAKS)
def parameter_renamed(pair: Pair[Parameter]) -> Findings:
    """An optional parameter was renamed.

    The server ignores or rejects the old name.
    Instead: accept both names for a time.
    """
    if _renamed(pair) and pair.new.location != "path" and not (pair.old.required or pair.new.required):
        yield _name_change(pair)


@rule(PairKind.PARAMETER, Effect.BREAKS, PythonEffect.BREAKS)
def required_parameter_renamed(pair: Pair[Parameter]) -> Findings:
    """A required parameter was renamed.

    Callers that send the old name are rejected.
    Instead: accept both names for a time.
    """
    if _renamed(pair) and pair.new.location != "path" and (pair.old.required or pair.new.required):
        yield _name_change(pair)


def _renamed(pair: Pair[Parameter]) -> bool:
    if not pair.is_both:
        return False
    names: list[str] = [side.name.lower() if side.location == "header" else side.name for side in (pair.old, pair.new)]
    return bool(names[0] != names[1])


def _name_change(pair: Pair[Parameter]) -> Change:
    text = f"{pair.old.location} parameter {quoted(pair.old.name)} is now called {quoted(pair.new.name)}"
    return Change(text, pair.old.name, pair.new.name, subject=pair.old.name)


@rule(PairKind.PARAMETER, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def parameter_became_required(pair: Pair[Parameter]) -> Findings:
    """An optional parameter is now required.

    Callers that do not send the parameter are rejected, even if it has a default.
    Instead: keep the parameter optional.
    """
    if pair.is_both and pair.new.required and not pair.old.required:
        text = f"requests without the {pair.new.location} parameter {quoted(pair.new.name)} are now refused"
        yield Change(text, False, True)


@rule(PairKind.PARAMETER, Effect.WIDENS, PythonEffect.GROWS)
def parameter_became_optional(pair: Pair[Parameter]) -> Findings:
    """A required parameter is now optional.

    Callers do not have to change anything. Receivers of a webhook that rely on the parameter fail if it is absent.
    Instead: keep sending the parameter in webhooks.
    """
    if pair.is_both and pair.old.required and not pair.new.required:
        text = f"requests may now lack the {pair.new.location} parameter {quoted(pair.new.name)}"
        yield Change(text, True, False)


def _schemas(pair: Pair[Parameter]) -> tuple[Schema, Schema]:
    return parameter_schema(pair.documents[0], pair.old), parameter_schema(pair.documents[1], pair.new)


@rule(PairKind.PARAMETER, Effect.BREAKS)
def parameter_default_changed(pair: Pair[Parameter]) -> Findings:
    """The default of an optional parameter was changed, added or removed.

    Callers that do not send the parameter get a different result.
    Instead: keep the default, and let callers send the new value explicitly.
    """
    if pair.is_both and not pair.old.required and not pair.new.required:
        schemas = _schemas(pair)
        old, new = (schema.get("default") for schema in schemas)
        if canonical_json(old) != canonical_json(new):
            pointers = [schema.pointer_of("default") for schema in schemas]
            yield Change(changed_from("the default", old, new), old, new, *pointers)


@rule(PairKind.PARAMETER, Effect.BREAKS, also=PairKind.HEADER)
def serialization_changed(pair: Pair[Parameter]) -> Findings:
    """The serialization of a parameter or header changed: `style`, `explode`, `allowReserved` or `content`.

    The server misreads parameters in the old form. Callers misread headers in the new form.
    Instead: accept both forms, or add a parameter.
    """
    if not pair.is_both or pair.old.location != pair.new.location:
        return
    old, new = (_form(*side) for side in zip((pair.old, pair.new), _schemas(pair), strict=True))
    for key in old:
        # If `content` replaces `style`, only `content` is reported. Other rules judge the media types of `content`.
        if key == "allowReserved" and new[key]:
            continue
        if old[key] != new[key] and (key == "allowReserved" or (key == "content") == (None in (old[key], new[key]))):
            yield Change(changed_from(key, old[key], new[key]), old[key], new[key], subject=key)


def _form(parameter: Parameter, schema: Schema) -> dict[str, object]:
    content = parameter.node.get("content")
    form: dict[str, object] = {"content": sorted(map(str, content)) if isinstance(content, dict) else None}
    # `explode` has no effect on a single value.
    several = not schema.types or schema.types & {"array", "object"}
    form["style"] = None if content else parameter.style
    form["explode"] = None if content or not several else parameter.explode
    form["allowReserved"] = parameter.node.get("allowReserved", False) is True
    return form


@rule(PairKind.PARAMETER, Effect.ADDS)
def reserved_characters_allowed(pair: Pair[Parameter]) -> Findings:
    """A parameter may now contain reserved characters such as `/` without escaping them (`allowReserved`).

    Callers do not have to change anything.
    """
    if pair.is_both:
        old, new = (side.node.get("allowReserved") is True for side in (pair.old, pair.new))
        if new and not old:
            yield Change("reserved characters no longer have to be escaped (allowReserved)", False, True)


@rule(PairKind.PARAMETER, Effect.UNSETTLES)
def empty_value_refused(pair: Pair[Parameter]) -> Findings:
    """A parameter may no longer have an empty value.

    Callers that send the parameter without a value may be rejected.
    Instead: keep accepting empty values.
    """
    if pair.is_both:
        old, new = (side.node.get("allowEmptyValue") is True for side in (pair.old, pair.new))
        if old and not new:
            yield Change("may no longer be empty (allowEmptyValue)", True, False)


@rule(PairKind.PARAMETER, Effect.ADDS)
def empty_value_allowed(pair: Pair[Parameter]) -> Findings:
    """A parameter may now have an empty value.

    Callers do not have to change anything.
    """
    if pair.is_both:
        old, new = (side.node.get("allowEmptyValue") is True for side in (pair.old, pair.new))
        if new and not old:
            yield Change("may now be empty (allowEmptyValue)", False, True)


@rule(PairKind.PARAMETER_LIST, Effect.ADDS, PythonEffect.GROWS)
def parameter_became_list(pair: Pair[Parameter]) -> Findings:
    """A parameter became a list. A single value is serialized as before.

    Callers do not have to change anything.
    """
    yield Change("now accepts several values", sorted(_schemas(pair)[0].types), ["array"])


@rule(PairKind.PARAMETER, Effect.DESCRIBES, also=PairKind.HEADER)
def parameter_text_changed(pair: Pair[Parameter]) -> Findings:
    """The description, examples or another text of a parameter or header changed.

    Requests and responses stay the same. Docs and docstrings of the package change.
    """
    if pair.is_both and (changed := texts(pair.old.node, pair.new.node)):
        old, new = ({key: side.node.get(key) for key in changed} for side in (pair.old, pair.new))
        at = [f"{side.pointer}/{changed[0]}" for side in (pair.old, pair.new)]
        yield Change(f"{' and '.join(changed)} changed", old, new, *at)
