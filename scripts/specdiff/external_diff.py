"""Runs as git's external diff, so that `git log -p --ext-diff` shows the history of a contract.

https://git-scm.com/docs/git#Documentation/git.txt-GITEXTERNALDIFF describes the arguments.
"""

import os
import subprocess
import sys

from attrs import evolve, frozen

from .comparing import Options, report
from .engine.document import DocumentError
from .reports import text, wording
from .sources import Sources, pair

_SUFFIXES = (".yaml", ".yml", ".json")
# path, old-file, old-hex, old-mode, new-file, new-hex, new-mode; with a rename also the new path and its description.
_ARGUMENTS = (7, 8, 9)
_UNMERGED = 1


def is_called_by_git(arguments: list[str]) -> bool:
    """Whether the arguments are those that git gives to an external diff."""
    return len(arguments) in _ARGUMENTS or (len(arguments) == _UNMERGED and "GIT_DIFF_PATH_COUNTER" in os.environ)


@frozen
class _Side:
    file: str
    hash: str

    @property
    def exists(self) -> bool:
        return self.file != os.devnull


def show(arguments: list[str], sources: Sources, options: Options, *, colour: bool) -> None:
    """Print the changes between the two versions of a file. Other files than OpenAPI documents get a plain diff.

    It raises no errors, because git would end the whole `git log`.
    """
    if len(arguments) == _UNMERGED:
        print(f"* Unmerged path {wording.visible(arguments[0])}")
        return
    path, *sides = arguments[:7]
    old, new = _Side(*sides[:2]), _Side(*sides[3:5])
    new_path, description = [*arguments[7:], path, ""][:2] if len(arguments) > 7 else (path, "")
    print(f"diff --git a/{wording.visible(path)} b/{wording.visible(new_path)}")
    for line in description.splitlines():
        if not line.startswith("index "):
            print(wording.visible(line))
    for side, word in ((old, "new"), (new, "deleted")):
        if not side.exists:
            print(f"{word} file")
    if not new_path.endswith(_SUFFIXES):
        _plain(path, new_path, old, new)
        return
    try:
        documents = sources.of_git(old.file, f"a/{path}"), sources.of_git(new.file, f"b/{new_path}")
        made = evolve(report(*pair(*documents), options), python_note=None)
        sys.stdout.write(text.render(made, colour=colour))
    except (DocumentError, RecursionError) as error:
        print(wording.visible(f"not compared as an OpenAPI document: {error}", 2_000))
        _plain(path, new_path, old, new)


def _plain(path: str, new_path: str, old: _Side, new: _Side) -> None:
    """Print a line-by-line diff, with the names that git would print."""
    sys.stdout.flush()
    found = subprocess.run(
        ["git", "diff", "--no-index", "--no-ext-diff", "--no-textconv", "--no-color", "--", old.file, new.file],
        capture_output=True,
        check=False,
    )
    lines = found.stdout.split(b"\n")
    start = next((index for index, line in enumerate(lines) if line.startswith(b"@@")), None)
    if start is None:
        print(f"Binary files a/{path} and b/{new_path} differ" if found.returncode else "The contents are equal.")
        return
    print(f"--- {f'a/{path}' if old.exists else os.devnull}")
    print(f"+++ {f'b/{new_path}' if new.exists else os.devnull}")
    sys.stdout.flush()
    sys.stdout.buffer.write(b"\n".join(lines[start:]))
    sys.stdout.buffer.flush()


def has_pager() -> bool:
    """Whether git shows the output in a pager that can show colours."""
    return os.environ.get("GIT_PAGER_IN_USE") == "true" and "NO_COLOR" not in os.environ
