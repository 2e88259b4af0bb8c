"""Findings that reviewers accepted: a YAML file with a reason for each fingerprint.

An entry is `fingerprint: reason`, or `fingerprint: {reason: ..., owner: ..., until: 2027-01-31}`. After the day `until`
the finding counts again.
"""

import datetime
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from scripts.openapi.loading import Loaded, LoadError, load
from scripts.openapi.pointers import below

from .engine.document import DocumentError
from .findings import Finding

_KEYS = ("reason", "owner", "until")
_FINGERPRINT = re.compile("[0-9a-f]{12}")


@frozen
class Acceptance:
    """The acceptance of a finding."""

    reason: str
    owner: str | None = None
    """The person or team that accepted the finding."""
    until: datetime.date | None = None
    """The last day on which the acceptance counts, or None if it always counts."""

    @property
    def text(self) -> str:
        """The reason, with the owner and the date."""
        notes = [self.owner or "", f"until {self.until}" if self.until else ""]
        joined = ", ".join(note for note in notes if note)
        return f"{self.reason} ({joined})" if joined else self.reason


def read(path: Path) -> dict[str, Acceptance]:
    """Read the acceptances by fingerprint.

    Raises:
        DocumentError: The file cannot be read, or an entry is malformed. The message names the line.
    """
    try:
        loaded = load(path)
    except LoadError as error:
        raise DocumentError(str(error)) from None
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from None
    entries = loaded.document
    if not isinstance(entries, dict):
        raise DocumentError(f"{path}:1:1: expected lines of the form `fingerprint: reason`")
    return {fingerprint: _entry(loaded, fingerprint, entry) for fingerprint, entry in entries.items()}


def _entry(loaded: Loaded, fingerprint: str, entry: Any) -> Acceptance:
    def fail(message: str, *keys: str) -> DocumentError:
        line, column = loaded.place(below("", fingerprint, *keys))
        return DocumentError(f"{loaded.name}:{line}:{column}: {message}")

    if not _FINGERPRINT.fullmatch(fingerprint):
        raise fail(f"{fingerprint!r} is not a fingerprint, which has 12 digits from 0 to f; --format json shows them")
    fields = entry if isinstance(entry, Mapping) else {"reason": entry}
    for key in fields:
        if key not in _KEYS:
            raise fail(f"unknown key {key!r}; an entry has the keys {', '.join(_KEYS)}", key)
    reason, owner, until = (fields.get(key) for key in _KEYS)
    if not isinstance(reason, str) or not reason.strip():
        raise fail(f"add the reason why {fingerprint} is accepted")
    if "owner" in fields and (not isinstance(owner, str) or not owner.strip()):
        raise fail("`owner` is not a name", "owner")
    if "until" in fields and (date := _date(until)) is None:
        raise fail("`until` is not a date, such as 2027-01-31", "until")
    return Acceptance(reason, owner, date if "until" in fields else None)


def _date(value: Any) -> datetime.date | None:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return None
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        return None


def apply(
    findings: tuple[Finding, ...], acceptances: Mapping[str, Acceptance], today: datetime.date | None = None
) -> tuple[tuple[Finding, ...], list[str], list[str]]:
    """Mark the accepted findings.

    Args:
        findings: The findings of the comparison.
        acceptances: The acceptances by fingerprint.
        today: The date with which `until` is compared, by default the current date.

    Returns:
        The findings, the fingerprints that match no finding, and the fingerprints of findings that count again.
    """
    today = today or datetime.date.today()
    known = {finding.fingerprint for finding in findings}
    valid = {key: entry for key, entry in acceptances.items() if entry.until is None or today <= entry.until}
    marked = tuple(
        evolve(finding, accepted=valid[finding.fingerprint].text) if finding.fingerprint in valid else finding
        for finding in findings
    )
    unused = [fingerprint for fingerprint in acceptances if fingerprint not in known]
    return marked, unused, [fingerprint for fingerprint in acceptances if fingerprint in known - valid.keys()]
