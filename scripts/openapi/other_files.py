"""Reads the local files that the references of a document name, and joins them with the document.

Each file is put below the key `$files` of the document, and the references are rewritten to point there. So all code
reads a document in several files like a document in one file, and cycles between files are cycles of references.
"""

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import define, evolve, field

from .loading import Loaded, LoadError, parse
from .pointers import FILES, below, find
from .walk import walk

Reader = Callable[[PurePosixPath], bytes]
"""Returns the content of a file below the root of a repository or folder, or raises Unread."""


class Unread(Exception):
    """A file that a reference names is not read; the message states the reason."""


def folder_reader(root: Path) -> Reader:
    """Return a reader of the files below a folder. Symbolic links that lead out of the folder are not followed."""
    real = root.resolve()

    def read(path: PurePosixPath) -> bytes:
        found = Path(real, path).resolve()
        if not found.is_relative_to(real) or ".git" in found.relative_to(real).parts:
            raise Unread("the file is outside of the repository")
        # Reading a pipe or a device might never end.
        if not found.is_file():
            raise Unread("the file does not exist")
        try:
            return found.read_bytes()
        except OSError as error:
            raise Unread(f"the file cannot be read: {error.strerror}") from None

    return read


def join(loaded: Loaded, path: PurePosixPath, read: Reader, max_bytes: int) -> Loaded:
    """Read the files that a document refers to, and rewrite its references.

    Args:
        loaded: The document. Its references are changed in place.
        path: The path of the document below the root of the reader.
        read: Reads the other files.
        max_bytes: The maximum size of the document and all files together; 0 means no limit.

    Returns:
        The document with `files` and `unread`. A reference that was not followed is left as it was.
    """
    joiner = _Joiner(loaded, path, read, max_bytes)
    joiner.follow(loaded.document, path)
    for name, node in (loaded.document.get("x-webhooks") or {}).items():
        # `walk` skips extensions, but many documents of version 3.0 have webhooks here.
        joiner.follow(node, path, below("/x-webhooks", name))
    joiner.finish()
    files = {str(name): file for name, file in joiner.files.items() if name != path}
    if files:
        loaded.document[FILES] = {name: file.document for name, file in files.items()}
    return evolve(loaded, files=files, unread=joiner.unread)


@define
class _Joiner:
    root: Loaded
    path: PurePosixPath
    read: Reader
    max_bytes: int
    files: dict[PurePosixPath, Loaded] = field(factory=dict)
    unread: dict[str, str] = field(factory=dict)
    _failed: dict[PurePosixPath, str] = field(factory=dict)
    _waiting: list[tuple[Any, PurePosixPath, str]] = field(factory=list)
    _targets: set[tuple[PurePosixPath, str]] = field(factory=set)
    _done: set[int] = field(factory=set)
    """The `id` of each object whose references were rewritten; aliases of YAML share an object."""
    _size: int = 0

    def __attrs_post_init__(self) -> None:
        self.files[self.path] = self.root
        self._size = len(self.root.content)

    def follow(self, node: Any, path: PurePosixPath, pointer: str = "") -> None:
        """Rewrite the references below a node of a file now, and those of their targets later."""
        for found in walk(node, pointer):
            if found.has_names or id(found.value) in self._done or not isinstance(found.value, dict):
                continue
            self._done.add(id(found.value))
            reference = found.value.get("$ref")
            if isinstance(reference, str):
                found.value["$ref"] = self._rewritten(reference, path)
            discriminator = found.value.get("discriminator")
            mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
            if isinstance(mapping, dict) and id(mapping) not in self._done:
                self._done.add(id(mapping))
                for value, target in mapping.items():
                    # A word without a dot, a slash or a hash is the name of a component.
                    if isinstance(target, str) and any(char in target for char in "./#") and not self._names(target):
                        mapping[value] = self._rewritten(target, path)

    def finish(self) -> None:
        """Follow the targets of all references."""
        while self._waiting:
            self.follow(*self._waiting.pop())

    def _names(self, target: str) -> bool:
        components = self.root.document.get("components")
        schemas = components.get("schemas") if isinstance(components, dict) else None
        return isinstance(schemas, dict) and target in schemas

    def _rewritten(self, reference: str, path: PurePosixPath) -> str:
        """Return the reference within the joined document, or the reference itself if it is not followed."""
        if path == self.path and reference.startswith("#"):
            return reference
        try:
            target, pointer = self._target(reference, path)
        except Unread as reason:
            self.unread.setdefault(reference, str(reason))
            return reference
        if target != self.path and (target, pointer) not in self._targets:
            self._targets.add((target, pointer))
            self._waiting.append((find(self.files[target].document, pointer), target, pointer))
        within = pointer if target == self.path else below("", FILES, target) + pointer
        return f"#{within.replace('%', '%25')}"

    def _target(self, reference: str, path: PurePosixPath) -> tuple[PurePosixPath, str]:
        """Return the file of a reference and the pointer in the file. Read the file if this is its first use."""
        try:
            parts = urlsplit(reference)
        except ValueError:
            raise Unread("it is not a valid reference") from None
        if parts.scheme or parts.netloc:
            raise Unread("it is an address, and only local files are read")
        if parts.query:
            raise Unread("it has a query, and only local files are read")
        target = _joined(path, unquote(parts.path)) if parts.path else path
        document = self._file(target).document
        fragment = unquote(parts.fragment)
        if fragment and not fragment.startswith("/"):
            pointer = next((node.pointer for node in walk(document) if _anchor(node.value) == fragment), None)
        else:
            pointer = fragment if find(document, fragment) is not None else None
        if pointer is None:
            raise Unread(f"{target} has no {fragment}")
        return target, pointer

    def _file(self, path: PurePosixPath) -> Loaded:
        if path not in self.files and path not in self._failed:
            try:
                content = self.read(path)
                self._size += len(content)
                if self.max_bytes and self._size > self.max_bytes:
                    raise Unread(f"all files together are larger than {self.max_bytes // 1_000_000} MB; see --max-size")
                self.files[path] = parse(content, str(path), self.max_bytes)
            except (Unread, LoadError) as error:
                self._failed[path] = str(error)
        if path in self._failed:
            raise Unread(self._failed[path])
        return self.files[path]


def _anchor(node: Mapping[str, Any]) -> Any:
    return node.get("$anchor")


def _joined(path: PurePosixPath, other: str) -> PurePosixPath:
    """The path of another file, relative to the root. `..` may not lead out of the root."""
    if other.startswith("/"):
        raise Unread("it is an absolute path, and only relative paths are followed")
    parts: list[str] = list(path.parent.parts)
    for part in other.split("/"):
        if part == "..":
            if not parts:
                raise Unread("the file is outside of the repository")
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    if not parts or "\0" in other or "\n" in other:
        raise Unread("the file does not exist")
    return PurePosixPath(*parts)
