"""What a change does to the public names of the generated package: both sides are generated and compared."""

import ast
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from scripts.specdiff.engine.document import Document, spelled
from scripts.specdiff.engine.effects import Impact
from scripts.specdiff.report import PythonChange

from .surface import Argument, Fault, Surface, build, surface


def changes(old: Document, new: Document) -> tuple[tuple[PythonChange, ...], str | None]:
    """What changes for users of the package, or the reason why that cannot be said."""
    if spelled(old.data) == spelled(new.data):
        return (), None
    with tempfile.TemporaryDirectory(prefix="diff-") as folder, ProcessPoolExecutor(2) as pool:
        sides = [(document.data, document.path, Path(folder, name)) for document, name in ((old, "old"), (new, "new"))]
        built = list(pool.map(build, sides))
        for document, result in zip((old, new), built, strict=True):
            if isinstance(result, Fault):
                line, column = document.loaded.place(result.pointer)
                where = f"{document.name}:{line}:{column}"
                return (), f"Python is not compared, as no package can be made of {where}: {result.sentence}"
        before, after = (surface(path) for path in built if isinstance(path, Path))
    return tuple(_differences(before, after)), None


def _differences(old: Surface, new: Surface) -> Iterator[PythonChange]:
    """The worst first, as they are listed."""
    found = [*_of_names(old, new), *_of_methods(old, new), *_of_attributes(old, new)]
    yield from sorted(found, key=lambda one: (list(Impact).index(one.impact), one.name))


def _of_names(old: Surface, new: Surface) -> Iterator[PythonChange]:
    for name in old.names.keys() | new.names.keys():
        before, after = old.names.get(name), new.names.get(name)
        if after is None:
            yield PythonChange("removed", Impact.BREAKING, name, "is gone")
        elif before is None:
            yield PythonChange("added", Impact.SAFE, name, "is new")
        elif before != after:
            gained, lost = _parts(after) - _parts(before), _parts(before) - _parts(after)
            impact = Impact.BREAKING if lost else Impact.SAFE
            yield PythonChange("changed", impact, name, _gains(gained, lost))


def _of_methods(old: Surface, new: Surface) -> Iterator[PythonChange]:
    classes = old.names.keys() & new.names.keys()
    before, after = (
        {method: one for method, one in side.arguments.items() if method.partition(".")[0] in classes}
        for side in (old, new)
    )
    names = {method: method for method in before if method in after} | _renamed(before, after)
    for method, other in names.items():
        if method != other:
            called = f"is now called {other.partition('.')[2]}()"
            yield PythonChange("changed", Impact.BREAKING, f"{method}()", called)
        yield from _of_arguments(other, before[method], after[other])
        was, now = old.returns[method], new.returns[other]
        if was != now:
            yield _read(f"{other}()", was, now, "returns")
    for method in before.keys() - names.keys():
        yield PythonChange("removed", Impact.BREAKING, f"{method}()", "is gone")
    for method in after.keys() - set(names.values()):
        yield PythonChange("added", Impact.SAFE, f"{method}()", "is new")


def _renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Methods of one class that differ in nothing but the name, if no other one could be meant."""
    gone = {method: one for method, one in old.items() if method not in new}
    came = {method: one for method, one in new.items() if method not in old}
    found = {}
    for method, one in gone.items():
        alike = [other for other in came if came[other] == one and other.partition(".")[0] == method.partition(".")[0]]
        if len(alike) == 1 and sum(other == one for other in gone.values()) == 1:
            found[method] = alike[0]
    return found


def _of_arguments(method: str, old: Mapping[str, Argument], new: Mapping[str, Argument]) -> Iterator[PythonChange]:
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        called = f"{method}({name}=...)"
        if after is None:
            yield PythonChange("removed", Impact.BREAKING, called, "is gone")
        elif before is None:
            impact = Impact.BREAKING if after.required else Impact.SAFE
            yield PythonChange("added", impact, called, "is new and required" if after.required else "is new")
        else:
            if before.required != after.required:
                impact = Impact.BREAKING if after.required else Impact.SAFE
                yield PythonChange("changed", impact, called, f"became {'required' if after.required else 'optional'}")
            if before.kind != after.kind:
                yield PythonChange("changed", Impact.BREAKING, called, f"was {before.kind} and is now {after.kind}")
            if before.annotation != after.annotation:
                gained, lost = (
                    _parts(after.annotation) - _parts(before.annotation),
                    _parts(before.annotation) - _parts(after.annotation),
                )
                if lost != {"None"} or before.required == after.required:
                    impact = Impact.BREAKING if lost else Impact.SAFE
                    yield PythonChange("changed", impact, called, _gains(gained, lost, "takes"))
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
        is_written = model in old.written and model in new.written
        if after is None:
            yield PythonChange("removed", Impact.BREAKING, name, "is gone")
        elif before is None:
            required = after.required and is_written
            impact = Impact.BREAKING if required else Impact.SAFE
            yield PythonChange("added", impact, name, "is new and required" if required else "is new")
        elif is_written and after.required and not before.required:
            yield PythonChange("changed", Impact.BREAKING, name, "became required")
        elif before.annotation != after.annotation:
            yield _read(name, before.annotation, after.annotation, "is")


def _read(name: str, old: str, new: str, verb: str) -> PythonChange:
    """A change of what is read: new kinds of values are what readers have no code for, unless any text is admitted."""
    gained, lost = _parts(new) - _parts(old), _parts(old) - _parts(new)
    harmless = all(one.startswith(("'", '"')) for one in gained) and "str" in _parts(old)
    return PythonChange(
        "changed", Impact.SAFE if not gained or harmless else Impact.BREAKING, name, _gains(gained, lost, verb)
    )


def _gains(gained: set[str], lost: set[str], verb: str = "") -> str:
    """In words; `verb` is takes, returns or is."""
    said = []
    if gained:
        said.append(f"{'gains' if not verb else f'{verb} also'} {', '.join(sorted(gained))}")
    if lost:
        said.append(f"{'loses' if not verb else f'{verb} no longer'} {', '.join(sorted(lost))}")
    return " and ".join(said) or "is written in another order"


def _parts(annotation: str) -> set[str]:
    """The alternatives of an annotation, and the values of each Literal in it."""

    def walk(node: ast.expr) -> Iterator[str]:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            yield from walk(node.left)
            yield from walk(node.right)
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] == "Literal":
            values = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            yield from (ast.unparse(value) for value in values)
        else:
            yield ast.unparse(node)

    return set(walk(ast.parse(annotation, mode="eval").body))
