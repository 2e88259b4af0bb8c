"""Reads files, revisions and renames from a git repository."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from attrs import define, field

from scripts.openapi.other_files import Unread

from .engine.document import DocumentError

_SUFFIXES = ("*.yaml", "*.yml", "*.json")
# The number of commits in which a renamed file is searched.
_MOST_COMMITS = 5_000


@define(slots=False)
class Repository:
    """The git repository of a folder, which can be bare, a submodule or a linked worktree."""

    folder: Path
    _objects: "subprocess.Popen[bytes] | None" = field(default=None, init=False, repr=False)

    @classmethod
    def of(cls, folder: Path) -> "Repository":
        """Return the repository of a folder.

        Raises:
            DocumentError: The folder is in no repository, or git cannot read the repository.
        """
        repository = cls(folder)
        found = repository._run("rev-parse", "--git-dir")
        if found.returncode:
            said = found.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
            if "not a git repository" in said:
                said = "the working directory is in no git repository"
            raise DocumentError(f"{said}; name two files, as in: scripts/diff old.yaml new.yaml")
        return repository

    @cached_property
    def top(self) -> Path | None:
        """The top folder of the working tree, or None if the repository is bare."""
        found = self._run("rev-parse", "--show-toplevel")
        name = os.fsdecode(found.stdout.removesuffix(b"\n"))
        return Path(name) if found.returncode == 0 and name else None

    @cached_property
    def is_shallow(self) -> bool:
        return self._text("rev-parse", "--is-shallow-repository") == "true"

    def inner(self, path: Path) -> str | None:
        """The path of a file relative to the top folder, or None if it is outside of the working tree."""
        # The folder is resolved, but not the file, because git has symbolic links under their own names.
        found = Path(os.path.realpath(path.parent), path.name)
        if self.top is None:
            return None if path.is_absolute() else os.path.normpath(path)
        return found.relative_to(self.top).as_posix() if found.is_relative_to(self.top) else None

    def commit(self, revision: str) -> str | None:
        """The full name of the commit of a revision, or None if there is no such commit."""
        if revision.startswith("-") or not revision:
            return None
        return self._text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")

    def main_branch(self) -> str | None:
        """The name of the main branch, preferably of the remote, or None if no such branch is known."""
        remotes = (self._text("remote") or "").split()
        names = [name for remote in sorted(remotes, key=lambda name: name != "origin") for name in _branches(remote)]
        return next((name for name in [*names, "main", "master"] if self.commit(name)), None)

    def merge_base(self) -> str:
        """Return the merge base of HEAD and the main branch.

        Raises:
            DocumentError: The merge base is not known. The message says how to fetch it.
        """
        main, head = self.main_branch(), self.commit("HEAD")
        base = self._text("merge-base", "HEAD", main) if main else None
        if base and not (self.is_shallow and base == head and self._is_cut(base)):
            return base
        if base:
            # HEAD is the last commit of the main branch, and its parent was not fetched.
            reason = "this shallow clone has only the last commit of the main branch"
        elif main:
            reason = f"HEAD and {main} have no merge base" + (" in this shallow clone" if self.is_shallow else "")
        else:
            reason = "there is no merge base, because no main branch was found (main or master, of a remote or here)"
        raise DocumentError(f"{reason}; {self._remedy()}name the revision or the file, as in: scripts/diff HEAD~1")

    def _remedy(self) -> str:
        """How to fetch missing commits and branches; empty if nothing is missing."""
        remotes = (self._text("remote") or "").split()
        if not remotes:
            return "this shallow clone has no remote, so clone it again without --depth, or " if self.is_shallow else ""
        remote = "origin" if "origin" in remotes else remotes[0]
        branches = f"{remote} '+refs/heads/*:refs/remotes/{remote}/*'"
        if self.is_shallow:
            return f"run `git fetch --unshallow {branches}` (in GitHub Actions: fetch-depth: 0), or "
        return f"run `git fetch {branches}`, or "

    def _is_cut(self, commit: str) -> bool:
        """Whether the parents of a commit were not fetched."""
        name = self._text("rev-parse", "--git-path", "shallow")
        try:
            return commit in Path(self.folder, name or "").read_text("ascii").split()
        except OSError:
            return False

    def required_commit(self, revision: str, argument: str) -> str:
        """Return the full name of a commit.

        Raises:
            DocumentError: There is no such commit. The message says how to fetch it.
        """
        found = self.commit(revision)
        if found:
            return found
        if self.is_shallow:
            reason = f"{argument!r} is neither a file nor a revision of this shallow clone"
            raise DocumentError(f"{reason}; {self._remedy()}name another revision")
        raise DocumentError(f"{argument!r} is neither a file nor a git revision; `git fetch` may help")

    def read(self, commit: str, path: PurePosixPath) -> bytes:
        """Return the content of a file at a commit; an empty commit means the index.

        Raises:
            Unread: There is no such file, or a symbolic link leads out of the repository.
        """
        if self._objects is None:
            # Follows symbolic links within the commit, and never leaves the repository.
            arguments = ["git", "cat-file", "--batch", *(["--follow-symlinks"] if commit else [])]
            self._objects = subprocess.Popen(
                arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self.folder
            )
        process = self._objects
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(os.fsencode(f"{commit}:{path}\n"))
        process.stdin.flush()
        answer = process.stdout.readline().split()
        if len(answer) == 3 and answer[1] in (b"blob", b"tree", b"commit"):
            content = process.stdout.read(int(answer[2]) + 1)[:-1]
            if answer[1] == b"blob":
                return content
            raise Unread("it is a folder or a submodule")
        if len(answer) == 2 and answer[0] in (b"symlink", b"dangling", b"loop", b"notdir"):
            process.stdout.read(int(answer[1]) + 1)
            if answer[0] == b"symlink":
                raise Unread("the file is outside of the repository")
        raise Unread("the file does not exist")

    def close(self) -> None:
        """End the process that reads files."""
        if self._objects is not None:
            self._objects.communicate()
            self._objects = None

    def has(self, commit: str | None, path: str) -> bool:
        """Whether a file exists at a commit, or in the working tree if the commit is None."""
        if commit is None:
            return self.top is not None and Path(self.top, path).is_file()
        return self._run("cat-file", "-e", f"{commit}:{path}").returncode == 0

    def renamed(self, path: str, old: str, new: str | None, *, forward: bool) -> str | None:
        """The name of a file on the other side of a comparison, by git's detection of renames.

        Args:
            path: The name in the new commit, or in the old commit with `forward`.
            old: The old commit.
            new: The new commit, or None for the working tree.
            forward: Whether to return the new name of an old file.
        """
        pairs = list(self._renames_between(old, new))
        names = dict(pairs) if forward else {after: before for before, after in pairs}
        if path in names:
            return names[path]
        # The content may have changed too much between the two commits, but not within each commit.
        found = path
        log = list(self._renames_of_commits(old, new or "HEAD"))
        for before, after in reversed(log) if forward else log:
            if found == (before if forward else after):
                found = after if forward else before
        return None if found == path else found

    def _renames_between(self, old: str, new: str | None) -> Iterator[tuple[str, str]]:
        if new is not None:
            return _pairs(self._run("diff", *_RENAMES, old, new, "--").stdout)
        with tempfile.TemporaryDirectory(prefix="diff-") as folder:
            # A copy of the index, so that git also sees files that were moved without `git mv`.
            index = Path(folder, "index")
            known = Path(self.folder, self._text("rev-parse", "--git-path", "index") or "index")
            if known.is_file():
                shutil.copyfile(known, index)
            others = self._run("ls-files", "--others", "--exclude-standard", "-z", "--full-name", "--", *_anywhere())
            environment = {**os.environ, "GIT_INDEX_FILE": str(index)}
            names = [os.fsdecode(name) for name in others.stdout.split(b"\0") if name]
            if names:
                top = self.top or self.folder
                subprocess.run(
                    ["git", "add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul"],
                    input=b"\0".join(map(os.fsencode, names)),
                    capture_output=True,
                    check=False,
                    cwd=top,
                    env={**environment, "GIT_LITERAL_PATHSPECS": "1"},
                )
            return _pairs(self._run("diff", *_RENAMES, old, "--", environment=environment).stdout)

    def _renames_of_commits(self, old: str, new: str) -> Iterator[tuple[str, str]]:
        """The renames of each commit, the latest first."""
        limits = ("--format=", f"--max-count={_MOST_COMMITS}", "--topo-order")
        return _pairs(self._run("log", *limits, *_RENAMES, f"{old}..{new}", "--").stdout)

    def _text(self, *arguments: str) -> str | None:
        found = self._run(*arguments)
        return found.stdout.decode(errors="replace").strip() if found.returncode == 0 else None

    def _run(self, *arguments: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[bytes]":
        try:
            return subprocess.run(
                ["git", *arguments], capture_output=True, check=False, cwd=self.folder, env=environment
            )
        except FileNotFoundError:
            raise DocumentError("git is not installed; without git, only files can be compared") from None


_RENAMES = ("--name-status", "-z", "-M", "-l0", "--diff-filter=R", "--no-relative", "--no-ext-diff")


def _branches(remote: str) -> list[str]:
    return [f"{remote}/{name}" for name in ("HEAD", "main", "master")]


def _anywhere() -> list[str]:
    """Pathspecs for documents in the whole working tree."""
    return [f":(top){suffix}" for suffix in _SUFFIXES]


def _pairs(listing: bytes) -> Iterator[tuple[str, str]]:
    """The old and the new names in the output of `git diff --name-status -z`."""
    fields = [os.fsdecode(field.strip(b"\n")) for field in listing.split(b"\0")]
    for index, status in enumerate(fields):
        if status.startswith("R") and status[1:].isdigit() and index + 2 < len(fields):
            yield fields[index + 1], fields[index + 2]
