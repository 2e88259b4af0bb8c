"""Sentences for findings that no JSON value proves: the message that proves them, or the reason why none does."""

from collections.abc import Mapping
from typing import Any

from scripts.openapi.operations import Operation, Parameter

from .engine.effects import Direction
from .engine.formats import JUDGED
from .engine.operations import Message
from .engine.pairs import Pair, PairKind

UNPROVEN = "The search found no value that proves this change."
_REASONS: Mapping[PairKind, str] = {
    PairKind.DOCUMENT: "The change concerns the document, not a value.",
    PairKind.SERVERS: "The request itself is the proof: it now goes to another address, or has none.",
    PairKind.SECURITY: "The request itself is the proof: its former credentials may no longer be enough.",
    PairKind.SECURITY_SCHEME: "The request itself is the proof: it sends the credentials in the former way.",
    PairKind.COMPONENTS: "The change concerns the name of a component, not a value.",
    PairKind.STABILITY: "The change concerns a promise about later versions, not a value.",
    PairKind.LIFESPAN: "The change concerns a date after which requests may fail, not a value.",
    PairKind.EXTENSIONS: "The change concerns behaviour that an extension describes, not a value.",
    PairKind.ENCODING: "The values stay the same. Only their form in the message changes.",
    PairKind.LINK: "The change concerns a link between operations, not a value.",
    PairKind.DEFAULT: "No value is refused. A message without the value now means something else.",
    PairKind.ANNOTATIONS: "The values stay the same. Only their form or their description changes.",
    PairKind.REFERENCE: "The change concerns the name of a component, not a value.",
}


_OF_RULES: Mapping[str, str] = {
    "content-encoding-changed": "No value is refused. Texts are encoded in another way.",
    "extensible-enum-value-removed": "No value is refused, because the list is open. Only a promise is gone.",
    "discriminator-changed": "No schema refuses a value. Values choose their schema in another way.",
    "discriminator-removed": "No schema refuses a value. Values choose their schema in another way.",
}


def reason(rule: str, pair: Pair[Any], direction: Direction) -> str:
    """Return the sentence for a finding of a rule without a value."""
    if rule in _OF_RULES:
        return _OF_RULES[rule]
    if rule.startswith("format-") and not _formats(pair) <= JUDGED:
        return "No validator knows the format, so no value shows the change."
    if "/contentSchema/" in f"{pair.old_pointer}/{pair.new_pointer}/":
        return "No value is refused. Only the content of encoded texts changes."
    part = next((side for side in pair.sides if side is not None), None)
    if isinstance(part, Operation):
        return _of_operation(pair, part)
    if pair.kind is PairKind.CALLBACK:
        return "The request of the callback is the proof: it is no longer sent, or is new to the recipient."
    if isinstance(part, Parameter):
        return _of_parameter(pair)
    if isinstance(part, Message):
        return _of_message(pair)
    if pair.kind in (PairKind.PROPERTY, PairKind.DIRECTION):
        return _of_property(pair, direction)
    return _REASONS.get(pair.kind, UNPROVEN)


def _formats(pair: Pair[Any]) -> set[str]:
    return {str(side.get("format")) for side in pair.sides if side is not None and "format" in side.keywords}


def quoted(text: str) -> str:
    """Text of a document that a sentence quotes. It contains no backtick, because backticks surround it."""
    return text.replace("`", "'")


def _of_operation(pair: Pair[Any], operation: Operation) -> str:
    request = f"{operation.method.upper()} {operation.path}"
    if pair.kind is PairKind.WEBHOOK:
        return f"The request of the webhook is the proof: `{quoted(request)}` is no longer sent."
    if pair.is_removed or pair.old.shape != getattr(pair.sides[1], "shape", None):
        request = f"{pair.old.method.upper()} {pair.old.path}"
        return f"The request itself is the proof: `{quoted(request)}` was accepted and is now refused."
    return f"The change concerns the operation `{quoted(request)}` as a whole, not a value."


def _of_parameter(pair: Pair[Any]) -> str:
    kind = "header" if pair.kind is PairKind.HEADER else f"{(pair.sides[1] or pair.old).location} parameter"
    if pair.kind is PairKind.HEADER:
        name = (pair.sides[0] or pair.new).name
        if pair.is_removed or (pair.is_both and not pair.new.required):
            return f"The response itself is the proof: it may now come without the header `{quoted(name)}`."
    elif pair.is_removed:
        return (
            f"The request itself is the proof: it sends the {kind} `{quoted(pair.old.name)}`, which is no longer read."
        )
    elif pair.new.required and (pair.is_added or not pair.old.required):
        return f"A request without the {kind} `{quoted(pair.new.name)}` was accepted and is now refused."
    elif pair.is_both and pair.old.key != pair.new.key:
        return f"The request itself is the proof: it sends `{quoted(pair.old.name)}` as {pair.old.location} parameter."
    return f"No value is refused. Only the meaning or the form of the {kind} `{quoted(pair.new.name)}` changes."


def _of_message(pair: Pair[Any]) -> str:
    if pair.kind is PairKind.BODY:
        if pair.is_removed:
            return "A request with a body was accepted and is now refused or not read."
        return "A request without a body was accepted and is now refused."
    if pair.kind is PairKind.RESPONSE:
        status = (pair.sides[1] or pair.old).name
        return f"The response itself is the proof: responses with the status `{quoted(status)}` change as a whole."
    if pair.kind is PairKind.MEDIA_TYPE:
        name = (pair.sides[0] or pair.new).name
        return f"The message itself is the proof: it has the media type `{quoted(name)}`."
    return "The change concerns the message as a whole, not a value."


def _of_property(pair: Pair[Any], direction: Direction) -> str:
    name = (pair.sides[0] or pair.new).name
    if pair.kind is PairKind.DIRECTION:
        return f"No value is refused. Only the messages that contain `{quoted(name)}` change."
    if pair.is_removed or pair.is_both:
        if direction is Direction.REQUEST:
            return f"A request with `{quoted(name)}` stays valid, but the server may no longer read the property."
        return f"A response without `{quoted(name)}` was valid before, too. Readers no longer find the property."
    return UNPROVEN
