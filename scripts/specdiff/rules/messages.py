"""Rules about request bodies, responses, media types and response headers."""

from typing import Any

from scripts.openapi.operations import Parameter
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.operations import Message
from scripts.specdiff.engine.pairs import Change, Pair, PairKind

from .rule import Findings, changed_from, quoted, rule
from .words import texts


@rule(PairKind.BODY, Effect.ADDS, PythonEffect.GROWS)
def body_added(pair: Pair[Message]) -> Findings:
    """An optional request body was added.

    Callers do not have to change anything.
    """
    if pair.is_added and not pair.new.required:
        yield Change("optional request body added")


@rule(PairKind.BODY, Effect.NARROWS, PythonEffect.BREAKS)
def required_body_added(pair: Pair[Message]) -> Findings:
    """A required request body was added.

    Callers that send no body are rejected. Receivers of a webhook can ignore the body.
    Instead: make the body optional.
    """
    if pair.is_added and pair.new.required:
        yield Change("required request body added")


@rule(PairKind.BODY, Effect.BREAKS, PythonEffect.BREAKS)
def body_removed(pair: Pair[Message]) -> Findings:
    """A request body was removed.

    The server ignores or rejects the body that callers send.
    Instead: keep accepting the body.
    """
    if pair.is_removed:
        yield Change("request body removed")


@rule(PairKind.BODY, Effect.NARROWS, PythonEffect.BREAKS_ARGUMENTS)
def body_became_required(pair: Pair[Message]) -> Findings:
    """An optional request body is now required.

    Callers that send no body are rejected.
    Instead: keep the body optional.
    """
    if pair.is_both and pair.new.required and not pair.old.required:
        yield Change("requests without a body are now refused", False, True)


@rule(PairKind.BODY, Effect.WIDENS, PythonEffect.GROWS)
def body_became_optional(pair: Pair[Message]) -> Findings:
    """A required request body is now optional.

    Callers do not have to change anything. Receivers of a webhook that rely on its body fail if it is absent.
    Instead: keep sending the body of a webhook.
    """
    if pair.is_both and pair.old.required and not pair.new.required:
        yield Change("requests may now lack a body", True, False)


@rule(PairKind.RESPONSE, Effect.ADDS)
def response_added(pair: Pair[Message]) -> Findings:
    """The response of an error was added, or a default response.

    Callers that check ranges of status codes such as 4XX do not have to change anything.
    """
    if pair.is_added and not _is_no_error(pair.new):
        yield Change(f"response {quoted(pair.new.name)} added", None, pair.new.name)


@rule(PairKind.RESPONSE, Effect.MAY_WIDEN)
def success_added(pair: Pair[Message]) -> Findings:
    """The response of a success or a redirect was added.

    Callers that know only the other status codes may fail, for example because the new response has no body.
    Instead: send the new response only to callers that ask for it.
    """
    if pair.is_added and _is_no_error(pair.new):
        yield Change(f"response {quoted(pair.new.name)} added", None, pair.new.name)


def _is_no_error(response: Message) -> bool:
    return response.name[:1] in ("1", "2", "3")


@rule(PairKind.RESPONSE, Effect.BREAKS, PythonEffect.BREAKS)
def success_removed(pair: Pair[Message]) -> Findings:
    """The response of a success was removed.

    Callers that expect the status code treat the new response as a failure, or cannot read its body.
    Instead: keep the status code.
    """
    if pair.is_removed and pair.old.is_success:
        yield Change(f"response {quoted(pair.old.name)} removed", pair.old.name, None)


@rule(PairKind.RESPONSE, Effect.UNSETTLES)
def error_removed(pair: Pair[Message]) -> Findings:
    """The response of an error was removed.

    Callers that handle this error may receive another error.
    Instead: keep the response in the contract as long as the error occurs.
    """
    if pair.is_removed and not pair.old.is_success:
        yield Change(f"response {quoted(pair.old.name)} removed", pair.old.name, None)


@rule(PairKind.RESPONSE, Effect.MAY_WIDEN)
def status_generalized(pair: Pair[Message]) -> Findings:
    """A range of status codes, or `default`, replaces a single status code.

    Callers that check only for the single code may receive other codes.
    Instead: keep the single code in the contract.
    """
    if pair.is_both and pair.old.name != pair.new.name and pair.new.name in _ranges(pair.old.name):
        yield Change(changed_from("the status code", pair.old.name, pair.new.name), pair.old.name, pair.new.name)


@rule(PairKind.RESPONSE, Effect.ADDS)
def status_specialized(pair: Pair[Message]) -> Findings:
    """A single status code replaces or refines a range, or replaces `default`.

    Callers do not have to change anything.
    """
    if pair.is_both and pair.old.name != pair.new.name and pair.old.name in _ranges(pair.new.name):
        yield Change(changed_from("the status code", pair.old.name, pair.new.name), pair.old.name, pair.new.name)


def _ranges(code: str) -> tuple[str, str]:
    return f"{code[:1]}XX", "default"


@rule(PairKind.MEDIA_TYPE, Effect.ADDS)
def media_type_added(pair: Pair[Message]) -> Findings:
    """A media type was added to a request or response.

    Callers do not have to change anything, because responses have the media type only on request.
    """
    if pair.is_added:
        yield Change(f"media type {quoted(pair.new.name)} added", None, pair.new.name, subject=pair.new.name)


@rule(PairKind.MESSAGE_TEXT, Effect.DESCRIBES)
def message_text_changed(pair: Pair[Message]) -> Findings:
    """The description, examples or another text of a path, request body or response changed.

    Requests and responses stay the same. Docs and docstrings of the package change.
    """
    if pair.is_both and (changed := texts(pair.old.node, pair.new.node)):
        old, new = ({key: side.node.get(key) for key in changed} for side in (pair.old, pair.new))
        at = [f"{side.pointer}/{changed[0]}" for side in (pair.old, pair.new)]
        yield Change(f"{' and '.join(changed)} changed", old, new, *at)


@rule(PairKind.MEDIA_TYPE, Effect.BREAKS, PythonEffect.BREAKS)
def media_type_removed(pair: Pair[Message]) -> Findings:
    """A media type was removed from a request or response.

    Callers that send the media type are rejected. Callers that request the media type receive another media type.
    Instead: keep the media type for a time.
    """
    if pair.is_removed:
        yield Change(f"media type {quoted(pair.old.name)} removed", pair.old.name, None, subject=pair.old.name)


@rule(PairKind.MEDIA_TYPE, Effect.WIDENS)
def media_type_generalized(pair: Pair[Message]) -> Findings:
    """A range of media types such as `*/*` replaces a media type.

    Callers may receive an unknown format in responses. Callers that send the old media type notice nothing.
    Instead: keep the specific media type in responses.
    """
    yield from _media_type_change(pair, "generalized")


@rule(PairKind.MEDIA_TYPE, Effect.NARROWS)
def media_type_specialized(pair: Pair[Message]) -> Findings:
    """A media type replaces a range of media types such as `*/*`.

    Callers that send another format are rejected. Callers that read responses notice nothing.
    Instead: keep the range in requests.
    """
    yield from _media_type_change(pair, "specialized")


@rule(PairKind.MEDIA_TYPE, Effect.BREAKS)
def media_type_changed(pair: Pair[Message]) -> Findings:
    """Another media type of the same family replaces a media type, or its version changed.

    Callers that send the old media type are rejected. Callers that check the media type of responses fail.
    Instead: add the new media type beside the old media type.
    """
    yield from _media_type_change(pair, "changed")


@rule(PairKind.MEDIA_TYPE, Effect.ADDS)
def charset_stated(pair: Pair[Message]) -> Findings:
    """The character set of a media type was added or removed.

    Callers do not have to change anything.
    """
    yield from _media_type_change(pair, "charset")


def _media_type_change(pair: Pair[Message], kind: str) -> Findings:
    if not pair.is_both or _plain(pair.old.name) == _plain(pair.new.name):
        return
    old, new = (_plain(side.name).partition(";")[::2] for side in (pair.old, pair.new))
    if old[0] != new[0]:
        found = (
            "generalized" if _contains(new[0], old[0]) else "specialized" if _contains(old[0], new[0]) else "changed"
        )
    else:
        found = "charset" if all(not rest or rest == "charset=utf-8" for rest in (old[1], new[1])) else "changed"
    if kind == found:
        yield Change(changed_from("the media type", pair.old.name, pair.new.name), pair.old.name, pair.new.name)


def _plain(name: str) -> str:
    """A media type in lower case and without spaces."""
    return name.lower().replace(" ", "")


def _contains(wide: str, narrow: str) -> bool:
    """Whether the first media type is a range that contains the second media type."""
    main, _, sub = wide.partition("/")
    return sub == "*" and (main == "*" or narrow.startswith(f"{main}/"))


@rule(PairKind.CONTENT_SCHEMA, Effect.NARROWS, PythonEffect.BREAKS)
def body_schema_added(pair: Pair[Any]) -> Findings:
    """A schema was added to a body.

    Callers that send values that do not match the schema are rejected.
    Instead: add a schema that allows all values that callers send.
    """
    if pair.is_added:
        yield Change("the body now has a schema", None, pair.new)


@rule(PairKind.CONTENT_SCHEMA, Effect.WIDENS, PythonEffect.BREAKS)
def body_schema_removed(pair: Pair[Any]) -> Findings:
    """The schema of a body was removed.

    Callers that read responses cannot rely on the old schema.
    Instead: keep the schema.
    """
    if pair.is_removed:
        yield Change("the body no longer has a schema", pair.old, None)


def _encoding_changes(pair: Pair[Any], *, is_wider: bool) -> Findings:
    """The changes that only allow further content types, or the other changes."""
    for name, old in (pair.old or {}).items():
        for key in sorted(old.keys() | pair.new[name].keys()):
            before, after = old.get(key), pair.new[name].get(key)
            if canonical_json(before) != canonical_json(after) and _allows_more(key, before, after) == is_wider:
                text = changed_from(f"{key} of the part {quoted(name)}", before, after)
                yield Change(text, before, after, subject=f"{name} {key}")


def _allows_more(key: str, old: Any, new: Any) -> bool:
    """Whether a part of a form may have the same content types as before, and others."""
    before, after = ({one.strip().lower() for one in str(value).split(",")} for value in (old, new))
    return key == "contentType" and before <= after


@rule(PairKind.ENCODING, Effect.BREAKS)
def encoding_changed(pair: Pair[Any]) -> Findings:
    """The `encoding` of a part of a form changed.

    The server misreads forms with the old encoding. Callers misread responses with the new encoding.
    Instead: accept both encodings.
    """
    yield from _encoding_changes(pair, is_wider=False)


@rule(PairKind.ENCODING, Effect.WIDENS)
def encoding_extended(pair: Pair[Any]) -> Findings:
    """A part of a form may have further content types (`encoding`).

    Callers that read responses may receive content that they cannot read. The server accepts the old content types.
    Instead: keep the content types in responses.
    """
    yield from _encoding_changes(pair, is_wider=True)


@rule(PairKind.MEDIA_TYPE, Effect.HIDES)
def encoding_not_compared(pair: Pair[Message]) -> Findings:
    """The encoding of positions or items changed (`prefixEncoding`, `itemEncoding`). The diff does not compare it.

    The effect on callers is unknown.
    Instead: keep the encoding.
    """
    for key in ("prefixEncoding", "itemEncoding") if pair.is_both else ():
        old, new = pair.old.node.get(key), pair.new.node.get(key)
        if canonical_json(old) != canonical_json(new):
            yield Change(f"{key} changed, and it was not compared", old, new, subject=key)


@rule(PairKind.HEADER, Effect.ADDS)
def header_added(pair: Pair[Parameter]) -> Findings:
    """A header was added to a response.

    Callers do not have to change anything.
    """
    if pair.is_added:
        yield Change(f"header {quoted(pair.new.name)} added", None, pair.new.node)


@rule(PairKind.HEADER, Effect.UNSETTLES)
def header_removed(pair: Pair[Parameter]) -> Findings:
    """An optional header was removed from a response.

    Callers that use the header may no longer receive the header.
    Instead: mark the header `deprecated` first.
    """
    if pair.is_removed and not pair.old.required:
        yield Change(f"header {quoted(pair.old.name)} removed", pair.old.node, None)


@rule(PairKind.HEADER, Effect.BREAKS)
def required_header_removed(pair: Pair[Parameter]) -> Findings:
    """A required header was removed from a response.

    Callers that rely on the header fail.
    Instead: keep sending the header.
    """
    if pair.is_removed and pair.old.required:
        yield Change(f"required header {quoted(pair.old.name)} removed", pair.old.node, None)


@rule(PairKind.HEADER, Effect.WIDENS)
def header_became_optional(pair: Pair[Parameter]) -> Findings:
    """A required header of a response is now optional.

    Callers that rely on the header fail if the header is absent.
    Instead: keep sending the header.
    """
    if pair.is_both and pair.old.required and not pair.new.required:
        yield Change(f"header {quoted(pair.new.name)} is now optional", True, False)


@rule(PairKind.HEADER, Effect.ADDS)
def header_became_required(pair: Pair[Parameter]) -> Findings:
    """An optional header of a response is now required.

    Callers do not have to change anything.
    """
    if pair.is_both and pair.new.required and not pair.old.required:
        yield Change(f"header {quoted(pair.new.name)} is now required", False, True)
