"""Reads the documents to compare from git revisions, files and standard input."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from attrs import evolve, field, frozen

from scripts.openapi import other_files
from scripts.openapi.document import as_map
from scripts.openapi.loading import MAX_BYTES, Loaded, LoadError, load, parse
from scripts.openapi.other_files import Reader, Unread

from .engine.document import ComparedDocument, DocumentError
from .git import Repository

DOCUMENTS = ("openapi.yaml", "openapi.yml", "openapi.json")
"""The usual names of documents, in the order in which they are searched."""
_INPUT = "-"
_NAMES_OF_GIT = ("HEAD", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD")


@frozen
class Sources:
    """Where a comparison finds its documents."""

    path: str | None = None
    """The path of the document in the repository of the working directory, or None for one of the usual names."""
    max_bytes: int = MAX_BYTES
    warn: Callable[[str], None] = field(default=lambda message: print(f"scripts/diff: {message}", file=sys.stderr))

    def sides(self, old: str | None, new: str | None) -> tuple[ComparedDocument, ComparedDocument]:
        """Read both documents.

        Args:
            old: A file, a revision, REVISION:PATH, or - for standard input; None means the merge base.
            new: The same; None means the working tree.

        Raises:
            DocumentError: A document does not exist, cannot be parsed, or is not OpenAPI 3.
        """
        if old == new == _INPUT:
            raise DocumentError("only one side can be standard input")
        if all(_is_complete(side) for side in (old, new)):
            return pair(*(self._named(str(side)) for side in (old, new)))
        repository = Repository.of(Path.cwd())
        try:
            return self._of_repository(repository, old, new)
        finally:
            repository.close()

    def sides_of_hook(self) -> tuple[ComparedDocument, ComparedDocument] | None:
        """Read a document of the working tree, and its version at the merge base or else in the last commit.

        Returns None if the document is new.
        """
        repository = Repository.of(Path.cwd())
        try:
            base = repository.merge_base()
        except DocumentError:
            base = "HEAD"
        (inner,) = self._candidates(repository, (None, None))
        commit = repository.commit(base)
        if commit is None or not (
            repository.has(commit, inner) or repository.renamed(inner, commit, None, forward=False)
        ):
            return None
        return self.sides(base, None)

    def of_git(self, file: str, name: str) -> ComparedDocument | None:
        """Read a version of a document that git wrote to a file for its external diff; None for /dev/null."""
        if file == os.devnull:
            return None
        try:
            return self._document(evolve(load(Path(file), self.max_bytes), name=name), reader=_one_version)
        except LoadError as error:
            raise DocumentError(str(error).replace(file, name, 1)) from None
        except OSError as error:
            raise DocumentError(f"{name} cannot be read: {error.strerror or error}") from None

    def _of_repository(
        self, repository: Repository, old: str | None, new: str | None
    ) -> tuple[ComparedDocument, ComparedDocument]:
        commits = [
            None if _is_complete(side) else repository.required_commit(side, side) if side else default
            for side, default in ((old, None if old else repository.merge_base()), (new, None))
        ]
        if new is None and repository.top is None:
            raise DocumentError("this repository has no working tree; name two revisions: scripts/diff HEAD~1 HEAD")
        paths = self._paths(repository, (old, new), commits)
        if _is_complete(old) and new is None and paths[1] and _is_same(str(old), Path(repository.top or "", paths[1])):
            raise DocumentError(
                f"{old} would be compared with itself; name two documents, or run scripts/diff --path {old} to compare "
                "it with the main branch"
            )
        sides: list[ComparedDocument | None] = []
        for side, commit, path in zip((old, new), commits, paths, strict=True):
            if _is_complete(side):
                sides.append(self._named(str(side)))
            elif commit is not None:
                name = side or commit[:12]
                sides.append(self._at_revision(repository, commit, str(path), f"{name}:{path}"))
            else:
                sides.append(self._in_working_tree(repository, str(path)))
        return pair(*sides)

    def _paths(
        self, repository: Repository, sides: tuple[str | None, str | None], commits: Sequence[str | None]
    ) -> list[str | None]:
        """The path of the document on each side of a comparison, relative to the top folder."""
        wanted = self._candidates(repository, sides)
        found: list[str | None] = [None, None]
        for index in (1, 0):
            if not _is_complete(sides[index]):
                found[index] = next((path for path in wanted if repository.has(commits[index], path)), None)
        free = [index for index in (0, 1) if not _is_complete(sides[index])]
        if len(free) == 2 and commits[0] is not None:
            before, after = found
            if after is not None and before != after and not repository.has(commits[0], after):
                found[0] = repository.renamed(after, commits[0], commits[1], forward=False) or before
            elif after is None and before is not None:
                found[1] = repository.renamed(before, commits[0], commits[1], forward=True)
        elif len(free) == 1 and found[free[0]] is None and (other := sides[1 - free[0]]) and other != _INPUT:
            found[free[0]] = self._moved(repository, other, commits[free[0]])
        for index in free:
            if found[index] is None:
                raise DocumentError(_not_found(wanted, sides[index], commits[index]))
        return found

    def _candidates(self, repository: Repository, sides: tuple[str | None, str | None]) -> list[str]:
        """The paths at which a document is searched."""
        if self.path is not None:
            inner = repository.inner(Path(self.path))
            if inner is None:
                raise DocumentError(f"{self.path} is outside of the repository; compare two files instead")
            parents = [parent for parent in PurePosixPath(inner).parents if parent.name]
            if inside := next((str(one) for one in parents if Path(repository.top or "", one, ".git").exists()), None):
                raise DocumentError(f"{inside} is a submodule; run scripts/diff in that folder")
            return [inner]
        files = [Path(side) for side in sides if side and Path(side).is_file()]
        named = [inner for path in files if (inner := repository.inner(path)) is not None]
        here = [inner for name in DOCUMENTS if (inner := repository.inner(Path(name))) is not None]
        return list(dict.fromkeys([*named, *here, *DOCUMENTS]))

    def _moved(self, repository: Repository, other: str, commit: str | None) -> str | None:
        """The path at a commit of a file that is on the disk now."""
        inner = repository.inner(Path(other)) if Path(other).is_file() else None
        return repository.renamed(inner, commit, None, forward=False) if inner and commit else None

    def _named(self, argument: str) -> ComparedDocument | None:
        """Read the document of a file, REVISION:PATH or standard input; None for the missing document /dev/null."""
        try:
            if argument == _INPUT:
                return self._document(parse(sys.stdin.buffer.read(), "standard input", self.max_bytes))
            path = Path(argument)
            if path.is_dir():
                raise DocumentError(f"{argument} is a folder; name a document in it")
            if path == Path(os.devnull):
                return None
            if path.is_file():
                return self._document(load(path, self.max_bytes), path, *_surroundings(path))
            if path.exists():
                # A pipe, such as the /dev/fd/63 of a shell's process substitution. Its size is not known.
                return self._document(parse(path.read_bytes(), argument, self.max_bytes))
        except LoadError as error:
            raise DocumentError(str(error)) from None
        except OSError as error:
            raise DocumentError(f"{argument} cannot be read: {error.strerror or error}") from None
        revision, _, name = argument.partition(":")
        if Path(argument).is_dir():
            raise DocumentError(f"{argument} is a folder; name a document in it")
        if not name and Path(argument).suffix in (".yaml", ".yml", ".json"):
            raise DocumentError(f"{argument} does not exist")
        if ".." in revision:
            raise DocumentError(f"{argument!r} is a range; name two revisions, as in: scripts/diff main HEAD")
        repository = Repository.of(Path.cwd())
        try:
            commit = repository.required_commit(revision, argument) if revision else ""
            # Like git, take a path from the top folder, unless it starts with a dot.
            inner = repository.inner(Path(name)) if name.startswith(("./", "../")) else os.path.normpath(name)
            return self._at_revision(repository, commit, inner or name, argument)
        finally:
            repository.close()

    def _in_working_tree(self, repository: Repository, inner: str) -> ComparedDocument:
        top = repository.top
        assert top is not None
        path = top / inner
        if not path.resolve().is_relative_to(top):
            raise DocumentError(f"{inner} is a symbolic link that leads out of the repository; name the file itself")
        shown = Path(os.path.relpath(path)) if path.is_relative_to(Path.cwd()) else path
        try:
            loaded = load(shown, self.max_bytes)
        except LoadError as error:
            raise DocumentError(str(error)) from None
        except OSError as error:
            raise DocumentError(f"{shown} cannot be read: {error.strerror or error}") from None
        return self._document(loaded, shown, PurePosixPath(inner), other_files.folder_reader(top))

    def _at_revision(self, repository: Repository, commit: str, inner: str, name: str) -> ComparedDocument:
        try:
            content = repository.read(commit, PurePosixPath(inner))
        except Unread as error:
            where = f"the revision {name.partition(':')[0]}" if commit else "the index"
            raise DocumentError(
                f"{where} has no file {inner}: {error}; use REVISION:PATH or --path for another path, or /dev/null for "
                "a document that did not exist yet"
            ) from None
        try:
            loaded = parse(content, name, self.max_bytes)
        except LoadError as error:
            raise DocumentError(str(error)) from None
        return self._document(loaded, None, PurePosixPath(inner), lambda path: repository.read(commit, path))

    def _document(
        self,
        loaded: Loaded,
        path: Path | None = None,
        inner: PurePosixPath | None = None,
        reader: Reader | None = None,
    ) -> ComparedDocument:
        if loaded.leads_out and isinstance(loaded.document, dict):
            loaded = other_files.join(loaded, inner or PurePosixPath("document"), reader or _no_reader, self.max_bytes)
        return ComparedDocument.of(_with_version_text(loaded, self.warn), path)


def read(argument: str) -> ComparedDocument:
    """Read the document of a file, REVISION:PATH or standard input.

    Raises:
        DocumentError: The document does not exist, cannot be parsed, or is not OpenAPI 3.
    """
    found = Sources()._named(argument)
    if found is None:
        raise DocumentError(f"{argument} is no document")
    return found


def pair(old: ComparedDocument | None, new: ComparedDocument | None) -> tuple[ComparedDocument, ComparedDocument]:
    """Return two documents. A missing document becomes a document without operations."""
    some = old or new
    if some is None:
        raise DocumentError(f"only one side can be {os.devnull}")
    return old or _without_operations(some), new or _without_operations(some)


def _without_operations(other: ComparedDocument) -> ComparedDocument:
    data = {"openapi": other.data["openapi"], "info": {"title": as_map(other.data.get("info")).get("title", "")}}
    return ComparedDocument.of(Loaded({**data, "paths": {}}, os.devnull, {}))


def _is_complete(side: str | None) -> bool:
    """Whether an argument names a document, and not only a revision."""
    if side is None or side == _INPUT or ":" in side:
        return side is not None
    path = Path(side)
    if not path.exists() or path.is_dir():
        return False
    # In a bare repository, HEAD is also the name of a file.
    return path.name not in _NAMES_OF_GIT or Repository(Path.cwd()).commit(side) is None


def _is_same(argument: str, path: Path) -> bool:
    return Path(argument).is_file() and path.is_file() and Path(argument).samefile(path)


def _surroundings(path: Path) -> tuple[PurePosixPath, Reader]:
    """The path of a file below its repository, or below its folder without git, and a reader of the other files."""
    folder = path.parent.resolve()
    root = next((outer for outer in (folder, *folder.parents) if (outer / ".git").exists()), folder)
    return PurePosixPath((folder / path.name).relative_to(root).as_posix()), other_files.folder_reader(root)


def _no_reader(_path: PurePosixPath) -> bytes:
    raise Unread("the document comes from a pipe, which has no folder")


def _one_version(_path: PurePosixPath) -> bytes:
    raise Unread("git hands over one file of an unknown revision")


def _not_found(wanted: Sequence[str], side: str | None, commit: str | None) -> str:
    where = "the working tree" if commit is None else f"the revision {side or commit[:12]}"
    return (
        f"{where} has no {' or '.join(wanted)}, also not under a name from or to which git sees a rename; name the "
        f"document with --path, or use {os.devnull} for a document that does not exist on one side"
    )


def _with_version_text(loaded: Loaded, warn: Callable[[str], None]) -> Loaded:
    """Return a document whose version is a string, and warn if `openapi: 3.1` was written as a number."""
    version = loaded.document.get("openapi") if isinstance(loaded.document, dict) else None
    if not isinstance(version, float):
        return loaded
    line, column = loaded.place("/openapi")
    warn(f"{loaded.name}:{line}:{column}: warning: `openapi` is the number {version}; write '{version}.0'")
    loaded.document["openapi"] = f"{version}.0"
    return loaded


def no_merge_base() -> str | None:
    """Return the reason if there is no merge base, for example in a shallow clone. Otherwise return None."""
    try:
        Repository.of(Path.cwd()).merge_base()
    except DocumentError as error:
        return str(error)
    return None
