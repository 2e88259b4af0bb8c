"""Measures the clients, scripts/regenerate and scripts/diff, each with its targets.

CPU time and memory are those that the operating system reports.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from .environments import Command, Peer, plain_command
from .processes import Worker, closing, cpu_seconds, interleaved, rotations, worker_command
from .results import (
    HTTPX2,
    OFFICIAL_SDK,
    PLAIN_GENERATOR,
    RAW_HTTPX,
    RAW_HTTPX2,
    READING,
    SPEED,
    THIS_CLIENT,
    Measurement,
    Target,
)

IMPORT = """
import time
start = time.process_time_ns()
{}
print(time.process_time_ns() - start, flush=True)
import sys
sys.stdin.read()
"""


@frozen
class RepeatedTask:
    """A task that each peer repeats in one process."""

    label: str
    task: str
    """The function in a peer's program that prepares the task."""
    times: int
    """The number of repetitions in a round."""
    unit: str
    units_per_second: float
    targets: tuple[Target, ...]
    peers: tuple[str, ...] = ()
    """The measured peers. Empty for all peers whose program has the task."""
    rounds: int = 1000
    """The maximum number of rounds, for tasks that take seconds."""
    is_charted: bool = False


REPEATED_TASKS = (
    RepeatedTask(
        "retrieve_batch, CPU per call",
        "retrieve",
        150,
        "µs",
        1e6,
        (Target(1.10, RAW_HTTPX), Target(1.6, OFFICIAL_SDK, less=True), Target(1.15, RAW_HTTPX2, subject=HTTPX2)),
        is_charted=True,
    ),
    RepeatedTask(
        "list_batches(limit=100), CPU per page",
        "page",
        40,
        "ms",
        1e3,
        (Target(1.30, RAW_HTTPX), Target(1.0, RAW_HTTPX, subject=SPEED), Target(6, OFFICIAL_SDK, less=True)),
        is_charted=True,
    ),
    RepeatedTask(
        "Batch.from_dict, CPU (for httpx: json.loads)",
        "build",
        10_000,
        "µs",
        1e6,
        (Target(5, PLAIN_GENERATOR, less=True), Target(0.5, RAW_HTTPX)),
    ),
    # The connection pool of httpx needs half a minute for 1,000 concurrent requests.
    RepeatedTask(
        "1,000 concurrent retrieves, async, CPU",
        "concurrent",
        1,
        "ms",
        1e3,
        (Target(1.15, RAW_HTTPX),),
        (RAW_HTTPX, RAW_HTTPX2, THIS_CLIENT, HTTPX2, OFFICIAL_SDK),
        rounds=3,
    ),
    RepeatedTask(
        "submit 5,000 requests, CPU (for httpx: json.dumps and both requests)",
        "submit",
        2,
        "ms",
        1e3,
        (Target(1.5, RAW_HTTPX),),
        (RAW_HTTPX, THIS_CLIENT, SPEED),
    ),
    RepeatedTask(
        "iterate over 5,000 results, CPU (for httpx: json.loads)",
        "results",
        2,
        "ms",
        1e3,
        (Target(1.5, RAW_HTTPX),),
        (RAW_HTTPX, THIS_CLIENT, SPEED),
    ),
)


def clients(peers: Mapping[str, Peer], url: str, *, rounds: int, scale: float) -> Iterator[Measurement]:
    """Measure all clients. `scale` is the fraction of the usual work that a round does."""
    yield cold_start(peers, f"{url}/1/completed", rounds)
    yield from imports(peers, rounds)
    for task in REPEATED_TASKS:
        yield repeated(task, peers, f"{url}/{max(int(1000 * scale), 100)}/completed", rounds, scale)
    yield from iterate(peers[THIS_CLIENT], url, rounds, scale)
    yield wait(peers[THIS_CLIENT], url)
    sizes = {name: [peer.size / 1e6] for name, peer in peers.items()}
    targets = (Target(4, OFFICIAL_SDK, less=True),)
    yield Measurement("installed size with dependencies", "MB", sizes, targets, is_charted=True)


def cold_start(peers: Mapping[str, Peer], url: str, rounds: int) -> Measurement:
    """Measure a new process until it has retrieved its first batch."""
    samples: dict[str, list[float]] = {name: [] for name in peers}
    commands = {name: worker_command(peer, "retrieve", url) for name, peer in peers.items()}
    for program in commands.values():
        cpu_seconds(program, "1\n")
    for names in rotations(list(peers), rounds):
        for name in names:
            samples[name].append(cpu_seconds(commands[name], "1\n") * 1e3)
    targets = (
        Target(1.20, RAW_HTTPX),
        Target(1.20, RAW_HTTPX, subject=SPEED),
        Target(3.5, OFFICIAL_SDK, less=True),
    )
    return Measurement("cold start to the first batch, CPU", "ms", samples, targets, is_charted=True)


def imports(peers: Mapping[str, Peer], rounds: int) -> Iterator[Measurement]:
    """Measure the import of each package, then the import of its client class."""
    spent, memory = _imports({name: (peer, f"import {peer.module}") for name, peer in peers.items()}, rounds)
    targets = (Target(1.20, RAW_HTTPX), Target(4, OFFICIAL_SDK, less=True))
    yield Measurement("import, CPU", "ms", spent, targets)
    yield Measurement("memory after import", "MB", memory, (Target(1.20, RAW_HTTPX),))
    statements = {name: (peer, f"from {peer.module} import {peer.client_class}") for name, peer in peers.items()}
    spent, memory = _imports(statements, rounds)
    yield Measurement("import of the client class, CPU", "ms", spent)
    yield Measurement("memory after import of the class", "MB", memory, is_charted=True)


def _imports(
    statements: Mapping[str, tuple[Peer, str]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Run each statement in a new process; return its CPU milliseconds and the memory after it in MB."""
    spent: dict[str, list[float]] = {name: [] for name in statements}
    memory: dict[str, list[float]] = {name: [] for name in statements}
    for names in rotations(list(statements), rounds):
        for name in names:
            peer, statement = statements[name]
            with Worker([peer.python, "-I", "-c", IMPORT.format(statement)]) as worker:
                spent[name].append(int(worker.read_line()) / 1e6)
                memory[name].append(worker.memory("VmRSS"))
    return spent, memory


def repeated(task: RepeatedTask, peers: Mapping[str, Peer], url: str, rounds: int, scale: float) -> Measurement:
    """Measure a repeated task for each peer whose program has the task."""
    measured = {
        name: peer
        for name, peer in peers.items()
        if name in (task.peers or peers) and f"def {task.task}(" in peer.program.read_text("utf-8")
    }
    workers = {name: Worker(worker_command(peer, task.task, url)) for name, peer in measured.items()}
    with closing(workers):
        samples = interleaved(workers, max(int(task.times * scale), 1), min(rounds, task.rounds))
    scaled = {name: [value * task.units_per_second for value in values] for name, values in samples.items()}
    return Measurement(task.label, task.unit, scaled, task.targets, task.is_charted)


def iterate(peer: Peer, url: str, rounds: int, scale: float) -> Iterator[Measurement]:
    """Iterate over a long list and over a tenth of it, and compare memory and CPU time."""
    long = int(100_000 * scale)
    with (
        Worker(worker_command(peer, "iterate", f"{url}/{long // 10}/completed")) as short_worker,
        Worker(worker_command(peer, "iterate", f"{url}/{long}/completed")) as long_worker,
    ):
        ratios = []
        for worker in (short_worker, long_worker):
            worker.run(1)
        for _ in range(min(rounds, 5)):
            short_spent, _ = short_worker.run(10)
            long_spent, count = long_worker.run(1)
            assert count == long
            ratios.append(long_spent / short_spent)
        growth = long_worker.memory("VmHWM") - short_worker.memory("VmHWM")
    label = f"iter_batches over {long:,}"
    yield Measurement(
        f"{label}, extra memory compared with {long // 10:,}", "MB", {THIS_CLIENT: [growth]}, (Target(5),)
    )
    yield Measurement(
        f"{label}, CPU per batch compared with {long // 10:,}",
        "x",
        {THIS_CLIENT: ratios},
        (Target(1.2),),
    )


def wait(peer: Peer, url: str) -> Measurement:
    """Count the requests per poll of a wait for many batches."""
    with Worker(worker_command(peer, "wait", f"{url}/5000/in_progress")) as worker:
        _, requests = worker.run(1)
    return Measurement("wait_for_batches over 5,000, requests per poll", "", {THIS_CLIENT: [requests]}, (Target(55),))


def regenerate(folder: Path, rounds: int) -> Measurement:
    """Measure scripts/regenerate and the plain generator, both from the contract to files."""
    samples: dict[str, list[float]] = {THIS_CLIENT: [], PLAIN_GENERATOR: []}
    regenerate_command = (sys.executable, "-m", "scripts.codegen", "--output")
    for number, names in enumerate(rotations(list(samples), rounds)):
        round_folder = folder / str(number)
        commands: dict[str, Command] = {
            THIS_CLIENT: [*regenerate_command, round_folder / "ours"],
            PLAIN_GENERATOR: plain_command(round_folder / "plain"),
        }
        for name in names:
            samples[name].append(cpu_seconds(commands[name]))
    return Measurement("regenerate, CPU", "s", samples, (Target(2.5, PLAIN_GENERATOR),))


def diff(old: Path, new: Path, rounds: int) -> Measurement:
    """Measure scripts/diff on two documents, as a multiple of reading the documents."""
    reading = "import sys; from scripts.specdiff import sources; list(map(sources.read, sys.argv[1:]))"
    programs: dict[str, Command] = {
        READING: [sys.executable, "-c", reading, old, new],
        THIS_CLIENT: [sys.executable, "-m", "scripts.specdiff", old, new],
    }
    samples: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            samples[name].append(cpu_seconds(program, accepted=(0, 1)))
    return Measurement(f"diff of {old.name} and {new.name}, CPU", "s", samples, (Target(4.0, READING),))
