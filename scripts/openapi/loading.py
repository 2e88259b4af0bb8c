"""Parses untrusted YAML and JSON documents, and records the line and column of every node."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from attrs import define, field, frozen

from .pointers import FILES, below, keys

MAX_BYTES = 20_000_000
# Aliases can expand a small file into a huge document.
MAX_NODES = 1_000_000
MAX_DEPTH = 500

_Place = tuple[int, int]
_ESCAPED_PAIR = re.compile(rb"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}
# The C parser is twenty times as fast. If PyYAML was built without it, the Python parser yields the same events.
# The loader reads events, because yaml.compose of 100,000 nested brackets ends in a segmentation fault (C parser).
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALAR, _MAPPING, _SEQUENCE = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
# A document with a million nodes needs much less memory if the line and the column are one number.
_BITS = 32


class LoadError(Exception):
    """A file is not a valid document. The message starts with file, line and column."""


@frozen
class Loaded:
    """A parsed document with the line and column of each node."""

    document: Any
    """The root of the document. All keys are strings: the status code 200 is "200", with or without quotes."""
    name: str
    _marks: dict[int, Any] = field(repr=False)
    """The marks of keys and items, by the `id` of their object or array. A mark is a place as one number."""
    content: bytes = field(default=b"", repr=False)
    """The bytes of the file, for reports that show excerpts."""
    leads_out: bool = False
    """Whether a reference may name another file."""
    files: Mapping[str, "Loaded"] = field(factory=dict, repr=False)
    """The other files that references name, by path; see `other_files.join`."""
    unread: Mapping[str, str] = field(factory=dict, repr=False)
    """The references that were not followed, as written, with the reasons."""

    def origin(self, pointer: str) -> tuple[str, int, int]:
        """The file, line and column of the node at a JSON pointer, or of its nearest existing ancestor."""
        if pointer.startswith(f"/{FILES}/"):
            _, name, *inner = keys(pointer)
            if name in self.files:
                return name, *self.files[name].place(below("", *inner))
        return self.name, *self.place(pointer)

    def place(self, pointer: str) -> _Place:
        """The line and column, counted from 1, of the node at a JSON pointer, or of its nearest existing ancestor.

        The place of a field is the place of its key.
        """
        if pointer.startswith(f"/{FILES}/"):
            return self.origin(pointer)[1:]
        node, mark = self.document, 0
        for name in keys(pointer):
            marks = self._marks.get(id(node))
            key: Any = name
            if isinstance(node, list):
                key = int(key) if key.isdigit() and int(key) < len(node) else None
            if marks is None or key is None or (isinstance(node, dict) and key not in node):
                break
            # A key that was merged (`<<`) has no place in this object.
            mark = marks[key] if isinstance(node, list) else marks.get(key, mark)
            node = node[key]
        return (mark >> _BITS) + 1, mark % (1 << _BITS) + 1


# How to go on, by a part of the parser's message.
_HINTS = {
    "cannot start any token": "if it is a tab, indent with spaces; quote a text that begins with @ or `",
    "mapping values are not allowed": "quote a text with a colon, or indent the line like its neighbours",
    "did not find expected key": "indent the line like its neighbours",
}


def load(path: Path, max_bytes: int | None = None) -> Loaded:
    """Read the file at `path`.

    Args:
        path: The file.
        max_bytes: The maximum size of the file, by default MAX_BYTES; 0 means no limit.

    Raises:
        LoadError: The file is too large, is not YAML, has a duplicate key, or has too many nodes.
        OSError: The file cannot be read.
    """
    _refuse_large(path.stat().st_size, str(path), max_bytes)
    return parse(path.read_bytes(), str(path), max_bytes)


def _refuse_large(size: int, name: str, max_bytes: int | None) -> None:
    max_bytes = MAX_BYTES if max_bytes is None else max_bytes
    if max_bytes and size > max_bytes:
        raise LoadError(f"{name}:1:1: the file is larger than {max_bytes / 1_000_000:g} MB")


def parse(content: bytes, name: str, max_bytes: int | None = None) -> Loaded:
    """Parse a document from bytes.

    Args:
        content: The content of the file.
        name: The name of the document in messages.
        max_bytes: The maximum size, by default MAX_BYTES; 0 means no limit. The maximum number of nodes grows with it.

    Raises:
        LoadError: As for `load`.
    """
    _refuse_large(len(content), name, max_bytes)
    original = content
    if content.lstrip()[:1] in (b"{", b"["):
        # JSON allows escaped surrogate pairs, and YAML does not.
        content = _ESCAPED_PAIR.sub(lambda match: _joined(match[1], match[2]), content)
    builder = _Builder(name, MAX_NODES * max(MAX_BYTES, max_bytes or len(content)) // MAX_BYTES)
    events = _PARSER(content)
    try:
        take, next_event = builder.take, events.get_event
        while type(event := next_event()) is not yaml.StreamEndEvent:
            take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        problem = str(error.problem or error.context)
        hint = next((f"; {hint}" for text, hint in _HINTS.items() if text in problem), "")
        raise LoadError(f"{name}:{at}: not YAML: {problem}{hint}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise LoadError(f"{name}:1:1: not YAML: {' '.join(str(error).split())}") from None
    finally:
        events.dispose()
    if not builder.documents:
        raise LoadError(f"{name}:1:1: the file is empty")
    return Loaded(builder.root, name, builder.marks, original, builder.leads_out)


def _is_elsewhere(target: str) -> bool:
    return not target.startswith("#") and any(char in target for char in "./#")


def _joined(high: bytes, low: bytes) -> bytes:
    number = 0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00)
    return chr(number).encode()


@define
class _Open:
    """An incomplete object or array."""

    value: Any
    marks: Any
    anchor: str | None
    before: int
    """The number of nodes before the object or array."""
    key: str | None = None
    merges: bool = False
    """Whether the last key is the merge key `<<`. The quoted key "<<" is an ordinary key."""


@define
class _Builder:
    """Builds a document from the events of the parser, without recursion."""

    name: str
    max_nodes: int
    has_other_files: bool = False
    mappings: list[dict[str, Any]] = field(factory=list)
    """The mappings of discriminators, whose values may be references."""
    documents: int = 0
    root: Any = None
    marks: dict[int, Any] = field(factory=dict)
    open: list[_Open] = field(factory=list)
    anchors: dict[str, tuple[Any, int] | None] = field(factory=dict)
    """The value and the number of nodes of each anchor; None while the value is incomplete."""
    nodes: int = 0

    @property
    def leads_out(self) -> bool:
        """Whether a reference, or the mapping of a discriminator, may name another file."""
        targets = (target for mapping in self.mappings for target in mapping.values())
        return self.has_other_files or any(_is_elsewhere(str(target)) for target in targets)

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is _SCALAR:
            self._scalar(event)
        elif kind is _MAPPING or kind is _SEQUENCE:
            self._begin(event, {} if kind is _MAPPING else [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            done = self.open.pop()
            if done.anchor:
                self.anchors[done.anchor] = (done.value, self.nodes - done.before)
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                raise self._error(event, "a second document starts here; a file must have only one document")

    def _begin(self, event: Any, value: Any) -> None:
        if event.tag not in (None, "!") and event.tag not in _TAGS:
            raise self._error(event, f"the tag {event.tag} is not supported")
        marks: Any = {} if isinstance(value, dict) else []
        before = self.nodes
        self._place(event, value, plain=False)
        self.marks[id(value)] = marks
        if event.anchor:
            self.anchors[event.anchor] = None
        if len(self.open) >= MAX_DEPTH:
            raise self._error(event, f"nested more than {MAX_DEPTH} levels deep")
        self.open.append(_Open(value, marks, event.anchor, before))

    def _scalar(self, event: Any) -> None:
        plain = event.implicit[0]
        holder = self.open[-1] if self.open else None
        if holder and isinstance(holder.value, dict) and holder.key is None:
            value: Any = event.value
        elif event.tag in (None, "!"):
            value = _plain(event.value) if plain else event.value
        elif event.tag in _TAGS:
            value = event.value if event.tag.endswith(":str") else _plain(event.value)
        else:
            raise self._error(event, f"the tag {event.tag} is not supported")
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self._place(event, value, plain=plain)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise self._error(event, f"the alias *{event.anchor} has no anchor")
        known = self.anchors[event.anchor]
        if known is None:
            raise self._error(event, f"the alias *{event.anchor} is inside its own anchor")
        value, count = known
        self.nodes += count - 1
        self._place(event, value, plain=False)

    def _place(self, event: Any, value: Any, *, plain: bool) -> None:
        """Add a value to its object or array, or make it the root."""
        self.nodes += 1
        if self.nodes > self.max_nodes:
            raise self._error(
                event, f"the document has more than {self.max_nodes} nodes, after the expansion of aliases"
            )
        if not self.open:
            self.root = value
            return
        holder = self.open[-1]
        start = event.start_mark
        mark = start.line << _BITS | start.column
        if isinstance(holder.value, list):
            holder.marks.append(mark)
            holder.value.append(value)
        elif holder.key is None:
            if not isinstance(value, str):
                raise self._error(event, "a key must be a string")
            if value in holder.marks and not (holder.merges or (plain and value == "<<")):
                raise self._error(event, f"the key {value!r} is a duplicate")
            holder.key, holder.merges = value, plain and value == "<<"
            if not holder.merges:
                holder.marks[value] = mark
        else:
            key, holder.key = holder.key, None
            if holder.merges:
                self._merge(event, holder, value)
            else:
                holder.value[key] = value
                if key == "$ref" and not str(value).startswith("#"):
                    self.has_other_files = True
                elif key == "mapping" and isinstance(value, dict):
                    self.mappings.append(value)

    def _merge(self, event: Any, holder: _Open, value: Any) -> None:
        """Copy the keys of the merged objects, except the object's own keys."""
        for source in value if isinstance(value, list) else [value]:
            if not isinstance(source, dict):
                raise self._error(event, "the value of << must be an object or an array of objects")
            for key, inherited in source.items():
                if key not in holder.value:
                    holder.value[key] = inherited
        holder.merges = False

    def _error(self, event: Any, sentence: str) -> LoadError:
        return LoadError(f"{self.name}:{event.start_mark.line + 1}:{event.start_mark.column + 1}: {sentence}")


@cache
def _plain(text: str) -> Any:
    """The value of an unquoted scalar in the core schema of YAML 1.2, where `no` and `on` are strings.

    https://yaml.org/spec/1.2.2/#103-core-schema
    """
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text) if len(text) < 1000 else float(text)
    if re.fullmatch(r"0o[0-7]+", text) or re.fullmatch(r"0x[0-9a-fA-F]+", text):
        return int(text, 0)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    if re.fullmatch(r"[-+]?\.(inf|Inf|INF)", text):
        return float(text.replace(".", ""))
    return float("nan") if text in (".nan", ".NaN", ".NAN") else text
