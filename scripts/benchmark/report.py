"""Tables and a chart of what was measured. The README quotes the tables as they are."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import matplotlib

from .environments import Peer
from .figures import FLOOR, JAVA, OFFICIAL, OURS, PLAIN, SPEED, Figure, Row

ORDER = (FLOOR, OURS, SPEED, PLAIN, JAVA, OFFICIAL)
NAMED = ("httpx", "attrs", "msgspec", "openai", "pydantic")


def markdown(peers: Mapping[str, Peer], rows: Sequence[Row], left_out: Iterable[str]) -> str:
    """Where and when it was measured, the figures of each peer, the targets and what came out."""
    columns = [name for name in ORDER if name in peers]
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}. {_versions(peers)}. Medians of {_rounds(rows)} interleaved "
        "rounds, of fewer where one takes seconds; behind ± is half the distance of the quartiles.",
        "",
        *table(["", *columns], [[row.what, *(_cell(row, name) for name in columns)] for row in rows]),
        "",
        *table(["target", "", "measured", "quartiles", ""], list(_verdicts(rows))),
        *(f"\n{sentence}" for sentence in left_out),
    ]
    return "\n".join(lines) + "\n"


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table; what is right of the first column is aligned to the right."""
    return [_line(head), _line(["---", *["---:"] * (len(head) - 1)]), *(_line(cells) for cells in body)]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(row: Row, peer: str) -> str:
    if peer not in row.samples:
        return ""
    figure = row.figures[peer]
    spread = f" ±{figure.spread:.0%}" if len(row.samples[peer]) > 1 else ""
    return f"{_number(figure.middle)} {row.unit}".strip() + spread


def _verdicts(rows: Iterable[Row]) -> Iterable[list[str]]:
    for row in rows:
        for verdict in row.verdicts():
            subject = (
                f" ({verdict.target.subject.partition(' [')[2][:-1]} extra)" if "[" in verdict.target.subject else ""
            )
            figure = verdict.measured
            many = figure.low != figure.high
            yield [
                f"{row.what}{subject}",
                verdict.words,
                _with_unit(figure, verdict.unit),
                f"{figure.low:.2f} to {figure.high:.2f}" if many else "",
                "reached" if verdict.reached else "**not reached**",
            ]


def _with_unit(figure: Figure, unit: str) -> str:
    return f"{figure.middle:.2f} {unit}" if unit else f"{figure.middle:g}"


def _number(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _rounds(rows: Iterable[Row]) -> int:
    return max(len(samples) for row in rows for samples in row.samples.values())


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = os.cpu_count()
    python = platform.python_version()
    return f"{cores} cores ({platform.machine()}), {memory:.0f} GiB, {platform.system()}, Python {python}"


def _versions(peers: Mapping[str, Peer]) -> str:
    found: dict[str, str] = {}
    for peer in peers.values():
        found |= peer.versions
    return ", ".join(f"{name} {found[name]}" for name in NAMED if name in found)


def chart(rows: Sequence[Row], path: Path) -> None:
    """Bars of the peers' figures as multiples of httpx's, on a scale where twice is as far at every place."""
    matplotlib.use("svg")
    # Ids of an SVG are random and its text is outlines unless told otherwise: the same figures give the same file.
    matplotlib.rcParams.update({"svg.hashsalt": "benchmark", "svg.fonttype": "none", "font.family": "sans-serif"})
    from matplotlib import pyplot

    shown = [row for row in rows if FLOOR in row.samples and OFFICIAL in row.samples]
    figure, axes = pyplot.subplots(figsize=(9, 0.9 * len(shown) + 1))
    colours = {OURS: "#0f766e", PLAIN: "#a8a29e", JAVA: "#d6d3d1", OFFICIAL: "#57534e"}
    for name, colour in colours.items():
        places, lengths = [], []
        for number, row in enumerate(shown):
            if name in row.samples:
                places.append(number + 0.2 * (list(colours).index(name) - 1.5))
                lengths.append(row.figures[name].middle / row.figures[FLOOR].middle)
        bars = axes.barh(places, lengths, 0.18, color=colour, label=name)
        axes.bar_label(bars, fmt=" {:.2f}", fontsize=7)
    axes.set_xscale("log")
    ticks = (0.2, 0.5, 1, 2, 5, 10)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(range(len(shown)), [row.what for row in shown], fontsize=8)
    axes.invert_yaxis()
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("times raw httpx; shorter is better", fontsize=8)
    axes.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(colours), frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
