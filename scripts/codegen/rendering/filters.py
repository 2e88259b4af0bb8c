"""Filters of the templates, which turn texts of the contract into docstrings and table cells."""

import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from scripts.codegen.views.calls import Views
from scripts.runtime.errors import BY_STATUS, APIStatusError, ServerError

DOCSTRING_WIDTH = 100


def all_for(views: Views, links: Mapping[str, str]) -> dict[str, Callable[..., Any]]:
    """The filters by name.

    Args:
        views: The models.
        links: The pages of other names.
    """
    pages = {**links, **{name: f"{name}.md" for name in views.models}}
    readers = [model.reader_name for model in views.models.values() if model.reader]
    modules = {name: f"models.{name}" for name in (*views.models, *readers)}

    def replaced(names: Mapping[str, str], annotation: str) -> str:
        """Replace names in an annotation, except inside literals."""
        return re.sub(r"'[^']*'|\"[^\"]*\"|\w+", lambda match: names.get(match[0], match[0]), annotation)

    # Without the context, Jinja would apply the filter to constants when it compiles, once for all contracts.
    @pass_context
    def linked(_: Context, annotation: str) -> str:
        """An annotation for a Markdown table, with links to the pages of names."""
        return replaced({name: f"[{name}]({page})" for name, page in pages.items()}, annotation).replace("|", "\\|")

    @pass_context
    def qualified(_: Context, annotation: str) -> str:
        """An annotation for a module that imports the package `models`."""
        return replaced(modules, annotation)

    return {"docstring": docstring, "literal": repr, "cell": cell, "linked": linked, "qualified": qualified}


def docstring(text: str) -> str:
    """`text` as a docstring, escaped and wrapped. Continuation lines are joined before the text is wrapped."""
    lines: list[str] = []
    for line in _paragraphs(text):
        indent = " " * (len(line) - len(line.lstrip()))
        hanging = f"{indent}    " if indent else ""
        wrapped = textwrap.wrap(line.strip(), DOCSTRING_WIDTH, initial_indent=indent, subsequent_indent=hanging)
        lines.extend(wrapped or [""])
    content = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).replace("\\", "\\\\").replace('"', '\\"')
    # Only quotes that could end the docstring stay escaped.
    content = re.sub(r'(?<!\\")\\"(?!\\"|$)', '"', content)
    return f'"""{content}\n"""' if "\n" in content else f'"""{content}"""'


def _paragraphs(text: str) -> list[str]:
    """The lines of `text`, with each continuation line appended to the line before it."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        indent = len(line) - len(line.lstrip())
        before = len(lines[-1]) - len(lines[-1].lstrip()) if lines and lines[-1] else None
        continues = before is not None and (indent == before == 0 or (before and indent > before))
        if continues and line.strip():
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line.rstrip())
    return lines


def cell(text: str) -> str:
    """`text` for a cell of a Markdown table: one line, in which `|` and HTML are escaped."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")


def error_class(code: str) -> str:
    """The exception class for a status code, a range such as 4XX, or `default`."""
    if code == "default" or (code.upper().endswith("XX") and code[0] != "5"):
        return f"{APIStatusError.__name__} or a subclass"
    status = int(code.upper().replace("X", "0"))
    default = ServerError if status >= 500 else APIStatusError
    return BY_STATUS.get(status, default).__name__
