"""Reads the documents to compare from git revisions, files and standard input."""

import subprocess
import sys
from pathlib import Path

from scripts.openapi.contract import OPENAPI_YAML, ROOT
from scripts.openapi.loading import LoadError, load, parse

from .engine.document import ComparedDocument, DocumentError

_MAIN_BRANCHES = ("origin/HEAD", "origin/main", "main", "origin/master", "master")


def read(argument: str) -> ComparedDocument:
    """Read the document that an argument of the command line names.

    Raises:
        DocumentError: The document does not exist, cannot be parsed, or is not OpenAPI 3.0 or 3.1.
    """
    try:
        if argument == "-":
            return ComparedDocument.of(parse(sys.stdin.buffer.read(), "standard input"))
        path = Path(argument)
        if path.is_file():
            return ComparedDocument.of(load(path), path)
        if path.is_dir():
            raise DocumentError(f"{argument} is a folder; name a document in it")
        revision, colon, name = argument.partition(":")
        if colon:
            return ComparedDocument.of(parse(_content(revision, name, argument), argument))
        content = _content(argument, OPENAPI_YAML.name, argument, folder=ROOT)
        return ComparedDocument.of(parse(content, f"{argument}:{OPENAPI_YAML.name}"))
    except LoadError as error:
        raise DocumentError(str(error)) from None
    except OSError as error:
        raise DocumentError(f"{argument} cannot be read: {error.strerror or error}") from None


def working_tree() -> ComparedDocument:
    """Read the contract of the working tree."""
    return read(str(OPENAPI_YAML.relative_to(Path.cwd()) if OPENAPI_YAML.is_relative_to(Path.cwd()) else OPENAPI_YAML))


def merge_base() -> str:
    """Return the merge base with the main branch, as an abbreviated revision.

    Raises:
        DocumentError: There is no merge base.
    """
    for name in _MAIN_BRANCHES:
        found = _git("merge-base", "HEAD", name, folder=ROOT)
        if found.returncode == 0:
            return found.stdout.decode().strip()[:12]
    raise DocumentError(
        f"there is no merge base with a main branch (tried {', '.join(_MAIN_BRANCHES)}); name two revisions or files, "
        "as in: scripts/diff HEAD~1 openapi.yaml"
    )


def no_merge_base() -> str | None:
    """Return the reason if there is no merge base, for example in a shallow clone. Otherwise return None."""
    try:
        merge_base()
    except DocumentError as error:
        return str(error)
    return None


def _content(revision: str, path: str, argument: str, folder: Path | None = None) -> bytes:
    """Return the content of a file at a revision."""
    if revision.startswith("-") or not revision:
        raise DocumentError(f"{argument!r} is neither a file nor a git revision")
    if _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", folder=folder).returncode:
        raise DocumentError(f"{argument!r} is neither a file nor a git revision; `git fetch` may help")
    found = _git("show", "--end-of-options", f"{revision}:{path}", folder=folder)
    if found.returncode:
        raise DocumentError(f"the revision {revision} has no file {path}; use REVISION:PATH for another path")
    return found.stdout


def _git(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=False, cwd=folder)
    except FileNotFoundError:
        raise DocumentError("git is not installed; without git, only files can be compared") from None
