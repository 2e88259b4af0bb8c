"""Prints the docs: a page per tag and per model, pages about the runtime, an index, and all of the API in one file."""

import re
from pathlib import Path
from typing import Any

from scripts.codegen.package import PACKAGE

from .generator import Generated
from .runtime_pages import PAGES, introduction, public_names
from .signatures import constructor, public_methods

# The methods of the runtime that the page of each tag describes, too.
_INHERITED = ("request", "stream")


def write_docs(generated: Generated) -> None:
    """Write the folder `docs` beside the package."""
    package = generated.folder / PACKAGE
    docs = generated.folder / "docs"
    docs.mkdir()
    options = constructor(package / "_runtime" / "base_client.py", "BaseClient")
    clients = []
    for group in generated.views.groups:
        methods = public_methods(package / "api" / group.module / "__init__.py", group.title)
        inherited = public_methods(package / "_runtime" / "client.py", "Client")
        methods += [method for method in inherited if method.name in _INHERITED]
        clients.append((group, methods))
        names: dict[str, Any] = {"group": group, "methods": methods, "options": options, "pages": PAGES}
        template = generated.environment.get_template("_example.py.jinja")
        examples = {method.name: template.render(name=method.name, **names).strip() for method in methods}
        _write(generated, docs / f"{group.title}.md", "_api.md.jinja", examples=examples, **names)
    for model in generated.views.models.values():
        _write(generated, docs / f"{model.name}.md", "_model.md.jinja", model=model)
    runtime = package / "_runtime"
    pages = [(page, public_names(runtime, page)) for page in PAGES]
    for page, items in pages:
        tree = introduction(runtime, page) if "errors" in page.modules else ""
        _write(generated, docs / page.file, "_runtime.md.jinja", page=page, items=items, tree=tree)
    for name in ("index.md", "llms.txt"):
        _write(generated, docs / name, f"_{name}.jinja", clients=clients, pages=pages, options=options)


def _write(generated: Generated, path: Path, template: str, **names: Any) -> None:
    text = generated.environment.get_template(template).render(**names)
    path.write_text(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", encoding="utf-8")
