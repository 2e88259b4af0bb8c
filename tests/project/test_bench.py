"""The files that scripts/bench writes match its measurements, and the README quotes these files."""

import json
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from scripts.benchmark import __main__ as command
from scripts.benchmark import report
from scripts.benchmark.results import (
    HTTPX2,
    OFFICIAL_SDK,
    PLAIN_GENERATOR,
    RAW_HTTPX,
    RAW_HTTPX2,
    SPEED,
    THIS_CLIENT,
    Measurement,
    Quartiles,
    Target,
)
from scripts.benchmark.server import response_body
from scripts.openapi.contract import ROOT
from tests.support import judge
from tests.support.sampling import IS_DEEP

# These peers are measured on every machine. openapi-generator also needs Java.
PEERS = {RAW_HTTPX, RAW_HTTPX2, THIS_CLIENT, SPEED, HTTPX2, OFFICIAL_SDK, PLAIN_GENERATOR}


needs_quick_run = pytest.mark.skipif(
    not IS_DEEP, reason="a quick run of scripts/bench takes a minute, so it runs weekly"
)


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The output folder and the standard output of a quick run."""
    folder = tmp_path_factory.mktemp("bench")
    options = ("--quick", "--output", folder, "--json", folder / "raw.json")
    completed = subprocess.run(
        [ROOT / "scripts" / "bench", *options], check=True, capture_output=True, text=True, timeout=300
    )
    return folder, completed.stdout


@needs_quick_run
def test_every_peer_is_measured(quick_run: tuple[Path, str]) -> None:
    """The raw figures have samples above zero for every peer that needs no further programs."""
    samples = {
        item["label"]: item["samples"] for item in json.loads(quick_run[0].joinpath("raw.json").read_text("utf-8"))
    }

    for label in (
        "cold start to the first batch, CPU",
        "retrieve_batch, CPU per call",
        "installed size with dependencies",
    ):
        assert set() == PEERS - samples[label].keys()
        assert all(value > 0 for values in samples[label].values() for value in values)


@needs_quick_run
def test_target_table(quick_run: tuple[Path, str]) -> None:
    """Each target has a line with its result, and a sentence names each measurement that is left out."""
    written = quick_run[0].joinpath("benchmark.md").read_text("utf-8")
    target_lines = [
        line for line in written.splitlines() if re.search(r"\| (reached|\*\*not reached\*\*) \| -?\d+% \|$", line)
    ]

    assert written == quick_run[1]
    assert 22 == len(target_lines)
    assert "diff is left out" in written
    assert ("openapi-generator is left out" in written) != ("| openapi-generator |" in written)


@pytest.mark.parametrize(
    ("options", "folder"),
    [
        ([], ".github"),
        (["--quick"], None),
        (["--output", "elsewhere"], "elsewhere"),
        (["--quick", "--output", "elsewhere"], "elsewhere"),
    ],
    ids=["long", "quick", "long-output", "quick-output"],
)
def test_output_folder(options: list[str], folder: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quick run writes files only with --output, so that it does not replace the files in .github."""
    measurement = Measurement("a call", "ms", {RAW_HTTPX: [1.0], THIS_CLIENT: [1.5], OFFICIAL_SDK: [6.0]})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "create_peers", lambda _: ({}, []))
    monkeypatch.setattr(command, "_measurements", lambda *_: [measurement])

    assert 0 == command.main(options)
    names = [f"{folder}/benchmark.md", f"{folder}/benchmark.svg"] if folder else []
    assert names == sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*") if path.is_file())


@needs_quick_run
def test_chart_is_reproducible(quick_run: tuple[Path, str], tmp_path: Path) -> None:
    """The same figures give the same chart, byte for byte, without dates or random ids."""
    raw = json.loads(quick_run[0].joinpath("raw.json").read_text("utf-8"))
    measurements = [
        Measurement(item["label"], item["unit"], item["samples"], is_charted=item["is_charted"]) for item in raw
    ]
    assert 5 == sum(item.is_charted for item in measurements)
    report.chart(measurements, tmp_path / "again.svg")

    assert quick_run[0].joinpath("benchmark.svg").read_bytes() == tmp_path.joinpath("again.svg").read_bytes()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target(1.5, RAW_HTTPX), (1.5, True)),
        (Target(1.4, RAW_HTTPX), (1.5, False)),
        (Target(4, OFFICIAL_SDK, less=True), (4.0, True)),
        (Target(4.1, OFFICIAL_SDK, less=True), (4.0, False)),
        (Target(15), (15.0, True)),
    ],
    ids=str,
)
def test_ratio_is_the_median_of_the_rounds(target: Target, expected: tuple[float, bool]) -> None:
    """A ratio is the median of the ratios of each round, so that a slow round does not count more."""
    measurement = Measurement(
        "a call", "ms", {RAW_HTTPX: [1, 10, 100], THIS_CLIENT: [1.5, 15, 150], OFFICIAL_SDK: [6, 60, 600]}, (target,)
    )

    (result,) = measurement.target_results()
    assert expected == (result.measured.median, result.reached)


def test_target_of_absent_peer() -> None:
    """A target that refers to a peer without samples has no result."""
    assert [] == Measurement("a call", "ms", {THIS_CLIENT: [1.0]}, (Target(2, RAW_HTTPX),)).target_results()
    assert Quartiles(1.0, 1.0, 1.0) == Quartiles.of([1.0])


def test_readme_quotes_the_results() -> None:
    """The README quotes lines of .github/benchmark.md, says if all targets were reached, and links the chart."""
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## Benchmarks\n")[2].partition("\n## ")[0]

    written = (ROOT / ".github" / "benchmark.md").read_text("utf-8")
    machine, table, *_ = written.split("\n\n")
    quoted = [line for line in section.splitlines() if line.startswith("|")]
    assert machine in section
    assert table.splitlines()[:2] == quoted[:2]
    assert len(quoted) > 5
    assert set(quoted) <= set(table.splitlines())
    assert ("not reached" not in written) == ("All targets were reached" in section)
    spare = [int(cell) for cell in re.findall(r"\| (-?\d+)% \|$", written, re.MULTILINE)]
    assert (min(spare, default=0) >= 5) == ("with at least 5 % to spare" in section)
    assert "](.github/benchmark.svg)" in section
    assert "](.github/benchmark.md)" in section


@pytest.mark.parametrize("target", ["/3/completed/batches/batch_1", "/3/completed/batches?limit=2&after=batch_0"])
def test_server_response_is_valid(target: str) -> None:
    """The responses of the benchmark's server are valid under the contract."""
    request = httpx.Request("GET", f"https://api.openai.com/v1{target.removeprefix('/3/completed')}")
    response = httpx.Response(200, headers={"content-type": "application/json"}, content=response_body(target))

    assert None is judge.response_fault(judge.message(request, response))
