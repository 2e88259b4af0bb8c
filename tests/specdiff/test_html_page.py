"""The HTML report in a browser: filters, keyboard, links, and hostile texts."""

import base64
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from scripts.specdiff.engine.effects import Impact, Verdict
from scripts.specdiff.findings import Witness
from scripts.specdiff.report import PythonChange, Report
from scripts.specdiff.reports import html
from tests.support import browser as browsers
from tests.support.browser import Browser
from tests.support.reporting import HOSTILE, NEW, OLD, breaking, finding, hostile, many, report

TOLD = report(
    breaking(id="enum-changed", label="Batch.status", text="values changed", old_line=9, new_line=8, fingerprint="a1"),
    finding(
        label="Batch.size", verdict=Verdict.RISKY, python=Impact.NONE, operations=("listBatches",), fingerprint="b2"
    ),
    finding(label="File.name", text="a default", operations=("createBatch", "listBatches"), fingerprint="c3"),
    python=(PythonChange("removed", Impact.BREAKING, "Batch.output", "removed"),),
    contents=(OLD.encode(), NEW.encode()),
)
SHOWN = "return Array.from(document.querySelectorAll('.finding:not([hidden])'), (one) => one.id)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser; without a browser these tests are skipped, except in CI."""
    lack = browsers.missing()
    if lack:
        assert not os.environ.get("CI"), f"CI must look at the page, and {lack}"
        pytest.skip(f"the page of the diff needs a browser, and {lack}")
    with browsers.started(tmp_path_factory.mktemp("profile")) as started:
        yield started


def show(browser: Browser, folder: Path, told: Report) -> Path:
    """Open the page of a report."""
    path = folder / "page.html"
    path.write_text(html.render(told), "utf-8")
    browser.open(path)
    return path


def test_filter_verdict(browser: Browser, tmp_path: Path) -> None:
    """Findings of unchecked verdicts are hidden with their headings, and the others are counted, until a reset."""
    show(browser, tmp_path, TOLD)
    browser.click("[name=verdict][value=breaking]")

    assert ["f-b2", "f-c3"] == browser.run(SHOWN)
    assert ["Risky 1", "Safe 1"] == browser.run(
        "return Array.from(document.querySelectorAll('.group:not([hidden]) h2'), (one) => one.textContent)"
    )
    assert "2 of 3 shown" == browser.run("return document.getElementById('shown').textContent")

    browser.click("[type=reset]")
    # The page filters again in a turn of its own, once the form is reset.
    later = "return new Promise((done) => setTimeout(() => done(document.getElementById('shown').textContent)))"
    assert "3 of 3 shown" == browser.run(later)


def test_filter_python(browser: Browser, tmp_path: Path) -> None:
    """Findings with an unchecked impact on Python are hidden."""
    show(browser, tmp_path, TOLD)
    browser.click("[name=python][value=none]")
    browser.click("[name=python][value=safe]")

    assert ["f-a1"] == browser.run(SHOWN)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("batch", ["f-a1", "f-b2", "f-c3"]), ("FILE default", ["f-c3"]), ("enum-ch", ["f-a1"]), ("<b>", [])],
)
def test_filter_text(browser: Browser, tmp_path: Path, words: str, expected: list[str]) -> None:
    """Only findings that contain all words are shown, regardless of case and order."""
    show(browser, tmp_path, TOLD)
    browser.type("[name=text]", words)

    assert expected == browser.run(SHOWN)


def test_filter_operation(browser: Browser, tmp_path: Path) -> None:
    """Only findings that reach the chosen operation are shown."""
    show(browser, tmp_path, TOLD)
    browser.type("[name=operation]", "listBatches")

    assert ["f-b2", "f-c3"] == browser.run(SHOWN)


def test_expand(browser: Browser, tmp_path: Path) -> None:
    """A finding shows the old and the new lines side by side, with differences marked. A click closes it."""
    show(browser, tmp_path, TOLD)
    seen = "return document.querySelector('#f-a1 .lines').checkVisibility()"

    browser.click("#f-a1 summary")
    assert browser.run(seen) is False
    browser.click("#f-a1 summary")
    assert browser.run(seen) is True
    assert [
        ["9", "      enum:", "8", "      enum:"],
        ["10", "      - new", "9", "      - new"],
        ["11", "      - <done>", "10", "      - <ended>"],
        ["", "", "11", "      - lost"],
    ] == browser.run(
        "return Array.from(document.querySelectorAll('#f-a1 .lines tbody tr'), (row) => "
        "Array.from(row.cells, (cell) => cell.textContent))"
    )[1:]
    assert [["DEL", "      - <done>"], ["INS", "      - <ended>"], ["INS", "      - lost"]] == browser.run(
        "return Array.from(document.querySelectorAll('#f-a1 .lines :is(del, ins)'), (one) => "
        "[one.tagName, one.textContent])"
    )


def test_keyboard(browser: Browser, tmp_path: Path) -> None:
    """Findings are reached by the tab key and opened by the enter key."""
    show(browser, tmp_path, TOLD)
    browser.run("document.querySelector('[type=reset]').focus()")
    browser.type("[type=reset]", "\ue004")
    assert "SUMMARY" == browser.run("return document.activeElement.tagName")
    browser.click("#close")
    browser.type("#f-a1 summary", "\ue007")
    assert browser.run("return document.getElementById('f-a1').open") is True


def test_open_all(browser: Browser, tmp_path: Path) -> None:
    """One button opens all shown findings, and another one closes all findings."""
    show(browser, tmp_path, TOLD)
    opened = "return Array.from(document.querySelectorAll('.finding[open]'), (one) => one.id)"
    browser.click("[name=verdict][value=risky]")
    browser.click("#open")
    assert ["f-a1", "f-c3"] == browser.run(opened)
    browser.click("#close")
    assert [] == browser.run(opened)


def test_link(browser: Browser, tmp_path: Path) -> None:
    """A link to a finding opens the finding, even if a filter hides it."""
    show(browser, tmp_path, TOLD)
    browser.type("[name=text]", "nothing has this")
    browser.run("location.hash = 'f-c3'; return new Promise((done) => setTimeout(done, 100))")

    assert browser.run("return document.getElementById('f-c3').checkVisibility()") is True
    assert browser.run("return document.getElementById('f-c3').open") is True


@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
def test_hostile(browser: Browser, tmp_path: Path, said: str) -> None:
    """Hostile text of a contract runs no script, loads nothing, hides nothing and causes no console message."""
    path = show(browser, tmp_path, hostile(said))
    browser.click("#open")

    assert browser.run("return window.pwned === undefined") is True
    assert [path.as_uri()] == browser.requests()
    assert [] == browser.console_messages()
    kinds = ["script", "style", "img, a, iframe, b, br, [onerror]"]
    assert [1, 1, 0] == [browser.run("return document.querySelectorAll(arguments[0]).length", kind) for kind in kinds]
    assert browser.run("return document.querySelectorAll('.finding').length") == 3
    assert browser.run("return Array.from(document.querySelectorAll('.finding')).every((one) => one.checkVisibility())")
    assert 200_000 > path.stat().st_size


def test_policy(browser: Browser, tmp_path: Path) -> None:
    """The content security policy blocks injected markup, and the console reports it."""
    path = tmp_path / "page.html"
    smuggled = "<script>window.pwned = 1</script><img src='http://127.0.0.1:9/x.png' onerror='window.pwned = 1'>"
    path.write_text(html.render(TOLD).replace("</main>", f"{smuggled}</main>"), "utf-8")
    browser.open(path)

    assert browser.run("return window.pwned === undefined") is True
    assert [path.as_uri()] == browser.requests()
    assert 2 <= len([said for said in browser.console_messages() if "Content Security Policy" in said])


def test_nothing_changed(browser: Browser, tmp_path: Path) -> None:
    """The page of a report without findings says so, and has no filters."""
    show(browser, tmp_path, report())

    assert "No changes." in browser.run("return document.body.innerText")
    assert browser.run("return document.getElementById('filters')") is None
    assert [] == browser.console_messages()


def test_screenshot(browser: Browser, tmp_path: Path) -> None:
    """The page is not blank."""
    show(browser, tmp_path, TOLD)

    assert 10_000 < len(base64.b64decode(browser.screenshot()))


def test_narrow(browser: Browser, tmp_path: Path) -> None:
    """Long names do not make the page wider than the window."""
    show(browser, tmp_path, report(finding(label="x" * 5_000, text="y" * 5_000, operations=("z" * 5_000,))))
    browser.click("#open")

    assert browser.run("return document.documentElement.scrollWidth <= innerWidth") is True


@pytest.mark.parametrize(("number", "opened"), [(0, 0), (9, 9), (10, 0)])
def test_breaking_findings_are_open(browser: Browser, tmp_path: Path, number: int, opened: int) -> None:
    """Fewer than ten breaking findings are open, each with its proof and its lines."""
    proof = Witness('{"a": 0}', '`{"a": 0}` was accepted and is now refused.')
    findings = [breaking(fingerprint=f"{index:012x}", witness=proof) for index in range(number)]
    show(browser, tmp_path, report(*findings, finding(), contents=(OLD.encode(), NEW.encode())))
    visible = "return Array.from(document.querySelectorAll(arguments[0])).filter((one) => one.checkVisibility()).length"

    assert [opened, opened] == [browser.run(visible, kind) for kind in (".proof", ".finding .lines")]
    assert number == 0 or '{"a": 0} was accepted and is now refused.' == browser.run(
        "return document.querySelector('.proof').textContent"
    )


@pytest.mark.parametrize(("width", "is_stacked"), [(390, True), (768, False), (1440, False)])
def test_excerpts_are_stacked(browser: Browser, tmp_path: Path, width: int, is_stacked: bool) -> None:
    """In a narrow window, the new line is below the old line, equal lines appear once, and nothing is cut."""
    show(browser, tmp_path, TOLD)
    with browser.resized(width, 900):
        old, new = (f"document.querySelector('#f-a1 .lines {tag}').getBoundingClientRect()" for tag in ("del", "ins"))
        equal = "Array.from(document.querySelectorAll('#f-a1 .lines tr:not(:has(del, ins), .gap) td:not(.number)'))"
        shown = f"return {equal}.filter((one) => one.checkVisibility()).length / {equal}.length"

        assert is_stacked == browser.run(f"return {old}.bottom <= {new}.top")
        assert (0.5 if is_stacked else 1) == browser.run(shown)
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth") is True


def test_added_alternatives_are_marked(browser: Browser, tmp_path: Path) -> None:
    """All lines of three added alternatives are marked."""
    new = "Pet:\n  oneOf:\n  - a: 1\n  - b: 1\n    c: 2\n  - d: 1\n  - e: 1\nOther: 1\n"
    added = finding(verdict=Verdict.BREAKING, new_line=4, further_lines=(6, 7))
    show(browser, tmp_path, report(added, contents=(b"Pet: 1\n", new.encode())))

    assert ["  - b: 1", "    c: 2", "  - d: 1", "  - e: 1"] == browser.run(
        "return Array.from(document.querySelectorAll('.lines ins'), (one) => one.textContent)"
    )


def test_documents_of_others(browser: Browser, tmp_path: Path) -> None:
    """The page about documents of others shows all findings, and does not mention Python."""
    show(browser, tmp_path, report(breaking(python=Impact.NONE), finding(python=Impact.NONE), is_ours=False))

    assert "2 of 2 shown" == browser.run("return document.getElementById('shown').textContent")
    assert "python" not in browser.run("return document.body.innerText").lower()


def test_size() -> None:
    """A page of 500 findings is below 3 MB, and a page of 5,000 findings is below 10 MB."""
    text = "".join(f"Schema{index}:\n" + "  - some value\n" * 200 for index in range(1_000))
    sizes = []
    for number in (500, 5_000):
        told = many(number)
        placed = [evolve(one, new_line=201 * (at % 1_000) + 1) for at, one in enumerate(told.findings)]
        sizes.append(len(html.render(evolve(told, findings=tuple(placed), contents=(b"", text.encode())))))

    assert 3_000_000 < len(text)
    assert sizes[0] < 3_000_000
    assert sizes[1] < 10_000_000


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast(scheme: int) -> None:
    """Every text colour has the contrast of 4.5 that WCAG requires on each of its backgrounds."""
    style = Path(html.__file__).with_name("html.css").read_text("utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", re.findall(r":root \{(.*?)\}", style, re.DOTALL)[scheme]))
    on = [(name, back) for name in ("text", "faint", "breaking", "risky", "safe") for back in ("back", "card")]
    on += [("text", back) for back in ("old", "new", "old-mark", "new-mark")] + [("breaking", "old"), ("safe", "new")]

    assert [] == [pair for pair in on if _contrast(*(colours[name] for name in pair)) < 4.5]


def _contrast(first: str, second: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    low, high = sorted(_luminance(colour) for colour in (first, second))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
