"""The goals that the check of a keyword can set: other inclusions that must hold, too."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from scripts.specdiff.engine.facts import Facts, Node, Nodes


class Goals(Protocol):
    """A search for a proof, as the checks of keywords see it."""

    was_lenient: bool
    """Whether the proof relies on properties that nothing describes."""
    strict: int
    """How many alternatives, exclusions and conditions contain the current goal."""

    def includes_all(self, narrow: Nodes, wide: Node) -> bool:
        """Whether `wide` accepts all values that all of `narrow` accept."""

    def in_place(self, narrow: Nodes, wide: Node) -> bool:
        """Whether `wide` accepts all values apart from null. The outer schema decides about null."""

    def disjoint(self, one: Nodes, other: Nodes) -> bool:
        """Whether no value apart from null matches all schemas of both lists."""

    def facts(self, nodes: Nodes) -> Facts:
        """The facts about the values that all schemas accept."""

    def text(self, node: Node) -> str:
        """A text that is the same for equivalent schemas."""

    def is_ignored(self, nodes: Nodes | None) -> bool:
        """Whether messages do not contain the property with these schemas."""


Check = Callable[[Goals, Facts, Node, Any], bool]
"""Whether a keyword of a schema accepts all values with some facts; the last argument is the value of the keyword."""
Checks = Mapping[str, Check]
