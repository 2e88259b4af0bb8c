"""The command behind scripts/regenerate."""

import argparse
import contextlib
import io
import sys
import tempfile
from pathlib import Path

from ruamel.yaml.error import YAMLError

from .contract import OPENAPI_YAML, ROOT, Contract
from .project import GenerationError, generate
from .python_types import UnsupportedError
from .tree import compare, replace


def main(arguments: list[str] | None = None) -> int:
    """Regenerate, or check; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/regenerate", description="Write generated/ from openapi.yaml: the package and its docs."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and say what differs")
    parser.add_argument("--spec", type=Path, default=OPENAPI_YAML, help="another contract")
    parser.add_argument("--output", type=Path, default=ROOT / "generated", help="another place for the result")
    options = parser.parse_args(arguments)
    target: Path = options.output.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".regenerate-", dir=target.parent) as folder:
            built = Path(folder, "generated")
            contract = Contract.load(options.spec.resolve())
            # The generator reports its progress on standard output; ours is what counts.
            with contextlib.redirect_stdout(io.StringIO()):
                views = generate(contract, built)
            changes = compare(target, built)
            if options.check:
                return _checked(target, changes.lines())
            if changes:
                replace(target, built)
    except YAMLError as error:
        return _failed(f"{options.spec}: not YAML: {' '.join(str(error).split())}")
    except (GenerationError, UnsupportedError, OSError) as error:
        return _failed(f"{options.spec}: {error}")
    version = contract.document["info"]["version"]
    counts = f"{len(contract.operations)} operations, {len(views.models)} models"
    print(f"{options.spec.name} {version}: {counts}; {len(changes.lines()) or 'no'} files differ from before.")
    for line in changes.lines():
        print(f"  {line}")
    return 0


def _checked(target: Path, differences: list[str]) -> int:
    if not differences:
        print(f"{target.name}/ is what scripts/regenerate writes.")
        return 0
    print(f"{target.name}/ is not what scripts/regenerate would write:", file=sys.stderr)
    for line in differences:
        print(f"  {line}", file=sys.stderr)
    return _failed("run scripts/regenerate and commit the result together with the contract")


def _failed(sentence: str) -> int:
    print(f"scripts/regenerate: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
