"""Findings that reviewers accepted: a YAML file with a reason for each fingerprint."""

from pathlib import Path

from attrs import evolve

from scripts.openapi.loading import LoadError, load

from .engine.document import DocumentError
from .findings import Finding


def read(path: Path) -> dict[str, str]:
    """Read the reasons by fingerprint.

    Raises:
        DocumentError: The file cannot be read, is not a mapping of fingerprints to reasons, or lacks a reason.
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
            raise DocumentError(f"{path}:{line}:{column}: add the reason why {fingerprint} is accepted")
    return dict(entries)


def apply(findings: tuple[Finding, ...], reasons: dict[str, str]) -> tuple[tuple[Finding, ...], list[str]]:
    """Add the reasons to the findings.

    Returns:
        The findings, and the fingerprints that match no finding.
    """
    known = {finding.fingerprint for finding in findings}
    marked = tuple(evolve(finding, accepted=reasons.get(finding.fingerprint)) for finding in findings)
    return marked, [fingerprint for fingerprint in reasons if fingerprint not in known]
