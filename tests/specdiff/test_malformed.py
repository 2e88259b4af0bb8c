"""Malformed documents are compared without an error."""

from collections.abc import Iterator
from typing import Any

import pytest

from scripts.openapi.loading import Loaded
from scripts.specdiff.catalogue import RULES
from scripts.specdiff.engine.document import ComparedDocument
from scripts.specdiff.findings import compare
from tests.support.diff_docs import ORDER
from tests.support.sampling import sample

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
                        "x-file": {
                            "content": "/{id}",
                            "line": "Order",
                            "upload": {"path": "/files", "purpose": "batch"},
                            "max_lines": 9,
                            "unique": "id",
                            "equal": {"id": "kind"},
                        },
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


@pytest.mark.parametrize("wrong", sample([None, "text", 7, [], {}, ["text"], {"a": None}, [{"a": 1}]], 4), ids=str)
def test_malformed_documents_are_compared(wrong: Any) -> None:
    """A wrong value at any place, in either document or in both, causes no error."""
    whole = _document(WHOLE)
    for path in _places(WHOLE):
        broken = _document(_with(WHOLE, path, wrong))
        compare(whole, broken, RULES.values())
        compare(broken, whole, RULES.values())

        assert () == compare(broken, broken, RULES.values()).findings, path


def _document(content: dict[str, Any]) -> ComparedDocument:
    """Build a document without a text, so that it has no lines."""
    return ComparedDocument.of(Loaded({"openapi": "3.1.0", **content}, "orders", {}))
