"""The record of a witness. It has no other content, so that findings can contain it without the search."""

from attrs import frozen


@frozen
class Witness:
    """The proof of a finding: a value that one document admits and the other refuses."""

    value: str | None
    """The value as JSON text, or None if no value proves the finding."""
    sentence: str
    """The proof as a sentence. Without a value: the reason why no value proves the finding."""
