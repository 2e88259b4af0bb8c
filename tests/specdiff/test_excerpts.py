"""The lines of both documents that the HTML report shows for a finding."""

import pytest

from scripts.specdiff.reports.excerpts import Excerpts, Row
from tests.support.reporting import NEW, OLD, finding, report


def rows(old: str, new: str, old_line: int | None, new_line: int | None, pointer: str = "") -> list[Row]:
    """The excerpt for a finding at these lines."""
    one = finding(old_line=old_line, new_line=new_line, pointer=pointer, old={"a": 1}, new={"a": 2})
    return Excerpts(report(contents=(old.encode(), new.encode()))).rows(one)


def test_excerpt_of_both() -> None:
    """The excerpt compares the blocks at the lines, with some equal lines around them."""
    assert [
        Row(None, None, omitted=2),
        Row((9, "      enum:"), (8, "      enum:")),
        Row((10, "      - new"), (9, "      - new")),
        Row((11, "      - <done>"), (10, "      - <ended>"), differs=True),
        Row(None, (11, "      - lost"), differs=True),
    ] == rows(OLD, NEW, 9, 8)


def test_excerpt_of_one() -> None:
    """An added or removed block is shown completely on its side, and all its lines differ."""
    shown = rows(OLD, "", 6, None)

    assert [(5, False), (6, True), (7, True), (8, False), (9, False)] == [
        (row.old[0], row.differs) for row in shown if row.old
    ][1:]
    assert {None} == {row.new for row in shown}


def test_excerpt_elsewhere() -> None:
    """If the blocks are equal, differing lines around them that contain the name are shown."""
    differing = [row for row in rows(OLD, NEW, 6, 5, "/Batch/properties/id") if row.differs]

    assert [Row((3, "  - id"), None, differs=True)] == differing


def test_excerpt_of_one_line() -> None:
    """Values replace the lines of a document without line breaks."""
    long = f'{{"a": "{"x" * 9_000}"}}'

    assert [Row((2, '  "a": 1'), (2, '  "a": 2'), differs=True)] == [
        row for row in rows(long, long, 1, 1) if row.differs
    ]


@pytest.mark.parametrize(("old_line", "new_line"), [(None, None), (99, None), (None, 99), (99, 99)])
def test_excerpt_without_lines(old_line: int | None, new_line: int | None) -> None:
    """Values replace lines that do not exist."""
    assert [Row((2, '  "a": 1'), (2, '  "a": 2'), differs=True)] == [
        row for row in rows(OLD, NEW, old_line, new_line) if row.differs
    ]


def test_excerpt_is_short() -> None:
    """Rows of a long list are omitted and counted if they are far from a difference or beyond the limit."""
    old = "a:\n" + "".join(f"- {index}\n" for index in range(300))
    few, much = (rows(old, new, 1, 1) for new in (old.replace("- 150\n", "- other\n"), old.replace("- ", "- not ")))

    assert [149, 147] == [row.omitted for row in few if row.omitted]
    assert 5 == len([row for row in few if not row.omitted])
    assert 40 == len([row for row in much if not row.omitted])
