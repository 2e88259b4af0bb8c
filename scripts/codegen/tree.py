"""Trees of files: what differs between two of them, and putting one in the place of the other."""

import os
import shutil
from pathlib import Path

from attrs import frozen

# What Python and tools leave behind when the package is used where it stands.
_LEFTOVERS = {"__pycache__", ".mypy_cache", ".ruff_cache"}


@frozen
class Changes:
    """The files in which two trees differ, as paths below their roots."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def lines(self) -> list[str]:
        """One line a file."""
        kinds = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        return [f"{kind}: {name}" for kind, names in kinds for name in names]


def read(root: Path) -> dict[str, tuple[bytes, bool]]:
    """Content and executable bit of every file below `root`, which may be missing."""
    files: dict[str, tuple[bytes, bool]] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - _LEFTOVERS)
        for name in names:
            path = Path(folder, name)
            content = bytes(path.readlink()) if path.is_symlink() else path.read_bytes()
            files[path.relative_to(root).as_posix()] = (content, os.access(path, os.X_OK))
    return files


def compare(old: Path, new: Path) -> Changes:
    """How the tree `new` differs from the tree `old`."""
    before, after = read(old), read(new)
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(name for name in before.keys() & after.keys() if before[name] != after[name])),
        removed=tuple(sorted(before.keys() - after.keys())),
    )


def replace(target: Path, new: Path) -> None:
    """Move the tree `new` to `target`; what was there is gone afterwards."""
    old = new.with_name(new.name + ".old")
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
