"""Checks the printed code for names of the contract that mean two things.

The code itself says which names it uses, so that no list of reserved names is needed.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts.codegen.views.calls import Call, Group, Views
from scripts.codegen.views.python_types import NameClashError, at
from scripts.codegen.views.records import Model
from scripts.openapi.pointers import below
from scripts.runtime.async_client import AsyncClient
from scripts.runtime.client import Client
from scripts.runtime.reading import OpenModel

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_ADVICE = "set x-python-name to another name in Python"


def check_names(views: Views, package: Path) -> None:
    """Check the code in the folder `package`, before it is formatted.

    Raises:
        NameClashError: A name of the contract means two things in the code.
    """
    for group in views.groups:
        folder = package / "api" / group.module
        module = _parsed(folder / "__init__.py")
        _check_methods(group, module)
        shared = tuple(_functions(module))
        for call in group.calls.values():
            own = _parsed(folder / f"{call.name}.py")
            for function in (*shared, *_functions(own)):
                _check_arguments(group.calls, call, function)
    for model in views.models.values():
        if model.fields:
            _check_fields(model, _parsed(package / "models" / f"{model.module}.py"))


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _functions(tree: ast.AST) -> Iterator[_Function]:
    return (node for node in ast.walk(tree) if isinstance(node, _Function))


def _check_methods(group: Group, module: ast.Module) -> None:
    """Refuse operations whose method replaces another method, or hides a name that the class uses."""
    inherited = {*dir(Client), *dir(AsyncClient)}
    bound = Counter(alias.asname or alias.name for node in ast.walk(module) for alias in _imported(node))
    for each in (node for node in module.body if isinstance(node, ast.ClassDef)):
        functions = [function for function in each.body if isinstance(function, _Function)]
        methods = Counter(function.name for function in functions)
        used = {node.id for part in functions for node in _signature(part) if isinstance(node, ast.Name)}
        for call in group.calls.values():
            with at(below(call.operation.pointer, "operationId")):
                if call.name in inherited:
                    raise NameClashError(f"every client has an attribute {call.name}; rename the operation")
                if methods[call.name] > 1 or bound[call.name] > 1:
                    raise NameClashError(f"the class has another method or name {call.name}; rename the operation")
        with at(next(iter(group.calls.values())).operation.pointer):
            for name in methods:
                if methods[name] > 1:
                    raise NameClashError(f"two operations need a method {name}; rename one of them")
                if name in used:
                    raise NameClashError(f"the class uses the name {name} itself; rename the operation")


def _signature(function: _Function) -> Iterator[ast.AST]:
    """The nodes of a method that Python and type checkers look up in the class: all nodes outside of its body."""
    for part in (function.args, function.returns, *function.decorator_list):
        yield from ast.walk(part) if part else ()


def _imported(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else []


def _check_arguments(calls: Mapping[str, Call], call: Call, function: _Function) -> None:
    """Refuse arguments that a function of the operation has twice, or whose name it uses for something else."""
    fields = {field.name: field for field in (*call.in_path, *call.keywords)}
    written = function.args
    names = Counter(each.arg for each in (*written.posonlyargs, *written.args, *written.kwonlyargs))
    if not _belongs(calls, call, function, names):
        return
    used = {_root(node) for node in ast.walk(function)}
    for name, field in fields.items():
        if names[name] > 1 or (names[name] and name in used):
            with at(call.pointer(field)):
                raise NameClashError(f"the method {function.name} uses the name {name} for something else; {_ADVICE}")


def _belongs(calls: Mapping[str, Call], call: Call, function: _Function, names: Counter[str]) -> bool:
    """Whether a function is of this operation: its own method, or a method that takes all its required arguments."""
    if function.name in calls:
        return function.name == call.name
    return all(names[field.name] for field in (*call.in_path, *call.keywords) if not field.optional)


def _root(node: ast.AST) -> str:
    """The name of which a node calls or uses an attribute, or to which it assigns; empty for other nodes."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    inner = node.func if isinstance(node, ast.Call) else node.value if isinstance(node, ast.Attribute) else None
    return inner.id if isinstance(inner, ast.Name) else ""


def _check_fields(model: Model, module: ast.Module) -> None:
    """Refuse properties whose attribute hides a name that the class uses, or an attribute of every model."""
    each = next(node for node in module.body if isinstance(node, ast.ClassDef))
    methods = {function.name for function in each.body if isinstance(function, _Function)} | {*dir(OpenModel)}
    evaluated = [part for node in each.body for part in _evaluated(node)]
    used = {node.id for part in evaluated for node in ast.walk(part) if isinstance(node, ast.Name)}
    for field in model.fields:
        if field.name in used | methods:
            with at(below("/components/schemas", model.schema, "properties", field.key)):
                raise NameClashError(f"every model uses the name {field.name} itself; {_ADVICE}")


def _evaluated(node: ast.stmt) -> list[ast.expr]:
    """The expressions that Python evaluates in the scope of the class."""
    if isinstance(node, ast.AnnAssign):
        return [node.annotation, *([node.value] if node.value else [])]
    return list(node.decorator_list) if isinstance(node, _Function) else []
