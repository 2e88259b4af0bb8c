"""Measurements, their medians and quartiles, and the comparison of each measurement with its targets."""

from collections.abc import Mapping
from statistics import quantiles

from attrs import field, frozen

THIS_CLIENT = "this client"
SPEED = "this client [speed]"
HTTPX2 = "this client [httpx2]"
RAW_HTTPX = "httpx"
RAW_HTTPX2 = "httpx2"
OFFICIAL_SDK = "openai"
PLAIN_GENERATOR = "plain generator"
OPENAPI_GENERATOR = "openapi-generator"
READING = "reading the documents"
"""The part of scripts/diff that reads its two documents."""


@frozen
class Quartiles:
    """The three quartiles of a list of samples."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, samples: list[float]) -> "Quartiles":
        low, median, high = quantiles(samples, n=4, method="inclusive") if len(samples) > 1 else samples * 3
        return cls(low, median, high)

    @property
    def spread(self) -> float:
        """Half the interquartile range, as a fraction of the median."""
        return (self.high - self.low) / 2 / self.median if self.median else 0.0


@frozen
class Target:
    """A bound for the figure of a client, or for its ratio to the figure of a peer."""

    bound: float
    peer: str = ""
    """The peer of the ratio. Empty if the bound is for the figure itself."""
    less: bool = False
    """If true, the peer's figure must be at least `bound` times ours. Otherwise ours is at most `bound` times the
    peer's."""
    subject: str = THIS_CLIENT
    """The client that has to reach the target."""


@frozen
class TargetResult:
    """A target, the measured figure or ratio, and whether the target is reached."""

    target: Target
    requirement: str
    """The target as text, for example `at most 1.20 x httpx`."""
    measured: Quartiles
    unit: str
    reached: bool

    @property
    def spare(self) -> float:
        """The distance to the bound, as a fraction of the bound. It is negative if the target was not reached."""
        bound, measured = self.target.bound, self.measured.median
        return measured / bound - 1 if self.target.less else 1 - measured / bound


@frozen
class Measurement:
    """The samples of several peers for one task. Samples with the same index are of the same round."""

    label: str
    unit: str
    samples: Mapping[str, list[float]] = field(repr=False)
    targets: tuple[Target, ...] = ()
    is_charted: bool = False
    """Whether the chart shows the figures, because users feel them."""

    @property
    def quartiles(self) -> dict[str, Quartiles]:
        return {peer: Quartiles.of(values) for peer, values in self.samples.items()}

    def target_results(self) -> list[TargetResult]:
        """The results of all targets whose clients were measured. A ratio is the median of the rounds' ratios."""
        return [self._result(target) for target in self.targets if {target.subject, target.peer} <= {*self.samples, ""}]

    def _result(self, target: Target) -> TargetResult:
        ours = self.samples[target.subject]
        if not target.peer:
            measured = Quartiles.of(ours)
            requirement = f"at most {target.bound:g} {self.unit}".strip()
            return TargetResult(target, requirement, measured, self.unit, measured.median <= target.bound)
        pairs = zip(ours, self.samples[target.peer], strict=True)
        if target.less:
            measured = Quartiles.of([theirs / own for own, theirs in pairs])
            requirement = f"at least {target.bound:g} x less than {target.peer}"
            return TargetResult(target, requirement, measured, "x", measured.median >= target.bound)
        measured = Quartiles.of([own / theirs for own, theirs in pairs])
        requirement = f"at most {target.bound:.2f} x {target.peer}"
        return TargetResult(target, requirement, measured, "x", measured.median <= target.bound)
