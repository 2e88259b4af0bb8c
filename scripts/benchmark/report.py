"""Writes the measurements as Markdown tables and as a chart. The README quotes lines of the tables unchanged."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import matplotlib

from .environments import Peer
from .results import (
    HTTPX2,
    OFFICIAL_SDK,
    OPENAPI_GENERATOR,
    PLAIN_GENERATOR,
    RAW_HTTPX,
    RAW_HTTPX2,
    SPEED,
    THIS_CLIENT,
    Measurement,
)

COLUMNS = (RAW_HTTPX, RAW_HTTPX2, THIS_CLIENT, SPEED, HTTPX2, PLAIN_GENERATOR, OPENAPI_GENERATOR, OFFICIAL_SDK)
SHOWN_VERSIONS = ("httpx", "httpx2", "attrs", "msgspec", "openai", "pydantic")


def markdown(peers: Mapping[str, Peer], measurements: Sequence[Measurement], left_out: Iterable[str]) -> str:
    """The date, the machine, the figures of each peer, and the targets with their results."""
    columns = [name for name in COLUMNS if name in peers]
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}. {_versions(peers)}. Medians of {_rounds(measurements)} "
        "interleaved rounds, or fewer for slow measurements. The figure after ± is half the interquartile range.",
        "",
        *table(["", *columns], [[item.label, *(_cell(item, name) for name in columns)] for item in measurements]),
        "",
        *table(["target", "", "measured", "quartiles", "", "to spare"], list(_target_lines(measurements))),
        *(f"\n{sentence}" for sentence in left_out),
    ]
    return "\n".join(lines) + "\n"


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table. All columns except the first are aligned to the right."""
    return [_line(head), _line(["---", *["---:"] * (len(head) - 1)]), *(_line(cells) for cells in body)]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(measurement: Measurement, peer: str) -> str:
    if peer not in measurement.samples:
        return ""
    quartiles = measurement.quartiles[peer]
    spread = f" ±{quartiles.spread:.0%}" if len(measurement.samples[peer]) > 1 else ""
    return f"{_number(quartiles.median)} {measurement.unit}".strip() + spread


def _target_lines(measurements: Iterable[Measurement]) -> Iterable[list[str]]:
    for measurement in measurements:
        for result in measurement.target_results():
            subject = result.target.subject
            measured = result.measured
            yield [
                measurement.label if subject == THIS_CLIENT else f"{measurement.label}: {subject}",
                result.requirement,
                f"{measured.median:.2f} {result.unit}" if result.unit else f"{measured.median:g}",
                f"{measured.low:.2f} to {measured.high:.2f}" if measured.low != measured.high else "",
                "reached" if result.reached else "**not reached**",
                f"{result.spare:.0%}",
            ]


def _number(value: float) -> str:
    """Format a number with three significant digits, or as a whole number from 100 on."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _rounds(measurements: Iterable[Measurement]) -> int:
    return max(len(samples) for measurement in measurements for samples in measurement.samples.values())


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = os.cpu_count()
    python = platform.python_version()
    return f"{cores} cores ({platform.machine()}), {memory:.0f} GiB, {platform.system()}, Python {python}"


def _versions(peers: Mapping[str, Peer]) -> str:
    versions: dict[str, str] = {}
    for peer in peers.values():
        versions |= peer.versions
    return ", ".join(f"{name} {versions[name]}" for name in SHOWN_VERSIONS if name in versions)


def chart(measurements: Sequence[Measurement], path: Path) -> None:
    """Draw figures of each peer as multiples of httpx's, on a linear axis from zero, so that the bars are true."""
    matplotlib.use("svg")
    # By default the ids in an SVG are random. With a fixed salt, the same figures give the same file.
    matplotlib.rcParams.update({"svg.hashsalt": "benchmark", "svg.fonttype": "none", "font.family": "sans-serif"})
    from matplotlib import pyplot

    shown = [item for item in measurements if item.is_charted]
    figure, axes = pyplot.subplots(figsize=(9, 0.9 * len(shown) + 1))
    colours = {
        THIS_CLIENT: "#0f766e",
        PLAIN_GENERATOR: "#a8a29e",
        OPENAPI_GENERATOR: "#d6d3d1",
        OFFICIAL_SDK: "#57534e",
    }
    for name, colour in colours.items():
        positions, lengths = [], []
        for number, measurement in enumerate(shown):
            if name in measurement.samples:
                positions.append(number + 0.2 * (list(colours).index(name) - 1.5))
                lengths.append(measurement.quartiles[name].median / measurement.quartiles[RAW_HTTPX].median)
        bars = axes.barh(positions, lengths, 0.18, color=colour, label=name)
        axes.bar_label(bars, fmt=" {:.2f}", fontsize=7)
    axes.set_xlim(left=0)
    axes.set_yticks(range(len(shown)), [measurement.label for measurement in shown], fontsize=8)
    axes.invert_yaxis()
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("multiple of httpx; shorter is better", fontsize=8)
    axes.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(colours), frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
