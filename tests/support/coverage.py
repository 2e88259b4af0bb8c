"""Records which statements of openapi.yaml the messages of the tests met, and which they violated.

The messages are the requests that a judge or the embedded server validated, and the responses that a client read.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from scripts.openapi.contract import Contract, ContractOperation
from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below

MET, VIOLATED = "met", "violated"
"""The two ways. A value can be valid or not, and a property, parameter or header can be present or absent."""
# The keywords that describe, refer to other schemas, or are evaluated by `_visit` itself.
_OTHERS = {"description", "title", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "format"}
_OTHERS |= {"$ref", "properties", "required", "items", "additionalProperties", "propertyNames"}
_OTHERS |= {"anyOf", "oneOf", "allOf"}
# Larger messages and longer lists show nothing new, and are slow to check.
_MOST_BYTES = 20_000
_MOST_ITEMS = 10


class Coverage:
    """The statements of a contract that were met or violated."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._operations = {operation.id: operation for operation in contract.operations}
        self.seen: set[tuple[str, str]] = set()
        """Pairs of a statement and a way."""
        # Hashes, because tests measure the memory of clients.
        self._contents: set[int] = set()
        self._nodes: dict[tuple[int, str], _Node] = {}

    def add_request(self, method: str, target: str, content: bytes) -> None:
        """Record a request. `target` is the path below the server, with the query."""
        parts = urlsplit(target)
        segments = parts.path.split("/")
        for operation in self._operations.values():
            template = operation.path.split("/")
            fits = len(template) == len(segments) and all(map(_fits, template, segments))
            if method.upper() != operation.method or not fits:
                continue
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            for parameter in operation.parameters:
                place = f"{operation.id} parameter {parameter['name']}"
                value = query.get(parameter["name"])
                if parameter["in"] == "path":
                    value = segments[template.index(f"{{{parameter['name']}}}")]
                self._add(place, value is not None)
                if value is not None:
                    self._visit(parameter.get("schema"), f"{place} schema", _parsed(value, parameter.get("schema")))
            self._add_json(operation.request_schema, f"{operation.id} body", content)

    def add_response(self, operation_id: str, status: int, headers: Mapping[str, str], content: bytes) -> None:
        """Record a response to a request of an operation."""
        operation = self._operations.get(operation_id)
        if operation is None:
            return
        message = hash((operation_id, status, tuple(headers), content))
        if message in self._contents:
            return
        self._contents.add(message)
        code = next((code for code in (str(status), "default") if code in operation.responses), None)
        if code is None or (code == "default" and status < 400):
            return
        place = f"{operation.id} response {code}"
        self.seen.add((place, MET))
        response = operation.responses[code]
        lowered = {key.lower() for key in headers}
        for name in response.get("headers", {}):
            self._add(f"{place} header {name}", name.lower() in lowered)
        self._add_json(response.get("content", {}).get("application/json", {}).get("schema"), f"{place} body", content)

    def statements(self) -> dict[str, tuple[str, ...]]:
        """All statements of the contract, with the ways in which messages can show them."""
        found: dict[str, tuple[str, ...]] = {}
        for operation in self._operations.values():
            found |= _operation_statements(self._contract, operation)
        return found

    def _add_json(self, schema: Any, place: str, content: bytes) -> None:
        if schema is None or not content or len(content) > _MOST_BYTES:
            return
        key = hash((place, content))
        if key in self._contents:
            return
        self._contents.add(key)
        with suppress(ValueError, RecursionError):
            document = json.loads(content)
            self._add_example(document)
            self._visit(schema, _schema_place(schema, place), document)

    def _add_example(self, document: Any) -> None:
        for name, value in _examples(self._contract).items():
            if value == document:
                self.seen.add((name, MET))

    def _add(self, statement: str, is_met: bool) -> None:
        self.seen.add((statement, MET if is_met else VIOLATED))

    def _visit(self, schema: Any, place: str, value: Any) -> None:
        """Record the statements of a schema about a value."""
        key = (id(schema), place)
        if key not in self._nodes:
            self._nodes[key] = self._prepared(schema, place)
        node = self._nodes[key]
        if node.target is not None:
            self._visit(*node.target, value)
        for met, violated, validator in node.keywords:
            # The check of a value takes long, and is needed only until both ways were seen.
            if met not in self.seen or violated not in self.seen:
                self.seen.add(met if validator.is_valid(value) else violated)
        if isinstance(value, dict):
            for name, (inner, inner_place) in node.properties.items():
                self._add(inner_place, name in value)
                if name in value:
                    self._visit(inner, inner_place, value[name])
            if node.others or node.names:
                for other in value.keys() - node.properties.keys():
                    if node.others:
                        self._visit(*node.others, value[other])
                    if node.names:
                        self._visit(*node.names, other)
        if isinstance(value, list) and node.items:
            for item in value[:_MOST_ITEMS]:
                self._visit(*node.items, item)
        for inner, inner_place in node.alternatives:
            self._visit(inner, inner_place, value)

    def _prepared(self, schema: Any, place: str) -> "_Node":
        written = as_map(schema)
        reference = written.get("$ref")
        properties = as_map(written.get("properties"))
        keywords = [keyword for keyword in written if keyword not in _OTHERS and not keyword.startswith("x-")]

        def below_schema(keyword: str, suffix: str) -> tuple[Any, str] | None:
            return (written[keyword], f"{place}{suffix}") if isinstance(written.get(keyword), dict) else None

        return _Node(
            schema,
            target=None
            if reference is None
            else (self._contract.resolve({"$ref": reference}), _schema_place(schema, place)),
            keywords=tuple(
                (
                    (f"{place}: {keyword}", MET),
                    (f"{place}: {keyword}", VIOLATED),
                    Draft202012Validator({keyword: written[keyword]}),
                )
                for keyword in keywords
            ),
            properties={name: (inner, f"{place}.{name}") for name, inner in properties.items()},
            others=below_schema("additionalProperties", "{}"),
            names=below_schema("propertyNames", "{name}"),
            items=(written["items"], f"{place}[]") if "items" in written else None,
            alternatives=tuple(
                (inner, f"{place} {keyword} {index}")
                for keyword in ("anyOf", "oneOf", "allOf")
                for index, inner in enumerate(as_list(written.get(keyword)))
            ),
        )


@frozen
class _Node:
    """A schema at a place, prepared for many values. Schemas below are pairs of a schema and its place."""

    schema: Any
    """The key of the node has the `id` of the schema, which therefore must live as long as the node."""
    target: tuple[Any, str] | None
    """The schema of the reference."""
    keywords: tuple[tuple[tuple[str, str], tuple[str, str], Any], ...]
    """For each keyword: the statement as met, the statement as violated, and the check of a value."""
    properties: Mapping[str, tuple[Any, str]]
    others: tuple[Any, str] | None
    names: tuple[Any, str] | None
    items: tuple[Any, str] | None
    alternatives: tuple[tuple[Any, str], ...]


def missing(coverage: Coverage) -> list[str]:
    """The statements that no message showed, or that messages showed one way only."""
    return [
        f"{statement} ({way})"
        for statement, ways in coverage.statements().items()
        for way in ways
        if (statement, way) not in coverage.seen
    ]


def _operation_statements(contract: Contract, operation: ContractOperation) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for parameter in operation.parameters:
        place = f"{operation.id} parameter {parameter['name']}"
        found[place] = (MET,) if parameter.get("required") else (MET, VIOLATED)
        # A parameter is a text: every text is a string.
        is_text = as_map(parameter.get("schema")).get("type") == "string"
        for statement, ways in _schema_statements(contract, parameter.get("schema"), f"{place} schema"):
            found[statement] = (MET,) if is_text and statement.endswith(": type") else ways
    found |= dict(_schema_statements(contract, operation.request_schema, f"{operation.id} body"))
    for code, response in operation.responses.items():
        place = f"{operation.id} response {code}"
        found[place] = (MET,)
        found |= {f"{place} header {name}": (MET, VIOLATED) for name in response.get("headers", {})}
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        found |= dict(_schema_statements(contract, schema, f"{place} body"))
    return found | dict.fromkeys(_examples(contract), (MET,))


def _schema_statements(
    contract: Contract, schema: Any, place: str, above: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...]]]:
    place = _schema_place(schema, place)
    reference = as_map(schema).get("$ref")
    if reference is not None and reference not in above:
        yield from _schema_statements(contract, contract.resolve({"$ref": reference}), place, (*above, reference))
    for keyword in as_map(schema):
        if keyword not in _OTHERS and not keyword.startswith("x-"):
            yield f"{place}: {keyword}", (MET, VIOLATED)
    for name, inner in as_map(as_map(schema).get("properties")).items():
        yield f"{place}.{name}", (MET, VIOLATED)
        yield from _schema_statements(contract, inner, f"{place}.{name}", above)
    for keyword, suffix in (("items", "[]"), ("additionalProperties", "{}"), ("propertyNames", "{name}")):
        if isinstance(as_map(schema).get(keyword), dict):
            yield from _schema_statements(contract, schema[keyword], f"{place}{suffix}", above)
    for keyword in ("anyOf", "oneOf", "allOf"):
        for index, inner in enumerate(as_list(as_map(schema).get(keyword))):
            yield from _schema_statements(contract, inner, f"{place} {keyword} {index}", above)


def _schema_place(schema: Any, place: str) -> str:
    """The place of a schema in statements: a component has the same place wherever it is used."""
    reference = as_map(schema).get("$ref")
    return str(reference).rpartition("/")[2] if isinstance(reference, str) else place


def _examples(contract: Contract) -> dict[str, Any]:
    """The values of the named examples, by name."""
    examples = contract.document.get("components", {}).get("examples", {})
    return {below("/components/examples", name): example["value"] for name, example in examples.items()}


def _fits(template: str, segment: str) -> bool:
    return template.startswith("{") or template == segment


def _parsed(text: str, schema: Any) -> Any:
    """The value of a parameter, which is a text in the URL."""
    if as_map(schema).get("type") == "string":
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
