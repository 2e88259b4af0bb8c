"""The effect of a change, and the verdict that follows from the effect and the direction of the messages.

Callers write requests and read responses. If a change allows fewer values, requests of callers may be rejected. If it
allows more values, callers may receive responses that they cannot read.
"""

from enum import Enum, StrEnum
from typing import TypeVar

_T = TypeVar("_T")


class Verdict(StrEnum):
    """The consequence of a change for callers, from worst to best."""

    BREAKING = "breaking"
    UNKNOWN = "unknown"
    """A part that was not followed or cannot be compared. It fails the gate like `breaking`."""
    RISKY = "risky"
    SAFE = "safe"
    DOCUMENTATION = "documentation"


class Impact(StrEnum):
    """The consequence of a change for code that uses the generated package, from worst to best."""

    BREAKING = "breaking"
    SAFE = "safe"
    NONE = "none"


class Direction(StrEnum):
    """Whether requests, responses, both or neither contain a part of the contract."""

    REQUEST = "request"
    RESPONSE = "response"
    BOTH = "both"
    UNKNOWN = "unknown"
    """Nobody knows who sends the part, for example if only an extension refers to it."""
    NEITHER = "neither"


_B, _U, _R = Verdict.BREAKING, Verdict.UNKNOWN, Verdict.RISKY
_S, _D = Verdict.SAFE, Verdict.DOCUMENTATION


class Effect(Enum):
    """The effect of a change on messages: its description, the verdict for requests, and the verdict for responses."""

    BREAKS = "callers that rely on the old contract fail, in either direction", _B, _B
    UNSETTLES = "callers that rely on the old contract may fail, in either direction", _R, _R
    NARROWS = "fewer values are allowed", _B, _S
    MAY_NARROW = "fewer values are allowed, but most callers do not send the excluded values", _R, _S
    WIDENS = "more values are allowed", _S, _B
    MAY_WIDEN = "more values are allowed, but most readers accept them", _S, _R
    WITHDRAWS = "callers that read responses fail, and the server may reject or ignore values in requests", _R, _B
    REFUSES = "the server rejects requests, and callers that read responses may fail", _B, _R
    HIDES = "the effect on callers is unknown, in either direction", _U, _U
    ADDS = "callers can ignore the addition", _S, _S
    DESCRIBES = "only texts change", _D, _D

    def __init__(self, description: str, request: Verdict, response: Verdict) -> None:
        self.description = description
        self.request = request
        self.response = response


class PythonEffect(Enum):
    """The effect of a change on users of the generated package: the impact in requests, and the impact in responses."""

    NOTHING = Impact.NONE, Impact.NONE
    GROWS = Impact.SAFE, Impact.SAFE
    BREAKS = Impact.BREAKING, Impact.BREAKING
    BREAKS_ARGUMENTS = Impact.BREAKING, Impact.SAFE
    BREAKS_READERS = Impact.SAFE, Impact.BREAKING

    def __init__(self, request: Impact, response: Impact) -> None:
        self.request = request
        self.response = response


def verdict(effect: Effect, direction: Direction, proved: tuple[Verdict, Verdict] | None = None) -> Verdict:
    """Return the verdict on a change. If no message contains the part, the verdict is safe or documentation.

    `proved` are the verdicts for requests and for responses if a proof corrects the effect.
    """
    if effect is Effect.DESCRIBES:
        return _D
    if direction is Direction.UNKNOWN:
        return _S if effect is Effect.ADDS else _U
    if direction is Direction.NEITHER:
        return _S
    request, response = proved or (effect.request, effect.response)
    return min(_of_direction(request, response, direction), key=list(Verdict).index)


def impact(effect: PythonEffect, direction: Direction) -> Impact:
    """Return the impact of a change on users of the generated package."""
    if direction in (Direction.NEITHER, Direction.UNKNOWN):
        return Impact.NONE
    return min(_of_direction(effect.request, effect.response, direction), key=list(Impact).index)


def _of_direction(request: _T, response: _T, direction: Direction) -> list[_T]:
    return {Direction.REQUEST: [request], Direction.RESPONSE: [response]}.get(direction, [request, response])
