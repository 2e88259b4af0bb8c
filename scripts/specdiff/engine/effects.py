"""What a change does, apart from where it stands, and the one place where effect and direction make a verdict.

Callers write requests and read responses. So what narrows breaks whoever writes, and what widens whoever reads.
"""

from enum import Enum, StrEnum
from typing import TypeVar

_T = TypeVar("_T")


class Verdict(StrEnum):
    """What becomes of callers, the worst first."""

    BREAKING = "breaking"
    RISKY = "risky"
    SAFE = "safe"
    DOCUMENTATION = "documentation"


class Impact(StrEnum):
    """What becomes of code that uses the generated package, the worst first."""

    BREAKING = "breaking"
    SAFE = "safe"
    NONE = "none"


class Direction(StrEnum):
    """Who a part of the contract is for: callers write requests and read responses."""

    REQUEST = "request"
    RESPONSE = "response"
    BOTH = "both"
    NEITHER = "neither"


_B, _R, _S, _D = Verdict.BREAKING, Verdict.RISKY, Verdict.SAFE, Verdict.DOCUMENTATION


class Effect(Enum):
    """What a change does to the set of admitted messages: the verdict in a request, then in a response."""

    BREAKS = "whatever the direction, callers that relied on it fail", _B, _B
    UNSETTLES = "whatever the direction, some callers may have relied on it", _R, _R
    NARROWS = "fewer values are admitted", _B, _S
    MAY_NARROW = "fewer values are admitted, of which most callers send none", _R, _S
    WIDENS = "more values are admitted", _S, _B
    MAY_WIDEN = "more values are admitted, which most readers let pass", _S, _R
    WITHDRAWS = "what was promised is gone, and what is sent for it may go unheard", _R, _B
    REFUSES = "what was admitted is refused, and what could be there is gone", _B, _R
    ADDS = "something new that nobody has to know", _S, _S
    DESCRIBES = "words only", _D, _D

    def __init__(self, words: str, request: Verdict, response: Verdict) -> None:
        self.words = words
        self.request = request
        self.response = response


class Reach(Enum):
    """What a change does to users of the generated package: where it is an argument, then where it is read."""

    NOTHING = Impact.NONE, Impact.NONE
    GROWS = Impact.SAFE, Impact.SAFE
    BREAKS = Impact.BREAKING, Impact.BREAKING
    BREAKS_ARGUMENTS = Impact.BREAKING, Impact.SAFE
    BREAKS_READERS = Impact.SAFE, Impact.BREAKING

    def __init__(self, request: Impact, response: Impact) -> None:
        self.request = request
        self.response = response


def verdict(effect: Effect, direction: Direction) -> Verdict:
    """The verdict on a change; one that no message shows can only be safe, or words."""
    if direction is Direction.NEITHER:
        return _D if effect is Effect.DESCRIBES else _S
    return min(_sides(effect.request, effect.response, direction), key=list(Verdict).index)


def impact(reach: Reach, direction: Direction) -> Impact:
    """What a change does to users of the generated package."""
    if direction is Direction.NEITHER:
        return Impact.NONE
    return min(_sides(reach.request, reach.response, direction), key=list(Impact).index)


def _sides(request: _T, response: _T, direction: Direction) -> list[_T]:
    sides = {Direction.REQUEST: [request], Direction.RESPONSE: [response]}
    return sides.get(direction, [request, response])
