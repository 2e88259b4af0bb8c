"""The methods of a generated class as its source says them, so that the docs cannot say anything else."""

import ast
import inspect
import re
from pathlib import Path

from attrs import frozen


@frozen
class Argument:
    """A parameter of a method."""

    name: str
    annotation: str
    optional: bool
    description: str
    default: str = ""
    """As Python; empty where there is none, or it is None or False."""


@frozen
class Method:
    """A public method."""

    name: str
    signature: str
    """The def line without the colon, one parameter a line."""
    summary: str
    description: str
    arguments: tuple[Argument, ...]
    returns: str
    raises: tuple[tuple[str, str], ...]
    """Exceptions, and when they are raised."""


def methods(source: Path, name: str) -> list[Method]:
    """The public methods that the class `name` defines in the module `source`, in its order."""
    return [_method(node) for node in _functions(source, name) if node.name[0] != "_"]


def constructor(source: Path, name: str) -> Method:
    """What the class `name` in the module `source` is made with."""
    return next(_method(node) for node in _functions(source, name) if node.name == "__init__")


def _functions(source: Path, name: str) -> list[ast.FunctionDef]:
    tree = ast.parse(source.read_text("utf-8"))
    found = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    return [node for node in found.body if isinstance(node, ast.FunctionDef)]


def bare(annotation: str) -> str:
    """An annotation as callers write it: they import models one by one, and the operations' modules their package."""
    return ast.unparse(_Bare().visit(ast.parse(annotation, mode="eval")))


class _Bare(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return ast.Name(node.attr) if ast.unparse(node.value) == "models" else node


def _method(node: ast.FunctionDef) -> Method:
    before, _, after = inspect.cleandoc(ast.get_docstring(node) or "").partition("\nArgs:\n")
    summary, _, description = before.partition("\n\n")
    described, _, raised = after.partition("\nRaises:\n")
    words = dict(_entries(described))
    given = node.args
    defaults: list[ast.expr | None] = [None] * (len(given.args) - len(given.defaults))
    pairs = [*zip(given.args, [*defaults, *given.defaults], strict=True)]
    pairs += zip(given.kwonlyargs, given.kw_defaults, strict=True)
    arguments, lines = [], []
    for argument, default in pairs:
        if given.kwonlyargs and argument is given.kwonlyargs[0]:
            lines.append("    *,")
        annotation = bare(ast.unparse(argument.annotation)) if argument.annotation else ""
        otherwise = "" if default is None else f" = {ast.unparse(default)}"
        lines.append(f"    {argument.arg}{': ' if annotation else ''}{annotation}{otherwise},")
        if annotation:
            known = "" if otherwise in ("", " = None", " = False") else otherwise.removeprefix(" = ")
            described = words.get(argument.arg, "")
            arguments.append(Argument(argument.arg, annotation, default is not None, described, known))
    returns = bare(ast.unparse(node.returns)) if node.returns else "None"
    signature = "\n".join([f"def {node.name}(", *lines, f") -> {returns}"])
    return Method(
        node.name,
        signature,
        summary,
        re.sub(r"(?<!\n)\n(?!\n)", " ", description).strip(),
        tuple(arguments),
        returns,
        tuple(_entries(raised)),
    )


def _entries(text: str) -> list[tuple[str, str]]:
    """The entries of a section of a docstring: a name, a colon and words, which may go on in deeper lines."""
    joined = re.sub(r"\n {8,}", " ", text)
    return [(name, words) for name, words in re.findall(r"^    ([\w, ]+): (.*)$", joined, re.MULTILINE)]
