"""Reads the case files of the diff's rules, and builds documents around the fragments that they contain."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from scripts.openapi.contract import ROOT
from scripts.openapi.loading import load, parse
from scripts.specdiff.catalogue import RULES
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.findings import DiffResult, compare
from scripts.specdiff.witness.proof import prove

FOLDER = ROOT / "tests" / "specdiff" / "rules"
TODAY = "2026-01-01"
"""The date with which sunset dates in cases are compared."""

_KEYS = {"in", "why", "versions", "old", "new", "finds", "beside", "instead", "where", "one-way"}
_OF_FILES = _KEYS | {"verdict", "request", "response", "python", "also", "silent"} - {"instead"}


@frozen(eq=False)
class Example:
    """Two fragments of documents, and the findings of a rule between them."""

    rule: str
    place: str
    old: Any
    new: Any
    finds: Mapping[str, tuple[str, ...]] = {}
    """The texts of the findings by direction, without labels."""
    beside: tuple[str, ...] = ()
    """The ids of the findings of other rules, once for each finding."""
    verdicts: Mapping[str, str] = {}
    """The verdicts by direction, or under `verdict` for a place without directions."""
    impacts: Mapping[str, str] = {}
    where: str | None = None
    versions: tuple[str, str] = ("3.1.0", "3.1.0")
    why: str = ""
    one_way: bool = False
    """Whether the reverse change has no findings."""

    @property
    def directions(self) -> list[str]:
        """The directions in which the fragments can be compared."""
        return list(PLACES[self.place])

    def documents(self, direction: str) -> tuple[ComparedDocument, ComparedDocument]:
        """Return a document for each of the two fragments."""
        return _documents(self, direction)

    def compared(self, direction: str) -> DiffResult:
        """Compare the old fragment with the new one."""
        return _compared(self, direction)


# Several tests use the same examples.
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
    return prove(compare(*_documents(example, direction), RULES.values(), today=TODAY))


def document(content: Any, name: str) -> ComparedDocument:
    """Build a document from its text or its content."""
    text = content if isinstance(content, str) else json.dumps(content, indent=1)
    return ComparedDocument.of(parse(text.encode(), name))


def examples(path: Path) -> Iterator[Example]:
    """Yield the main example of a rule, further examples, and examples without findings."""
    case = load(path).document
    assert not case.keys() - _OF_FILES, f"{path.name}: {case.keys() - _OF_FILES}"
    place = case.get("in", "schema")
    yield (main := _example(path.stem, case, place, case))
    for entry in case.get("also", ()):
        yield _example(path.stem, entry, place, case)
    for entry in case.get("silent", ()):
        assert "finds" not in entry, f"{path.name}: what is silent finds nothing"
        yield _example(path.stem, entry, place, case)
    assert any(main.finds.values()), f"{path.name} finds nothing"


def _example(rule: str, entry: Mapping[str, Any], place: str, case: Mapping[str, Any]) -> Example:
    assert entry is case or not entry.keys() - _KEYS, f"{rule}: {entry.keys() - _KEYS}"
    place = entry.get("in", place)
    python = case["python"]
    # A case with one verdict can have an example at a place with two directions.
    said = {direction: case.get(direction, case.get("verdict")) for direction in PLACES[place]}
    return Example(
        rule,
        place,
        entry["old"],
        entry["new"],
        {direction: _texts(entry.get("finds", ()), direction) for direction in PLACES[place]},
        tuple(entry.get("beside", entry.get("instead", ()))),
        said,
        {one: str(python.get(one) if isinstance(python, dict) else python) for one in said},
        entry.get("where"),
        tuple(entry.get("versions", ("3.1.0", "3.1.0"))),
        entry.get("why", ""),
        entry.get("one-way") is True,
    )


def _texts(finds: Any, direction: str) -> tuple[str, ...]:
    """The texts in a direction. A case with other texts in the other direction lists the texts by direction."""
    if isinstance(finds, dict):
        finds = finds[direction]
    return (finds,) if isinstance(finds, str) else tuple(finds)


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
"""The kinds of fragments, and for each the functions that build a document from a fragment, by direction.

A schema is the schema of a property, in the body of createOrder and in the response of listOrders. `schemas` are
component schemas, of which both operations use Order. A parameter is a parameter of listOrders, or a list of them. A
body is the body of createOrder. `text` is the text of a document. The other names are OpenAPI's.
"""


def rewrites() -> Iterator[Example]:
    """Yield pairs of equivalent fragments."""
    for entry in load(Path(__file__).with_name("rewrites.yaml")).document:
        assert not entry.keys() - {"why", "in", "versions", "old", "new"}, entry
        versions = tuple(entry.get("versions", ("3.1.0", "3.1.0")))
        yield Example("", entry.get("in", "schema"), entry["old"], entry["new"], versions=versions, why=entry["why"])
