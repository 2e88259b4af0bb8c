"""Compares the public names of the packages that are generated from the old and the new document."""

import ast
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from scripts.openapi.time_limit import DEFAULT_SECONDS
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.engine.effects import Impact
from scripts.specdiff.report import PythonChange

from . import programs
from .assignable import is_assignable, parse, refused
from .roles import Roles
from .surface import CLASS, Annotation, BuildFailure, Declaration, Surface, build, read_surface


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
            (document.data, document.loaded.content, Path(folder, name), seconds)
            for document, name in ((old, "old"), (new, "new"))
        ]
        built = list(pool.map(build, sides))
        for document, result in zip((old, new), built, strict=True):
            if isinstance(result, BuildFailure):
                line, column = document.loaded.place(result.pointer)
                reason = f"no package can be generated from {document.name}:{line}:{column}: {result.message}"
                return (), f"Python is not compared, because {reason}"
        before, after = (read_surface(path) for path in built if isinstance(path, Path))
    found = _Comparison(before, after, Roles.of(old), Roles.of(new)).changes()
    return tuple(sorted(found, key=lambda one: (list(Impact).index(one.impact), one.name))), None


@frozen
class _Comparison:
    """The public names of both packages, and the use of their models."""

    old: Surface
    new: Surface
    old_roles: Roles
    new_roles: Roles

    def changes(self) -> list[PythonChange]:
        return [*self._names(), *_joined_renames(list(self._methods())), *self._attributes()]

    def _names(self) -> Iterator[PythonChange]:
        for name in self.old.names.keys() | self.new.names.keys():
            before, after = self.old.names.get(name), self.new.names.get(name)
            if after is None:
                yield _breaking("removed", name, "removed", programs.uses_name(name))
            elif before is None:
                yield PythonChange("added", Impact.SAFE, name, "added")
            elif before != after:
                gained, lost = _difference(before, after)
                text = _message(gained, lost)
                if CLASS in (before, after):
                    program = programs.subclasses(name) if before is CLASS else self._declaration(name, before, after)
                    yield _breaking("changed", name, text, program)
                elif self._accepts(before, after):
                    yield PythonChange("changed", Impact.SAFE, name, text)
                else:
                    yield _breaking("changed", name, text, self._declaration(name, before, after))

    def _declaration(self, name: str, before: Annotation, after: Annotation) -> str:
        members = refused(self._parsed(0, before), ast.Name("None") if after is CLASS else self._parsed(1, after))
        return programs.declares(name, programs.argument(members[0]))

    def _methods(self) -> Iterator[PythonChange]:
        classes = self.old.names.keys() & self.new.names.keys()
        before, after = (
            {method: one for method, one in side.parameters.items() if method.partition(".")[0] in classes}
            for side in (self.old, self.new)
        )
        names = {method: method for method in before if method in after} | _renamed(before, after)
        for method, other in names.items():
            if method != other:
                called = f"is now called {other.partition('.')[2]}()"
                yield _breaking("changed", f"{method}()", called, programs.refers(method))
                continue
            yield from self._parameters(method)
            was, now = self.old.returns[method], self.new.returns[method]
            if was != now:
                program = programs.calls(method, programs.required(before[method]), returns=was.text)
                yield self._read(f"{method}()", was, now, "returns", program)
        for method in before.keys() - names.keys():
            yield _breaking("removed", f"{method}()", "removed", programs.refers(method))
        for method in after.keys() - set(names.values()):
            yield PythonChange("added", Impact.SAFE, f"{method}()", "added")

    def _parameters(self, method: str) -> Iterator[PythonChange]:
        old, new = self.old.parameters[method], self.new.parameters[method]
        needed = programs.required(old)
        renamed = _renamed_parameters(old, new)
        for name in [*old, *(name for name in new if name not in old and name not in renamed.values())]:
            before, after = old.get(name), new.get(name)
            called = f"{method}({name}=...)"
            if name in renamed:
                program = programs.calls(method, {**needed, name: "Any"})
                yield _breaking("renamed", called, f"is now called {renamed[name]}", program)
            elif after is None:
                yield _breaking("removed", called, "removed", programs.calls(method, {**needed, name: "Any"}))
            elif before is None and after.required:
                yield _breaking("added", called, "added and required", programs.calls(method, needed))
            elif before is None:
                yield PythonChange("added", Impact.SAFE, called, "added")
            else:
                yield from self._parameter(method, name, before, after)
        positional = [[name for name, one in side.items() if one.kind == _POSITIONAL] for side in (old, new)]
        common = [[name for name in side if name in old and name in new] for side in positional]
        if common[0] != common[1]:
            order = f"takes its arguments in another order: {', '.join(positional[1])}"
            given = {name: old[name].annotation.text for name in positional[0]}
            yield _breaking("changed", f"{method}()", order, programs.calls(method, given, positional=given))

    def _parameter(self, method: str, name: str, before: Declaration, after: Declaration) -> Iterator[PythonChange]:
        called, needed = f"{method}({name}=...)", programs.required(self.old.parameters[method])
        if not before.required and after.required:
            yield _breaking("changed", called, "became required", programs.calls(method, needed))
        elif before.required and not after.required:
            yield PythonChange("changed", Impact.SAFE, called, "became optional")
        if before.kind != after.kind:
            by_name = before.kind == _POSITIONAL
            program = programs.calls(method, {**needed, name: "Any"}, positional=[name] if by_name else ())
            yield _breaking("changed", called, f"was {before.kind} and is now {after.kind}", program)
        if before.annotation != after.annotation:
            gained, lost = _difference(before.annotation, after.annotation)
            text = _message(gained, lost, "takes")
            wanted = refused(self._parsed(0, before.annotation), self._parsed(1, after.annotation))
            if wanted and lost == {"None"} and before.required != after.required:
                return
            if wanted:
                program = programs.calls(method, {**needed, name: programs.argument(wanted[0])})
                yield _breaking("changed", called, text, program)
            else:
                yield PythonChange("changed", Impact.SAFE, called, text)

    def _attributes(self) -> Iterator[PythonChange]:
        old, new = self.old.attributes, self.new.attributes
        for name in [*old, *(name for name in new if name not in old)]:
            model = name.partition(".")[0]
            if model not in self.old.names.keys() & self.new.names.keys():
                continue
            before, after = old.get(name), new.get(name)
            is_written = self.old_roles.is_written(model) and self.new_roles.is_written(model)
            needed = programs.required(programs.of_model(self.old, model))
            if before is not None and after is None:
                program = programs.constructs(model, {**needed, name.partition(".")[2]: "Any"})
                read = programs.reads(name, "object")
                yield _breaking("removed", name, "removed", read if self.old_roles.is_read(model) else program)
            elif before is None and after is not None and is_written and after.required:
                yield _breaking("added", name, "added and required", programs.constructs(model, needed))
            elif before is None:
                yield PythonChange("added", Impact.SAFE, name, "added")
            elif after is not None:
                yield from self._attribute(name, before, after, is_written=is_written)

    def _attribute(
        self, name: str, before: Declaration, after: Declaration, *, is_written: bool
    ) -> Iterator[PythonChange]:
        model, _, field = name.partition(".")
        needed = programs.required(programs.of_model(self.old, model))
        if is_written and after.required and not before.required:
            yield _breaking("changed", name, "became required", programs.constructs(model, needed))
            return
        if before.annotation == after.annotation:
            if is_written and before.required and not after.required:
                yield PythonChange("changed", Impact.SAFE, name, "became optional")
            return
        wanted = refused(self._parsed(0, before.annotation), self._parsed(1, after.annotation))
        if self.old_roles.is_read(model):
            read = self._read(
                name, before.annotation, after.annotation, "is", programs.reads(name, before.annotation.text)
            )
            if read.impact is Impact.BREAKING or not (is_written and wanted):
                yield read
                return
        text = _message(*_difference(before.annotation, after.annotation), "takes")
        if is_written and wanted:
            given = {**needed, field: programs.argument(wanted[0])}
            yield _breaking("changed", name, text, programs.constructs(model, given))
        else:
            yield PythonChange("changed", Impact.SAFE, name, text)

    def _read(self, name: str, old: Annotation, new: Annotation, verb: str, program: str) -> PythonChange:
        """The change of a value that callers read. It breaks callers if the value no longer has its old type."""
        text = _message(*_difference(old, new), verb)
        if is_assignable(self._parsed(1, new), self._parsed(0, old)):
            return PythonChange("changed", Impact.SAFE, name, text)
        return _breaking("changed", name, text, program)

    def _accepts(self, old: Annotation, new: Annotation) -> bool:
        """Whether each value of an old annotation is a value of a new annotation."""
        return is_assignable(self._parsed(0, old), self._parsed(1, new))

    def _parsed(self, side: int, annotation: Annotation) -> ast.expr:
        return parse(annotation.text, (self.old, self.new)[side].aliases)


_POSITIONAL = "positional or keyword"
_MIN_SIMILARITY = 0.6


def _breaking(kind: str, name: str, text: str, program: str | None) -> PythonChange:
    return PythonChange(kind, Impact.BREAKING, name, text, program)


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


def _renamed_parameters(old: Mapping[str, Declaration], new: Mapping[str, Declaration]) -> dict[str, str]:
    """The new names of renamed parameters: exactly one removed and one added parameter have the same declaration.

    Optional parameters often have the same declaration, so their names must be similar, too.
    """
    removed = {name: one for name, one in old.items() if name not in new}
    added = {name: one for name, one in new.items() if name not in old}
    renamed = {}
    for name, declaration in removed.items():
        matches = [other for other in added if added[other] == declaration]
        if len(matches) == 1 and list(removed.values()).count(declaration) == 1:
            similarity = SequenceMatcher(None, name, matches[0]).ratio()
            if declaration.required or similarity >= _MIN_SIMILARITY:
                renamed[name] = matches[0]
    return renamed


def _joined_renames(found: list[PythonChange]) -> Iterator[PythonChange]:
    """Join the renames of the same parameter in several methods."""
    groups: dict[tuple[str, str, str], list[PythonChange]] = {}
    for change in found:
        method, _, parameter = change.name.partition("(")
        is_rename = change.id == "renamed"
        key = (method.partition(".")[0], parameter, change.text) if is_rename else (change.name, change.text, change.id)
        groups.setdefault(key, []).append(change)
    for group in groups.values():
        first = group[0] if group[0].id != "renamed" else evolve(group[0], id="changed")
        others = [change.name.partition("(")[0].partition(".")[2] + "()" for change in group[1:]]
        yield evolve(first, text=f"{first.text}, also in {', '.join(others)}") if others else first


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
