"""Request bodies and responses: which there are, in which media types, and with which headers."""

from typing import Any

from scripts.openapi.operations import Parameter
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.operations import Message
from scripts.specdiff.engine.pairs import Change, Pair, PairKind

from .catalogue import Findings, became, rule, shown
from .words import texts


@rule(PairKind.BODY, Effect.ADDS, PythonEffect.GROWS)
def body_added(pair: Pair[Message]) -> Findings:
    """A request may have a body.

    Nobody has to notice.
    """
    if pair.is_added and not pair.new.required:
        yield Change("a body may be sent")


@rule(PairKind.BODY, Effect.BREAKS, PythonEffect.BREAKS)
def required_body_added(pair: Pair[Message]) -> Findings:
    """A request must have a body, and had none.

    Callers that send none are refused.
    Instead: let it be left out.
    """
    if pair.is_added and pair.new.required:
        yield Change("a body must be sent")


@rule(PairKind.BODY, Effect.BREAKS, PythonEffect.BREAKS)
def body_removed(pair: Pair[Message]) -> Findings:
    """A request has no body any more.

    What callers send goes unheard, or is refused.
    Instead: go on accepting it.
    """
    if pair.is_removed:
        yield Change("there is no body any more")


@rule(PairKind.BODY, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def body_became_required(pair: Pair[Message]) -> Findings:
    """A request must have a body, and could do without.

    Callers that send none are refused.
    Instead: let it be left out.
    """
    if pair.is_both and pair.new.required and not pair.old.required:
        yield Change("the body is now required", False, True)


@rule(PairKind.BODY, Effect.ADDS, PythonEffect.GROWS)
def body_became_optional(pair: Pair[Message]) -> Findings:
    """A request can do without a body.

    Nobody has to notice.
    """
    if pair.is_both and pair.old.required and not pair.new.required:
        yield Change("the body may be left out", True, False)


@rule(PairKind.RESPONSE, Effect.ADDS)
def response_added(pair: Pair[Message]) -> Findings:
    """There is one more documented answer.

    Callers that look at the class of a status code have to do nothing.
    """
    if pair.is_added:
        yield Change(f"response {shown(pair.new.name)} added", None, pair.new.name)


@rule(PairKind.RESPONSE, Effect.BREAKS, PythonEffect.BREAKS)
def success_removed(pair: Pair[Message]) -> Findings:
    """A success is not answered by this status code any more.

    Callers that wait for it take what comes instead for a failure, or read another body.
    Instead: keep the status code.
    """
    if pair.is_removed and pair.old.is_success:
        yield Change(f"response {shown(pair.old.name)} removed", pair.old.name, None)


@rule(PairKind.RESPONSE, Effect.UNSETTLES)
def error_removed(pair: Pair[Message]) -> Findings:
    """An error is not documented any more.

    Callers that handle it in a way of its own may be surprised by what comes instead.
    Instead: go on documenting it, as long as it occurs.
    """
    if pair.is_removed and not pair.old.is_success:
        yield Change(f"response {shown(pair.old.name)} removed", pair.old.name, None)


@rule(PairKind.RESPONSE, Effect.MAY_WIDEN)
def status_generalized(pair: Pair[Message]) -> Findings:
    """A range of status codes, or `default`, stands where one code stood.

    Callers that compare with the one code may miss others.
    Instead: go on naming the code.
    """
    if pair.is_both and pair.old.name != pair.new.name and pair.new.name in _ranges(pair.old.name):
        yield Change(became("the status code", pair.old.name, pair.new.name), pair.old.name, pair.new.name)


@rule(PairKind.RESPONSE, Effect.ADDS)
def status_specialized(pair: Pair[Message]) -> Findings:
    """One status code stands where a range or `default` stood.

    Nobody has to notice.
    """
    if pair.is_both and pair.old.name != pair.new.name and pair.old.name in _ranges(pair.new.name):
        yield Change(became("the status code", pair.old.name, pair.new.name), pair.old.name, pair.new.name)


def _ranges(code: str) -> tuple[str, str]:
    return f"{code[:1]}XX", "default"


@rule(PairKind.MEDIA_TYPE, Effect.ADDS)
def media_type_added(pair: Pair[Message]) -> Findings:
    """A body is admitted, or sent, in one more media type.

    Callers get it only when they ask for it, so that nobody has to notice.
    """
    if pair.is_added:
        yield Change(f"media type {shown(pair.new.name)} added", None, pair.new.name, subject=pair.new.name)


@rule(PairKind.MESSAGE_TEXT, Effect.DESCRIBES)
def message_text_changed(pair: Pair[Message]) -> Findings:
    """Description, examples or other words of a path, body or response differ.

    Nothing changes on the wire. Docs and docstrings of the package change.
    """
    if pair.is_both and (changed := texts(pair.old.node, pair.new.node)):
        old, new = ({key: side.node.get(key) for key in changed} for side in (pair.old, pair.new))
        at = [f"{side.pointer}/{changed[0]}" for side in (pair.old, pair.new)]
        yield Change(f"{' and '.join(changed)} changed", old, new, *at)


@rule(PairKind.MEDIA_TYPE, Effect.BREAKS, PythonEffect.BREAKS)
def media_type_removed(pair: Pair[Message]) -> Findings:
    """A body is not admitted, or not sent, in a media type any more.

    Writers of it are refused, and readers get another one than they asked for.
    Instead: keep it for a time.
    """
    if pair.is_removed:
        yield Change(f"media type {shown(pair.old.name)} removed", pair.old.name, None, subject=pair.old.name)


@rule(PairKind.MEDIA_TYPE, Effect.WIDENS)
def media_type_generalized(pair: Pair[Message]) -> Findings:
    """The name of a media type stands for more than before.

    Readers may get a form that they do not know; writers notice nothing.
    Instead: keep the narrower name in responses.
    """
    if pair.is_both and _narrower(pair.old.name, pair.new.name):
        yield Change(became("the media type", pair.old.name, pair.new.name), pair.old.name, pair.new.name)


@rule(PairKind.MEDIA_TYPE, Effect.MAY_NARROW)
def media_type_specialized(pair: Pair[Message]) -> Findings:
    """The name of a media type stands for less than before, or its parameters differ.

    Writers of another form may be refused; readers notice nothing.
    Instead: keep the wider name in requests.
    """
    if pair.is_both and _plain(pair.old.name) != _plain(pair.new.name) and not _narrower(pair.old.name, pair.new.name):
        yield Change(became("the media type", pair.old.name, pair.new.name), pair.old.name, pair.new.name)


def _plain(name: str) -> str:
    """A media type without what says nothing: case and spaces."""
    return name.lower().replace(" ", "")


def _narrower(narrow: str, wide: str) -> bool:
    """Whether the first name stands for a special case of the second."""
    one, two = (_plain(name).partition(";")[0] for name in (narrow, wide))
    if one == two:
        return False
    main, _, sub = two.partition("/")
    return two == "*/*" or (one.startswith(f"{main}/") and (sub == "*" or one.endswith(f"+{sub}")))


@rule(PairKind.CONTENT_SCHEMA, Effect.NARROWS, PythonEffect.BREAKS)
def body_schema_added(pair: Pair[Any]) -> Findings:
    """What a body holds is described, and was not.

    Writers of anything else may be refused.
    Instead: describe what is accepted already.
    """
    if pair.is_added:
        yield Change("what it holds is described", None, pair.new)


@rule(PairKind.CONTENT_SCHEMA, Effect.MAY_WIDEN, PythonEffect.BREAKS)
def body_schema_removed(pair: Pair[Any]) -> Findings:
    """What a body holds is not described any more.

    Readers cannot rely on it.
    Instead: go on describing it.
    """
    if pair.is_removed:
        yield Change("what it holds is not described any more", pair.old, None)


@rule(PairKind.ENCODING, Effect.UNSETTLES)
def encoding_changed(pair: Pair[Any]) -> Findings:
    """A part of a form is written in another way.

    Writers may be misunderstood.
    Instead: accept both ways.
    """
    if canonical_json(pair.sides[0]) != canonical_json(pair.sides[1]):
        yield Change("how its parts are written changed (encoding)", *pair.sides)


@rule(PairKind.HEADER, Effect.ADDS)
def header_added(pair: Pair[Parameter]) -> Findings:
    """A response has one more header.

    Nobody has to notice.
    """
    if pair.is_added:
        yield Change(f"header {shown(pair.new.name)} added", None, pair.new.node)


@rule(PairKind.HEADER, Effect.UNSETTLES)
def header_removed(pair: Pair[Parameter]) -> Findings:
    """A response has a header no more that it could have.

    Readers that use it when it is there find it no more.
    Instead: mark it `deprecated` first.
    """
    if pair.is_removed and not pair.old.required:
        yield Change(f"header {shown(pair.old.name)} removed", pair.old.node, None)


@rule(PairKind.HEADER, Effect.BREAKS)
def required_header_removed(pair: Pair[Parameter]) -> Findings:
    """A response has a header no more that it always had.

    Readers rely on it and fail.
    Instead: go on sending it.
    """
    if pair.is_removed and pair.old.required:
        yield Change(f"required header {shown(pair.old.name)} removed", pair.old.node, None)


@rule(PairKind.HEADER, Effect.WIDENS)
def header_became_optional(pair: Pair[Parameter]) -> Findings:
    """A response may do without a header that it always had.

    Readers rely on it and fail.
    Instead: go on sending it.
    """
    if pair.is_both and pair.old.required and not pair.new.required:
        yield Change(f"header {shown(pair.new.name)} may be left out", True, False)


@rule(PairKind.HEADER, Effect.ADDS)
def header_became_required(pair: Pair[Parameter]) -> Findings:
    """A response always has a header that it could do without.

    Nobody has to notice.
    """
    if pair.is_both and pair.new.required and not pair.old.required:
        yield Change(f"header {shown(pair.new.name)} is always there", False, True)
