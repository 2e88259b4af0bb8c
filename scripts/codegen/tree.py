"""Trees of files: what differs between two of them, and putting one in the place of the other."""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import frozen

# What Python and tools leave behind when the package is used where it stands.
_LEFTOVERS = {"__pycache__", ".mypy_cache", ".ruff_cache"}
# How often removing something that is still written to is tried, a tenth of a second apart.
PATIENCE = 20


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


def staged(root: Path) -> list[str]:
    """The files below `root` that git would commit with other content than they have; none where there is no git."""
    if shutil.which("git") is None:
        return []

    def differing(*options: str) -> set[str]:
        command = ["git", "diff", "--name-only", "--relative", "--no-renames", *options, "--", root.name]
        ended = subprocess.run(command, cwd=root.parent, capture_output=True, text=True, check=False)
        return set(ended.stdout.splitlines()) if ended.returncode == 0 else set()

    return sorted(name.removeprefix(f"{root.name}/") for name in differing("--cached") & differing())


@contextmanager
def locked(target: Path, *, alone: bool) -> Iterator[None]:
    """Keep others that lock the same target waiting, until the context ends; with `alone` False only those that write.

    The lock is on the folder that holds the target, so that nothing is left behind, whatever happens.
    """
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def staging(target: Path) -> Path:
    """The folder beside `target` in which its successor is built; always the same, so that a later run finds it."""
    return target.with_name(f".{target.name}.regenerate")


def repair(target: Path) -> str | None:
    """Clear away what a run left that was ended in the middle; the result says what was done, if it matters."""
    place = staging(target)
    if not place.exists():
        return None
    said = None
    if not target.exists() and (place / "old").exists():
        # Between the two renames of `replace`: the new tree was complete, or it would not have come to that.
        source = "new" if (place / "new").exists() else "old"
        (place / source).rename(target)
        said = f"An earlier run was interrupted; {target.name}/ is whole again."
    _discard(place)
    return said


def replace(target: Path) -> None:
    """Put the tree that was built in the staging folder in the place of `target`.

    At every moment the target is wholly old or wholly new, but for the moment between the two renames, which
    `repair` mends.
    """
    place = staging(target)
    if target.exists():
        target.rename(place / "old")
    (place / "new").rename(target)
    shutil.rmtree(place)


def _discard(place: Path) -> None:
    """Remove what an earlier run left. Its formatter may have outlived it for a moment, and be writing there still."""
    out_of_the_way = place.with_name(f".old{place.name}")
    shutil.rmtree(out_of_the_way, ignore_errors=True)
    place.rename(out_of_the_way)
    for _ in range(PATIENCE):
        with suppress(OSError):
            shutil.rmtree(out_of_the_way)
            return
        time.sleep(0.1)
    shutil.rmtree(out_of_the_way)
