"""Extracts the lines of a finding from both documents, and marks their differences."""

import difflib
import json
import re
from collections.abc import Iterator
from itertools import takewhile, zip_longest
from typing import Any

from attrs import evolve, frozen

from scripts.openapi.pointers import keys, last
from scripts.specdiff.findings import Finding
from scripts.specdiff.report import Report

# The line breaks of YAML, which determine the line numbers of findings.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_AROUND = 2
_MOST_LINES = 400
_MOST_ROWS = 40
# Longer lines are not shown. Documents without line breaks have such lines.
_LONG = 2_000


@frozen
class Row:
    """A pair of lines, or a line of only one document."""

    old: tuple[int, str] | None
    """The line number, counted from 1, and the text."""
    new: tuple[int, str] | None
    differs: bool = False
    omitted: int = 0
    """The number of omitted rows, for a row that replaces them."""


@frozen
class _Block:
    """Consecutive lines, given by indices that are counted from 0."""

    lines: list[str]
    start: int
    end: int

    @classmethod
    def at(cls, lines: list[str], start: int) -> "_Block":
        """Return a line and the indented lines below it."""
        depth, dashed = _depth(lines[start]), lines[start].lstrip().startswith("- ")
        end = start + 1
        while end < len(lines) and end - start < _MOST_LINES:
            line = lines[end].strip()
            inner = _depth(lines[end])
            same = inner == depth and (line.startswith(("]", "}")) or (not dashed and line.startswith("-")))
            if line and inner <= depth and not same:
                break
            end += 1
        while end > start + 1 and not lines[end - 1].strip():
            end -= 1
        return cls(lines, start, end)

    @property
    def outer(self) -> "_Block":
        """The enclosing block, or the block itself at the top level."""
        depth = _depth(self.lines[self.start])
        for index in range(self.start - 1, -1, -1):
            if self.lines[index].strip() and _depth(self.lines[index]) < depth:
                return _Block.at(self.lines, index)
        return self

    @property
    def rows(self) -> list[tuple[int, str]]:
        return [(index + 1, self.lines[index]) for index in range(self.start, self.end)]


class Excerpts:
    """Extracts lines from the two documents of a report."""

    def __init__(self, report: Report) -> None:
        self._sides = tuple(
            {None: content, **files} for content, files in zip(report.contents, report.files, strict=True)
        )
        self._lines: dict[tuple[int, str | None], list[str]] = {}

    def _file(self, side: int, name: str | None) -> list[str]:
        """The lines of a document, or of another file to which it refers."""
        if (side, name) not in self._lines:
            text = self._sides[side].get(name, b"").decode("utf-8", "replace")
            self._lines[side, name] = _BREAK.split(text.rstrip()) if text else []
        return self._lines[side, name]

    def rows(self, finding: Finding) -> list[Row]:
        """Return the lines of a finding, or its values if there are no useful lines."""
        old = _block(self._file(0, finding.old_file), finding.old_line)
        new = _block(self._file(1, finding.new_file), finding.new_line)
        if (old or new) is None or any(len(line) > _LONG for block in (old, new) if block for _, line in block.rows):
            return _cut(_paired(_values(finding.old), _values(finding.new)))
        if old is None or new is None:
            lines = self._file(1, finding.new_file) if new else self._file(0, finding.old_file)
            further = [_block(lines, number) for number in finding.further_lines]
            return _cut(_one_sided(old, new, [block for block in further if block]))
        old, new = _at_one_depth(finding, old, new)
        rows = _paired(old.rows, new.rows)
        differs = any(row.differs for row in rows)
        # `required` lists the name of a property outside of the property's block.
        if not differs or all(last((pointer or "").rpartition("/")[0]) == "properties" for pointer in finding.pointers):
            outer = old, new
            for _ in range(2):
                outer = outer[0].outer, outer[1].outer
                wider = _rows_with_name(_paired(outer[0].rows, outer[1].rows), last(finding.pointer))
                if wider:
                    return _cut(wider)
        return _cut([*_before(old, new), *rows, *_after(old, new)] if differs else rows)


def _at_one_depth(finding: Finding, old: _Block, new: _Block) -> tuple[_Block, _Block]:
    """Widen the block of a keyword that only one document has, because the other block is that of the whole schema."""
    depths = [len(keys(pointer or "")) for pointer in finding.pointers]
    for _ in range(max(depths[0] - depths[1], 0)):
        old = old.outer
    for _ in range(max(depths[1] - depths[0], 0)):
        new = new.outer
    return old, new


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _block(lines: list[str], number: int | None) -> _Block | None:
    return _Block.at(lines, number - 1) if number is not None and number <= len(lines) else None


def _values(value: Any) -> list[tuple[int, str]]:
    if value is None:
        return []
    try:
        text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    except RecursionError:
        text = "..."
    return [(index + 1, line) for index, line in enumerate(text.split("\n")[:_MOST_LINES])]


def _one_sided(old: _Block | None, new: _Block | None, further: list[_Block]) -> list[Row]:
    """The lines of parts that only one document has, with their surroundings."""
    block = old or new
    assert block is not None
    differing = {index for part in (block, *further) for index in range(part.start, part.end)}
    rows = []
    for index in range(max(min(differing) - _AROUND, 0), min(max(differing) + _AROUND + 1, len(block.lines))):
        side = (index + 1, block.lines[index])
        rows.append(Row(side if old else None, side if new else None, differs=index in differing))
    return rows


def _before(old: _Block, new: _Block) -> list[Row]:
    """The equal lines directly before two blocks."""
    pairs = [(old.start - back, new.start - back) for back in range(1, _AROUND + 1)]
    return _same(old, new, [pair for pair in pairs if min(pair) >= 0])[::-1]


def _after(old: _Block, new: _Block) -> list[Row]:
    pairs = [(old.end + ahead, new.end + ahead) for ahead in range(_AROUND)]
    return _same(old, new, [pair for pair in pairs if pair[0] < len(old.lines) and pair[1] < len(new.lines)])


def _same(old: _Block, new: _Block, pairs: list[tuple[int, int]]) -> list[Row]:
    equal = takewhile(lambda pair: old.lines[pair[0]] == new.lines[pair[1]], pairs)
    return [Row((before + 1, old.lines[before]), (after + 1, new.lines[after])) for before, after in equal]


def _paired(old: list[tuple[int, str]], new: list[tuple[int, str]]) -> list[Row]:
    matcher = difflib.SequenceMatcher(None, [line for _, line in old], [line for _, line in new], autojunk=False)
    rows = []
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        for before, after in zip_longest(old[old_from:old_to], new[new_from:new_to]):
            rows.append(Row(before, after, differs=tag != "equal"))
    return rows


def _rows_with_name(rows: list[Row], name: str) -> list[Row]:
    """The equal rows, and the differing rows that contain `name`. Empty if no differing row contains `name`."""
    named = [row.differs and any(name in side[1] for side in (row.old, row.new) if side) for row in rows]
    kept = [evolve(row, differs=named[index]) for index, row in enumerate(rows) if named[index] or not row.differs]
    return kept if any(named) and name else []


def _cut(rows: list[Row]) -> list[Row]:
    """Omit rows that are not near a difference, and rows beyond the maximum number."""
    differing = [index for index, row in enumerate(rows) if row.differs] or [0]
    near = {at for index in differing for at in range(index - _AROUND, index + _AROUND + 1)}
    if not any(row.differs for row in rows):
        near = set(range(len(rows)))
    kept = sorted(near & set(range(len(rows))))[:_MOST_ROWS]
    return list(_with_gaps(rows, kept))


def _with_gaps(rows: list[Row], kept: list[int]) -> Iterator[Row]:
    expected = 0
    for index in [*kept, len(rows)]:
        if index > expected:
            yield Row(None, None, omitted=index - expected)
        if index < len(rows):
            yield rows[index]
        expected = index + 1
