"""Generates the package of a document and reads its public names with griffe, which does not import the package."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import griffe
from attrs import field, frozen

from scripts.codegen.checks.validation import validate
from scripts.codegen.output import generation_lock
from scripts.codegen.package import PACKAGE, GenerationError
from scripts.codegen.rendering.generator import generate
from scripts.codegen.rendering.signatures import bare
from scripts.codegen.views.python_types import UnsupportedError
from scripts.openapi.contract import OPENAPI_YAML, ROOT, Contract
from scripts.openapi.time_limit import TimeLimitExceeded, time_limit

_GENERATED = ROOT / "generated"
# Rules whose violations have no effect on the public names of the package.
_ABOUT_TEXTS = ("example-is-valid", "text-is-there", "operation-has-security", "operation-has-outcomes")


@frozen
class BuildFailure:
    """The reason why no package can be generated from a document, and the JSON pointer of its cause."""

    pointer: str
    message: str


@frozen
class Annotation:
    """A type annotation, or the value of a type alias."""

    text: str
    alternatives: frozenset[str]
    """The members of a union; a `Literal` counts as its values."""

    @classmethod
    def of(cls, expression: griffe.Expr | str | None) -> "Annotation":
        text = bare(str(expression))
        if not isinstance(expression, griffe.Expr):
            return cls(text, frozenset([text]))
        return cls(text, frozenset(_alternatives(expression)))


def _alternatives(expression: griffe.Expr | str) -> Iterator[str]:
    if isinstance(expression, griffe.ExprBinOp) and expression.operator == "|":
        yield from _alternatives(expression.left)
        yield from _alternatives(expression.right)
    elif isinstance(expression, griffe.ExprSubscript) and expression.canonical_name == "Literal":
        values = expression.slice
        yield from map(str, values.elements if isinstance(values, griffe.ExprTuple) else [values])
    else:
        yield bare(str(expression))


CLASS = Annotation("class", frozenset(["class"]))
"""The value of a class in `Surface.names`."""


@frozen
class Declaration:
    """A parameter of a method, or an attribute of a model."""

    required: bool
    annotation: Annotation
    kind: str
    """The kind of the parameter, such as `keyword-only`; `attribute` for an attribute."""


@frozen
class Surface:
    """The public names of a package."""

    parameters: Mapping[str, Mapping[str, Declaration]] = field(factory=dict)
    """The parameters, by method (such as BatchAPI.create_batch) and name."""
    returns: Mapping[str, Annotation] = field(factory=dict)
    """The return types, by method."""
    attributes: Mapping[str, Declaration] = field(factory=dict)
    """The attributes, by model and name, such as Batch.status."""
    names: Mapping[str, Annotation] = field(factory=dict)
    """The values of type aliases, and CLASS for each class."""

    @property
    def aliases(self) -> dict[str, str]:
        """The annotations of the type aliases, by name."""
        return {name: one.text for name, one in self.names.items() if one is not CLASS}


def build(side: tuple[Mapping[str, Any], bytes, Path, float]) -> Path | BuildFailure:
    """Generate the package of a document, or return the checked-in package of the same document.

    Args:
        side: The data of the document, the bytes of its file, the folder for the generated package, and how many
            seconds the generation may take.

    Returns:
        The folder of the package, or the reason why it cannot be generated.
    """
    data, content, folder, seconds = side
    if _is_generated(content):
        return _GENERATED
    try:
        with time_limit(seconds):
            return _generated(Contract(data, OPENAPI_YAML), folder)
    except TimeLimitExceeded as error:
        return BuildFailure(error.pointer, str(error))
    except RecursionError:
        return BuildFailure("", "schemas are nested, or refer to each other, too deeply")


def _generated(contract: Contract, folder: Path) -> Path | BuildFailure:
    if problems := validate(contract, without=_ABOUT_TEXTS):
        return BuildFailure(problems[0].pointer, f"{problems[0].rule}: {problems[0].message}")
    try:
        # The comparison ignores formatting, so no post hooks are needed.
        generate(contract, folder, post_hooks=[])
    except (GenerationError, UnsupportedError) as error:
        return BuildFailure("", str(error))
    return folder


def _is_generated(content: bytes) -> bool:
    """Whether the checked-in package was generated from a file with this content, with the installed tools."""
    try:
        recorded = json.loads(_GENERATED.joinpath(generation_lock.NAME).read_text("utf-8"))
        if recorded["sources"]["contract"] != hashlib.sha256(content).hexdigest():
            return False
        # The lock of the same content also shows whether tools, templates or outputs have changed.
        with tempfile.NamedTemporaryFile() as file:
            Path(file.name).write_bytes(content)
            return bool(recorded == json.loads(generation_lock.make(Path(file.name), _GENERATED)))
    except (OSError, ValueError, LookupError, TypeError):
        return False


def read_surface(folder: Path) -> Surface:
    """Read the public names of the generated package in a folder."""
    package = griffe.load(PACKAGE, search_paths=[folder], allow_inspection=False)
    parameters: dict[str, dict[str, Declaration]] = {}
    returns: dict[str, Annotation] = {}
    attributes: dict[str, Declaration] = {}
    names: dict[str, Annotation] = {}
    for name, node in _public_members(package):
        if isinstance(node, griffe.Attribute):
            if str(node.annotation) == "TypeAlias":
                names[name] = Annotation.of(node.value)
            continue
        names[name] = CLASS
        for inner, member in node.members.items():
            if inner.startswith("_") or member.is_alias:
                continue
            if isinstance(member, griffe.Function):
                parameters[f"{name}.{inner}"] = {
                    one.name: Declaration(one.default is None, Annotation.of(one.annotation), str(one.kind))
                    for one in member.parameters
                    if one.name not in ("self", "cls")
                }
                returns[f"{name}.{inner}"] = Annotation.of(member.returns)
            elif isinstance(member, griffe.Attribute):
                annotation = Annotation.of(member.annotation)
                attributes[f"{name}.{inner}"] = Declaration(member.value is None, annotation, "attribute")
    return Surface(parameters, returns, attributes, names)


def _public_members(package: griffe.Object | griffe.Alias) -> Iterator[tuple[str, griffe.Object | griffe.Alias]]:
    """Yield clients, models and type aliases. Async clients are skipped, because they have the same methods."""
    groups = package["api"].modules.values()
    for module in (*groups, *package["models"].modules.values()):
        for name, member in module.members.items():
            if member.is_alias or name.startswith("_"):
                continue
            if name.startswith("Async") and name.removeprefix("Async") in module.members:
                continue
            if member.is_class or member.is_attribute:
                yield name, member
