"""What is measured, and the targets. CPU time and memory are those of the operating system."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from .environments import Command, Peer, plain_command
from .figures import FLOOR, OFFICIAL, OURS, PLAIN, SPEED, Row, Target
from .running import Worker, command, cpu_of, interleaved, together, turns

IMPORT = """
import time
began = time.process_time_ns()
{}
print(time.process_time_ns() - began, flush=True)
import sys
sys.stdin.read()
"""


@frozen
class Repeated:
    """Something that peers do many times in one process."""

    what: str
    task: str
    """The function of a peer's program that does it."""
    times: int
    """How often it is done in a round."""
    unit: str
    scale: float
    """Units in a second."""
    targets: tuple[Target, ...]
    peers: tuple[str, ...] = ()
    """Who does it; empty for everyone whose program can."""
    rounds: int = 1000
    """The most rounds, where one takes long."""


REPEATED = (
    Repeated(
        "retrieve_batch, CPU a call",
        "retrieve",
        150,
        "µs",
        1e6,
        (Target(1.10, FLOOR), Target(1.6, OFFICIAL, less=True)),
    ),
    Repeated(
        "list_batches(limit=100), CPU a page",
        "page",
        40,
        "ms",
        1e3,
        (Target(1.30, FLOOR), Target(1.0, FLOOR, subject=SPEED), Target(6, OFFICIAL, less=True)),
    ),
    Repeated(
        "Batch.from_dict, CPU (for httpx: json.loads)",
        "build",
        10_000,
        "µs",
        1e6,
        (Target(5, PLAIN, less=True), Target(0.5, FLOOR)),
    ),
    # With so many at a time the connection pool of httpx takes half a minute to sort them.
    Repeated(
        "1,000 concurrent retrieves, async, CPU",
        "concurrent",
        1,
        "ms",
        1e3,
        (Target(1.15, FLOOR),),
        (FLOOR, OURS, OFFICIAL),
        rounds=3,
    ),
)


def rows(peers: Mapping[str, Peer], url: str, *, rounds: int, scale: float) -> Iterator[Row]:
    """Everything that can be measured here; `scale` is how much of the usual work is done in a round."""
    yield cold(peers, f"{url}/1/completed", rounds)
    yield from imports(peers, rounds)
    for one in REPEATED:
        yield repeated(one, peers, f"{url}/{max(int(1000 * scale), 100)}/completed", rounds, scale)
    yield from walk(peers[OURS], url, scale)
    yield wait(peers[OURS], url)
    sizes = {name: [peer.size / 1e6] for name, peer in peers.items()}
    yield Row("installed, with what it needs", "MB", sizes, (Target(4, OFFICIAL, less=True),))


def cold(peers: Mapping[str, Peer], url: str, rounds: int) -> Row:
    """From a new process to its first batch."""
    samples: dict[str, list[float]] = {name: [] for name in peers}
    commands = {name: command(peer, "retrieve", url) for name, peer in peers.items()}
    for one in commands.values():
        cpu_of(one, "1\n")
    for names in turns(list(peers), rounds):
        for name in names:
            samples[name].append(cpu_of(commands[name], "1\n") * 1e3)
    targets = (Target(1.20, FLOOR), Target(3.5, OFFICIAL, less=True))
    return Row("cold start to the first batch, CPU", "ms", samples, targets)


def imports(peers: Mapping[str, Peer], rounds: int) -> Iterator[Row]:
    """What importing takes, and the memory after it; and what it takes when the class to begin with is loaded, too."""
    spent, held = _imports({name: (peer, f"import {peer.module}") for name, peer in peers.items()}, rounds)
    targets = (Target(1.20, FLOOR), Target(4, OFFICIAL, less=True))
    yield Row("import, CPU", "ms", spent, targets)
    yield Row("memory after import", "MB", held, (Target(1.20, FLOOR),))
    begin = {name: (peer, f"from {peer.module} import {peer.face}") for name, peer in peers.items()}
    spent, held = _imports(begin, rounds)
    yield Row("import of the client's class, CPU", "ms", spent)
    yield Row("memory after that", "MB", held)


def _imports(
    statements: Mapping[str, tuple[Peer, str]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The milliseconds that statements take, each in a process of its own, and the MB that it holds after that."""
    spent: dict[str, list[float]] = {name: [] for name in statements}
    held: dict[str, list[float]] = {name: [] for name in statements}
    for names in turns(list(statements), rounds):
        for name in names:
            peer, statement = statements[name]
            with Worker([peer.python, "-I", "-c", IMPORT.format(statement)]) as worker:
                spent[name].append(int(worker.hear()) / 1e6)
                held[name].append(worker.memory("VmRSS"))
    return spent, held


def repeated(one: Repeated, peers: Mapping[str, Peer], url: str, rounds: int, scale: float) -> Row:
    """Something that peers do many times in one process, for those whose program has it."""
    able = {
        name: peer
        for name, peer in peers.items()
        if name in (one.peers or peers) and f"def {one.task}(" in peer.program.read_text("utf-8")
    }
    workers = {name: Worker(command(peer, one.task, url)) for name, peer in able.items()}
    with together(workers):
        samples = interleaved(workers, max(int(one.times * scale), 1), min(rounds, one.rounds))
    scaled = {name: [value * one.scale for value in values] for name, values in samples.items()}
    return Row(one.what, one.unit, scaled, one.targets)


def walk(peer: Peer, url: str, scale: float) -> Iterator[Row]:
    """A walk through a long list beside one through a tenth of it: what it holds and what it takes."""
    long = int(100_000 * scale)
    with (
        Worker(command(peer, "walk", f"{url}/{long // 10}/completed")) as short_walker,
        Worker(command(peer, "walk", f"{url}/{long}/completed")) as long_walker,
    ):
        for walker in (short_walker, long_walker):
            walker.act(1)
        short, _ = short_walker.act(1)
        spent, given = long_walker.act(1)
        assert given == long
        growth = long_walker.memory("VmHWM") - short_walker.memory("VmHWM")
    what = f"iter_batches over {long:,}"
    yield Row(f"{what}, memory beyond that for a tenth", "MB", {OURS: [growth]}, (Target(5),))
    yield Row(f"{what}, CPU beside ten times a tenth", "x", {OURS: [spent / (10 * short)]}, (Target(1.2),))


def wait(peer: Peer, url: str) -> Row:
    """The requests of a round of waiting for many batches."""
    with Worker(command(peer, "wait", f"{url}/5000/in_progress")) as worker:
        _, requests = worker.act(1)
    return Row("wait_for_batches over 5,000, requests a round", "", {OURS: [requests]}, (Target(55),))


def regenerate(folder: Path, rounds: int) -> Row:
    """scripts/regenerate beside the plain generator, both from the contract to files."""
    samples: dict[str, list[float]] = {OURS: [], PLAIN: []}
    ours = (sys.executable, "-m", "scripts.codegen", "--output")
    for number, names in enumerate(turns(list(samples), rounds)):
        place = folder / str(number)
        commands: dict[str, Command] = {OURS: [*ours, place / "ours"], PLAIN: plain_command(place / "plain")}
        for name in names:
            samples[name].append(cpu_of(commands[name]))
    return Row("regenerate, CPU", "s", samples, (Target(3.0, PLAIN),))


def diff(old: Path, new: Path, rounds: int) -> Row:
    """scripts/diff on two documents."""
    differ: Command = [sys.executable, "-m", "scripts.specdiff", old, new]
    samples = [cpu_of(differ, accepted=(0, 1)) for _ in range(rounds)]
    return Row(f"diff of {old.name} and {new.name}, CPU", "s", {OURS: samples}, (Target(3.0),))
