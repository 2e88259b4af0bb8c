"""The generator's project with our templates, and with the runtime and the docs beside what it writes itself."""

import ast
import re
import shutil
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from scripts.runtime.errors import BY_STATUS, APIStatusError, ServerError

from .build_views import build_views
from .contract import ROOT, Contract
from .methods import constructor, methods
from .views import Views

PACKAGE = "openai_batch_client"
TEMPLATES = ROOT / "scripts" / "templates"
RUNTIME = ROOT / "scripts" / "runtime"
CONFIG = ROOT / "generator-config.yaml"
BANNER = "Written by scripts/regenerate from openapi.yaml. Do not edit."
COPIED = "Copied by scripts/regenerate from scripts/runtime. Do not edit."
WIDTH = 100


class GenerationError(Exception):
    """The package could not be generated; the message says why."""


def generate(contract: Contract, output: Path, *, post_hooks: Sequence[str] | None = None) -> Views:
    """Write package and docs for `contract` into the folder `output`, which must not exist.

    `post_hooks` are run in place of those of generator-config.yaml, which format.

    Raises:
        GenerationError: If ruff is missing, or the generator reports anything at all, warnings included.
        UnsupportedError: If the contract needs code that the templates do not have.
    """
    if post_hooks is None and shutil.which("ruff") is None:
        raise GenerationError("ruff is not in PATH, and what is generated needs it; remove .venv and run scripts/setup")
    file = ConfigFile.load_from_path(CONFIG)
    if post_hooks is not None:
        file.post_hooks = list(post_hooks)
    config = Config.from_sources(file, MetaType.NONE, contract.path, "utf-8", False, output / PACKAGE)
    data = GeneratorData.from_dict(dict(contract.document), config=config)
    if isinstance(data, GeneratorError):
        raise GenerationError(_sentence(data))
    reported = [error for group in data.endpoint_collections_by_tag.values() for error in group.parse_errors]
    _refuse([*data.errors, *reported])
    project = _Project(build_views(contract, data, config), data, config)
    _refuse(project.build())
    return project.views


class _Project(Project):
    """Prints with our views, and writes three things more: the runtime, the docs and py.typed."""

    def __init__(self, views: Views, data: GeneratorData, config: Config) -> None:
        super().__init__(openapi=data, config=config, custom_template_path=TEMPLATES)
        self.views = views
        self.env.globals.update(
            views=views,
            contract=views.contract,
            banner=BANNER,
            exports=exports,
            homes=_homes(views),
            error_class=error_class,
        )
        self.env.filters.update(
            docstring=docstring, literal=repr, cell=cell, linked=self._linked, qualified=self._qualified
        )

    def _build_metadata(self) -> None:
        copies = self.package_dir / "_runtime"
        copies.mkdir()
        for path in sorted(RUNTIME.glob("*.py")):
            copies.joinpath(path.name).write_text(f"# {COPIED}\n{path.read_text('utf-8')}", "utf-8")
        self.package_dir.joinpath("py.typed").write_text(f"# {BANNER}\n", "utf-8")

    def _run_post_hooks(self) -> None:
        super()._run_post_hooks()
        docs = self.package_dir.parent / "docs"
        docs.mkdir()
        for group in self.views.groups:
            found = methods(self.package_dir / "api" / group.module / "__init__.py", group.title)
            options = constructor(self.package_dir / "_runtime" / "base_client.py", "BaseClient")
            names = {"group": group, "methods": found, "options": options}
            template = self.env.get_template("_example.py.jinja")
            examples = {method.name: template.render(name=method.name, **names).strip() for method in found}
            self._write(docs / f"{group.title}.md", "_api.md.jinja", examples=examples, **names)
        for model in self.views.models.values():
            self._write(docs / f"{model.name}.md", "_model.md.jinja", model=model)

    def _linked(self, annotation: str) -> str:
        """An annotation for a Markdown table, with links to the pages of the models that it names."""
        return self._with_models(lambda name: f"[{name}]({name}.md)", annotation).replace("|", "\\|")

    def _qualified(self, annotation: str) -> str:
        """An annotation for a module that has the package of the models, and not each of them."""
        return self._with_models(lambda name: f"models.{name}", annotation)

    def _with_models(self, replace: Callable[[str], str], annotation: str) -> str:
        """An annotation in which the names of models are replaced, but for those inside of literals."""

        def replaced(match: re.Match[str]) -> str:
            return replace(match[0]) if match[0] in self.views.models else match[0]

        return re.sub(r"'[^']*'|\"[^\"]*\"|\w+", replaced, annotation)

    def _write(self, path: Path, template: str, **names: Any) -> None:
        text = self.env.get_template(template).render(**names)
        path.write_text(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", encoding="utf-8")


def docstring(text: str) -> str:
    """`text` as a docstring, escaped and wrapped. Lines of a paragraph are joined, and so are those of an entry."""
    lines: list[str] = []
    for line in _joined(text):
        indent = " " * (len(line) - len(line.lstrip()))
        further = f"{indent}    " if indent else ""
        lines.extend(textwrap.wrap(line.strip(), WIDTH, initial_indent=indent, subsequent_indent=further) or [""])
    content = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).replace("\\", "\\\\").replace('"', '\\"')
    # Quotes are escaped only where they could end the docstring.
    content = re.sub(r'(?<!\\")\\"(?!\\"|$)', '"', content)
    return f'"""{content}\n"""' if "\n" in content else f'"""{content}"""'


def _joined(text: str) -> list[str]:
    """The lines of `text`, where those that only go on are part of the line before."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        indent = len(line) - len(line.lstrip())
        before = len(lines[-1]) - len(lines[-1].lstrip()) if lines and lines[-1] else None
        goes_on = before is not None and (indent == before == 0 or (before and indent > before))
        if goes_on and line.strip():
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line.rstrip())
    return lines


def cell(text: str) -> str:
    """`text` for a cell of a Markdown table: one line, and nothing that Markdown or HTML would act on."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")


def exports(module: str) -> list[str]:
    """What a module of the runtime offers in `__all__`."""
    for node in ast.parse((RUNTIME / f"{module}.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            return list(ast.literal_eval(node.value))
    raise GenerationError(f"scripts/runtime/{module}.py has no __all__")


def error_class(code: str) -> str:
    """The name of the exception for a documented status code or range."""
    status = int(code.upper().replace("X", "0"))
    default = ServerError if status >= 500 else APIStatusError
    return BY_STATUS.get(status, default).__name__


def _homes(views: Views) -> dict[str, str]:
    """For each public name of the package the module that has it."""
    runtime = {name: f"._runtime.{module}" for module in ("dates", "batch", "retrying") for name in exports(module)}
    classes = {f"{twin}{group.title}": f".api.{group.module}" for group in views.groups for twin in ("", "Async")}
    errors = dict.fromkeys(exports("errors"), ".errors")
    models = {model.name: f".models.{model.module}" for model in views.models.values()}
    return dict(sorted({**runtime, **classes, **errors, **models}.items()))


def _refuse(errors: Sequence[GeneratorError]) -> None:
    if errors:
        raise GenerationError("\n".join(dict.fromkeys(map(_sentence, errors))))


def _sentence(error: GeneratorError) -> str:
    return " ".join(part.strip() for part in (error.header, error.detail) if part)
