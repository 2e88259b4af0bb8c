"""Reads signatures and docstrings of the generated package with griffe, so that the docs match the code."""

import ast
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

import griffe
from attrs import frozen


@frozen
class MethodArgument:
    """A parameter of a method, without `self`."""

    name: str
    annotation: str
    optional: bool
    description: str
    default: str = ""
    """The default as Python; empty for no default, None or False."""


@frozen
class Method:
    """A method with its docstring."""

    name: str
    signature: str
    """The signature without the colon, with one parameter per line."""
    summary: str
    description: str
    arguments: tuple[MethodArgument, ...]
    returns: str
    raises: tuple[tuple[str, str], ...]
    """The names of exceptions, with the reasons for which they are raised."""


def public_methods(source: Path, name: str) -> list[Method]:
    """The public methods of the class `name` in the file `source`, in the order of the file."""
    functions = read_module(source).members[name].functions.values()
    return [read_function(function) for function in functions if not function.name.startswith("_")]


def constructor(source: Path, name: str) -> Method:
    """The `__init__` of the class `name` in the file `source`."""
    return read_function(cast(griffe.Function, read_module(source).members[name].members["__init__"]))


def exported_names(source: Path) -> list[str] | None:
    """The names in `__all__` of the file `source`, or None if it has no `__all__`."""
    return _exports(source.read_text("utf-8"))


@cache
def _exports(text: str) -> list[str] | None:
    """The names in `__all__` of a module. The result is cached: several pages need the names of all modules."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            return list(ast.literal_eval(node.value))
    return None


def read_module(source: Path) -> griffe.Module:
    """The module in the file `source`; griffe parses the file and does not import it."""
    return _parsed(source.stem, source.read_text("utf-8"))


@lru_cache(maxsize=64)
def _parsed(name: str, text: str) -> griffe.Module:
    """A parsed module. The result is cached: several pages describe the same modules of the runtime."""
    return griffe.visit(name, Path(f"{name}.py"), text, docstring_parser=griffe.Parser.google)


def bare(annotation: str) -> str:
    """An annotation as callers write it, without the modules `models` and `_runtime`."""
    modules = r"\bmodels\.|\b_runtime\.\w+\."
    return re.sub(rf"('[^']*'|\"[^\"]*\")|{modules}", lambda match: match[1] or "", annotation)


def texts(documented: griffe.Object) -> list[str]:
    """The texts of a docstring, without sections such as Args. Only tables keep their line breaks."""
    sections = documented.docstring.parsed if documented.docstring else ()
    found = [section.value for section in sections if section.kind is griffe.DocstringSectionKind.text]
    paragraphs = "\n\n".join(found).split("\n\n")
    return [text if "\n--- |" in text else _one_line(text) for text in paragraphs if text]


def read_function(function: griffe.Function) -> Method:
    """The signature and docstring of a function."""
    parsed = function.docstring.parsed if function.docstring else ()
    sections: dict[griffe.DocstringSectionKind, Any] = {section.kind: section.value for section in parsed}
    descriptions = {
        entry.name: _one_line(entry.description) for entry in sections.get(griffe.DocstringSectionKind.parameters, ())
    }
    arguments, lines, has_star = [], [], False
    for parameter in function.parameters:
        if parameter.kind is griffe.ParameterKind.keyword_only and not has_star:
            lines.append("    *,")
            has_star = True
        annotation = bare(str(parameter.annotation)) if parameter.annotation else ""
        default = "" if parameter.default is None else str(parameter.default)
        typed = f"{parameter.name}{f': {annotation}' if annotation else ''}"
        lines.append(f"    {typed}{f' = {default}' if default else ''},")
        if parameter.name != "self":
            shown = "" if default in ("None", "False") else default
            described = descriptions.get(parameter.name, "")
            arguments.append(MethodArgument(parameter.name, annotation, bool(default), described, shown))
    returns = bare(str(function.returns)) if function.returns else "None"
    summary, *description = texts(function) or [""]
    return Method(
        function.name,
        "\n".join([f"def {function.name}(", *lines, f") -> {returns}"]),
        summary,
        "\n\n".join(description),
        tuple(arguments),
        returns,
        tuple(
            (str(entry.annotation).strip("()"), _one_line(entry.description))
            for entry in sections.get(griffe.DocstringSectionKind.raises, ())
        ),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
