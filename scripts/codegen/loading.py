"""Reads a contract that nobody vouches for, and knows where in the file everything stands."""

from pathlib import Path
from typing import Any

from attrs import frozen
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MAX_BYTES = 20_000_000
# Aliases can make a small file stand for a huge document.
MAX_NODES = 1_000_000
MAX_DEPTH = 200


class LoadError(Exception):
    """A file is not a document; the message begins with file, line and column."""


@frozen
class Loaded:
    """A document and the places of its parts."""

    document: Any
    places: dict[str, tuple[int, int]]
    """Line and column, from 1, by JSON pointer; of a field of an object, those of its key."""

    def place(self, pointer: str) -> tuple[int, int]:
        """Where something stands, or the nearest thing that holds it."""
        while pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        return self.places[pointer]


def load(path: Path) -> Loaded:
    """Read the YAML file at `path`.

    Raises:
        LoadError: It is too large, not YAML, has a key twice, or unfolds into too much.
        OSError: It cannot be read.
    """
    if path.stat().st_size > MAX_BYTES:
        raise LoadError(f"{path}:1:1: the file is larger than {MAX_BYTES // 1_000_000} MB")
    content = path.read_bytes()
    try:
        root = YAML(typ="safe", pure=True).compose(content)
        if root is None:
            raise LoadError(f"{path}:1:1: the file is empty")
        _measure(root, path, {}, 0)
        places: dict[str, tuple[int, int]] = {}
        _locate(root, "", places, (1, 1))
        return Loaded(YAML(typ="safe").load(content), places)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise LoadError(f"{path}:{at}: not YAML: {error.problem or error.context}") from None
    except RecursionError:
        raise LoadError(f"{path}:1:1: nested more than {MAX_DEPTH} deep") from None
    except (YAMLError, ValueError) as error:
        raise LoadError(f"{path}:1:1: not YAML: {' '.join(str(error).split())}") from None


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _measure(node: Node, path: Path, known: dict[int, int], depth: int) -> int:
    """How many nodes there are below one, each alias counted as often as it is used."""
    if id(node) in known:
        if not known[id(node)]:
            raise LoadError(f"{_at(path, node)}: an alias leads into itself")
        return known[id(node)]
    if depth > MAX_DEPTH:
        raise LoadError(f"{_at(path, node)}: nested more than {MAX_DEPTH} deep")
    known[id(node)] = 0
    total = 1 + sum(_measure(child, path, known, depth + 1) for child in _children(node))
    if total > MAX_NODES:
        raise LoadError(f"{_at(path, node)}: aliases unfold into more than {MAX_NODES} parts")
    known[id(node)] = total
    return total


def _at(path: Path, node: Node) -> str:
    return f"{path}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"


def _locate(node: Node, pointer: str, places: dict[str, tuple[int, int]], own: tuple[int, int]) -> None:
    places[pointer] = own
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                name = str(key.value).replace("~", "~0").replace("/", "~1")
                place = (key.start_mark.line + 1, key.start_mark.column + 1)
                _locate(value, f"{pointer}/{name}", places, place)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            _locate(item, f"{pointer}/{index}", places, (item.start_mark.line + 1, item.start_mark.column + 1))
