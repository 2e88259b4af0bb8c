"""Checks the output before it replaces generated/: no operation is missing, and all code comes from the templates."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.codegen.package import BANNER, COPIED, PACKAGE, GenerationError
from scripts.codegen.rendering.signatures import public_methods
from scripts.codegen.views.calls import Views

# The statements, records and built-in names that are allowed at import time.
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_STATEMENTS = (ast.Import, ast.ImportFrom, *_DEFINITIONS, ast.Assign, ast.AnnAssign)
_RECORDS = {"CreateOnceSpec", "FileSpec", "LifecycleSpec", "OperationSpec", "PaginationSpec"}
_RECORDS |= {"attach", "define", "deprecated", "field"}
_BUILTINS = {
    "__name__",
    "bool",
    "bytes",
    "classmethod",
    "dict",
    "float",
    "frozenset",
    "int",
    "isinstance",
    "len",
    "KeyError",
    "list",
    "str",
    "tuple",
    "type",
    "ValueError",
    "object",
}


def check_output(views: Views, folder: Path) -> None:
    """Check the package in a folder.

    Raises:
        GenerationError: An operation is missing, a file has code that no template prints, or the import fails.
    """
    package = folder / PACKAGE
    problems = [*_missing_operations(views, package), *_foreign_code(package)]
    if problems:
        raise GenerationError("\n".join(problems))
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True; from openai_batch_client import *"
    )
    ended = subprocess.run(
        [sys.executable, "-I", "-c", program, str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    if ended.returncode:
        raise GenerationError(f"the package cannot be imported: {ended.stderr.strip().splitlines()[-1]}")


def _missing_operations(views: Views, package: Path) -> Iterator[str]:
    for group in views.groups:
        folder = package / "api" / group.module
        found = {method.name for method in public_methods(folder / "__init__.py", group.title)}
        for call in group.calls.values():
            if not folder.joinpath(f"{call.name}.py").exists() or call.name not in found:
                yield f"{call.operation.id} has no module or no method"


def _foreign_code(package: Path) -> Iterator[str]:
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package)
        text = path.read_text("utf-8")
        copied = name.parts[0] == "_runtime"
        if not text.startswith(f"# {COPIED if copied else BANNER}\n"):
            yield f"{name} does not start with the line that names its source"
        if copied:
            continue
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError) as error:
            yield f"{name} is not Python: {error}"
            continue
        for problem in (*_statements(tree), *_unknown_names(tree)):
            yield f"{name}: {problem}"


def _statements(tree: ast.Module) -> Iterator[str]:
    """Statements and calls at import time that the templates do not print."""
    lazy = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    inside = [child for node in lazy for child in (*node.body, *node.orelse)]
    for node in (*(node for node in tree.body if node not in lazy), *inside):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if not isinstance(node, _STATEMENTS):
            yield f"line {node.lineno}: a statement that the templates do not print"
        for part in _evaluated_on_import(node):
            if isinstance(part, ast.Call) and not (isinstance(part.func, ast.Name) and part.func.id in _RECORDS):
                yield f"line {part.lineno}: a call on import"


def _evaluated_on_import(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement that an import executes: all parts except the bodies of functions."""
    yield node
    for name, value in ast.iter_fields(node):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and name == "body":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _evaluated_on_import(child)


def _unknown_names(tree: ast.Module) -> Iterator[str]:
    """Names that the module neither defines nor imports. Injected code needs such names."""
    known = set(_BUILTINS)
    nodes = tuple(ast.walk(tree))
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            known |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            known.add(node.name)
        elif isinstance(node, ast.arg):
            known.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            known.add(node.id)
    for node in nodes:
        if isinstance(node, ast.Name) and node.id not in known:
            yield f"line {node.lineno}: the name {node.id} is neither defined nor imported"
        if isinstance(node, ast.Attribute) and node.attr.startswith("__") and ast.unparse(node) != "cls.__new__":
            yield f"line {node.lineno}: the templates do not print the attribute {node.attr}"
