"""Generates the package: openapi-python-client parses the contract, and our templates print the code."""

import contextlib
import io
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import CodeType

from attrs import frozen
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from scripts.codegen.package import BANNER, COPIED, PACKAGE, GenerationError
from scripts.codegen.views.build_views import build_views
from scripts.codegen.views.calls import Views
from scripts.codegen.views.python_types import UnsupportedError, at
from scripts.codegen.views.schema_types import SchemaTypes
from scripts.openapi.contract import ROOT, Contract

from . import filters, runtime_pages
from .generator_input import generator_input
from .name_checks import check_names
from .signatures import exported_names

TEMPLATES = ROOT / "scripts" / "templates"
RUNTIME = ROOT / "scripts" / "runtime"
CONFIG = ROOT / "generator-config.yaml"
# The modules of the runtime whose names the package exports.
_PUBLIC_MODULES = ("batch", "dates", "files", "options", "parts", "results", "unset")
_UNREADABLE = "this part of the contract cannot be generated; simplify it"
# The templates of modules that contain or import models.
_TEMPLATES_WITH_MODELS = ("model.py.jinja", "models_init.py.jinja", "literal_enum.py.jinja", "package_init.py.jinja")


class _CompiledTemplates(BytecodeCache):
    """Keeps compiled templates, because scripts/diff and the tests generate several packages in a process."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _CompiledTemplates()


@frozen
class Generated:
    """A generated package, with the views and templates for its docs."""

    folder: Path
    """The parent folder of the package."""
    views: Views
    environment: Environment
    """The Jinja environment, which loads our templates."""


def generate(contract: Contract, folder: Path, *, post_hooks: Sequence[str] | None = None) -> Generated:
    """Write the package for `contract` into `folder`, which must not exist.

    Args:
        contract: A contract that passed the checks.
        folder: The parent folder of the package.
        post_hooks: Commands that replace the post hooks of generator-config.yaml, which format the code.

    Raises:
        GenerationError: ruff is missing or fails.
        UnsupportedError: The templates do not support a construct of the contract.
    """
    if post_hooks is None and shutil.which("ruff") is None:
        raise GenerationError(
            "scripts/regenerate needs ruff, but ruff is not in PATH; remove .venv and run scripts/setup"
        )
    file = ConfigFile.load_from_path(CONFIG)
    commands = file.post_hooks if post_hooks is None else post_hooks
    file.post_hooks = []
    config = Config.from_sources(file, MetaType.NONE, contract.path, "utf-8", False, folder / PACKAGE)
    types = SchemaTypes.make(contract, config)
    data = GeneratorData.from_dict(generator_input(types), config=config)
    if isinstance(data, GeneratorError):
        raise UnsupportedError(_UNREADABLE)
    reported = [error for group in data.endpoint_collections_by_tag.values() for error in group.parse_errors]
    _refuse(contract, [*data.errors, *reported])
    views = build_views(types, data, config)
    project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
    project.env.bytecode_cache = _COMPILED
    project.env.globals.update(
        views=views,
        contract=contract,
        banner=BANNER,
        exports=_exports,
        public_modules=_PUBLIC_MODULES,
        homes=_modules_by_name(views),
        error_class=filters.error_class,
    )
    project.env.filters.update(filters.all_for(views, runtime_pages.links(RUNTIME)))
    folder.mkdir(parents=True, exist_ok=True)
    # The generator prints its progress on standard output.
    with contextlib.redirect_stdout(io.StringIO()):
        project.build()
    check_names(views, folder / PACKAGE)
    _format(folder / PACKAGE, commands)
    _copy_runtime(folder / PACKAGE)
    return Generated(folder, views, project.env)


def _format(package: Path, commands: Sequence[str] | None) -> None:
    for command in commands or ():
        ended = subprocess.run(shlex.split(command), cwd=package, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise GenerationError(f"{command.split()[0]} cannot format the package: {ended.stderr or ended.stdout}")


def _copy_runtime(package: Path) -> None:
    copies = package / "_runtime"
    copies.mkdir()
    for path in sorted(RUNTIME.glob("*.py")):
        copies.joinpath(path.name).write_text(f"# {COPIED}\n{path.read_text('utf-8')}", "utf-8")
    package.joinpath("py.typed").write_text(f"# {BANNER}\n", "utf-8")


@cache
def _exports(*modules: str) -> list[str]:
    """The sorted names in `__all__` of modules of the runtime. The result is cached: several templates need it."""
    names: list[str] = []
    for module in modules:
        exported = exported_names(RUNTIME / f"{module}.py")
        if exported is None:
            raise GenerationError(f"scripts/runtime/{module}.py has no __all__")
        names += exported
    return sorted(names)


def _modules_by_name(views: Views) -> dict[str, str]:
    """The module of each public name of the package, relative to the package."""
    classes = {f"{twin}{group.title}": f".api.{group.module}" for group in views.groups for twin in ("", "Async")}
    models = {model.name: f".models.{model.module}" for model in views.models.values()}
    return dict(sorted((_runtime_names() | classes | models).items()))


def _runtime_names() -> dict[str, str]:
    """The module of each public name of the package that does not depend on the contract."""
    runtime = {name: f"._runtime.{module}" for module in _PUBLIC_MODULES for name in _exports(module)}
    return runtime | dict.fromkeys(_exports("errors", "shape_error"), ".errors")


@cache
def package_names() -> frozenset[str]:
    """The names that no schema can have: names that the package exports, and names that the models' modules import."""
    texts = [TEMPLATES.joinpath(name).read_text("utf-8") for name in _TEMPLATES_WITH_MODELS]
    imports = [names for text in texts for names in re.findall(r"^ *from [\w.]+ import (.+)$", text, re.MULTILINE)]
    printed = re.findall(r"\w+", re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", " ".join(imports)))
    variables = [name for text in texts for name in re.findall(r"^ *(\w+): ClassVar", text, re.MULTILINE)]
    return frozenset(_runtime_names()).union(printed, variables)


def _refuse(contract: Contract, errors: Sequence[GeneratorError]) -> None:
    """Raise the first error of the generator. Its text is for developers of the generator, and is not shown.

    The rules refuse everything that the generator is known to refuse. The place is a schema or an operation.
    """
    for error in errors:
        found = re.search(r"(/components/schemas/[^ ]+)|GET /(\d+) ", error.header)
        pointer = "" if found is None else found[1] or contract.operations[int(found[2])].pointer
        with at(pointer):
            raise UnsupportedError(_UNREADABLE)
