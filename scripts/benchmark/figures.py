"""What was measured, and what was hoped for: medians of paired runs, their spread, and ratios beside targets."""

from collections.abc import Mapping
from statistics import quantiles

from attrs import field, frozen

OURS = "this client"
SPEED = "this client [speed]"
FLOOR = "httpx"
OFFICIAL = "openai"
PLAIN = "plain generator"
JAVA = "openapi-generator"


@frozen
class Figure:
    """The median of some numbers, and the quartiles around it."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: list[float]) -> "Figure":
        low, middle, high = quantiles(samples, n=4, method="inclusive") if len(samples) > 1 else samples * 3
        return cls(middle, low, high)

    @property
    def spread(self) -> float:
        """Half the distance of the quartiles, as a part of the median."""
        return (self.high - self.low) / 2 / self.middle if self.middle else 0.0


@frozen
class Target:
    """What is to come out: a bound of our figure, or of its ratio to a peer's."""

    bound: float
    against: str = ""
    """The peer; empty where the bound is of the figure itself."""
    less: bool = False
    """Whether the peer's figure must be at least so many times ours. Otherwise ours is at most so many times its."""
    subject: str = OURS


@frozen
class Verdict:
    """A target, and what came out."""

    what: str
    target: Target
    words: str
    measured: Figure
    unit: str
    reached: bool


@frozen
class Row:
    """One thing that was measured for several peers; the samples at one place of the lists are of one round."""

    what: str
    unit: str
    samples: Mapping[str, list[float]] = field(repr=False)
    targets: tuple[Target, ...] = ()

    @property
    def figures(self) -> dict[str, Figure]:
        return {peer: Figure.of(values) for peer, values in self.samples.items()}

    def verdicts(self) -> list[Verdict]:
        """Each target that can be judged: the median of the ratios of the rounds is the measure."""
        return [self._verdict(target) for target in self.targets if {target.subject, target.against} <= self._judged]

    @property
    def _judged(self) -> set[str]:
        return {*self.samples, ""}

    def _verdict(self, target: Target) -> Verdict:
        ours = self.samples[target.subject]
        if not target.against:
            measured = Figure.of(ours)
            words = f"at most {target.bound:g} {self.unit}".strip()
            return Verdict(self.what, target, words, measured, self.unit, measured.middle <= target.bound)
        pairs = zip(ours, self.samples[target.against], strict=True)
        if target.less:
            measured = Figure.of([theirs / own for own, theirs in pairs])
            words = f"at least {target.bound:g} x less than {target.against}"
            return Verdict(self.what, target, words, measured, "x", measured.middle >= target.bound)
        measured = Figure.of([own / theirs for own, theirs in pairs])
        words = f"at most {target.bound:.2f} x {target.against}"
        return Verdict(self.what, target, words, measured, "x", measured.middle <= target.bound)
