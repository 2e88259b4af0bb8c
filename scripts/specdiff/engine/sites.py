"""What is compared, once for all the ways that lead there, and which operations reach it in which direction."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from attrs import define, field, frozen

from .document import Document
from .effects import Direction, Effect, Reach


@frozen
class Change:
    """What a rule found in a pair."""

    text: str
    """What happened, without the place; it may hold text of the document, which is data."""
    old: Any = None
    new: Any = None
    old_at: str | None = None
    """Where it stands, as JSON pointers, if that is not the pair's own place."""
    new_at: str | None = None
    subject: str = ""
    """What it is about, where a place can have several findings of one rule; no message text."""


@define
class Pair:
    """Two things that belong together; one of them is None where the other one came or went."""

    kind: str
    old: Any
    new: Any
    where: str
    """The place in words that survive edits elsewhere: names, not positions."""
    old_at: str | None
    new_at: str | None
    documents: tuple[Document, Document] = field(repr=False)
    textual: bool = False
    """Whether values travel as text, as in a path, query or header, so that a number is a text, too."""
    today: str = ""
    """The date, as in 2026-11-23, that sunsets are compared with."""

    @property
    def is_new(self) -> bool:
        return self.old is None

    @property
    def is_gone(self) -> bool:
        return self.new is None

    @property
    def is_both(self) -> bool:
        return self.old is not None and self.new is not None


@frozen
class Rule:
    """One kind of change: what it is called, what it does, and how it is seen in a pair."""

    id: str
    kinds: tuple[str, ...]
    """The kinds of pairs that it is shown."""
    effect: Effect
    reach: Reach
    check: Callable[[Pair], Iterable[Change]] = field(repr=False)

    @property
    def page(self) -> str:
        """What changed, who notices, and what to do instead."""
        lines = (self.check.__doc__ or "").strip().splitlines()
        return "\n".join(line.removeprefix("    ") for line in lines)

    @property
    def summary(self) -> str:
        return self.page.partition("\n")[0]


class Flow(Enum):
    """How a direction goes on from one site to another."""

    SAME = "same"
    TURNED = "turned"
    """From an operation to its responses; from a callback, which callers answer, to its requests."""
    READ_ONLY = "read only"
    WRITE_ONLY = "write only"


@define(eq=False)
class Site:
    """A component, an operation or a part of one whose reach differs from what surrounds it."""

    where: str
    found: list[tuple[Rule, Pair, Change]] = field(factory=list)
    leads_to: set[tuple["Site", Flow]] = field(factory=set, repr=False)
    requests: int = 0
    """The operations that reach it in a request, as bits."""
    responses: int = 0
    idle: int = 0
    """The operations that reach it where it says nothing: what is read only, in a request."""

    @property
    def direction(self) -> Direction:
        if self.requests and self.responses:
            return Direction.BOTH
        if self.requests:
            return Direction.REQUEST
        return Direction.RESPONSE if self.responses else Direction.NEITHER

    @property
    def operations(self) -> int:
        return self.requests | self.responses | self.idle


@define
class Graph:
    """All sites of a comparison."""

    old: Document
    new: Document
    rules: Mapping[str, list[Rule]]
    today: str
    sites: dict[Any, Site] = field(factory=dict)
    operations: list[str] = field(factory=list)
    """Names of operations; the bit of each is its index."""
    beyond: int = 0
    """How many operations and webhooks were left out because only the new side has them."""

    def site(self, key: Any, where: str) -> tuple[Site, bool]:
        """The site of a key, and whether it is new."""
        known = self.sites.get(key)
        if known is not None:
            return known, False
        self.sites[key] = Site(where)
        return self.sites[key], True

    def below(self, site: Site, key: Any, where: str, flow: Flow = Flow.SAME) -> tuple[Site, bool]:
        """The site of a key, to which another one leads, and whether it is new."""
        other, is_new = self.site(key, where)
        site.leads_to.add((other, flow))
        return other, is_new

    def bit(self, operation: str) -> int:
        """The bit that stands for an operation."""
        if operation not in self.operations:
            self.operations.append(operation)
        return 1 << self.operations.index(operation)

    def judge(
        self,
        site: Site,
        kind: str,
        old: Any,
        new: Any,
        where: str,
        at: tuple[str | None, str | None],
        *,
        textual: bool = False,
    ) -> None:
        """Show a pair to the rules of its kind, and keep what they find."""
        pair = Pair(kind, old, new, where, *at, (self.old, self.new), textual, self.today)
        for rule in self.rules.get(kind, ()):
            for change in rule.check(pair):
                site.found.append((rule, pair, change))

    def spread(self) -> None:
        """Tell every site which operations reach it."""
        waiting = list(self.sites.values())
        while waiting:
            site = waiting.pop()
            for other, flow in site.leads_to:
                before = (other.requests, other.responses, other.idle)
                requests, responses, idle = site.requests, site.responses, site.idle
                if flow is Flow.TURNED:
                    requests, responses = responses, requests
                elif flow is Flow.READ_ONLY:
                    requests, idle = 0, idle | requests
                elif flow is Flow.WRITE_ONLY:
                    responses, idle = 0, idle | responses
                other.requests |= requests
                other.responses |= responses
                other.idle |= idle
                if before != (other.requests, other.responses, other.idle):
                    waiting.append(other)

    def names(self, bits: int) -> Iterator[str]:
        """The names of operations, in the order of the documents."""
        for index, name in enumerate(self.operations):
            if bits >> index & 1:
                yield name
