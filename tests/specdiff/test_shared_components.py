"""One change is one finding, in components that operations share and for renamed parts."""

from typing import Any

import pytest

from scripts.specdiff.engine.effects import Direction, Verdict
from tests.support.cases import PLACES
from tests.support.diff_docs import ORDER, SHORT, TEXT, body, differences, ref, taking


def _shared(address: Any) -> dict[str, Any]:
    """Build a document in which two operations write an address and two operations read it."""
    order = {"type": "object", "properties": {"to": ref("Address")}}
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": ORDER}}}}
    return {
        "paths": {
            "/orders": {
                "post": {"operationId": "createOrder", **body(ORDER)},
                "get": {"operationId": "listOrders", "responses": answer},
            },
            "/orders/{id}": {"put": {"operationId": "replaceOrder", **body(ORDER), "responses": answer}},
            "/customers": {"post": {"operationId": "createCustomer", **body({"type": "object"})}},
        },
        "components": {"schemas": {"Order": order, "Address": address}},
    }


def test_shared_component_is_one_finding() -> None:
    """A change of a component is one finding with all operations that reach it, in both directions."""
    (found,) = differences(
        _shared({"type": "object", "properties": {"street": SHORT}}),
        _shared({"type": "object", "properties": {"street": TEXT}}),
    )

    assert ("bound-dropped", "Address.street", Direction.BOTH) == (found.id, found.label, found.direction)
    assert ["createOrder", "listOrders", "replaceOrder"] == sorted(found.operations)
    assert Verdict.BREAKING is found.verdict


def test_shared_component_in_one_direction() -> None:
    """A read-only property of a shared component affects readers only."""

    def make(leaf: Any) -> Any:
        return _shared({"type": "object", "properties": {"id": {**leaf, "readOnly": True}}})

    (found,) = differences(make(TEXT), make(SHORT))

    assert ("bound-set", Direction.RESPONSE, Verdict.SAFE) == (found.id, found.direction, found.verdict)


def test_texts_of_a_component_are_one_finding() -> None:
    """Changed texts in one component are one finding."""

    def make(word: str) -> Any:
        properties = {name: {"type": "string", "description": f"{word} {name}"} for name in ("street", "city", "zip")}
        return _shared({"type": "object", "properties": properties})

    assert ["schema-text-changed"] == [finding.id for finding in differences(make("The"), make("A"))]


def test_header_in_every_operation_is_one_finding() -> None:
    """The same addition to many operations is one finding."""

    def make(**headers: Any) -> dict[str, Any]:
        responses = {"200": {"description": "OK", "headers": headers}}
        return {
            "paths": {f"/{name}": {"get": {"responses": responses}} for name in ("orders", "customers", "carriers")}
        }

    (found,) = differences(make(), make(**{"X-Remaining": {"schema": {"type": "integer"}}}))

    assert ("header-added", 3) == (found.id, len(found.operations))


def _with_files(line: Any) -> dict[str, Any]:
    """Build a document in which callers upload a file of rows, and read its id and a file of results."""
    uploaded = {"type": "string", "x-file": {"content": "/{id}", "line": "Row", "upload": {"path": "/files"}}}
    own = {"type": "string", "x-file": {"content": "/{id}", "line": "Row"}}
    results = {"type": ["string", "null"], "x-file": {"content": "/{id}", "line": "Result"}}
    order = {"type": "object", "properties": {"file": own, "results": results}}
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": ORDER}}}}
    create = {**body({"type": "object", "properties": {"file": uploaded}}), "responses": answer}
    return {
        "paths": {"/orders": {"post": {"operationId": "createOrder", **create}}},
        "components": {"schemas": {"Order": order, "Row": line, "Result": line}},
    }


def test_lines_of_files_have_a_direction() -> None:
    """Callers write the lines of the files that they upload, and read the lines of all other files."""
    old, new = ({"type": "object", "properties": {"text": leaf}} for leaf in (TEXT, SHORT))
    found = {finding.label: finding for finding in differences(_with_files(old), _with_files(new))}

    assert {"Row.text", "Result.text"} == found.keys()
    written, read = found["Row.text"], found["Result.text"]
    assert (Direction.REQUEST, Verdict.RISKY) == (written.direction, written.verdict)
    assert (Direction.RESPONSE, Verdict.SAFE) == (read.direction, read.verdict)
    assert ("createOrder",) == written.operations == read.operations


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (
            "schema-renamed",
            taking(Order={"type": "array", "items": ref("Row")}, Row={"type": "object", "properties": {"n": TEXT}}),
            taking(Order={"type": "array", "items": ref("Line")}, Line={"type": "object", "properties": {"n": TEXT}}),
        ),
        (
            "property-renamed",
            taking(Order={"type": "object", "properties": {"orderNo": SHORT, "total": {"type": "integer"}}}),
            taking(Order={"type": "object", "properties": {"order_no": SHORT, "total": {"type": "integer"}}}),
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
            {"paths": {"/order-list": {"get": {"operationId": "listOrders", **body(TEXT)}}}},
            {"paths": {"/orders": {"get": {"operationId": "listOrders", **body(TEXT)}}}},
        ),
    ],
)
def test_a_rename_is_one_finding(rule: str, old: Any, new: Any) -> None:
    """A renamed part is reported as renamed, instead of as removed and added."""

    assert [rule] == [finding.id for finding in differences(old, new)]
    assert [rule] == [finding.id for finding in differences(new, old)]
