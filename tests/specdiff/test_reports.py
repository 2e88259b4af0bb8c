"""The reports as text, Markdown, annotations and changelog."""

import re

import pytest
from attrs import evolve

from scripts.specdiff.engine.effects import Impact, Verdict
from scripts.specdiff.report import PythonChange
from scripts.specdiff.reports import annotations, changelog, markdown, text, wording
from scripts.specdiff.version import Version
from tests.support.cases import FOLDER, examples
from tests.support.reporting import breaking, finding, many, report

PYTHON = (
    PythonChange("changed", Impact.BREAKING, "BatchAPI.create_batch(limit=...)", "became required"),
    PythonChange("added", Impact.SAFE, "Batch.status", "added, of type str"),
)


def test_text() -> None:
    """Each finding is a line with label, message, rule, lines and operations, below the count of its verdict."""
    found = [
        breaking(),
        finding(old_line=2),
        finding(verdict=Verdict.RISKY, python=Impact.NONE, operations=tuple("abcd")),
    ]
    lines = text.render(report(*found)).splitlines()

    assert [
        "Breaking (1)",
        '  Batch.status  property "status" removed  property-removed  4:-  createBatch; breaks Python',
        "",
        "Risky (1)",
        '  Batch.status  property "status" added  property-added  -:3  4 operations',
        "",
        "Safe (1)",
        '  Batch.status  property "status" added  property-added  2:3  createBatch',
        "",
        "version 0.1.0 -> 0.1.0; at least 0.2.0 is needed",
    ] == lines


def test_text_besides() -> None:
    """Python changes, accepted findings with their reasons, and notes have their own lines."""
    told = report(breaking(accepted="nobody uses it"), python=PYTHON, skipped=46, unused=("feedfeedfeed",))
    lines = text.render(evolve(told, version=Version("1.0", "2.0.0", "2.0.0", True))).splitlines()

    assert lines[1].endswith("createBatch; breaks Python; accepted: nobody uses it")
    assert [
        "Python, breaking (1)",
        "  BatchAPI.create_batch(limit=...): became required",
        "",
        "Python, safe (1)",
        "  Batch.status: added, of type str",
        "",
        "version 1.0 -> 2.0.0; this is sufficient",
        "skipped 46 operations and webhooks found only in NEW",
        "feedfeedfeed is accepted, but no finding has this fingerprint",
    ] == lines[3:]


def test_text_python_note() -> None:
    """If Python is not compared, a line gives the reason."""
    note = "Python is not compared, because no package can be generated from old.yaml"
    assert note in text.render(report(finding(), python_note=note)).splitlines()


def test_text_colour() -> None:
    """Colours appear only on request, and do not change the text."""
    told = report(breaking(accepted="yes"), finding(), python=PYTHON)
    coloured = text.render(told, colour=True)

    assert "\x1b[" not in text.render(told)
    assert text.render(told) == re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert coloured != text.render(told)


def test_nothing_changed() -> None:
    """Without changes, every format says so or is empty."""
    same = report(version=Version("1.0.0", "1.0.0", "1.0.0", True))

    assert "No changes.\n" == text.render(same)
    assert "### Contract: no changes" == markdown.render(same).splitlines()[1]
    assert "" == annotations.render(same)
    assert "## [Unreleased]\n\nNo changes that users notice.\n" == changelog.render(same)


def test_comment() -> None:
    """The comment starts with its marker and the counts, shows breaking changes and folds the others."""
    lines = markdown.render(report(breaking(), finding(), python=PYTHON)).splitlines()

    assert [markdown.MARKER, "### Contract: 1 breaking, 1 safe"] == lines[:2]
    assert "**Version `0.1.0 -> 0.1.0`; at least `0.2.0` is needed**" in lines
    assert (
        '- `Batch.status`: property `"status"` removed (`property-removed`; lines 4:-; `createBatch`; breaks Python)'
        in (lines)
    )
    assert lines.index("#### Breaking (1)") < lines.index("#### Python, breaking (1)") < lines.index("<details>")
    titles = ["Python, safe (1)", "Safe (1)", "Who notices, and what to do instead (1)"]
    assert [f"<summary>{title}</summary>" for title in titles] == [
        line for line in lines if line.startswith("<summary>")
    ]
    assert lines.count("<details>") == lines.count("</details>")


def test_comment_is_bounded() -> None:
    """A comment on 5,000 findings respects the limit, has complete lines only, and counts the omitted findings."""
    shown = markdown.render(many(5_000))
    items = [line for line in shown.splitlines() if line.startswith("- `Schema")]
    cut = re.findall(r"^- \.\.\. and ([\d,]+) more$", shown, re.MULTILINE)
    missing = sum(int(number.replace(",", "")) for number in cut)

    assert markdown.LIMIT >= len(shown)
    assert 50_000 < len(shown)
    assert 5_000 == len(items) + missing
    assert {")"} == {item[-1] for item in items}
    assert "<summary>Safe (2,500)</summary>" in shown
    assert shown.count("<details>") == shown.count("</details>")


def test_annotations() -> None:
    """A breaking change is an error at its line in the new file; a removed part has its old line in the message."""
    found = [breaking(), breaking(new_line=7, id="type-changed", text="100% other"), finding(verdict=Verdict.RISKY)]
    lines = annotations.render(report(*found, finding(), version=Version("1", "2", "2", True))).splitlines()

    assert [
        '::error file=openapi.yaml,title=Breaking%3A property-removed::Batch.status: property "status" removed '
        "(createBatch; breaks Python; line 4 of main:openapi.yaml)",
        "::error file=openapi.yaml,line=7,title=Breaking%3A type-changed::Batch.status: 100%25 other "
        "(createBatch; breaks Python)",
        '::warning file=openapi.yaml,line=3,title=Risky%3A property-added::Batch.status: property "status" added '
        "(createBatch)",
        '::notice file=openapi.yaml,line=3,title=Safe%3A property-added::Batch.status: property "status" added '
        "(createBatch)",
        "::notice file=openapi.yaml,title=Contract::2 breaking, 1 risky, 1 safe",
    ] == lines


def test_annotations_accepted() -> None:
    """An accepted finding is a notice with the reason."""
    first = annotations.render(report(breaking(accepted="nobody uses it"))).splitlines()[1]

    assert first.startswith("::notice file=openapi.yaml,title=Breaking%3A property-removed::")
    assert first.endswith("accepted: nobody uses it)")
    assert "1 breaking (1 accepted)" == wording.counts(report(breaking(accepted="nobody uses it")))


def test_annotations_are_few() -> None:
    """Each level has at most ten annotations, and the last one counts the omitted ones."""
    told = many(5_000)
    lines = annotations.render(
        evolve(told, findings=tuple(sorted(told.findings, key=lambda one: one.verdict)))
    ).splitlines()
    levels = [line.split()[0] for line in lines]

    assert (10, 1, 10) == (levels.count("::error"), levels.count("::warning"), levels.count("::notice"))
    assert "::2,500 breaking, 2,500 safe; 4,981 of these are not shown here" in lines[-1]


def test_changelog() -> None:
    """Python changes come first, and each entry has the heading of its kind of change."""
    found = [
        breaking(id="bound-tightened", python=Impact.NONE, label="Batch.name", text="maxLength was 9 and is now 5"),
        finding(id="deprecation-announced", python=Impact.NONE, label="listBatches", text="is now deprecated"),
        finding(id="security-introduced", python=Impact.NONE, label="the document", text="security is required"),
        finding(label="Batch.status"),
        finding(label="Batch.other", text='property "other" added'),
        finding(label="File.other", text='property "other" added'),
        finding(verdict=Verdict.DOCUMENTATION, python=Impact.NONE, id="schema-text-changed", text="title changed"),
    ]

    assert [
        "## [Unreleased]",
        "### Added",
        "- `Batch.status`: added, of type str.",
        '- `Batch.other`, `File.other`: property `"other"` added.',
        "### Changed",
        "- **Breaking:** `BatchAPI.create_batch(limit=...)`: became required.",
        "- **Breaking:** `Batch.name`: maxLength was 9 and is now 5.",
        "### Deprecated",
        "- `listBatches`: is now deprecated.",
        "### Security",
        "- `the document`: security is required.",
    ] == [line for line in changelog.render(report(*found, python=PYTHON)).splitlines() if line]


_SECTION = r"### (Added|Changed|Deprecated|Removed|Fixed|Security)\n\n(- \S[^\n]*\.\n)+"


@pytest.mark.parametrize("rule", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_changelog_has_form(rule: str) -> None:
    """For every rule, headings are surrounded by blank lines and each entry is one line."""
    for example in examples(FOLDER / f"{rule}.yaml"):
        for direction in example.directions:
            said = changelog.render(report(*example.compared(direction).findings, python=PYTHON))

            assert re.fullmatch(rf"## \[Unreleased\]\n\n{_SECTION}(\n{_SECTION})*", said), said


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("operation-removed", "Removed"),
        ("parameter-removed-early", "Removed"),
        ("property-refused", "Removed"),
        ("required-property-added-to-closed", "Added"),
        ("sunset-invalidated", "Deprecated"),
        ("scope-added", "Security"),
        ("condition-removed", "Changed"),
        ("type-changed", "Changed"),
    ],
)
def test_changelog_kinds(rule: str, kind: str) -> None:
    """The rule determines the heading of an entry."""
    assert f"### {kind}" == changelog.render(report(finding(id=rule))).splitlines()[2]
