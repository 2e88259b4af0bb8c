"""Looks at what was generated before it replaces anything: is all of it there, and is it nothing but what we print?"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .package import BANNER, COPIED, PACKAGE, GenerationError
from .rendering.signatures import public_methods
from .views import Views

# What a module may do when it is imported: define things, import, and make these records.
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_STATEMENTS = (ast.Import, ast.ImportFrom, *_DEFINITIONS, ast.Assign, ast.AnnAssign)
_RECORDS = {"CreateOnceSpec", "LifecycleSpec", "OperationSpec", "PaginationSpec", "attach", "define", "field"}
_BUILTINS = {
    "__name__",
    "bool",
    "classmethod",
    "dict",
    "float",
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


def inspect(views: Views, folder: Path) -> None:
    """Look at the package in `folder`.

    Raises:
        GenerationError: Something is missing, is not what templates print, or cannot be imported.
    """
    package = folder / PACKAGE
    faults = [*_missing(views, package), *_foreign(package)]
    if faults:
        raise GenerationError("\n".join(faults))
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True; from openai_batch_client import *"
    )
    ended = subprocess.run(
        [sys.executable, "-I", "-c", program, str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    if ended.returncode:
        raise GenerationError(f"the package cannot be imported: {ended.stderr.strip().splitlines()[-1]}")


def _missing(views: Views, package: Path) -> Iterator[str]:
    for group in views.groups:
        folder = package / "api" / group.module
        found = {method.name for method in public_methods(folder / "__init__.py", group.title)}
        for call in group.calls.values():
            if not folder.joinpath(f"{call.name}.py").exists() or call.name not in found:
                yield f"{call.operation.id} has no module or no method"


def _foreign(package: Path) -> Iterator[str]:
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package)
        text = path.read_text("utf-8")
        copied = name.parts[0] == "_runtime"
        if not text.startswith(f"# {COPIED if copied else BANNER}\n"):
            yield f"{name} does not say where it comes from"
        if copied:
            continue
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError) as error:
            yield f"{name} is not Python: {error}"
            continue
        for problem in (*_statements(tree), *_names(tree)):
            yield f"{name}: {problem}"


def _statements(tree: ast.Module) -> Iterator[str]:
    """What happens on import that should not."""
    lazy = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    inside = [one for node in lazy for one in (*node.body, *node.orelse)]
    for node in (*(one for one in tree.body if one not in lazy), *inside):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if not isinstance(node, _STATEMENTS):
            yield f"line {node.lineno}: a statement that the templates do not print"
        for one in _on_import(node):
            if isinstance(one, ast.Call) and not (isinstance(one.func, ast.Name) and one.func.id in _RECORDS):
                yield f"line {one.lineno}: a call on import"


def _on_import(node: ast.AST) -> Iterator[ast.AST]:
    """Everything that is evaluated when a statement is; the bodies of functions are not."""
    yield node
    for name, value in ast.iter_fields(node):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and name == "body":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _on_import(child)


def _names(tree: ast.Module) -> Iterator[str]:
    """Names that are used and come from nowhere: code that was smuggled in needs some."""
    known = set(_BUILTINS)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            known |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            known.add(node.name)
        elif isinstance(node, ast.arg):
            known.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            known.add(node.id)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in known:
            yield f"line {node.lineno}: the name {node.id} comes from nowhere"
        if isinstance(node, ast.Attribute) and node.attr.startswith("__") and ast.unparse(node) != "cls.__new__":
            yield f"line {node.lineno}: the attribute {node.attr} is none of ours"
