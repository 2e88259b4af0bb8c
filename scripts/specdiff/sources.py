"""Where the two sides come from: a git revision, a file at a revision, a file, or standard input."""

import subprocess
import sys
from pathlib import Path

from scripts.openapi.contract import OPENAPI_YAML, ROOT
from scripts.openapi.loading import LoadError, load, parse

from .engine.document import Document, DocumentError

_MAIN = ("origin/HEAD", "origin/main", "main", "origin/master", "master")


def read(said: str) -> Document:
    """The document that an argument of the command line names.

    Raises:
        DocumentError: There is no such thing, or it is not a document of OpenAPI 3.0 or 3.1.
    """
    try:
        if said == "-":
            return Document.of(parse(sys.stdin.buffer.read(), "standard input"))
        path = Path(said)
        if path.is_file():
            return Document.of(load(path), path)
        if path.is_dir():
            raise DocumentError(f"{said} is a folder; name the document in it")
        revision, colon, name = said.partition(":")
        if colon:
            return Document.of(parse(_shown(revision, name, said), said))
        content = _shown(said, OPENAPI_YAML.name, said, folder=ROOT)
        return Document.of(parse(content, f"{said}:{OPENAPI_YAML.name}"))
    except LoadError as error:
        raise DocumentError(str(error)) from None
    except OSError as error:
        raise DocumentError(f"{said} cannot be read: {error.strerror or error}") from None


def working_tree() -> Document:
    """The contract as it stands in the working tree."""
    return read(str(OPENAPI_YAML.relative_to(Path.cwd()) if OPENAPI_YAML.is_relative_to(Path.cwd()) else OPENAPI_YAML))


def merge_base() -> str:
    """The revision where this branch left the main one, shortened; raises DocumentError where git knows none."""
    for name in _MAIN:
        found = _git("merge-base", "HEAD", name, folder=ROOT)
        if found.returncode == 0:
            return found.stdout.decode().strip()[:12]
    raise DocumentError(
        f"there is no merge base with a main branch (tried {', '.join(_MAIN)}); name two revisions or files, "
        "as in: scripts/diff HEAD~1 openapi.yaml"
    )


def no_merge_base() -> str | None:
    """Why nothing can be compared where no side was named, as in a shallow clone; None if it can."""
    try:
        merge_base()
    except DocumentError as error:
        return str(error)
    return None


def _shown(revision: str, path: str, said: str, folder: Path | None = None) -> bytes:
    """The content of a file at a revision."""
    if revision.startswith("-") or not revision:
        raise DocumentError(f"{said!r} is neither a file nor a git revision")
    if _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", folder=folder).returncode:
        hint = "no file of that name is here, and git knows no such revision"
        raise DocumentError(f"{said!r} is neither a file nor a git revision: {hint}; `git fetch` may help")
    found = _git("show", "--end-of-options", f"{revision}:{path}", folder=folder)
    if found.returncode:
        raise DocumentError(f"the revision {revision} has no file {path}; say REVISION:PATH if it is elsewhere")
    return found.stdout


def _git(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=False, cwd=folder)
    except FileNotFoundError:
        raise DocumentError("git is not installed, and without it only files can be compared") from None
