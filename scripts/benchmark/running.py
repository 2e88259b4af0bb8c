"""Runs peers beside the loopback server and asks the operating system what that took."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from scripts.openapi.contract import ROOT

from .environments import Command, Peer

WORKER = Path(__file__).with_name("worker.py")


@contextmanager
def served() -> Iterator[str]:
    """The URL of the server, which has a process and a core of its own."""
    server = [sys.executable, "-m", "scripts.benchmark.server"]
    with subprocess.Popen(server, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def command(peer: Peer, task: str, url: str) -> Command:
    """What runs a peer, which then does what standard input asks for."""
    return [peer.python, "-I", WORKER, peer.program, task, url]


def cpu_of(program: Command, given: str = "", accepted: Sequence[int] = (0,)) -> float:
    """The CPU seconds of a process and those that it started, from its start to its end."""
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment(), cwd=ROOT
    ) as process:
        assert process.stdin is not None
        process.stdin.write(given.encode())
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        raise RuntimeError(f"{program[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def environment() -> dict[str, str]:
    """The environment of a peer: keys and URLs of this machine are none of its business."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "PYTHON"))}


class Worker:
    """A peer that waits in its process for what it is told to do."""

    def __init__(self, program: Command) -> None:
        self._process = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        )

    def act(self, times: int) -> tuple[float, int]:
        """The CPU seconds that it took to do its thing so often, and the last result where that is a number."""
        self._say(f"{times}\n")
        spent, result = self.hear().split()
        return int(spent) / 1e9, int(result)

    def _say(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def hear(self) -> str:
        """A line of its output."""
        assert self._process.stdout is not None
        if line := self._process.stdout.readline():
            return line
        raise RuntimeError(f"{self._process.args!r} ended early")

    def memory(self, kind: str) -> float:
        """Its resident memory in MB: VmRSS is that of now, VmHWM the most that it had."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        return int(status.partition(f"{kind}:")[2].split()[0]) / 1024

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def interleaved(workers: dict[str, Worker], times: int, rounds: int) -> dict[str, list[float]]:
    """The CPU seconds of each worker for doing its thing once, round by round; who comes first changes."""
    samples: dict[str, list[float]] = {name: [] for name in workers}
    for worker in workers.values():
        worker.act(max(times // 4, 1))
    for names in turns(list(workers), rounds):
        for name in names:
            samples[name].append(workers[name].act(times)[0] / times)
    return samples


def turns(names: list[str], rounds: int) -> Iterator[list[str]]:
    """The order of each round."""
    for number in range(rounds):
        first = number % len(names)
        yield names[first:] + names[:first]


def together(workers: dict[str, Worker]) -> ExitStack:
    """A context at whose end all workers end."""
    stack = ExitStack()
    for worker in workers.values():
        stack.enter_context(worker)
    return stack
