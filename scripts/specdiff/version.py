"""The version that a set of changes requires by semantic versioning, https://semver.org.

Breaking changes require a major step, additions a minor step, and other changes a patch. Before 1.0.0, breaking changes
require a minor step, and all other changes a patch.
"""

from collections.abc import Iterable

from attrs import frozen

from scripts.openapi.document import as_map

from .engine.document import ComparedDocument
from .engine.effects import Impact, Verdict

_STEPS = ("none", "patch", "minor", "major")


@frozen
class Version:
    """The versions of both documents, and the version that the changes require."""

    old: str
    new: str
    suggested: str | None
    """The lowest sufficient version, or None if the old version is not a semantic version."""
    sufficient: bool | None
    """Whether the new version is sufficient, or None if the old version is not a semantic version."""


def judge(old: ComparedDocument, new: ComparedDocument, consequences: Iterable[tuple[Verdict, Impact]]) -> Version:
    """Determine the required version from the verdicts on the changes and the impacts on Python."""
    before, after = (str(as_map(document.data.get("info")).get("version", "")) for document in (old, new))
    step = max((_step(*consequence) for consequence in consequences), key=_STEPS.index, default="none")
    parts = numbers(before)
    if parts is None or not after:
        return Version(before, after, None, None)
    required = _raised(parts, step)
    reached = numbers(after)
    suggested = ".".join(map(str, required)) if step != "none" else before
    return Version(before, after, suggested, reached >= required if reached is not None else False)


def _step(verdict: Verdict, python: Impact) -> str:
    if verdict in (Verdict.BREAKING, Verdict.UNKNOWN) or python is Impact.BREAKING:
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
    """Return major, minor and patch, or None if the version is not a semantic version. Missing numbers are 0."""
    parts = version.partition("+")[0].partition("-")[0].removeprefix("v").split(".")
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    major, minor, patch = (*map(int, parts), 0, 0)[:3]
    return major, minor, patch
