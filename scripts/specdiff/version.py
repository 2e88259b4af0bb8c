"""The smallest step of semantic versioning that a set of changes asks for, and whether the new contract took it.

https://semver.org: a major step for what breaks, a minor one for what is new, a patch for the rest. Before 1.0.0 a
minor step is for what breaks, and a patch for the rest.
"""

from collections.abc import Iterable

from attrs import frozen

from scripts.openapi.document import as_map

from .engine.document import Document
from .engine.effects import Impact, Verdict

_STEPS = ("none", "patch", "minor", "major")


@frozen
class Version:
    """What the two sides say, and what the new one should say at the least."""

    old: str
    new: str
    suggested: str | None
    """None where the old version is not one of semantic versioning."""
    sufficient: bool | None
    """None where that cannot be judged."""


def judge(old: Document, new: Document, verdicts: Iterable[tuple[Verdict, Impact]]) -> Version:
    """What the verdicts on all changes ask for; the impacts on Python count as much as those on the wire."""
    before, after = (str(as_map(side.data.get("info")).get("version", "")) for side in (old, new))
    step = max((_step(*one) for one in verdicts), key=_STEPS.index, default="none")
    parts = numbers(before)
    if parts is None:
        return Version(before, after, None, None)
    suggested = _raised(parts, step)
    reached = numbers(after)
    written = ".".join(map(str, suggested)) if step != "none" else before
    return Version(before, after, written, reached >= suggested if reached is not None else False)


def _step(verdict: Verdict, python: Impact) -> str:
    if verdict is Verdict.BREAKING or python is Impact.BREAKING:
        return "major"
    if verdict is Verdict.RISKY or verdict is Verdict.SAFE or python is Impact.SAFE:
        return "minor"
    return "patch"


def _raised(parts: tuple[int, int, int], step: str) -> tuple[int, int, int]:
    major, minor, patch = parts
    if step == "none":
        return parts
    if major == 0:
        return (0, minor + 1, 0) if step == "major" else (0, minor, patch + 1)
    return {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}[step]


def numbers(version: str) -> tuple[int, int, int] | None:
    """Major, minor and patch of a version, of which the last ones may be missing; None if it is no such version."""
    parts = version.partition("+")[0].partition("-")[0].removeprefix("v").split(".")
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    major, minor, patch = (*map(int, parts), 0, 0)[:3]
    return major, minor, patch
