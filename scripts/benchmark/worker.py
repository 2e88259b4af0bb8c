"""Runs one peer in its own environment: for each number on standard input it does a thing so often, and prints the CPU
time that this took, in nanoseconds, and the last result if it is a number. It imports as little as it can."""

import sys
import time


def main(program: str, task: str, url: str) -> None:
    peer: dict[str, object] = {}
    with open(program, encoding="utf-8") as file:  # noqa: PTH123 -- pathlib is one more import
        exec(compile(file.read(), program, "exec"), peer)
    make = peer[task]
    assert callable(make)
    act = make(url)
    for line in sys.stdin:
        result = None
        began = time.process_time_ns()
        for _ in range(int(line)):
            result = act()
        spent = time.process_time_ns() - began
        print(spent, result if isinstance(result, int) else 0, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
