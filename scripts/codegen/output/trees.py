"""Compares two trees of files, and replaces a tree without losing files if the process crashes."""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import frozen

# Folders that Python and tools write when the package is used in place.
_CACHES = {"__pycache__", ".mypy_cache", ".ruff_cache"}
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
    """The content and the executable bit of every file below `root`, which may be missing."""
    files: dict[str, tuple[bytes, bool]] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - _CACHES)
        for name in names:
            path = Path(folder, name)
            content = bytes(path.readlink()) if path.is_symlink() else path.read_bytes()
            files[path.relative_to(root).as_posix()] = (content, os.access(path, os.X_OK))
    return files


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
    """
    staging = staging_folder(target)
    if not staging.exists():
        return None
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


def _remove(staging: Path) -> None:
    """Remove the staging folder. The formatter of the interrupted run may still be writing there for a moment."""
    aside = staging.with_name(f".old{staging.name}")
    shutil.rmtree(aside, ignore_errors=True)
    staging.rename(aside)
    for _ in range(_REMOVE_ATTEMPTS):
        with suppress(OSError):
            shutil.rmtree(aside)
            return
        time.sleep(0.1)
    shutil.rmtree(aside)
