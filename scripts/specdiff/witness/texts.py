"""Short texts for patterns and formats, from which the search for witnesses draws strings."""

import re
import warnings
from collections.abc import Iterator, Mapping
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

FORMATS: Mapping[str, tuple[str, ...]] = {
    "date": ("2026-01-31", "1999-12-31"),
    "time": ("12:00:00Z",),
    "date-time": ("2026-01-31T12:00:00Z",),
    "duration": ("P1D",),
    "uuid": ("00000000-0000-4000-8000-000000000000",),
    "email": ("a@b.example",),
    "idn-email": ("a@b.example", "é@b.example"),
    "hostname": ("a.example",),
    "idn-hostname": ("é.example", "a.example"),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "uri": ("https://a.example/",),
    "iri": ("https://a.example/é", "https://a.example/"),
    "uri-reference": ("/a", "https://a.example/"),
    "iri-reference": ("/é",),
    "uri-template": ("/{a}",),
    "json-pointer": ("/a",),
    "relative-json-pointer": ("0",),
    "regex": ("a", "["),
    "byte": ("YQ==", "!"),
    "base64url": ("YQ", "!"),
}
"""Texts of each format. Texts of one format are not valid in most others."""

_CLASSES = {
    codes.CATEGORY_DIGIT: "0",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_WORD: "-",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_SPACE: "a",
}
_MOST = 6
_LONGEST = 300


def matching(pattern: str) -> list[str]:
    """Return a few short texts that probably match a pattern. A validator must check them."""
    try:
        with warnings.catch_warnings(action="ignore"):
            found = list(_texts(parser.parse(pattern)))
    except (re.error, RecursionError, OverflowError, ValueError):
        return []
    return list(dict.fromkeys(text for text in found if len(text) <= _LONGEST))[:_MOST]


def _texts(parsed: Any) -> Iterator[str]:
    """Yield texts that match a sequence, the simplest first."""
    choices = [_choices(code, argument) for code, argument in parsed]
    yield "".join(choice[0] for choice in choices)
    for at, choice in enumerate(choices):
        for other in choice[1:]:
            yield "".join(other if index == at else first[0] for index, first in enumerate(choices))


def _choices(code: Any, argument: Any) -> list[str]:
    """Texts that match one element of a pattern. Elements without a text, such as `^`, match the empty text."""
    if code is codes.LITERAL:
        return [chr(argument)]
    if code is codes.NOT_LITERAL:
        return ["b" if argument == ord("a") else "a"]
    if code is codes.ANY:
        return ["a"]
    if code is codes.IN:
        return _members(argument)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        low, high, inner = argument
        least, most = min(low, _LONGEST), min(int(high), low + 1, _LONGEST)
        inners = list(_texts(inner))
        repeated = [text * count for count in dict.fromkeys((least, most)) for text in inners[:3]]
        # The shorter text of an optional element comes first.
        return list(dict.fromkeys(repeated)) or [""]
    if code is codes.BRANCH:
        return [text for branch in argument[1] for text in list(_texts(branch))[:2]] or [""]
    if code is codes.SUBPATTERN:
        return list(_texts(argument[-1]))
    return [""]


def _members(members: list[Any]) -> list[str]:
    is_negated = members[0][0] is codes.NEGATE
    found, excluded = [], set()
    for code, argument in members:
        if code is codes.LITERAL:
            found.append(chr(argument))
            excluded.add(argument)
        elif code is codes.RANGE:
            found += [chr(argument[0]), chr(argument[1])]
            excluded.update(range(argument[0], min(argument[1], argument[0] + 200) + 1))
        elif code is codes.CATEGORY:
            found.append(_CLASSES.get(argument, "a"))
            excluded.update(map(ord, _CLASSES.get(argument, "")))
    if is_negated:
        return [next((text for text in "a0-_ Aé~" if ord(text) not in excluded), "a")]
    return found[:3] or ["a"]
