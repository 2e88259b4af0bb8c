"""Findings that people accepted, each with a reason, in a file that is reviewed like everything else."""

from pathlib import Path

from attrs import evolve

from scripts.openapi.loading import LoadError, load

from .engine.document import DocumentError
from .findings import Finding


def read(path: Path) -> dict[str, str]:
    """Reasons by fingerprint, from a YAML file that maps one to the other.

    Raises:
        DocumentError: The file is not there, is something else, or an entry has no reason.
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
    for fingerprint, reason in entries.items():
        if not isinstance(reason, str) or not reason.strip():
            line, column = loaded.place(f"/{fingerprint}")
            raise DocumentError(f"{path}:{line}:{column}: say why {fingerprint} is accepted")
    return dict(entries)


def apply(findings: tuple[Finding, ...], reasons: dict[str, str]) -> tuple[tuple[Finding, ...], list[str]]:
    """The findings with the reasons for which they are accepted, and the fingerprints that belong to none of them."""
    known = {finding.fingerprint for finding in findings}
    marked = tuple(evolve(finding, accepted=reasons.get(finding.fingerprint)) for finding in findings)
    return marked, [fingerprint for fingerprint in reasons if fingerprint not in known]
