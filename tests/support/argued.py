"""Reads the argued cases in tests/specdiff/argued/: pairs of fragments, the expected verdict, and the reason for it."""

from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from scripts.openapi.contract import ROOT
from scripts.openapi.loading import load

from .cases import PLACES, Example

FOLDER = ROOT / "tests" / "specdiff" / "argued"
_KEYS = {"why", "in", "versions", "old", "new", "most", "refused", "appears", "request", "response", "verdict", "found"}


@frozen
class Argued:
    """A pair of fragments in one direction, with the expected verdict of the comparison."""

    id: str
    why: str
    example: Example
    direction: str
    expected: str
    found: str
    """The verdict that the comparison may have instead, because nothing finds the expected verdict."""
    most: int | None
    """The number of findings that the comparison may have at most, apart from changed texts."""


def _argued(path: Path) -> Iterator[Argued]:
    for group in load(path).document:
        for number, case in enumerate(group["cases"], 1):
            assert not case.keys() - _KEYS, case
            place = case.get("in", "schema")
            versions = tuple(case.get("versions", group.get("versions", ("3.1.0", "3.1.0"))))
            example = Example("", place, case["old"], case["new"], versions=versions, why=case["why"])
            for direction in PLACES[place]:
                name = f"{path.stem}: {group['class']} {number} {direction}"
                found = case.get("found", {}).get(direction, case[direction])
                yield Argued(name, case["why"], example, direction, case[direction], found, case.get("most"))


def argued() -> list[Argued]:
    """All argued cases, in the order of the files."""
    return [case for path in sorted(FOLDER.glob("*.yaml")) for case in _argued(path)]
