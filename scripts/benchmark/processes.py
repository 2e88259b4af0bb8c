"""Runs the local server and the peers as processes, and reads their CPU time and memory from the operating system."""

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
def running_server() -> Iterator[str]:
    """Run the server in its own process, and yield its URL."""
    server = [sys.executable, "-m", "scripts.benchmark.server"]
    with subprocess.Popen(server, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def worker_command(peer: Peer, task: str, url: str) -> Command:
    """The command that runs a task of a peer as often as standard input says, see worker.py."""
    return [peer.python, "-I", WORKER, peer.program, task, url]


def cpu_seconds(program: Command, stdin: str = "", accepted: Sequence[int] = (0,)) -> float:
    """Run a process to its end, and return the CPU seconds of it and of its child processes.

    Raises:
        RuntimeError: The exit code is not in `accepted`.
    """
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment(), cwd=ROOT
    ) as process:
        assert process.stdin is not None
        process.stdin.write(stdin.encode())
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        raise RuntimeError(f"{program[0]} returned exit code {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def environment() -> dict[str, str]:
    """The environment variables of a peer, without the API keys, URLs and Python options of this machine."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "PYTHON"))}


class Worker:
    """A process of a peer that runs its task on request."""

    def __init__(self, program: Command) -> None:
        self._process = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        )

    def run(self, times: int) -> tuple[float, int]:
        """Run the task `times` times; return the CPU seconds and the last result (0 if it is not an integer)."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{times}\n")
        self._process.stdin.flush()
        nanoseconds, result = self.read_line().split()
        return int(nanoseconds) / 1e9, int(result)

    def read_line(self) -> str:
        """Read a line of the process's output."""
        assert self._process.stdout is not None
        if line := self._process.stdout.readline():
            return line
        raise RuntimeError(f"{self._process.args!r} ended early")

    def memory(self, kind: str) -> float:
        """The resident memory in MB. The kind is `VmRSS` for the current value, or `VmHWM` for the peak."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        return int(status.partition(f"{kind}:")[2].split()[0]) / 1024

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def interleaved(workers: dict[str, Worker], times: int, rounds: int) -> dict[str, list[float]]:
    """The CPU seconds per run of each worker, one sample per round. Each round begins with another worker."""
    samples: dict[str, list[float]] = {name: [] for name in workers}
    for worker in workers.values():
        worker.run(max(times // 4, 1))
    for names in rotations(list(workers), rounds):
        for name in names:
            samples[name].append(workers[name].run(times)[0] / times)
    return samples


def rotations(names: list[str], rounds: int) -> Iterator[list[str]]:
    """The order of the peers in each round. Each round begins with another peer."""
    for number in range(rounds):
        first = number % len(names)
        yield names[first:] + names[:first]


def closing(workers: dict[str, Worker]) -> ExitStack:
    """A context that ends all workers when it closes."""
    stack = ExitStack()
    for worker in workers.values():
        stack.enter_context(worker)
    return stack
