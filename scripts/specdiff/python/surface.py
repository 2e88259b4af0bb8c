"""The public names of a generated package, as griffe reads them: the package is made for this, and never imported."""

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import griffe
from attrs import field, frozen

from scripts.codegen.output import generation_lock
from scripts.codegen.package import PACKAGE, GenerationError
from scripts.codegen.python_types import UnsupportedError
from scripts.codegen.rendering.generator import generate
from scripts.codegen.rendering.signatures import bare
from scripts.codegen.rules import objections
from scripts.openapi.contract import OPENAPI_YAML, ROOT, Contract

_GENERATED = ROOT / "generated"


@frozen
class Fault:
    """Why no package can be made of a document, and where in it."""

    pointer: str
    sentence: str


@frozen
class Argument:
    required: bool
    annotation: str
    kind: str


@frozen
class Surface:
    """The public names of a package: what a caller writes, and what is seen of it."""

    arguments: Mapping[str, Mapping[str, Argument]] = field(factory=dict)
    """By method, as in BatchAPI.create_batch."""
    returns: Mapping[str, str] = field(factory=dict)
    attributes: Mapping[str, Argument] = field(factory=dict)
    """By model and attribute, as in Batch.status."""
    names: Mapping[str, str] = field(factory=dict)
    """Classes and aliases of types, with the values of the latter."""
    written: frozenset[str] = frozenset()
    """Models that callers make, as arguments or parts of them."""


def build(side: tuple[Mapping[str, Any], Path | None, Path]) -> Path | Fault:
    """Generate the package of a document, or find it where it is; gives the folder that holds it."""
    data, path, folder = side
    if path is not None and _is_generated(path):
        return _GENERATED
    contract = Contract(data, OPENAPI_YAML)
    if faults := objections(contract):
        return Fault(faults[0].pointer, f"{faults[0].rule}: {faults[0].message}")
    try:
        # The comparison ignores formatting.
        generate(contract, folder, post_hooks=[])
    except (GenerationError, UnsupportedError) as error:
        return Fault("", str(error))
    return folder


def _is_generated(path: Path) -> bool:
    """Whether the package that is checked in was made of just this file, with the tools as they are."""
    try:
        written = json.loads(_GENERATED.joinpath(generation_lock.NAME).read_text("utf-8"))
        return bool(written == json.loads(generation_lock.make(path, _GENERATED)))
    except (OSError, ValueError):
        return False


def surface(folder: Path) -> Surface:
    package = griffe.load(PACKAGE, search_paths=[folder], allow_inspection=False)
    arguments: dict[str, dict[str, Argument]] = {}
    returns: dict[str, str] = {}
    attributes: dict[str, Argument] = {}
    names: dict[str, str] = {}
    for name, node in _members(package):
        if isinstance(node, griffe.Attribute):
            if str(node.annotation) == "TypeAlias":
                names[name] = str(node.value)
            continue
        names[name] = "class"
        for inner, member in node.members.items():
            if inner.startswith("_") or member.is_alias:
                continue
            if isinstance(member, griffe.Function):
                arguments[f"{name}.{inner}"] = {
                    one.name: Argument(one.default is None, bare(str(one.annotation)), str(one.kind))
                    for one in member.parameters
                    if one.name not in ("self", "cls")
                }
                returns[f"{name}.{inner}"] = bare(str(member.returns))
            elif isinstance(member, griffe.Attribute):
                attributes[f"{name}.{inner}"] = Argument(member.value is None, str(member.annotation), "attribute")
    return Surface(arguments, returns, attributes, names, frozenset(_written(arguments, attributes)))


def _members(package: griffe.Object | griffe.Alias) -> Iterator[tuple[str, griffe.Object | griffe.Alias]]:
    """Classes of operations, models and aliases of types. The asynchronous classes are the twins of the others."""
    groups = package["api"].modules.values()
    for module in (*groups, *package["models"].modules.values()):
        for name, member in module.members.items():
            if member.is_alias or name.startswith("_"):
                continue
            if name.startswith("Async") and name.removeprefix("Async") in module.members:
                continue
            if member.is_class or member.is_attribute:
                yield name, member


def _written(arguments: Mapping[str, Mapping[str, Argument]], attributes: Mapping[str, Argument]) -> set[str]:
    found = {
        word for method in arguments.values() for argument in method.values() for word in _words(argument.annotation)
    }
    while True:
        more = {
            word
            for name, attribute in attributes.items()
            if name.partition(".")[0] in found
            for word in _words(attribute.annotation)
        }
        if more <= found:
            return found
        found |= more


def _words(annotation: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(annotation, mode="eval")) if isinstance(node, ast.Name)}
