"""All that one comparison has to say, before it takes the form of text, Markdown, JSON, HTML or annotations."""

from attrs import frozen

from .engine.effects import Impact, Verdict
from .findings import Finding
from .version import Version


@frozen
class PythonChange:
    """What happens to one public name of the generated package."""

    id: str
    """added, removed or changed."""
    impact: Impact
    name: str
    """As a caller writes it, such as BatchAPI.create_batch(limit=...)."""
    text: str
    """What happened to it, without the name."""


@frozen
class Report:
    """A comparison with everything that was asked for."""

    old: str
    """What the old side is called, as it was named on the command line."""
    new: str
    new_path: str
    """The file of the new side, for annotations."""
    findings: tuple[Finding, ...]
    """The worst first."""
    version: Version
    python: tuple[PythonChange, ...] = ()
    python_note: str | None = None
    """Why nothing is said of Python, if so."""
    beyond: int = 0
    """How many operations and webhooks of the new side were out of scope."""
    unused: tuple[str, ...] = ()
    """Fingerprints that were accepted and not found."""
    texts: tuple[str, str] = ("", "")
    """What the two sides look like, line by line, for the page that shows both."""

    @property
    def summary(self) -> dict[str, int]:
        """How many findings there are of each verdict."""
        return {verdict.value: sum(one.verdict is verdict for one in self.findings) for verdict in Verdict}

    def fails(self, limit: str) -> bool:
        """Whether something that nobody accepted is as bad as `limit`: breaking, risky, python or never.

        For python, what breaks users of the package is in the list of its names, or estimated where there is none.
        """
        if limit == "never":
            return False
        left = [one for one in self.findings if one.accepted is None]
        worst = (Verdict.BREAKING, Verdict.RISKY) if limit == "risky" else (Verdict.BREAKING,)
        if any(one.verdict in worst for one in left):
            return True
        impacts = [one.impact for one in self.python] if self.python_note is None else [one.python for one in left]
        return limit == "python" and Impact.BREAKING in impacts
