"""Compares the public names of the packages that are generated from the old and the new document."""

import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from scripts.openapi.time_limit import DEFAULT_SECONDS
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.effects import Impact
from scripts.specdiff.report import PythonChange

from .surface import Annotation, BuildFailure, Declaration, Surface, build, read_surface


def changes(
    old: ComparedDocument, new: ComparedDocument, seconds: float = DEFAULT_SECONDS
) -> tuple[tuple[PythonChange, ...], str | None]:
    """Return the changes for users of the package, or the reason why the packages cannot be compared.

    Args:
        old: The document before the change.
        new: The document after the change.
        seconds: How long the generation of a package may take.
    """
    if canonical_json(old.data) == canonical_json(new.data):
        return (), None
    with tempfile.TemporaryDirectory(prefix="diff-") as folder, ProcessPoolExecutor(2) as pool:
        sides = [
            (document.data, document.path, Path(folder, name), seconds)
            for document, name in ((old, "old"), (new, "new"))
        ]
        built = list(pool.map(build, sides))
        for document, result in zip((old, new), built, strict=True):
            if isinstance(result, BuildFailure):
                line, column = document.loaded.place(result.pointer)
                reason = f"no package can be generated from {document.name}:{line}:{column}: {result.message}"
                return (), f"Python is not compared, because {reason}"
        before, after = (read_surface(path) for path in built if isinstance(path, Path))
    return tuple(_differences(before, after)), None


def _differences(old: Surface, new: Surface) -> Iterator[PythonChange]:
    """Yield the changes, with the worst impact first."""
    found = [*_of_names(old, new), *_of_methods(old, new), *_of_attributes(old, new)]
    yield from sorted(found, key=lambda one: (list(Impact).index(one.impact), one.name))


def _of_names(old: Surface, new: Surface) -> Iterator[PythonChange]:
    for name in old.names.keys() | new.names.keys():
        before, after = old.names.get(name), new.names.get(name)
        if after is None:
            yield PythonChange("removed", Impact.BREAKING, name, "removed")
        elif before is None:
            yield PythonChange("added", Impact.SAFE, name, "added")
        elif before != after:
            gained, lost = _difference(before, after)
            impact = Impact.BREAKING if lost else Impact.SAFE
            yield PythonChange("changed", impact, name, _message(gained, lost))


def _of_methods(old: Surface, new: Surface) -> Iterator[PythonChange]:
    classes = old.names.keys() & new.names.keys()
    before, after = (
        {method: one for method, one in side.parameters.items() if method.partition(".")[0] in classes}
        for side in (old, new)
    )
    names = {method: method for method in before if method in after} | _renamed(before, after)
    for method, other in names.items():
        if method != other:
            called = f"is now called {other.partition('.')[2]}()"
            yield PythonChange("changed", Impact.BREAKING, f"{method}()", called)
        yield from _of_parameters(other, before[method], after[other])
        was, now = old.returns[method], new.returns[other]
        if was != now:
            yield _read(f"{other}()", was, now, "returns")
    for method in before.keys() - names.keys():
        yield PythonChange("removed", Impact.BREAKING, f"{method}()", "removed")
    for method in after.keys() - set(names.values()):
        yield PythonChange("added", Impact.SAFE, f"{method}()", "added")


def _renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """The new names of renamed methods, by their old names.

    A method is renamed if exactly one removed and one added method of its class have the same signature.
    """
    removed = {method: signature for method, signature in old.items() if method not in new}
    added = {method: signature for method, signature in new.items() if method not in old}
    renamed = {}
    for method, signature in removed.items():
        prefix = f"{method.partition('.')[0]}."
        matches = [name for name in added if added[name] == signature and name.startswith(prefix)]
        if len(matches) == 1 and list(removed.values()).count(signature) == 1:
            renamed[method] = matches[0]
    return renamed


def _of_parameters(
    method: str, old: Mapping[str, Declaration], new: Mapping[str, Declaration]
) -> Iterator[PythonChange]:
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        called = f"{method}({name}=...)"
        if after is None:
            yield PythonChange("removed", Impact.BREAKING, called, "removed")
        elif before is None:
            impact = Impact.BREAKING if after.required else Impact.SAFE
            yield PythonChange("added", impact, called, "added and required" if after.required else "added")
        else:
            if before.required != after.required:
                impact = Impact.BREAKING if after.required else Impact.SAFE
                yield PythonChange("changed", impact, called, f"became {'required' if after.required else 'optional'}")
            if before.kind != after.kind:
                yield PythonChange("changed", Impact.BREAKING, called, f"was {before.kind} and is now {after.kind}")
            if before.annotation != after.annotation:
                gained, lost = _difference(before.annotation, after.annotation)
                if lost != {"None"} or before.required == after.required:
                    impact = Impact.BREAKING if lost else Impact.SAFE
                    yield PythonChange("changed", impact, called, _message(gained, lost, "takes"))
    positional = [[name for name, one in side.items() if one.kind == "positional or keyword"] for side in (old, new)]
    common = [[name for name in side if name in old and name in new] for side in positional]
    if common[0] != common[1]:
        order = f"takes its arguments in another order: {', '.join(positional[1])}"
        yield PythonChange("changed", Impact.BREAKING, f"{method}()", order)


def _of_attributes(old: Surface, new: Surface) -> Iterator[PythonChange]:
    for name in [*old.attributes, *(name for name in new.attributes if name not in old.attributes)]:
        model = name.partition(".")[0]
        if model not in old.names.keys() & new.names.keys():
            continue
        before, after = old.attributes.get(name), new.attributes.get(name)
        is_constructed = model in old.constructed and model in new.constructed
        if after is None:
            yield PythonChange("removed", Impact.BREAKING, name, "removed")
        elif before is None:
            required = after.required and is_constructed
            impact = Impact.BREAKING if required else Impact.SAFE
            yield PythonChange("added", impact, name, "added and required" if required else "added")
        elif is_constructed and after.required and not before.required:
            yield PythonChange("changed", Impact.BREAKING, name, "became required")
        elif before.annotation != after.annotation:
            yield _read(name, before.annotation, after.annotation, "is")


def _read(name: str, old: Annotation, new: Annotation, verb: str) -> PythonChange:
    """The change of a value that callers read. New alternatives break callers, except new values of an open enum."""
    gained, lost = _difference(old, new)
    harmless = all(one.startswith(("'", '"')) for one in gained) and "str" in old.alternatives
    impact = Impact.SAFE if not gained or harmless else Impact.BREAKING
    return PythonChange("changed", impact, name, _message(gained, lost, verb))


def _difference(old: Annotation, new: Annotation) -> tuple[frozenset[str], frozenset[str]]:
    """The alternatives that were added to the annotation, and the removed alternatives."""
    return new.alternatives - old.alternatives, old.alternatives - new.alternatives


def _message(gained: frozenset[str], lost: frozenset[str], verb: str = "") -> str:
    """The message about a changed annotation. `verb` is "takes", "returns" or "is"."""
    parts = []
    if gained:
        parts.append(f"{f'{verb} also' if verb else 'gains'} {', '.join(sorted(gained))}")
    if lost:
        parts.append(f"{f'{verb} no longer' if verb else 'loses'} {', '.join(sorted(lost))}")
    return " and ".join(parts) or "has its alternatives in another order"
