"""The generated docs are correct: examples run, every public name is documented, and links have targets."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import openai_batch_client
from scripts.openapi.contract import ROOT, Contract
from tests.support import doc_examples

DOCS = sorted((ROOT / "generated" / "docs").glob("*.md"))
CONTRACT = Contract.load()
BLOCKS = [(path.stem, block) for path in DOCS for block in doc_examples.blocks(path)]
CLASSES = sorted({f"{operation.tag}API" for operation in CONTRACT.operations})


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def own_methods(name: str) -> dict[str, Callable[..., object]]:
    """The methods of the class `name`, without those that it inherits."""
    return {key: value for key, value in vars(getattr(openai_batch_client, name)).items() if inspect.isfunction(value)}


@pytest.mark.parametrize(("page", "block"), BLOCKS, ids=[f"{page}-{number}" for number, (page, _) in enumerate(BLOCKS)])
def test_example_runs(
    page: str, block: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each example runs without edits and prints its result; cancelling a finished batch is not an error."""
    doc_examples.run(block, page, monkeypatch)

    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("name", CLASSES)
def test_every_method_is_documented(name: str) -> None:
    """Every public method has a heading, an example, parameters and errors; every operation has its HTTP request."""
    text = (ROOT / "generated" / "docs" / f"{name}.md").read_text("utf-8")
    own = own_methods(name)

    options, *headings = re.findall(r"^## (\w+)$", text, re.MULTILINE)
    assert ("Options", [*own, "request", "stream"]) == (options, headings)
    parameters = inspect.signature(getattr(openai_batch_client, name)).parameters
    assert list(parameters) == re.findall(r"^\*\*(\w+)\*\* \| ", text.partition(f"## {headings[0]}")[0], re.MULTILINE)
    for method, function in own.items():
        section = re.search(rf"^## {method}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
        assert section is not None
        for parameter in list(inspect.signature(function).parameters)[1:]:
            assert re.search(rf"^\*\*{parameter}\*\* \| [^|\n]+.* \| \S.* \|", section[1], re.MULTILINE), parameter
        assert f"api.{method}(" in section[1]
        assert "### Errors" in section[1]
    for operation in CONTRACT.operations:
        if f"{operation.tag}API" == name:
            assert f"**{operation.method}** {operation.path} |" in text


def test_every_name_has_a_page() -> None:
    """The docs contain one page per client class and per model, and a heading for every other public name."""
    pages = {path.stem for path in DOCS} - {"index"}
    others = {*openai_batch_client.__all__} - pages - {f"Async{name}" for name in CLASSES} - {"__version__"}
    headings = {
        name for path in DOCS if "-" in path.stem for name in re.findall(r"^## (\w+)$", text_of(path), re.MULTILINE)
    }

    assert {*CLASSES, *CONTRACT.schemas} == {name for name in pages if "-" not in name}
    assert others == headings


def test_index_leads_to_every_page() -> None:
    """index.md has a link to each page, and to each method."""
    links = re.findall(r"\]\(([^)]+)\)", text_of(ROOT / "generated" / "docs" / "index.md"))

    assert {path.name for path in DOCS} - {"index.md"} | {"llms.txt"} == {link for link in links if "#" not in link}
    for name in CLASSES:
        headings = re.findall(r"^## (\w+)$", text_of(ROOT / "generated" / "docs" / f"{name}.md"), re.MULTILINE)
        assert [f"{name}.md#{heading}" for heading in headings[1:]] == [link for link in links if f"{name}.md#" in link]


def test_one_file_has_the_whole_api() -> None:
    """llms.txt has a heading for each public name, and the signature with all arguments of each method."""
    title, _, text = text_of(ROOT / "generated" / "docs" / "llms.txt").partition("\n")
    headings = {word for line in re.findall(r"^##+ (.*)$", text, re.MULTILINE) for word in re.findall(r"[\w.]+", line)}

    assert f"# openai_batch_client {openai_batch_client.__version__}" == title
    assert text.startswith("\n> ")
    assert {*openai_batch_client.__all__} - {"__version__"} <= headings
    for name in CLASSES:
        own = {
            key: value for key, value in vars(getattr(openai_batch_client, name)).items() if inspect.isfunction(value)
        }
        for method, function in own.items():
            section = re.search(rf"^### {name}\.{method}\n(.*?)^###? ", text, re.DOTALL | re.MULTILINE)
            assert section is not None
            for parameter in list(inspect.signature(function).parameters)[1:]:
                assert f"    {parameter}: " in section[1]
                assert f"\n- {parameter}: " in section[1]


@pytest.mark.parametrize("name", openai_batch_client.errors.__all__)
def test_attributes_of_exceptions_are_documented(name: str) -> None:
    """The page of the exceptions has each attribute of each exception, with its type and a description."""
    text = text_of(ROOT / "generated" / "docs" / "client-exceptions.md")
    section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    exception = getattr(openai_batch_client, name)
    attributes = re.findall(r"^ +(\w+): ", (inspect.getdoc(exception) or "").partition("Attributes:")[2], re.MULTILINE)

    assert attributes == re.findall(r"^\*\*(\w+)\*\* \| \S.* \| \S", section, re.MULTILINE)
    assert exception.__base__.__name__ in (
        *re.findall(r"^Base class: \[(\w+)\]", section, re.MULTILINE),
        "Exception",
        "ValueError",
    )


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.stem)
def test_links_have_targets(path: Path) -> None:
    """Every link leads to a page, or to a heading of a page."""
    for link in re.findall(r"\]\(([^)]+)\)", text_of(path)):
        page, _, heading = link.partition("#")
        target = path.parent / page if page else path
        assert target.exists(), link
        assert not heading or [heading] == re.findall(rf"^## ({heading})$", text_of(target).lower(), re.MULTILINE), link


def test_lifecycle_is_drawn() -> None:
    """The diagram has an arrow for every transition of every lifecycle."""
    for name, schema in CONTRACT.schemas.items():
        for status, following in schema.get("x-lifecycle", {}).items():
            text = (ROOT / "generated" / "docs" / f"{name}.md").read_text("utf-8")
            end = "[*]: success" if status in schema["x-final-statuses"]["success"] else "[*]: failure"
            assert all(f"    {status} --> {follower}\n" in text for follower in following or [end])
