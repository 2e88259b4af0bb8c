"""The content of a report, independent of its format: text, Markdown, JSON, HTML or annotations."""

from collections.abc import Mapping

from attrs import frozen

from .engine.effects import Impact, Verdict
from .findings import Finding
from .version import Version


@frozen
class PythonChange:
    """The change of a public name of the generated package."""

    id: str
    """added, removed or changed."""
    impact: Impact
    name: str
    """The public name, for example BatchAPI.create_batch(limit=...)."""
    text: str
    """The change, without the name."""
    witness: str | None = None
    """A program that type-checks against the old package and not against the new one, for a breaking change."""


@frozen
class Report:
    """The result of a comparison, for a report in any format."""

    old: str
    """The name of the old document on the command line."""
    new: str
    """The name of the new document on the command line."""
    new_path: str
    """The file of the new document, for annotations."""
    findings: tuple[Finding, ...]
    """The findings, the worst first."""
    version: Version
    python: tuple[PythonChange, ...] = ()
    python_note: str | None = None
    """The reason why Python is not compared, or None."""
    skipped: int = 0
    """The number of operations and webhooks that were not compared because only the new document has them."""
    unused: tuple[str, ...] = ()
    """Accepted fingerprints that match no finding."""
    contents: tuple[bytes, bytes] = (b"", b"")
    """The contents of both files, for excerpts in the HTML page."""
    files: tuple[Mapping[str, bytes], Mapping[str, bytes]] = ({}, {})
    """The contents of the other files to which the documents refer, by name."""
    is_ours: bool = True
    """Whether the documents are contracts of this project. Reports on other documents do not mention Python."""
    expired: tuple[str, ...] = ()
    """The fingerprints of findings that count again, because the date of their acceptance has passed."""

    @property
    def summary(self) -> dict[str, int]:
        """The number of findings by verdict."""
        return {verdict.value: sum(finding.verdict is verdict for finding in self.findings) for verdict in Verdict}

    def fails(self, limit: str) -> bool:
        """Whether an unaccepted finding reaches the limit: breaking, risky, python or never.

        Unknown findings reach every limit that breaking findings reach. Breaking changes of the package also reach the
        limit `python`. If the packages were not compared, the rules estimate the changes of the package.
        """
        if limit == "never":
            return False
        unaccepted = [finding for finding in self.findings if finding.accepted is None]
        # An unknown verdict may hide a breaking change.
        severe = {Verdict.BREAKING, Verdict.UNKNOWN} | ({Verdict.RISKY} if limit == "risky" else set())
        if any(finding.verdict in severe for finding in unaccepted):
            return True
        compared = self.python_note is None
        impacts = [change.impact for change in self.python] if compared else [finding.python for finding in unaccepted]
        return limit == "python" and Impact.BREAKING in impacts
