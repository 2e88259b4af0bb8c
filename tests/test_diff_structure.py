"""The diff of documents that are knotted, deep, wide, shared, renamed or malformed."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.codegen.loading import Loaded
from scripts.specdiff.document import Document
from scripts.specdiff.effects import Direction, Verdict
from scripts.specdiff.findings import Finding, compare

from .cases import PLACES, document

ROOT = Path(__file__).parents[1]
ORDER = {"$ref": "#/components/schemas/Order"}


def _found(old: Any, new: Any) -> list[Finding]:
    sides = [
        document({"openapi": "3.1.0", "info": {"title": "Orders", "version": "1.0.0"}, "paths": {}, **side}, name)
        for side, name in ((old, "old"), (new, "new"))
    ]
    return list(compare(sides[0], sides[1]).findings)


def _ids(old: Any, new: Any) -> list[tuple[str, str]]:
    return [(finding.id, finding.where) for finding in _found(old, new)]


def _schemas(**schemas: Any) -> dict[str, Any]:
    """A document that takes an Order and has these component schemas."""
    return PLACES["schemas"]["request"](schemas)


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


TEXT = {"type": "string"}
SHORT = {"type": "string", "maxLength": 9}


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
                "Order": {"type": "object", "properties": {"customer": _ref("Customer")}},
                "Customer": {
                    "type": "object",
                    "properties": {"orders": {"type": "array", "items": ORDER}, "note": leaf},
                },
            },
            "Customer.note",
            id="each other",
        ),
        pytest.param(
            lambda leaf: {
                "Order": {"allOf": [_ref("Named"), {"type": "object", "properties": {"note": leaf}}]},
                "Named": {
                    "type": "object",
                    "properties": {"of": {"oneOf": [ORDER, {"type": "array", "items": ORDER}]}},
                },
            },
            "Order.note",
            id="by what is combined",
        ),
        pytest.param(
            lambda leaf: {
                "Order": {
                    "oneOf": [_ref("Bundle"), {"type": "object", "required": ["note"], "properties": {"note": leaf}}]
                },
                "Bundle": {
                    "type": "object",
                    "required": ["parts"],
                    "properties": {"parts": {"type": "array", "items": ORDER}},
                },
            },
            "Order(object).note",
            id="by alternatives",
        ),
        pytest.param(
            lambda leaf: {
                "Order": {"allOf": [_ref("Named"), {"properties": {"note": leaf}}]},
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
    """A change in schemas that lead back to themselves is one finding."""
    old, new = _schemas(**make(TEXT)), _schemas(**make(SHORT))

    assert [("bound-set", where)] == _ids(old, new)
    assert [] == _ids(new, new)


@pytest.mark.parametrize(
    "schemas",
    [
        {"Order": ORDER},
        {"Order": _ref("Purchase"), "Purchase": ORDER},
        {"Order": {"allOf": [ORDER]}},
        {"Order": {"allOf": [ORDER, {"type": "object"}]}},
        {"Order": {"oneOf": [ORDER, {"type": "string"}]}},
        {"Order": {"anyOf": [ORDER, {"type": "null"}]}},
        {"Order": {"not": ORDER}},
        {"Order": {"type": "array", "items": {"allOf": [ORDER]}}},
        {"Order": {"allOf": [_ref("Purchase"), _ref("Purchase")]}, "Purchase": {"allOf": [ORDER, {"type": "object"}]}},
    ],
    ids=str,
)
def test_a_schema_of_nothing_but_itself_ends(schemas: dict[str, Any]) -> None:
    """What is defined by itself alone is compared with anything, and differs from it, not from itself."""
    plain = _schemas(Order={"type": "object", "properties": {"note": TEXT}}, Purchase=TEXT)

    assert [] == _ids(_schemas(**schemas), _schemas(**schemas))
    assert _ids(_schemas(**schemas), plain)
    assert _ids(plain, _schemas(**schemas))


def test_callbacks_in_callbacks_end() -> None:
    """Callbacks that lead back to themselves are compared once."""

    def make(leaf: Any) -> dict[str, Any]:
        answer = {"post": {"callbacks": {"next": {"$ref": "#/components/callbacks/Shipped"}}, **_body(leaf)}}
        return {
            "paths": {"/orders": {"post": {"operationId": "createOrder", "callbacks": {"next": _callback()}}}},
            "components": {"callbacks": {"Shipped": {"{$request.body#/url}": answer}}},
        }

    found = _found(make({"type": "string"}), make({"type": "integer"}))

    assert ["type-changed"] == [finding.id for finding in found]
    assert ["createOrder"] == list(found[0].operations)


def _callback() -> dict[str, str]:
    return {"$ref": "#/components/callbacks/Shipped"}


def _body(schema: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def _nested(depth: int, leaf: Any) -> Any:
    for _ in range(depth):
        leaf = {"type": "object", "properties": {"part": leaf}}
    return leaf


def test_a_hundred_levels() -> None:
    """A change a hundred levels deep is one finding, in place and by components."""
    (in_place,) = _found(_schemas(Order=_nested(100, TEXT)), _schemas(Order=_nested(100, SHORT)))
    names = [f"Part{level}" for level in range(100)]

    def chain(leaf: Any) -> dict[str, Any]:
        parts = {name: {"type": "object", "properties": {"part": _ref(following)}}
                 for name, following in zip(names, [*names[1:], "Leaf"], strict=True)}  # fmt: skip
        return _schemas(Order=_ref("Part0"), Leaf=leaf, **parts)

    assert ("bound-set", "Order" + ".part" * 100) == (in_place.id, in_place.where)
    assert [("bound-set", "Leaf")] == _ids(chain(TEXT), chain(SHORT))


def test_fifty_combinations() -> None:
    """A change in what is combined fifty times over is one finding."""

    def make(leaf: Any) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object", "properties": {"note": leaf}}
        for level in range(50):
            schema = {"allOf": [schema, {"type": "object", "properties": {f"part{level}": TEXT}}]}
        return _schemas(Order=schema)

    assert ["bound-set"] == [rule for rule, _ in _ids(make(TEXT), make(SHORT))]


SLOW = """
import sys
from tests.test_diff_structure import {name}
{name}()
"""


def wide() -> None:
    """Two hundred alternatives against two hundred others, then against half of them; and some by reference."""

    def kinds(first: int, last: int) -> dict[str, Any]:
        return {
            f"Kind{number}": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": f"k{number}"}}}
            for number in range(first, last)
        }

    every = kinds(0, 400)
    old, new, half = ({"oneOf": list(kinds(*ends).values())} for ends in ((0, 200), (200, 400), (100, 200)))
    assert {"exclusive-alternative-added", "exclusive-alternative-removed"} == {
        rule for rule, _ in _ids(_schemas(Order=old), _schemas(Order=new))
    }
    assert [("exclusive-alternative-removed", "Order")] == _ids(_schemas(Order=old), _schemas(Order=half))
    by_name = [
        _schemas(Order={"oneOf": [_ref(f"Kind{number}") for number in range(first, first + 60)]}, **every)
        for first in (0, 60)
    ]
    assert {"exclusive-alternative-added", "exclusive-alternative-removed"} == {rule for rule, _ in _ids(*by_name)}


def dense() -> None:
    """Sixty components of which each holds all others, and another sixty that combine all after them."""

    def make(leaf: Any) -> dict[str, Any]:
        names = [f"Kind{number}" for number in range(60)]
        held = {name: {"type": "object", "properties": {other: _ref(other) for other in names}} for name in names}
        parts = {
            f"Part{level}": {"allOf": [_ref(f"Part{after}") for after in range(level + 1, min(level + 3, 60))] + [leaf]}
            for level in range(60)
        }
        return _schemas(Order={"allOf": [_ref("Kind0"), _ref("Part0")]}, **held, **parts)

    found = _ids(make({"type": "object", "maxProperties": 9}), make({"type": "object", "maxProperties": 8}))
    assert {"bound-tightened"} == {rule for rule, _ in found}


@pytest.mark.parametrize("name", ["wide", "dense"])
def test_size_is_no_obstacle(name: str) -> None:
    """Many alternatives, and many ways to one schema, are compared in seconds."""
    done = subprocess.run(
        [sys.executable, "-c", SLOW.format(name=name)], cwd=ROOT, capture_output=True, text=True, timeout=20
    )

    assert ("", 0) == (done.stderr, done.returncode)


def _shared(address: Any) -> dict[str, Any]:
    """A document in which two operations write an address and two read one."""
    order = {"type": "object", "properties": {"to": _ref("Address")}}
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": ORDER}}}}
    return {
        "paths": {
            "/orders": {
                "post": {"operationId": "createOrder", **_body(ORDER)},
                "get": {"operationId": "listOrders", "responses": answer},
            },
            "/orders/{id}": {"put": {"operationId": "replaceOrder", **_body(ORDER), "responses": answer}},
            "/customers": {"post": {"operationId": "createCustomer", **_body({"type": "object"})}},
        },
        "components": {"schemas": {"Order": order, "Address": address}},
    }


def test_shared_component_is_one_finding() -> None:
    """A change of a component is said once, with all operations that it reaches, for readers and for writers."""
    (found,) = _found(
        _shared({"type": "object", "properties": {"street": SHORT}}),
        _shared({"type": "object", "properties": {"street": TEXT}}),
    )

    assert ("bound-dropped", "Address.street", Direction.BOTH) == (found.id, found.where, found.direction)
    assert ["createOrder", "listOrders", "replaceOrder"] == sorted(found.operations)
    assert Verdict.BREAKING is found.verdict


def test_shared_component_in_one_direction() -> None:
    """A read-only property of a shared component is one for readers alone."""

    def make(leaf: Any) -> Any:
        return _shared({"type": "object", "properties": {"id": {**leaf, "readOnly": True}}})

    (found,) = _found(make(TEXT), make(SHORT))

    assert ("bound-set", Direction.RESPONSE, Verdict.SAFE) == (found.id, found.direction, found.verdict)


def test_words_of_a_component_are_one_finding() -> None:
    """Words that change all over one component are said once."""

    def make(word: str) -> Any:
        properties = {name: {"type": "string", "description": f"{word} {name}"} for name in ("street", "city", "zip")}
        return _shared({"type": "object", "properties": properties})

    assert ["schema-text-changed"] == [finding.id for finding in _found(make("The"), make("A"))]


def test_header_in_every_operation_is_one_finding() -> None:
    """What comes in many operations alike is said once."""

    def make(**headers: Any) -> dict[str, Any]:
        responses = {"200": {"description": "OK", "headers": headers}}
        return {
            "paths": {f"/{name}": {"get": {"responses": responses}} for name in ("orders", "customers", "carriers")}
        }

    (found,) = _found(make(), make(**{"X-Remaining": {"schema": {"type": "integer"}}}))

    assert ("header-added", 3) == (found.id, len(found.operations))


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (
            "schema-renamed",
            _schemas(Order={"type": "array", "items": _ref("Row")}, Row={"type": "object", "properties": {"n": TEXT}}),
            _schemas(
                Order={"type": "array", "items": _ref("Line")}, Line={"type": "object", "properties": {"n": TEXT}}
            ),
        ),
        (
            "property-renamed",
            _schemas(Order={"type": "object", "properties": {"orderNo": SHORT, "total": {"type": "integer"}}}),
            _schemas(Order={"type": "object", "properties": {"order_no": SHORT, "total": {"type": "integer"}}}),
        ),
        (
            "parameter-renamed",
            PLACES["parameter"]["verdict"]({"name": "pageSize", "in": "query", "schema": {"type": "integer"}}),
            PLACES["parameter"]["verdict"]({"name": "page_size", "in": "query", "schema": {"type": "integer"}}),
        ),
        (
            "operation-renamed",
            PLACES["operation"]["verdict"]({"operationId": "listOrders"}),
            PLACES["operation"]["verdict"]({"operationId": "getOrders"}),
        ),
        (
            "operation-moved",
            {"paths": {"/order-list": {"get": {"operationId": "listOrders", **_body(TEXT)}}}},
            {"paths": {"/orders": {"get": {"operationId": "listOrders", **_body(TEXT)}}}},
        ),
    ],
)
def test_a_new_name_is_one_finding(rule: str, old: Any, new: Any) -> None:
    """What is called something else is that, and not something that went and something that came."""

    assert [rule] == [finding.id for finding in _found(old, new)]
    assert [rule] == [finding.id for finding in _found(new, old)]


WHOLE = {
    "paths": {
        "/orders": {
            "parameters": [{"name": "tenant", "in": "header", "schema": {"type": "string"}}],
            "servers": [{"url": "https://api.example", "variables": {"region": {"default": "eu", "enum": ["eu"]}}}],
            "post": {
                "operationId": "createOrder",
                "tags": ["orders"],
                "x-retry": "safe",
                "x-pagination": {"cursor": "after"},
                "parameters": [
                    {"name": "ids", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": ORDER, "encoding": {"a": {"style": "form"}}}}
                },
                "responses": {
                    "200": {
                        "description": "OK",
                        "headers": {"X-Remaining": {"schema": {"type": "integer"}}},
                        "links": {"next": {"operationId": "getOrder"}},
                        "content": {"application/json": {"schema": ORDER}},
                    }
                },
                "callbacks": {"shipped": {"{$request.body#/url}": {"post": {"responses": {}}}}},
                "security": [{"oauth": ["read"]}],
            },
        }
    },
    "webhooks": {"shipped": {"post": {"requestBody": {"content": {"application/json": {"schema": ORDER}}}}}},
    "security": [{"oauth": ["read"]}],
    "servers": [{"url": "https://api.example"}],
    "tags": [{"name": "orders"}],
    "components": {
        "securitySchemes": {"oauth": {"type": "oauth2", "flows": {"implicit": {"scopes": {"read": "Read."}}}}},
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "enum": ["a", "b"], "x-lifecycle": {"a": ["b"], "b": []}},
                    "to": {"allOf": [{"type": "object"}, {"required": ["street"]}]},
                    "by": {"oneOf": [{"const": "air"}, {"type": "integer", "minimum": 1}]},
                    "parts": {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "string"}},
                    "card": {"dependentRequired": {"a": ["b"]}, "patternProperties": {"^x": {"type": "string"}}},
                    "kind": {
                        "anyOf": [ORDER, {"type": "null"}],
                        "discriminator": {"propertyName": "k", "mapping": {"a": "b"}},
                    },
                    "note": {
                        "type": ["string", "null"],
                        "if": {"minLength": 1},
                        "then": {"maxLength": 9},
                        "xml": {"name": "n"},
                    },
                },
            }
        },
    },
}


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if path or key != "paths":
            yield (*path, key)
        yield from _places(value, (*path, key))


def _with(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(node, dict):
        return {**node, path[0]: _with(node[path[0]], path[1:], value)}
    return [_with(item, path[1:], value) if index == path[0] else item for index, item in enumerate(node)]


@pytest.mark.parametrize(
    "wrong", [None, "text", 7, [], {}, [None], ["text"], {"a": None}, {"a": "text"}, [{"a": 1}]], ids=str
)
def test_what_is_malformed_is_compared(wrong: Any) -> None:
    """Something wrong at any place of a document, on either side or on both, is no reason to fail."""
    whole = _unread(WHOLE)
    for path in _places(WHOLE):
        broken = _unread(_with(WHOLE, path, wrong))
        compare(whole, broken)
        compare(broken, whole)

        assert () == compare(broken, broken).findings, path


def _unread(content: dict[str, Any]) -> Document:
    """A document without lines, which need a text to be in."""
    return Document.of(Loaded({"openapi": "3.1.0", **content}, "orders", {}))
