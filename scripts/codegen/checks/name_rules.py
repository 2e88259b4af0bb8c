"""The rules about names in Python: two things never share a name."""

import builtins
import keyword
import re
from collections.abc import Iterable

from openapi_python_client.strings import ClassName, PythonIdentifier

from scripts.codegen.rendering.generator import package_names
from scripts.openapi.contract import Contract
from scripts.openapi.document import as_map
from scripts.openapi.pointers import below
from scripts.openapi.walk import walk

from .catalogue import Violations, operation_nodes, rule

_PREFIX = "field_"


def _clashes(names: Iterable[tuple[str, str, str]], advice: str) -> Violations:
    """The violations among triples of pointer, name in the contract, and name in Python."""
    first: dict[str, str] = {}
    for pointer, written, python in names:
        # Some disks do not distinguish upper case and lower case.
        other = first.setdefault(python.lower(), written)
        if other != written:
            yield pointer, f"{written} and {other} have the same name in Python; {advice}"


@rule
def operation_name_is_free(contract: Contract) -> Violations:
    """The names of operations differ in Python, too."""
    names = [
        (below(pointer, "operationId"), str(node["operationId"]), str(PythonIdentifier(node["operationId"], _PREFIX)))
        for pointer, node in operation_nodes(contract)
        if "operationId" in node
    ]
    yield from _clashes(names, "rename one of the operations")
    for pointer, written, python in names:
        if python.endswith("_") or python.startswith(_PREFIX):
            yield pointer, f"{written} is a word of Python, or no name in Python; rename the operation"


@rule
def tag_name_is_free(contract: Contract) -> Violations:
    """The names of tags differ in Python, too."""
    tags = [
        (below("/tags", index, "name"), str(tag.get("name")))
        for index, tag in enumerate(contract.document.get("tags", ()))
    ]
    for kind in (PythonIdentifier, ClassName):
        triples = [(pointer, written, str(kind(written, "tag"))) for pointer, written in tags]
        if clashes := list(_clashes(triples, "rename one of the tags")):
            yield from clashes
            return
    for pointer, written, python in triples:
        if not python.isidentifier() or keyword.iskeyword(python.lower()):
            yield pointer, f"{written} is a word of Python, or no name in Python; rename the tag"


@rule
def schema_name_is_free(contract: Contract) -> Violations:
    """The names of schemas differ in Python, and are not names of the package or of Python itself."""
    names = [
        (below("/components/schemas", name), name, str(ClassName(name, _PREFIX)))
        for name in contract.schemas
        if name not in contract.forms
    ]
    yield from _clashes(names, "rename one of the schemas")
    modules = [(pointer, written, str(PythonIdentifier(python, _PREFIX))) for pointer, written, python in names]
    yield from _clashes(modules, "rename one of the schemas")
    tags = {f"{ClassName(tag.get('name', ''), _PREFIX)}API" for tag in contract.document.get("tags", ())}
    taken = package_names() | tags | {f"Async{tag}" for tag in tags}
    for pointer, written, python in names:
        if python in taken:
            yield pointer, f"the package itself uses the name {python}; rename the schema"
        elif python in dir(builtins) or python.removesuffix("_") in dir(builtins):
            yield pointer, f"Python itself uses the name {written}; rename the schema"
        elif python.lower().startswith(_PREFIX):
            yield pointer, f"{written} is no name in Python; begin it with a letter"


@rule
def python_name_is_plain(contract: Contract) -> Violations:
    """x-python-name is a name in snake case that Python does not reserve."""
    for node in walk(contract.document):
        name = node.value.get("x-python-name")
        if name is None or node.has_names:
            continue
        is_plain = re.fullmatch(r"[a-z][a-z0-9_]*", str(name)) and PythonIdentifier(str(name), _PREFIX) == name
        if not is_plain:
            yield below(node.pointer, "x-python-name"), "use a name in snake_case that is no word of Python"
        elif node.pointer.endswith("/properties/id"):
            yield below(node.pointer, "x-python-name"), "remove x-python-name: the client reads the id by its name"


@rule
def python_name_exists(contract: Contract) -> Violations:
    """A property or parameter whose name is no name in Python has x-python-name."""
    for node in walk(contract.document):
        is_parameter = not node.has_names and node.value.keys() >= {"in", "name", "schema"}
        is_list = node.has_names and node.pointer.endswith("/properties")
        written = node.value if is_list else {node.value["name"]: node.value} if is_parameter else {}
        for name, value in written.items():
            has_prefix = str(PythonIdentifier(str(name), _PREFIX)).startswith(_PREFIX)
            if has_prefix and not str(name).lower().startswith("field") and "x-python-name" not in as_map(value):
                place = below(node.pointer, name) if is_list else node.pointer
                yield place, f"{name} is no name in Python; set x-python-name"
