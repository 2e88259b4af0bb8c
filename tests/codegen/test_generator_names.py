"""Every name of openapi-python-client that scripts/ uses exists, so that an upgrade names each one that it removed."""

import ast
import importlib

import pytest

from scripts.codegen.rehearsal import imported_names
from scripts.openapi.contract import ROOT

GENERATOR = "openapi_python_client"
MODULES = sorted(
    path for path in ROOT.joinpath("scripts", "codegen").rglob("*.py") if GENERATOR in path.read_text("utf-8")
)


@pytest.mark.parametrize(("module", "name"), imported_names())
def test_generator_has_name(module: str, name: str) -> None:
    """The module of the generator still exports the name."""
    assert hasattr(importlib.import_module(module), name), f"openapi-python-client no longer has {module}.{name}"


def test_only_from_imports() -> None:
    """No module uses `import openapi_python_client`, because the test above does not see attribute access."""
    plain_imports = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == GENERATOR for alias in node.names)
    ]

    assert [] == plain_imports


def test_no_private_name() -> None:
    """scripts/codegen uses the public names of the generator's project only."""
    assert not [name for module, name in imported_names() if name.startswith("_") or "._" in module]


# Attributes of the generator's objects that build_views, build_models and generator.py read.
ATTRIBUTES = {
    "openapi_python_client.Project": ("build",),
    "openapi_python_client.config.Config": ("from_sources",),
    "openapi_python_client.config.ConfigFile": ("load_from_path",),
    "openapi_python_client.parser.GeneratorData": ("from_dict",),
}
FIELDS = {
    "openapi_python_client.config.Config": ("field_prefix", "package_name_override", "project_name_override"),
    "openapi_python_client.config.ConfigFile": ("post_hooks",),
    "openapi_python_client.parser.GeneratorData": ("models", "enums", "errors", "endpoint_collections_by_tag"),
    "openapi_python_client.parser.errors.GeneratorError": ("header", "detail"),
    "openapi_python_client.parser.openapi.Endpoint": ("name",),
    "openapi_python_client.parser.openapi.EndpointCollection": ("endpoints", "parse_errors", "tag"),
    "openapi_python_client.parser.properties.ModelProperty": ("class_info",),
    "openapi_python_client.parser.properties.LiteralEnumProperty": ("class_info",),
    "openapi_python_client.parser.properties.Class": ("name", "module_name"),
}


@pytest.mark.parametrize(("owner", "name"), [(owner, name) for owner, names in ATTRIBUTES.items() for name in names])
def test_generator_has_attribute(owner: str, name: str) -> None:
    """The class of the generator still has the method."""
    assert hasattr(_named(owner), name), f"openapi-python-client no longer has {owner}.{name}"


@pytest.mark.parametrize(("owner", "name"), [(owner, name) for owner, names in FIELDS.items() for name in names])
def test_generator_has_field(owner: str, name: str) -> None:
    """The class of the generator still has the field, as an attrs, pydantic or dataclass field."""
    kind = _named(owner)
    fields = {
        *(field.name for field in getattr(kind, "__attrs_attrs__", ())),
        *getattr(kind, "model_fields", ()),
        *getattr(kind, "__dataclass_fields__", ()),
        *getattr(kind, "_fields", ()),
    }

    assert name in fields, f"openapi-python-client no longer has {owner}.{name}"


def _named(path: str) -> type:
    module, _, name = path.rpartition(".")
    kind: type = getattr(importlib.import_module(module), name)
    return kind
