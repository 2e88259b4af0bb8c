"""Runs the first program of the README with an installed package, against a local server.

Usage: `scripts/setup python -m tests.project.published PYTHON`. PYTHON is the interpreter of an environment in which
the package is installed. The exit code is 1 if the program fails or does not print all answers.
"""

import subprocess
import sys

from scripts.batch_server.clock import ServerClock
from scripts.batch_server.running import running
from scripts.openapi.contract import ROOT
from tests.support import doc_examples

# Seconds of the server's clock for each real second.
SPEED = 10_000
TIMEOUT = 120


def run(python: str) -> subprocess.CompletedProcess[str]:
    """Run the program with the interpreter `python`. `-I` keeps the files of this repository out of its reach."""
    program = doc_examples.blocks(ROOT / "README.md")[0]
    with running(clock=ServerClock(SPEED)) as server:
        return subprocess.run(
            [python, "-I", "-W", "error::DeprecationWarning:openai_batch_client", "-c", program],
            env={"OPENAI_API_KEY": server.key, "OPENAI_BASE_URL": server.url},
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )


def main(arguments: list[str]) -> int:
    """Run the program and print its output. Returns the exit code."""
    if len(arguments) != 1:
        print("usage: python -m tests.project.published PYTHON", file=sys.stderr)
        return 2
    ended = run(arguments[0])
    print(ended.stdout + ended.stderr, end="")
    return 0 if ended.returncode == 0 and {"sum", "product"} <= set(ended.stdout.split()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
