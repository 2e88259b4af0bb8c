"""What scripts/bench says is what it measured, and the README says what scripts/bench said."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from scripts.benchmark import __main__ as command
from scripts.benchmark import report
from scripts.benchmark.figures import FLOOR, OFFICIAL, OURS, SPEED, Figure, Row, Target
from scripts.benchmark.server import answer
from scripts.openapi.contract import ROOT
from tests.support import judge

# Who is measured wherever the project is set up.
PEERS = {FLOOR, OURS, SPEED, OFFICIAL, "plain generator"}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that a quick run wrote, and what it printed."""
    folder = tmp_path_factory.mktemp("bench")
    options = ("--quick", "--output", folder, "--json", folder / "raw.json")
    ended = subprocess.run(
        [ROOT / "scripts" / "bench", *options], check=True, capture_output=True, text=True, timeout=300
    )
    return folder, ended.stdout


def test_every_peer_is_measured(ended: tuple[Path, str]) -> None:
    """The raw figures name every peer that can be had from what is installed, with something above zero."""
    rows = {row["what"]: row["samples"] for row in json.loads(ended[0].joinpath("raw.json").read_text("utf-8"))}

    for what in ("cold start to the first batch, CPU", "retrieve_batch, CPU a call", "installed, with what it needs"):
        assert set() == PEERS - rows[what].keys()
        assert all(value > 0 for samples in rows[what].values() for value in samples)


def test_targets_are_judged(ended: tuple[Path, str]) -> None:
    """Each target has its line, with what was measured beside it, and reached or not; what is left out is said."""
    written = ended[0].joinpath("benchmark.md").read_text("utf-8")
    judged = [line for line in written.splitlines() if line.endswith(("| reached |", "| **not reached** |"))]

    assert written == ended[1]
    assert 18 == len(judged)
    assert "diff is left out" in written
    assert ("openapi-generator is left out" in written) != ("| openapi-generator |" in written)


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ([], ".github"),
        (["--quick"], None),
        (["--output", "there"], "there"),
        (["--quick", "--output", "there"], "there"),
    ],
    ids=["long", "quick", "long-there", "quick-there"],
)
def test_where_it_is_written(
    options: list[str], place: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quick run leaves what is checked in alone, and writes only where it is told to."""
    row = Row("a call", "ms", {FLOOR: [1.0], OURS: [1.5], OFFICIAL: [6.0]})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "make", lambda _: ({}, []))
    monkeypatch.setattr(command, "_rows", lambda *_: [row])

    assert 0 == command.main(options)
    names = [f"{place}/benchmark.md", f"{place}/benchmark.svg"] if place else []
    assert names == sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*") if path.is_file())


def test_chart_is_the_same_for_the_same_figures(ended: tuple[Path, str], tmp_path: Path) -> None:
    """Figures make a chart that holds nothing of the time or of chance, so that a new one shows only what changed."""
    raw = json.loads(ended[0].joinpath("raw.json").read_text("utf-8"))
    rows = [Row(row["what"], row["unit"], row["samples"]) for row in raw]
    report.chart(rows, tmp_path / "again.svg")

    assert ended[0].joinpath("benchmark.svg").read_bytes() == tmp_path.joinpath("again.svg").read_bytes()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target(1.5, FLOOR), (1.5, True)),
        (Target(1.4, FLOOR), (1.5, False)),
        (Target(4, OFFICIAL, less=True), (4.0, True)),
        (Target(4.1, OFFICIAL, less=True), (4.0, False)),
        (Target(15), (15.0, True)),
    ],
    ids=str,
)
def test_rounds_are_compared_with_themselves(target: Target, expected: tuple[float, bool]) -> None:
    """A ratio is the median of the rounds' own ratios, so that a round in which all were slow does not count more."""
    row = Row("a call", "ms", {FLOOR: [1, 10, 100], OURS: [1.5, 15, 150], OFFICIAL: [6, 60, 600]}, (target,))

    (verdict,) = row.verdicts()
    assert expected == (verdict.measured.middle, verdict.reached)


def test_absent_peers_are_not_judged() -> None:
    """A target against a peer that was not measured has no verdict."""
    assert [] == Row("a call", "ms", {OURS: [1.0]}, (Target(2, FLOOR),)).verdicts()
    assert Figure(1.0, 1.0, 1.0) == Figure.of([1.0])


def test_readme_quotes_what_was_measured() -> None:
    """The README's rows are among those that scripts/bench wrote last; the chart and the targets are beside them."""
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## Benchmarks\n")[2].partition("\n## ")[0]

    written = (ROOT / ".github" / "benchmark.md").read_text("utf-8")
    machine, table, *_ = written.split("\n\n")
    shown = [line for line in section.splitlines() if line.startswith("|")]
    assert machine in section
    assert table.splitlines()[:2] == shown[:2]
    assert len(shown) > 5
    assert set(shown) <= set(table.splitlines())
    assert ("not reached" not in (ROOT / ".github" / "benchmark.md").read_text("utf-8")) == (
        "All targets were" in section
    )
    assert "](.github/benchmark.svg)" in section
    assert "](.github/benchmark.md)" in section


@pytest.mark.parametrize("target", ["/3/completed/batches/batch_1", "/3/completed/batches?limit=2&after=batch_0"])
def test_server_keeps_the_contract(target: str) -> None:
    """What the loopback server answers is valid under the contract."""
    request = httpx.Request("GET", f"https://api.openai.com/v1{target.removeprefix('/3/completed')}")
    response = httpx.Response(200, headers={"content-type": "application/json"}, content=answer(target))

    assert None is judge.response_fault(judge.message(request, response))
