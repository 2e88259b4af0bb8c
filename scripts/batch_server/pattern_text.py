"""Makes a text that a regular expression matches."""

from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any


def matching_text(pattern: str) -> str:
    """A short text that matches. Lookarounds and references to groups are left out."""
    try:
        return "".join(map(_text, _parser.parse(pattern)))
    except (_constants.error, OverflowError):
        return ""


def _text(token: tuple[Any, Any]) -> str:
    kind, value = token
    match str(kind):
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return "a" if value != ord("a") else "b"
        case "ANY":
            return "a"
        case "IN":
            return _member(value)
        case "BRANCH":
            return "".join(map(_text, value[1][0]))
        case "SUBPATTERN":
            return "".join(map(_text, value[3]))
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return "".join(map(_text, value[2])) * int(value[0])
    return ""


def _member(members: list[tuple[Any, Any]]) -> str:
    """A character of a set such as [a-z]."""
    is_negated = str(members[0][0]) == "NEGATE"
    candidates = "aA0_- .~" if not is_negated else "aA0_- .~/é"
    for kind, value in members[is_negated:]:
        if str(kind) in ("LITERAL", "RANGE") and not is_negated:
            return chr(value if str(kind) == "LITERAL" else value[0])
    return next(
        (one for one in candidates if any(_has(member, one) for member in members[is_negated:]) != is_negated), "a"
    )


def _has(member: tuple[Any, Any], character: str) -> bool:
    kind, value = str(member[0]), member[1]
    if kind == "LITERAL":
        return chr(value) == character
    if kind == "RANGE":
        return bool(value[0] <= ord(character) <= value[1])
    has = {"DIGIT": character.isdigit(), "WORD": character.isalnum() or character == "_", "SPACE": character.isspace()}
    return has[str(value).rpartition("_")[2]] != ("NOT" in str(value))
