"""Makes the findings agree with the comparison of the packages, which knows more than the rules estimate."""

import re
from collections.abc import Iterable, Iterator

from attrs import evolve

from scripts.specdiff.engine.effects import Impact
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import PythonChange


def agree(findings: Iterable[Finding], changes: tuple[PythonChange, ...]) -> tuple[Finding, ...]:
    """Replace the estimated impacts of findings by the impacts of the changed names that belong to them.

    A finding without such names does not break the package. If changed names that break users belong to no finding, a
    finding without names says nothing, because the names may be its own.
    """
    findings = tuple(findings)
    linked = [tuple(_linked(finding, changes)) for finding in findings]
    known = {change.name for found in linked for change in found}
    has_orphans = any(change.impact is Impact.BREAKING and change.name not in known for change in changes)
    return tuple(
        evolve(finding, python=_impact(finding, found, has_orphans=has_orphans))
        for finding, found in zip(findings, linked, strict=True)
    )


def _impact(finding: Finding, linked: tuple[PythonChange, ...], *, has_orphans: bool) -> Impact:
    if finding.python is Impact.NONE:
        return Impact.NONE
    if linked:
        return min((change.impact for change in linked), key=list(Impact).index)
    return Impact.NONE if finding.python is Impact.BREAKING or has_orphans else finding.python


def _linked(finding: Finding, changes: tuple[PythonChange, ...]) -> Iterator[PythonChange]:
    """The changed names that belong to a finding: those of its place, or else those with the name of its last part."""
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', finding.text)
    names = _words(finding.label, *quoted)
    owners = names | _words(*finding.operations)
    found = [change for change in changes if _belongs(change, names, owners)]
    yield from found or (change for change in changes if _member(change) in names)


def _belongs(change: PythonChange, names: set[str], owners: set[str]) -> bool:
    owner, method, parameter = _parts(change.name)
    renamed = _words(*re.findall(r"is now called (\w+)", change.text))
    if parameter:
        return parameter in names and method in owners
    if method and change.name.endswith(")"):
        return bool(({method} | renamed) & names)
    return owner in names and (not method or method in names)


def _member(change: PythonChange) -> str:
    owner, method, parameter = _parts(change.name)
    return parameter or method or owner


def _parts(name: str) -> tuple[str, str, str]:
    """The class, the method or attribute, and the parameter of a name such as BatchAPI.create_batch(limit=...)."""
    path, _, inside = name.partition("(")
    owner, _, member = path.partition(".")
    return _bare(owner), _bare(member), _bare(inside.partition("=")[0].rstrip(")"))


def _words(*texts: str) -> set[str]:
    """The words of texts, spelled like names in `_bare`."""
    return {_bare(word) for text in texts for word in re.findall(r"\w+", text)}


def _bare(name: str) -> str:
    """A name in lower case and without underscores, so that names of the contract and of Python are spelled alike."""
    return name.replace("_", "").lower()
