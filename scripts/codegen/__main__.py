"""The command behind scripts/regenerate."""

import argparse
import contextlib
import io
import shutil
import sys
import tempfile
from pathlib import Path

from scripts.openapi.contract import OPENAPI_YAML, ROOT, Contract
from scripts.openapi.loading import LoadError, load

from . import callers, lock
from .inspection import inspect
from .project import GenerationError, generate
from .python_types import UnsupportedError
from .rules import RULES, objections
from .tree import compare, locked, repair, replace, staged, staging

# How many of the files that changed are named; git knows the others.
LINES = 12


def main(arguments: list[str] | None = None) -> int:
    """Regenerate, or check; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/regenerate", description="Write generated/ from openapi.yaml: the package and its docs."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and say what differs")
    parser.add_argument("--spec", type=Path, default=OPENAPI_YAML, help="another contract")
    parser.add_argument("--output", type=Path, default=ROOT / "generated", help="another place for the result")
    parser.add_argument("--rules", action="store_true", help="list what a contract must be, and end")
    options = parser.parse_args(arguments)
    if options.rules:
        for name, check in RULES.items():
            print(f"{name}: {(check.__doc__ or '').strip()}")
        return 0
    spec, target = options.spec.resolve(), options.output.resolve()
    try:
        if options.check:
            return _check(spec, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target, alone=True):
            return _regenerate(spec, target)
    except LoadError as error:
        return _failed(f"{error}; nothing was changed")
    except (GenerationError, UnsupportedError) as error:
        return _failed(f"nothing was generated from {options.spec}:\n{error}")
    except OSError as error:
        # Only what is written has no name in an error: the disk is full.
        return _failed(f"{error.filename or target.parent}: {error.strerror or error}; nothing was changed")


def _regenerate(spec: Path, target: Path) -> int:
    if strange := lock.unpinned():
        raise GenerationError("\n".join(strange))
    if said := repair(target):
        print(said)
    place = staging(target)
    place.mkdir()
    try:
        contract, models = _build(spec, place / "new")
        changes = compare(target, place / "new")
        means = callers.summary(target, place / "new")
        if changes:
            replace(target)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    version = contract.document["info"]["version"]
    counts = f"{len(contract.operations)} operations, {models} models"
    print(f"{spec.name} {version}: {counts}; {len(changes.lines()) or 'no'} files differ from before.")
    lines = changes.lines()
    for line in lines if len(lines) <= LINES else [*lines[: LINES - 1], f"and {len(lines) - LINES + 1} more"]:
        print(f"  {line}")
    if changes:
        print(f"For Python callers: {means}.")
    return 0


def _check(spec: Path, target: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="regenerate-") as folder, locked(target, alone=False):
        _build(spec, Path(folder, "new"))
        differences = compare(target, Path(folder, "new")).lines()
        reasons = lock.causes(spec, target) if differences else []
        hidden = staged(target)
    if hidden:
        differences += [f"staged: {name}" for name in hidden]
        reasons.append("git would commit something else than what lies on the disk; git add it, or unstage it")
    if not differences:
        print(f"{target.name}/ is what scripts/regenerate writes.")
        return 0
    print(f"{target.name}/ is not what scripts/regenerate would write:", file=sys.stderr)
    for line in [*differences, *(f"because {reason}" for reason in reasons)]:
        print(f"  {line}", file=sys.stderr)
    return _failed("run scripts/regenerate and commit the result together with the contract")


def _build(spec: Path, folder: Path) -> tuple[Contract, int]:
    """Judge a contract, generate into a new folder and look at the result; gives contract and number of models."""
    loaded = load(spec)
    contract = Contract(loaded.document, spec)
    if findings := objections(contract):
        placed = sorted((*loaded.place(one.pointer), one.rule, one.message) for one in findings)
        raise GenerationError(
            "\n".join(f"{spec}:{line}:{column}: {name}: {_visible(text)}" for line, column, name, text in placed)
        )
    # The generator reports its progress on standard output; ours is what counts.
    with contextlib.redirect_stdout(io.StringIO()):
        views = generate(contract, folder)
    inspect(views, folder)
    folder.joinpath(lock.NAME).write_text(lock.make(spec, folder), "utf-8")
    return contract, len(views.models)


def _visible(text: str) -> str:
    """A message in one line, whatever it quotes from a contract."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _failed(sentence: str) -> int:
    print(f"scripts/regenerate: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
