"""The command behind scripts/regenerate."""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    # Ctrl-C during the imports, which take a second, ends the program without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from jinja2 import TemplateSyntaxError

from scripts.openapi.contract import OPENAPI_YAML, ROOT, Contract
from scripts.openapi.loading import Loaded, LoadError, load
from scripts.openapi.time_limit import DEFAULT_SECONDS, TimeLimitExceeded, time_limit, working_on

from .checks.output_checks import check_output
from .checks.validation import RULES, validate
from .output import api_changes, generation_lock
from .output.ownership import foreign_files, keep, refuse_folder_in_use, refuse_foreign_folder
from .output.trees import (
    Changes,
    compare,
    lock_parent,
    recover,
    replace,
    staged_differences,
    staging_folder,
    symbolic_links,
)
from .package import GenerationError
from .rehearsal import rehearse
from .rendering.docs import write_docs
from .rendering.generator import generate
from .views.python_types import LATE_RULES, UnsupportedError

INTERRUPTED = 130
# The maximum number of lines that list changed files. git lists all changed files.
MOST_LINES = 12


def main(arguments: list[str] | None = None) -> int:
    """Write generated/, or check whether it is up to date. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/regenerate", description="Write generated/ from openapi.yaml: the package and its docs."
    )
    parser.add_argument("--check", action="store_true", help="write nothing, and exit with 1 on differences")
    parser.add_argument("--spec", type=Path, default=OPENAPI_YAML, help="the contract (default: openapi.yaml)")
    parser.add_argument("--output", type=Path, default=ROOT / "generated", help="the output (default: generated/)")
    parser.add_argument(
        "--force", action="store_true", help="also remove files in the output that scripts/regenerate did not write"
    )
    parser.add_argument(
        "--rehearse", metavar="VERSION", help="show what another version of openapi-python-client would change"
    )
    parser.add_argument("--rules", action="store_true", help="list the rules for contracts and exit")
    parser.add_argument(
        "--time-limit",
        type=float,
        default=DEFAULT_SECONDS,
        metavar="SECONDS",
        help="stop if the generation takes longer; 0 means no limit (default: %(default)g)",
    )
    options = parser.parse_args(arguments)
    if options.rules:
        for name, check in (RULES | LATE_RULES).items():
            print(f"{name}: {' '.join((check.__doc__ or '').split())}")
        return 0
    spec, target = options.spec.resolve(), options.output
    # If the folder itself is a symbolic link, the run refuses it and does not follow it.
    target = target.parent.resolve() / target.name if target.is_symlink() else target.resolve()
    try:
        refuse_folder_in_use(target, (spec, ROOT))
        _refuse_symbolic_links(target)
        if options.rehearse:
            for line in rehearse(options.rehearse, spec, target):
                print(line)
            return 0
        if options.check:
            return _check(spec, target, options.time_limit)
        refuse_foreign_folder(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with lock_parent(target, exclusive=True):
            return _regenerate(spec, target, options.time_limit, force=options.force)
    except LoadError as error:
        return _fail(f"{error}; nothing was changed")
    except GenerationError as error:
        return _fail(f"nothing was generated from {options.spec}:\n{error}")
    except OSError as error:
        # Errors of writing have no file name, for example if the disk is full.
        return _fail(f"{error.filename or target.parent}: {error.strerror or error}; nothing was changed")


def _refuse_symbolic_links(target: Path) -> None:
    if links := symbolic_links(target):
        raise GenerationError(
            "\n".join(f"{link} is a symbolic link to {link.readlink()}; remove it, and run again" for link in links)
        )


def _regenerate(spec: Path, target: Path, seconds: float, *, force: bool) -> int:
    if wrong_versions := generation_lock.wrong_versions():
        raise GenerationError("\n".join(wrong_versions))
    if message := recover(target):
        print(message)
    refuse_foreign_folder(target)
    staging = staging_folder(target)
    staging.mkdir()
    try:
        contract, models = build(spec, staging / "new", seconds)
        kept = [] if force else foreign_files(target)
        keep(kept, target, staging / "new")
        changes = compare(target, staging / "new")
        python_changes = api_changes.summary(target, staging / "new")
        if changes:
            replace(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _report(spec, contract, models, changes, python_changes)
    for line in _shortened(kept):
        print(f"  kept: {line}")
    if kept:
        print("scripts/regenerate did not write these files; move them, or remove them with --force.")
    return 0


def _report(spec: Path, contract: Contract, models: int, changes: Changes, python_changes: str) -> None:
    version = contract.document["info"]["version"]
    counts = f"{len(contract.operations)} operations, {models} models"
    lines = changes.lines()
    print(f"{spec.name} {version}: {counts}; {len(lines) or 'no'} {'file' if len(lines) == 1 else 'files'} changed.")
    for line in _shortened(lines):
        print(f"  {line}")
    if changes:
        print(f"Public names: {python_changes}.")


def _shortened(lines: list[str]) -> list[str]:
    rest = len(lines) - MOST_LINES + 1
    return lines if rest <= 1 else [*lines[: MOST_LINES - 1], f"and {rest} more"]


def _check(spec: Path, target: Path, seconds: float) -> int:
    with tempfile.TemporaryDirectory(prefix="regenerate-") as folder, lock_parent(target, exclusive=False):
        build(spec, Path(folder, "new"), seconds)
        differences = compare(target, Path(folder, "new")).lines()
        reasons = generation_lock.reasons(spec, target) if differences else []
        staged = staged_differences(target)
    if staged:
        differences += [f"staged: {name}" for name in staged]
        reasons.append("staged files differ from the files on the disk; run git add, or unstage the files")
    if not differences:
        print(f"{target.name}/ is up to date.")
        return 0
    print(f"{target.name}/ differs from the output of scripts/regenerate:", file=sys.stderr)
    for line in [*differences, *(f"because {reason}" for reason in reasons)]:
        print(f"  {line}", file=sys.stderr)
    return _fail("run scripts/regenerate and commit the result together with the contract")


def build(spec: Path, folder: Path, seconds: float) -> tuple[Contract, int]:
    """Check a contract, generate the package and the docs into the new folder `folder`, and check the output.

    The time is limited to `seconds`.

    Returns:
        The contract and the number of models.
    """
    loaded = load(spec)
    try:
        # The limit ends before generated/ is replaced, so that it cannot interrupt that.
        with time_limit(seconds):
            return _build_loaded(loaded, spec, folder)
    except TimeLimitExceeded as error:
        line, column = loaded.place(error.pointer)
        raise GenerationError(f"{spec}:{line}:{column}: time-limit: {error}") from None
    except RecursionError:
        raise GenerationError(
            f"{spec}:1:1: combinations: schemas are nested, or refer to each other, too deeply"
        ) from None


def _build_loaded(loaded: Loaded, spec: Path, folder: Path) -> tuple[Contract, int]:
    contract = Contract(loaded.document, spec)
    if violations := validate(contract):
        placed = sorted({(*loaded.place(each.pointer), each.rule, each.message) for each in violations})
        raise GenerationError(
            "\n".join(f"{spec}:{line}:{column}: {rule}: {_escape(message)}" for line, column, rule, message in placed)
        )
    working_on("the generation of the package", "")
    try:
        generated = generate(contract, folder)
        write_docs(generated)
    except TemplateSyntaxError as error:
        raise GenerationError(f"{error.filename}:{error.lineno}: the template is not valid: {error.message}") from None
    except UnsupportedError as error:
        line, column = loaded.place(error.pointer)
        raise GenerationError(f"{spec}:{line}:{column}: {error.rule}: {_escape(str(error))}") from None
    check_output(generated.views, folder)
    folder.joinpath(generation_lock.NAME).write_text(generation_lock.make(spec, folder), "utf-8")
    return contract, len(generated.views.models)


def _escape(text: str) -> str:
    """Escape invisible characters, because a message may quote the contract, which is untrusted text."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _fail(message: str) -> int:
    print(f"scripts/regenerate: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        # The next run removes the rest of this run.
        _fail("interrupted; the output is as it was, or complete")
        sys.exit(INTERRUPTED)
