"""Text of a contract stays inert in every report format, for hostile and for random texts."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from scripts.specdiff.report import Report
from scripts.specdiff.reports import annotations, changelog, html, inline, markdown, text, wording
from tests.support.reporting import HOSTILE, hostile

Render = Callable[[Report], str]
# As GitHub reads it, as far as this parser can.
READER = MarkdownIt("commonmark").enable("table").enable("strikethrough")
ANY_TEXT = st.one_of(st.text(), st.text("`|<>&@#:/[]()!*_~\\\"'-+.=%\n\r\t ab1\u202e\x1b\ud800"))
each_hostile = pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
each_markdown = pytest.mark.parametrize("render", [markdown.render, changelog.render], ids=["comment", "changelog"])
each_form = pytest.mark.parametrize(
    "render", [text.render, markdown.render, annotations.render, changelog.render], ids=["text", "md", "github", "log"]
)


@each_form
@each_hostile
def test_nothing_hidden(render: Render, said: str) -> None:
    """Every format contains printable characters only, and can be encoded as UTF-8."""
    shown = render(hostile(said))

    assert "" == "".join(character for character in shown if not character.isprintable() and character != "\n")
    assert shown == shown.encode().decode()


@each_form
def test_long_texts(render: Render) -> None:
    """Texts of 100 kB are cut."""
    assert 20_000 > len(render(hostile(HOSTILE["long"])))


@each_form
@each_hostile
def test_same_number_of_lines(render: Render, said: str) -> None:
    """Line breaks in texts do not add lines to a report."""
    flat = re.sub(r"[\r\n\u2028]", "_", said)

    assert len(render(hostile(flat)).splitlines()) == len(render(hostile(said)).splitlines())


def judge_markdown(render: Render, said: str) -> None:
    tokens = READER.parse(render(hostile(said)))
    blocks = {token.type for token in tokens}
    inline = [part for token in tokens for part in token.children or ()]
    html = "".join(token.content for token in tokens if token.type == "html_block")
    risky = re.compile(r"[@#<>&|_~\\]|[a-z][./:]\w")
    titles = "Safe|Documentation|Python, safe|Who notices, and what to do instead"
    allowed = rf"<!-- contract-diff -->|</?details>|<summary>({titles}) \(\d+\)</summary>"

    assert not blocks & {"table_open", "fence", "code_block", "blockquote_open", "hr"}
    assert {"text", "code_inline", "softbreak", "strong_open", "strong_close"} >= {part.type for part in inline}
    assert [] == [part.content for part in inline if part.type == "text" and risky.search(part.content)]
    assert "" == re.sub(allowed, "", html).strip()


@each_markdown
@each_hostile
def test_markdown_is_inert(render: Render, said: str) -> None:
    """Everything except plain words is code, so text creates no link, image, table, HTML or emphasis."""
    judge_markdown(render, said)


@each_markdown
@given(said=ANY_TEXT)
def test_any_text_in_markdown(render: Render, said: str) -> None:
    """Random text is inert in Markdown, too."""
    judge_markdown(render, said)


@given(ANY_TEXT)
def test_code(said: str) -> None:
    """A code span shows exactly the visible text."""
    (paragraph,) = [token for token in READER.parse(f"- {inline.code(said)}.") if token.type == "inline"]
    first, last = list(paragraph.children or [])

    assert ("code_inline", wording.visible(said, 120) or "  ", ".") == (first.type, first.content, last.content)


@given(ANY_TEXT)
def test_any_text_in_annotations(said: str) -> None:
    """Random text does not add workflow commands."""
    assert {"::error", "::warning", "::notice"} >= {
        line.split(" ")[0] for line in annotations.render(hostile(said)).splitlines()
    }


@given(ANY_TEXT)
def test_any_text_in_html(said: str) -> None:
    """Random text does not add elements or attributes to the page."""
    assert elements(html.render(hostile("x"))) == elements(html.render(hostile(said)))


def elements(html: str) -> set[str]:
    """The elements of a page with the names of their attributes."""
    found: set[str] = set()

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.add(" ".join((tag, *(name for name, _ in attrs))))

    # Which lines of an excerpt are cut or marked depends on them.
    Parser().feed(re.sub(r"<tbody>\n.*?\n</tbody>", "", html, flags=re.DOTALL))
    return found


@each_hostile
def test_annotations_are_inert(said: str) -> None:
    """Every line is one workflow command with complete properties and a complete message."""
    lines = annotations.render(hostile(said)).splitlines()

    assert [] == [
        line
        for line in lines
        if not re.fullmatch(r"::(error|warning|notice) file=[^,:]+(,line=\d+)?,title=[^,:]+::.*", line)
    ]
    assert [] == [line for line in lines if re.search(r"%(?!25|3A|2C)", line)]
