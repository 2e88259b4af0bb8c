"""The pages of the docs about the public names of the runtime, read from its docstrings."""

import ast
import re
from pathlib import Path
from typing import Any, cast

import griffe
from attrs import frozen

from .signatures import Method, bare, exported_names, read_function, read_module, texts


@frozen
class Attribute:
    """An attribute of a class."""

    name: str
    annotation: str
    description: str


@frozen
class PublicName:
    """A public class, function or type of the runtime."""

    name: str
    bases: tuple[str, ...] = ()
    """The names of the base classes."""
    description: str = ""
    attributes: tuple[Attribute, ...] = ()
    values: tuple[str, ...] = ()
    """The values of a Literal."""
    function: Method | None = None


@frozen
class RuntimePage:
    """A page about the names that some modules of the runtime export."""

    file: str
    """The name of the file. It has a hyphen, so that it is never the name of a model."""
    title: str
    modules: tuple[str, ...]
    has_anchors: bool = False
    """Whether links lead to the heading of a name. A page with names that differ in case only has no anchors."""

    def url(self, name: str) -> str:
        """The link to a name."""
        return f"{self.file}#{name.lower()}" if self.has_anchors else self.file


PAGES = (
    RuntimePage("outcome-and-failure.md", "Outcome and failure", ("batch",)),
    RuntimePage("request-results.md", "Results", ("results",), has_anchors=True),
    RuntimePage("progress-and-retries.md", "Progress and retries", ("files", "options"), has_anchors=True),
    RuntimePage("values-of-arguments.md", "Values of arguments", ("parts", "unset")),
    RuntimePage("points-in-time.md", "Points in time", ("dates",), has_anchors=True),
    RuntimePage("client-exceptions.md", "Exceptions", ("errors", "shape_error"), has_anchors=True),
)


def links(runtime: Path) -> dict[str, str]:
    """The link to each public name of the modules in the folder `runtime`."""
    return {name: page.url(name) for page in PAGES for name in _names(runtime, page)}


def public_names(runtime: Path, page: RuntimePage) -> list[PublicName]:
    """The names on a page. Functions come first; base classes come before their subclasses."""
    members = {
        name: member
        for module in page.modules
        for name, member in read_module(runtime / f"{module}.py").members.items()
        if name in _names(runtime, page)
    }
    items = [_public_name(member) for member in members.values()]
    return sorted(items, key=lambda item: item.function is None)


def introduction(runtime: Path, page: RuntimePage) -> str:
    """The docstring of the first module after its first paragraph, such as the tree of exceptions."""
    docstring = read_module(runtime / f"{page.modules[0]}.py").docstring
    _, _, rest = (docstring.value if docstring else "").partition("\n\n")
    return rest


def _names(runtime: Path, page: RuntimePage) -> set[str]:
    return {name for module in page.modules for name in exported_names(runtime / f"{module}.py") or ()}


def _public_name(member: Any) -> PublicName:
    if member.is_function:
        return PublicName(member.name, function=read_function(cast(griffe.Function, member)))
    if member.is_attribute and not str(member.value).startswith("Literal"):
        return PublicName(member.name, description="\n\n".join(texts(member)))
    if member.is_attribute:
        return PublicName(member.name, values=tuple(ast.literal_eval(str(member.value).removeprefix("Literal"))))
    sections = member.docstring.parsed if member.docstring else ()
    listed = [
        Attribute(entry.name, str(entry.annotation), " ".join(entry.description.split()))
        for section in sections
        if section.kind is griffe.DocstringSectionKind.attributes
        for entry in section.value
    ]
    own = [
        Attribute(name, bare(str(field.annotation)), " ".join(field.docstring.value.split()) if field.docstring else "")
        for name, field in member.members.items()
        if field.is_attribute and not name.startswith("_") and field.annotation
    ]
    bases = tuple(str(base) for base in member.bases if re.search(r"Error$", str(base)))
    return PublicName(member.name, bases, "\n\n".join(texts(member)), tuple(listed or own))
