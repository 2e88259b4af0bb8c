"""Decides which files a run may replace: only those that an earlier run wrote, according to its generation.lock."""

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from scripts.codegen.package import GenerationError

from . import generation_lock
from .trees import read_tree


def refuse_folder_in_use(target: Path, needed: Iterable[Path]) -> None:
    """Refuse a target that contains files or folders that the run reads.

    Raises:
        GenerationError: The target is refused. It was not changed.
    """
    for path in needed:
        if target == path or target in path.parents:
            raise GenerationError(f"{target} contains {path}; choose another folder with --output")


def refuse_foreign_folder(target: Path) -> None:
    """Refuse a target that is neither absent nor empty, and that no earlier run wrote.

    Raises:
        GenerationError: The target is refused. It was not changed.
    """
    if target.exists() and not target.is_dir():
        raise GenerationError(f"{target} is not a folder; choose another folder with --output")
    if target.exists() and any(target.iterdir()) and generation_lock.written_files(target) is None:
        raise GenerationError(
            f"{target} has files, but no {generation_lock.NAME} of scripts/regenerate; choose an empty folder with "
            f"--output, or restore {generation_lock.NAME} if it is damaged"
        )


def foreign_files(target: Path) -> list[str]:
    """The files below `target` that no earlier run wrote, as paths below `target`. Bytecode and caches do not count."""
    written = generation_lock.written_files(target) or frozenset()
    return sorted(name for name in read_tree(target) if name not in written and name != generation_lock.NAME)


def keep(names: Sequence[str], target: Path, new: Path) -> None:
    """Put files of `target` into the new tree, too, under the same names.

    Raises:
        GenerationError: The new tree needs the place of such a file.
    """
    generated = read_tree(new).keys()
    folders = {parent.as_posix() for name in generated for parent in Path(name).parents}
    for name in names:
        above = {parent.as_posix() for parent in Path(name).parents}
        if name in generated or name in folders or above & generated:
            raise GenerationError(
                f"{target / name} is in the way of a generated file, and scripts/regenerate did not write it; move it"
            )
    for name in names:
        new.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        try:
            # A hard link keeps the file itself, with all its attributes.
            os.link(target / name, new / name, follow_symlinks=False)
        except OSError:
            shutil.copy2(target / name, new / name, follow_symlinks=False)
