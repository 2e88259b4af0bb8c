"""Rules about the extension that describes files: `x-file`."""

from collections.abc import Iterator
from typing import Any

from scripts.openapi.document import as_map
from scripts.openapi.pointers import below
from scripts.openapi.walk import walk
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind
from scripts.specdiff.rules.rule import Findings, changed_from, quoted, rule

from .extension import added, pointers, removed, values

_NAME = "x-file"


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.GROWS)
def file_added(pair: Pair[Object]) -> Findings:
    """The description of a file was added (`x-file`).

    Requests and responses stay the same. The package gains the facts about the file.
    """
    yield from added(pair, _NAME)


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS)
def file_removed(pair: Pair[Object]) -> Findings:
    """The description of a file was removed (`x-file`).

    Callers cannot know whether the file is still at the same path. The package loses the facts about the file.
    Instead: keep `x-file`.
    """
    yield from removed(pair, _NAME)


def _both(pair: Pair[Object]) -> tuple[Object, Object] | None:
    """The old and the new x-file, if both documents have it."""
    old, new = values(pair, _NAME)
    return (as_map(old), as_map(new)) if old is not None and new is not None else None


def _change(pair: Pair[Object], key: str, text: str, old: Any, new: Any, subject: str) -> Change:
    old_place, new_place = (below(pointer, key) for pointer in pointers(pair, _NAME))
    return Change(text, old, new, old_place, new_place, subject)


def _addresses(file: Object) -> Iterator[tuple[str, str, Any]]:
    """The key, the name and the value of each address in x-file."""
    upload = as_map(file.get("upload"))
    yield "content", "the path of the file", file.get("content")
    yield "upload", "the path of the upload", upload.get("path")
    yield "upload", "the purpose", upload.get("purpose")


@rule(PairKind.EXTENSIONS, Effect.BREAKS, PythonEffect.GROWS)
def file_moved(pair: Pair[Object]) -> Findings:
    """A file is uploaded or read at another path, or uploaded for another purpose.

    Callers that use the old path or purpose fail. The package uses the new path and purpose.
    Instead: keep the old path and purpose, and add a property for another file.
    """
    if both := _both(pair):
        for (key, name, old), (_, _, new) in zip(*map(_addresses, both), strict=True):
            if old != new and None not in (old, new):
                yield _change(pair, key, changed_from(name, old, new), old, new, name)


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.GROWS)
def file_upload_added(pair: Pair[Object]) -> Findings:
    """The description of the upload of a file was added (`upload` in `x-file`).

    Requests and responses stay the same. The package learns how to upload the file.
    """
    if (both := _both(pair)) and both[0].get("upload") is None and both[1].get("upload") is not None:
        yield _change(pair, "upload", "the upload of the file was added", None, both[1]["upload"], "upload")


@rule(PairKind.EXTENSIONS, Effect.UNSETTLES, PythonEffect.BREAKS)
def file_upload_removed(pair: Pair[Object]) -> Findings:
    """The description of the upload of a file was removed (`upload` in `x-file`).

    Callers cannot know whether they may still upload the file. The package loses the facts about the upload.
    Instead: keep `upload`.
    """
    if (both := _both(pair)) and both[0].get("upload") is not None and both[1].get("upload") is None:
        yield _change(pair, "upload", "the upload of the file was removed", both[0]["upload"], None, "upload")


def _limits(pair: Pair[Object]) -> Iterator[tuple[str, Any, Any, bool]]:
    """The changed limits: the key, the old limit, the new limit, and whether the limit was lowered."""
    sides = _both(pair) or ()
    for key in ("max_lines", "max_bytes") if sides else ():
        old, new = (value if isinstance(value, int) else None for value in (side.get(key) for side in sides))
        if old != new:
            yield key, old, new, new is not None and (old is None or new < old)


@rule(PairKind.EXTENSIONS, Effect.NARROWS, PythonEffect.GROWS)
def file_limit_lowered(pair: Pair[Object]) -> Findings:
    """The limit of lines or bytes of a file was lowered, or a limit was added.

    The server rejects files of callers that use the old limit. The package uses the new limit.
    Instead: keep the old limit.
    """
    for key, old, new, is_lower in _limits(pair):
        if is_lower:
            yield _change(pair, key, changed_from(f"{key} of the file", old, new), old, new, key)


@rule(PairKind.EXTENSIONS, Effect.WIDENS, PythonEffect.GROWS)
def file_limit_raised(pair: Pair[Object]) -> Findings:
    """The limit of lines or bytes of a file was raised or removed.

    Callers that write the file notice nothing. Callers that read the file may receive more than they expect. The
    package uses the new limit.
    Instead: add a property for a larger file.
    """
    for key, old, new, is_lower in _limits(pair):
        if not is_lower:
            yield _change(pair, key, changed_from(f"{key} of the file", old, new), old, new, key)


def _constraints(file: Object) -> dict[tuple[str, str], str]:
    """The texts of the constraints in x-file, by key and content."""
    equal = as_map(file.get("equal"))
    found = {("equal", f"{name} {equal[name]}"): f"{name} equals {equal[name]}" for name in equal}
    if isinstance(unique := file.get("unique"), str):
        found["unique", unique] = f"{unique} is unique"
    return found


def _constraints_only_in(pair: Pair[Object], side: int, verb: str) -> Findings:
    if both := _both(pair):
        constraints, others = _constraints(both[side]), _constraints(both[1 - side])
        for key, subject in sorted(constraints.keys() - others.keys()):
            text = f"the constraint {quoted(constraints[key, subject])} of the lines was {verb}"
            yield _change(pair, key, text, both[0].get(key), both[1].get(key), subject)


@rule(PairKind.EXTENSIONS, Effect.NARROWS, PythonEffect.GROWS)
def file_constraint_added(pair: Pair[Object]) -> Findings:
    """A constraint on the lines of a file was added: `unique`, or a field in `equal`.

    The server rejects files of callers that do not know the constraint. The package uses the new constraints.
    Instead: accept files that do not meet the constraint.
    """
    yield from _constraints_only_in(pair, 1, "added")


@rule(PairKind.EXTENSIONS, Effect.WIDENS, PythonEffect.GROWS)
def file_constraint_removed(pair: Pair[Object]) -> Findings:
    """A constraint on the lines of a file was removed: `unique`, or a field in `equal`.

    Callers that write the file notice nothing. Callers that read the file may rely on the constraint.
    Instead: keep the constraint for files that callers read.
    """
    yield from _constraints_only_in(pair, 0, "removed")


def _line(document: ComparedDocument, node: Object) -> Iterator[str]:
    """The pointer of the schema of a line.

    Callers write the lines of the files that they upload. An object with the id of such a file only returns the id, so
    its x-file is not followed: otherwise callers would count as readers of their own lines.
    """
    if _NAME not in node:
        return
    file = as_map(node[_NAME])
    line = file.get("line")
    pointer = below("/components/schemas", str(line))
    if pointer in document.component_schemas and ("upload" in file or line not in _uploaded_lines(document)):
        yield pointer


def _uploaded_lines(document: ComparedDocument) -> list[Any]:
    files = (as_map(part.value.get(_NAME)) for part in walk(document.data) if not part.has_names)
    return [file.get("line") for file in files if "upload" in file]


@rule(PairKind.EXTENSIONS, Effect.ADDS, PythonEffect.BREAKS, references=_line)
def file_line_changed(pair: Pair[Object]) -> Findings:
    """The lines of a file have the schema of another component (`line` in `x-file`).

    The differences between the two components are findings of their own. Users of the package get another class.
    Instead: change the component, and keep its name.
    """
    both = _both(pair)
    if both and (old := both[0].get("line")) != (new := both[1].get("line")):
        yield _change(pair, "line", changed_from("line in x-file", old, new), old, new, "line")
