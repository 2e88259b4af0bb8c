"""Cyclic, deep and wide documents are compared correctly and quickly."""

import cProfile
import subprocess
import sys
from typing import Any

import pytest

from scripts.openapi.contract import ROOT
from tests.support.diff_docs import ORDER, SHORT, TEXT, body, changes, differences, ref, several, taking


@pytest.mark.parametrize(
    ("make", "where"),
    [
        pytest.param(
            lambda leaf: {"Order": {"type": "object", "properties": {"part": ORDER, "note": leaf}}},
            "Order.note",
            id="itself",
        ),
        pytest.param(
            lambda leaf: {
                "Order": {"type": "object", "properties": {"customer": ref("Customer")}},
                "Customer": {
                    "type": "object",
                    "properties": {"orders": several(ORDER), "note": leaf},
                },
            },
            "Customer.note",
            id="each other",
        ),
        pytest.param(
            lambda leaf: {
                "Order": {"allOf": [ref("Named"), {"type": "object", "properties": {"note": leaf}}]},
                "Named": {
                    "type": "object",
                    "properties": {"of": {"oneOf": [ORDER, several(ORDER)]}},
                },
            },
            "Order.note",
            id="by what is combined",
        ),
        pytest.param(
            lambda leaf: {
                "Order": {
                    "oneOf": [ref("Bundle"), {"type": "object", "required": ["note"], "properties": {"note": leaf}}]
                },
                "Bundle": {
                    "type": "object",
                    "required": ["parts"],
                    "properties": {"parts": several(ORDER)},
                },
            },
            "Order(object).note",
            id="by alternatives",
        ),
        pytest.param(
            lambda leaf: {
                "Order": {"allOf": [ref("Named"), {"properties": {"note": leaf}}]},
                "Named": {"oneOf": [ORDER, {"type": "object"}]},
            },
            "Order.note",
            id="by an alternative that it is combined with",
        ),
        pytest.param(
            lambda leaf: {"Order": {"type": "object", "additionalProperties": ORDER, "properties": {"note": leaf}}},
            "Order.note",
            id="by other properties",
        ),
    ],
)
def test_a_cycle_ends(make: Any, where: str) -> None:
    """A change in cyclic schemas is one finding."""
    old, new = taking(**make(TEXT)), taking(**make(SHORT))

    assert [("bound-set", where)] == changes(old, new)
    assert [] == changes(new, new)


@pytest.mark.parametrize(
    "schemas",
    [
        {"Order": ORDER},
        {"Order": ref("Purchase"), "Purchase": ORDER},
        {"Order": {"allOf": [ORDER]}},
        {"Order": {"allOf": [ORDER, {"type": "object"}]}},
        {"Order": {"oneOf": [ORDER, {"type": "string"}]}},
        {"Order": {"anyOf": [ORDER, {"type": "null"}]}},
        {"Order": {"not": ORDER}},
        {"Order": {"type": "array", "items": {"allOf": [ORDER]}}},
        {"Order": {"allOf": [ref("Purchase"), ref("Purchase")]}, "Purchase": {"allOf": [ORDER, {"type": "object"}]}},
    ],
    ids=str,
)
def test_a_self_referential_schema_ends(schemas: dict[str, Any]) -> None:
    """A schema that consists of references to itself differs from other schemas, but not from itself."""
    plain = taking(Order={"type": "object", "properties": {"note": TEXT}}, Purchase=TEXT)

    assert [] == changes(taking(**schemas), taking(**schemas))
    assert changes(taking(**schemas), plain)
    assert changes(plain, taking(**schemas))


def test_callbacks_in_callbacks_end() -> None:
    """Cyclic callbacks are compared once."""

    def make(leaf: Any) -> dict[str, Any]:
        answer = {"post": {"callbacks": {"next": {"$ref": "#/components/callbacks/Shipped"}}, **body(leaf)}}
        return {
            "paths": {"/orders": {"post": {"operationId": "createOrder", "callbacks": {"next": _callback()}}}},
            "components": {"callbacks": {"Shipped": {"{$request.body#/url}": answer}}},
        }

    found = differences(make({"type": "string"}), make({"type": "integer"}))

    assert ["type-changed"] == [finding.id for finding in found]
    assert ["createOrder"] == list(found[0].operations)


def _callback() -> dict[str, str]:
    return {"$ref": "#/components/callbacks/Shipped"}


def _nested(depth: int, leaf: Any) -> Any:
    for _ in range(depth):
        leaf = {"type": "object", "properties": {"part": leaf}}
    return leaf


def test_a_hundred_levels() -> None:
    """A change a hundred levels deep is one finding, in nested schemas and in a chain of components."""
    (in_place,) = differences(taking(Order=_nested(100, TEXT)), taking(Order=_nested(100, SHORT)))
    names = [f"Part{level}" for level in range(100)]

    def chain(leaf: Any) -> dict[str, Any]:
        parts = {name: {"type": "object", "properties": {"part": ref(following)}}
                 for name, following in zip(names, [*names[1:], "Leaf"], strict=True)}  # fmt: skip
        return taking(Order=ref("Part0"), Leaf=leaf, **parts)

    assert ("bound-set", "Order" + ".part" * 100) == (in_place.id, in_place.label)
    assert [("bound-set", "Leaf")] == changes(chain(TEXT), chain(SHORT))


def test_fifty_combinations() -> None:
    """A change below fifty levels of `allOf` is one finding."""

    def make(leaf: Any) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object", "properties": {"note": leaf}}
        for level in range(50):
            schema = {"allOf": [schema, {"type": "object", "properties": {f"part{level}": TEXT}}]}
        return taking(Order=schema)

    assert ["bound-set"] == [rule for rule, _ in changes(make(TEXT), make(SHORT))]


# The limit is on the CPU time, which does not depend on the other processes of the machine.
SLOW = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from tests.specdiff.test_cycles_and_size import {name}
{name}()
"""


def wide() -> None:
    """Compare two hundred alternatives with others, and with half of them; then sixty references with others."""

    def kinds(first: int, last: int) -> dict[str, Any]:
        return {
            f"Kind{number}": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": f"k{number}"}}}
            for number in range(first, last)
        }

    every = kinds(0, 400)
    old, new, half = ({"oneOf": list(kinds(*ends).values())} for ends in ((0, 200), (200, 400), (100, 200)))
    assert {"exclusive-alternative-added", "exclusive-alternative-removed"} == {
        rule for rule, _ in changes(taking(Order=old), taking(Order=new))
    }
    assert [("exclusive-alternative-removed", "Order")] == changes(taking(Order=old), taking(Order=half))
    by_name = [
        taking(Order={"oneOf": [ref(f"Kind{number}") for number in range(first, first + 60)]}, **every)
        for first in (0, 60)
    ]
    assert {"exclusive-alternative-added", "exclusive-alternative-removed"} == {rule for rule, _ in changes(*by_name)}


def dense() -> None:
    """Compare sixty components that all refer to each other, and a lattice of sixty `allOf` schemas."""

    def make(leaf: Any) -> dict[str, Any]:
        names = [f"Kind{number}" for number in range(60)]
        held = {name: {"type": "object", "properties": {other: ref(other) for other in names}} for name in names}
        parts = {
            f"Part{level}": {"allOf": [ref(f"Part{after}") for after in range(level + 1, min(level + 3, 60))] + [leaf]}
            for level in range(60)
        }
        return taking(Order={"allOf": [ref("Kind0"), ref("Part0")]}, **held, **parts)

    found = changes(make({"type": "object", "maxProperties": 9}), make({"type": "object", "maxProperties": 8}))
    assert {"bound-tightened"} == {rule for rule, _ in found}


def many() -> None:
    """Compare ten thousand operations, each of which is changed in its summary."""

    def make(summary: str) -> dict[str, Any]:
        return {"paths": {f"/orders{number}": {"get": {"summary": summary}} for number in range(10_000)}}

    assert 10_000 == len(changes(make("old"), make("new")))


@pytest.mark.parametrize("name", ["wide", "dense", "many"])
def test_large_documents_are_compared_quickly(name: str) -> None:
    """Many alternatives, and many paths to a schema, are compared in seconds."""
    done = subprocess.run(
        [sys.executable, "-c", SLOW.format(name=name)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ("", 0) == (done.stderr, done.returncode)


def _grown(shape: str, size: int, version: int) -> dict[str, Any]:
    """A document with operations that differ in their types; in a chain, each schema refers to the next schema."""
    kind = {"type": "integer" if version == 1 else "string"}
    schemas: dict[str, Any] = {"Shared": {"type": "object", "properties": {"id": kind}}}
    paths: dict[str, Any] = {}
    for number in range(size):
        name = f"Schema{number}" if shape == "chain" else "Shared"
        if shape == "chain":
            following = ref(f"Schema{(number + 1) % size}")
            schemas[name] = {"type": "object", "properties": {"next": following, "value": kind}}
        path = f"/{'new' if shape == 'renamed' and version == 2 else 'old'}{number}/{{id}}"
        limited = {"type": "string", "maxLength": 9 + version}
        parameter = {"name": "id", "in": "path", "required": True, "schema": limited}
        response = {"description": "It.", "content": {"application/json": {"schema": ref(name)}}}
        operation = {"operationId": f"get{number}", "parameters": [parameter], "responses": {"200": response}}
        paths[path] = {"get": operation}
    return {"paths": paths, "components": {"schemas": schemas}}


@pytest.mark.parametrize("shape", ["shared", "chain", "renamed"])
def test_work_grows_with_the_document(shape: str) -> None:
    """Ten times as many operations need at most twelve times as many function calls."""

    def calls(size: int) -> int:
        sides = [_grown(shape, size, version) for version in (1, 2)]
        profile = cProfile.Profile(builtins=False)
        profile.runcall(differences, *sides)
        return sum(int(entry.callcount) for entry in profile.getstats())

    calls(5)
    assert calls(300) <= 12 * calls(30)
