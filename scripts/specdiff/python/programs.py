"""Writes the smallest programs that use a public name, to prove that a change breaks users of the package.

Each program type-checks with `mypy --strict` against the old package, and not against the new package.
"""

import ast
import builtins
import re
from collections.abc import Iterable, Mapping

from scripts.codegen.package import PACKAGE

from .surface import Declaration, Surface

_MODULES = {
    "typing": ("Any", "Literal"),
    "datetime": ("date", "datetime", "timedelta"),
    "collections.abc": ("Callable", "Iterable", "Iterator", "Mapping", "Sequence"),
    "os": ("PathLike",),
    "pathlib": ("Path",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def uses_name(name: str) -> str:
    """A program that imports a class or a type alias."""
    return _program("", [name])


def subclasses(name: str) -> str:
    """A program that needs a class, and not a type alias."""
    return _program(f"class Program({name}):\n    pass", [name])


def declares(name: str, value: str) -> str:
    """A program in which a value has the type of an alias."""
    return _program(f"value: {name} = {value}", [name])


def refers(method: str) -> str:
    """A program that needs a method."""
    owner = method.partition(".")[0]
    return _program(f"program = {method}", [owner])


def calls(method: str, arguments: Mapping[str, str], *, returns: str = "", positional: Iterable[str] = ()) -> str:
    """A program that calls a method.

    Args:
        method: The class and the method, as in BatchAPI.create_batch.
        arguments: The annotation or the literal value of each argument, by name.
        returns: The annotation of the value that the method returns, or an empty string to ignore it.
        positional: The names of the arguments that are passed by position.
    """
    owner, _, called = method.partition(".")
    names = [name for name, one in arguments.items() if not _is_literal(one)]
    declared = "".join(f", {name}: {arguments[name]}" for name in names)
    given = [name for name in arguments if name in set(positional)]
    written = [_value(name, arguments[name]) for name in given]
    written += [f"{name}={_value(name, one)}" for name, one in arguments.items() if name not in given]
    body = f"{'return ' if returns else ''}api.{called}({', '.join(written)})"
    text = f"def program(api: {owner}{declared}) -> {returns or None}:\n    {body}"
    return _program(text, [owner, *_names([*arguments.values(), returns])])


def reads(attribute: str, annotation: str) -> str:
    """A program that reads an attribute as a value of an annotation."""
    model, _, name = attribute.partition(".")
    text = f"def program(value: {model}) -> {annotation}:\n    return value.{name}"
    return _program(text, [model, *_names([annotation])])


def constructs(model: str, arguments: Mapping[str, str]) -> str:
    """A program that creates a model with arguments, each given by its annotation or its literal value."""
    declared = ", ".join(f"{name}: {one}" for name, one in arguments.items() if not _is_literal(one))
    written = ", ".join(f"{name}={_value(name, one)}" for name, one in arguments.items())
    text = f"def program({declared}) -> {model}:\n    return {model}({written})"
    return _program(text, [model, *_names(arguments.values())])


def required(declarations: Mapping[str, Declaration]) -> dict[str, str]:
    """Arguments for all required parameters, which have the annotation Any."""
    return {name: "Any" for name, one in declarations.items() if one.required}


def of_model(surface: Surface, model: str) -> dict[str, Declaration]:
    """The attributes of a model, by name."""
    return {name.partition(".")[2]: one for name, one in surface.attributes.items() if name.partition(".")[0] == model}


def argument(member: ast.expr) -> str:
    """The argument for a member of a union: its annotation, or the value of a Literal."""
    text = ast.unparse(member)
    return text.removeprefix("Literal[").removesuffix("]") if text.startswith("Literal[") else text


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return True


def _value(name: str, text: str) -> str:
    return text if _is_literal(text) else name


def _names(annotations: Iterable[str]) -> list[str]:
    # The strings of a Literal are no names.
    texts = [re.sub(r"'[^']*'|\"[^\"]*\"", "", text) for text in annotations if not _is_literal(text)]
    return [name for text in texts for name in re.findall(r"\b[A-Za-z_]\w*", text)]


def _program(text: str, names: Iterable[str]) -> str:
    """Add the imports to a program."""
    imports: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        if not hasattr(builtins, name):
            imports.setdefault(_HOMES.get(name, PACKAGE), []).append(name)
    lines = [f"from {module} import {', '.join(found)}" for module, found in sorted(imports.items(), key=_order)]
    return "\n".join([*lines, *(["", text] if text else [])]) + "\n"


def _order(item: tuple[str, list[str]]) -> tuple[bool, str]:
    return item[0] == PACKAGE, item[0]
