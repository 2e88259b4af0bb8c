"""Compares two trees of files, and replaces a tree without losing files if the process crashes."""

import fcntl
import importlib.machinery
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

from attrs import frozen

from scripts.codegen.package import GenerationError

# Python writes these files when the package is used in place. It cannot import them by name, because of their dots.
_BYTECODE = re.compile(r"[^.]+\.[^.]+(\.opt-[^.]+)?\.pyc(\.[0-9]+)?")
_TOOL_CACHES = {".mypy_cache", ".ruff_cache"}
# No tool caches such files.
_CODE_SUFFIXES = {*importlib.machinery.all_suffixes(), ".pyi", ".pyd", ".so"}
# Attempts to remove a folder that another process still writes to, 0.1 seconds apart.
_REMOVE_ATTEMPTS = 20


@frozen
class Changes:
    """The files that differ between two trees, as paths below their roots."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def lines(self) -> list[str]:
        """One line for each file."""
        kinds = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        return [f"{kind}: {name}" for kind, names in kinds for name in names]


def read_tree(root: Path) -> dict[str, tuple[bytes, bool]]:
    """The content and the executable bit of every file below `root`, which may be missing.

    Bytecode and the caches of tools do not count. A symbolic link, to a file or to a folder, counts as a file.
    """
    files: dict[str, tuple[bytes, bool]] = {}
    for folder, folders, names in os.walk(root):
        for path in (Path(folder, name) for name in (*names, *folders)):
            name = path.relative_to(root)
            if path.is_symlink():
                files[name.as_posix()] = (b"symbolic link to " + bytes(path.readlink()), False)
            elif not path.is_dir() and not _is_cache(name):
                # A named pipe, for example, has no content, and reading it would never end.
                content = path.read_bytes() if path.is_file() else b"not a file"
                files[name.as_posix()] = (content, os.access(path, os.X_OK))
    return files


def _is_cache(path: Path) -> bool:
    """Whether Python or a tool writes a file with this path when the package is used in place."""
    if path.parent.name == "__pycache__":
        return _BYTECODE.fullmatch(path.name) is not None
    return not _TOOL_CACHES.isdisjoint(path.parts) and path.suffix not in _CODE_SUFFIXES


def symbolic_links(target: Path) -> list[Path]:
    """The symbolic links at and below `target` and its staging folders.

    Through such a link, a run would write to another place, or Python would import code from there.
    """
    roots = (target, staging_folder(target), _aside(staging_folder(target)))
    walks = (os.walk(root) for root in roots if not root.is_symlink())
    below = (Path(folder, name) for walk in walks for folder, *names in walk for name in chain(*names))
    return sorted(path for path in (*roots, *below) if path.is_symlink())


def compare(old: Path, new: Path) -> Changes:
    """The differences between two trees."""
    before, after = read_tree(old), read_tree(new)
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(name for name in before.keys() & after.keys() if before[name] != after[name])),
        removed=tuple(sorted(before.keys() - after.keys())),
    )


def staged_differences(root: Path) -> list[str]:
    """The files below `root` whose staged content differs from the content on the disk; empty without git."""
    if shutil.which("git") is None:
        return []

    def differing(*options: str) -> set[str]:
        command = ["git", "diff", "--name-only", "--relative", "--no-renames", *options, "--", root.name]
        ended = subprocess.run(command, cwd=root.parent, capture_output=True, text=True, check=False)
        return set(ended.stdout.splitlines()) if ended.returncode == 0 else set()

    return sorted(name.removeprefix(f"{root.name}/") for name in differing("--cached") & differing())


@contextmanager
def lock_parent(target: Path, *, exclusive: bool) -> Iterator[None]:
    """Lock the parent folder of `target` until the context ends. A shared lock allows other shared locks.

    A lock on a folder needs no lock file, so a crash leaves nothing behind.
    """
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def staging_folder(target: Path) -> Path:
    """The folder beside `target` for the new tree. Its name is fixed, so that a later run finds the folder."""
    return target.with_name(f".{target.name}.regenerate")


def recover(target: Path) -> str | None:
    """Remove the staging folder of an interrupted run, and restore `target` if necessary.

    Returns:
        A message if `target` was restored, because the run was interrupted between the two renames of `replace`.

    Raises:
        GenerationError: The staging folder has other files.
    """
    staging = staging_folder(target)
    if not staging.exists():
        return None
    for folder in (staging, _aside(staging)):
        if folder.exists() and {path.name for path in folder.iterdir()} - {"new", "old"}:
            raise GenerationError(f"{folder} has files that scripts/regenerate did not write; move it")
    message = None
    if not target.exists() and (staging / "old").exists():
        # The new tree is complete before the first rename.
        source = "new" if (staging / "new").exists() else "old"
        (staging / source).rename(target)
        message = f"An earlier run was interrupted; {target.name}/ was restored."
    _remove(staging)
    return message


def replace(target: Path) -> None:
    """Replace `target` by the new tree in the staging folder.

    `target` is always the complete old tree or the complete new tree, except between the two renames. After a crash
    between them, `recover` restores `target`.
    """
    staging = staging_folder(target)
    if target.exists():
        target.rename(staging / "old")
    (staging / "new").rename(target)
    shutil.rmtree(staging)


def _aside(staging: Path) -> Path:
    """The name of a staging folder while it is removed."""
    return staging.with_name(f".old{staging.name}")


def _remove(staging: Path) -> None:
    """Remove the staging folder. The formatter of the interrupted run may still be writing there for a moment."""
    aside = _aside(staging)
    shutil.rmtree(aside, ignore_errors=True)
    staging.rename(aside)
    for _ in range(_REMOVE_ATTEMPTS):
        with suppress(OSError):
            shutil.rmtree(aside)
            return
        time.sleep(0.1)
    shutil.rmtree(aside)
