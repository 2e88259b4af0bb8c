"""Runs a task of a peer in the peer's environment.

For each number on standard input, it runs the task that number of times. Then it prints the CPU time in nanoseconds and
the last result (0 if it is not an integer). It imports as little as possible, because its imports are measured, too.
"""

import sys
import time


def main(program: str, task: str, url: str) -> None:
    peer: dict[str, object] = {}
    with open(program, encoding="utf-8") as file:  # noqa: PTH123 -- importing pathlib would be measured
        exec(compile(file.read(), program, "exec"), peer)
    prepare = peer[task]
    assert callable(prepare)
    run = prepare(url)
    for line in sys.stdin:
        result = None
        start = time.process_time_ns()
        for _ in range(int(line)):
            result = run()
        spent = time.process_time_ns() - start
        print(spent, result if isinstance(result, int) else 0, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
