"""Reads the case files of the diff's rules, and builds documents from their fragments.

A case file has only the fragments that differ. The rest of the documents is the same for all cases and is defined here.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from scripts.openapi.contract import ROOT
from scripts.openapi.loading import load, parse
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.findings import DiffResult, compare
from scripts.specdiff.rules import RULES

FOLDER = ROOT / "tests" / "specdiff" / "rules"
TODAY = "2026-01-01"
"""The date that the cases compare sunset dates with."""

_KEYS = {"in", "why", "versions", "old", "new", "finds", "beside", "instead", "where", "one-way"}
_OF_FILES = _KEYS | {"verdict", "request", "response", "python", "also", "silent"} - {"instead"}


@frozen(eq=False)
class Example:
    """Two fragments, and the findings that a rule must have for them."""

    rule: str
    place: str
    old: Any
    new: Any
    finds: tuple[str, ...] = ()
    """The messages of the rule's findings, without labels."""
    beside: tuple[str, ...] = ()
    """The rule ids of all further findings, once for each finding."""
    verdicts: Mapping[str, str] = {}
    """The verdict for each direction, or for the key `verdict` if the place has no directions."""
    impacts: Mapping[str, str] = {}
    where: str | None = None
    versions: tuple[str, str] = ("3.1.0", "3.1.0")
    why: str = ""
    one_way: bool = False
    """Whether the reverse change has no findings."""

    @property
    def directions(self) -> list[str]:
        """The directions in which the fragments are compared."""
        return list(PLACES[self.place])

    def documents(self, direction: str) -> tuple[ComparedDocument, ComparedDocument]:
        """The documents of the old and the new fragment."""
        return _documents(self, direction)

    def compared(self, direction: str) -> DiffResult:
        """The result of the diff from the old to the new fragment."""
        return _compared(self, direction)


# Cached, because several tests use the same examples.
@cache
def _documents(example: Example, direction: str) -> tuple[ComparedDocument, ComparedDocument]:
    make = PLACES[example.place][direction]
    old, new = (
        document(side if example.place == "text" else {"openapi": version, **_BASE, **make(side)}, name)
        for side, version, name in zip((example.old, example.new), example.versions, ("old", "new"), strict=True)
    )
    return old, new


@cache
def _compared(example: Example, direction: str) -> DiffResult:
    return compare(*_documents(example, direction), RULES.values(), today=TODAY)


def document(content: Any, name: str) -> ComparedDocument:
    """Parse a document from text, or from the parsed content."""
    text = content if isinstance(content, str) else json.dumps(content, indent=1)
    return ComparedDocument.of(parse(text.encode(), name))


def examples(path: Path) -> Iterator[Example]:
    """Yield the examples of a case file: the main example, those below `also`, and those below `silent`."""
    case = load(path).document
    assert not case.keys() - _OF_FILES, f"{path.name}: {case.keys() - _OF_FILES}"
    place = case.get("in", "schema")
    yield (main := _example(path.stem, case, place, case))
    for entry in case.get("also", ()):
        yield _example(path.stem, entry, place, case)
    for entry in case.get("silent", ()):
        assert "finds" not in entry, f"{path.name}: an entry of `silent` must have no `finds`"
        yield _example(path.stem, entry, place, case)
    assert main.finds, f"{path.name} finds nothing"


def _example(rule: str, entry: Mapping[str, Any], place: str, case: Mapping[str, Any]) -> Example:
    assert entry is case or not entry.keys() - _KEYS, f"{rule}: {entry.keys() - _KEYS}"
    finds = entry.get("finds", ())
    place = entry.get("in", place)
    python = case["python"]
    # A case with a single verdict may have an example in a place with two directions.
    verdicts = {direction: case.get(direction, case.get("verdict")) for direction in PLACES[place]}
    return Example(
        rule,
        place,
        entry["old"],
        entry["new"],
        (finds,) if isinstance(finds, str) else tuple(finds),
        tuple(entry.get("beside", entry.get("instead", ()))),
        verdicts,
        {one: str(python.get(one) if isinstance(python, dict) else python) for one in verdicts},
        entry.get("where"),
        tuple(entry.get("versions", ("3.1.0", "3.1.0"))),
        entry.get("why", ""),
        entry.get("one-way") is True,
    )


_BASE = {"info": {"title": "Orders", "version": "1.0.0"}, "paths": {}}
_ORDER = {"type": "object", "properties": {"order": {"$ref": "#/components/schemas/Order"}}}


def _create(body: Any) -> dict[str, Any]:
    operation = {"operationId": "createOrder", "responses": {"201": {"description": "Created."}}}
    return {"paths": {"/orders": {"post": operation if body is None else {**operation, "requestBody": body}}}}


def _list(**said: Any) -> dict[str, Any]:
    operation = {"operationId": "listOrders", "responses": {"200": {"description": "The orders."}}, **said}
    return {"paths": {"/orders": {"get": operation}}}


def _answer(**said: Any) -> dict[str, Any]:
    return _list(responses={"200": {"description": "The orders.", **said}})


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _holding(schema: Any) -> dict[str, Any]:
    return _json({"type": "object", "properties": {"order": schema}})


def _parameters(said: Any) -> dict[str, Any]:
    return _list(parameters=said if isinstance(said, list) else [said] if said else [])


def _components(schemas: Any) -> dict[str, Any]:
    return {"components": {"schemas": schemas}}


PLACES: Mapping[str, Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    "schema": {
        "request": lambda said: _create({"content": _holding(said)}),
        "response": lambda said: _answer(content=_holding(said)),
    },
    "schemas": {
        "request": lambda said: {**_create({"content": _json(_ORDER)}), **_components(said)},
        "response": lambda said: {**_answer(content=_json(_ORDER)), **_components(said)},
    },
    "content": {
        "request": lambda said: _create({"content": said}),
        "response": lambda said: _answer(content=said),
    },
    "body": {"verdict": _create},
    "headers": {"verdict": lambda said: _answer(headers=said)},
    "responses": {"verdict": lambda said: _list(responses=said)},
    "parameter": {"verdict": _parameters},
    "operation": {"verdict": lambda said: {"paths": {"/orders": {"get": said}}}},
    "paths": {"verdict": lambda said: {"paths": said}},
    "document": {"verdict": lambda said: said},
    "text": {"verdict": lambda said: said},
}
"""The places of a fragment, each with functions that build a document for each direction.

A `schema` is the schema of a property, in the request body of createOrder and in the response of listOrders. `schemas`
are components; the operations use Order. A `parameter` is a parameter of listOrders or a list of its parameters. A
`body` is the request body of createOrder. `text` is a whole document as text. All other names are those of OpenAPI.
"""


def rewrites() -> Iterator[Example]:
    """Yield the pairs of rewrites.yaml, which have the same meaning."""
    for entry in load(Path(__file__).with_name("rewrites.yaml")).document:
        assert not entry.keys() - {"why", "in", "versions", "old", "new"}, entry
        versions = tuple(entry.get("versions", ("3.1.0", "3.1.0")))
        yield Example("", entry.get("in", "schema"), entry["old"], entry["new"], versions=versions, why=entry["why"])
