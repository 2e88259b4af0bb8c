"""The rules about requests and responses: parameters, bodies, results, keys and servers that the client can serve."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scripts.openapi.contract import FORM, JSON, Contract
from scripts.openapi.document import as_list, as_map
from scripts.openapi.operations import Operation, Parameter, operations
from scripts.openapi.pointers import below

from .catalogue import Violations, resolve, rule
from .kinds import places

# The client sets these headers. OpenAPI ignores parameters with the first three names.
_OWN_HEADERS = {"accept", "content-type", "authorization", "content-length", "host", "connection", "cookie"}
_OWN_HEADERS |= {"transfer-encoding"}
_STYLES = {"query": "form", "path": "simple", "header": "simple"}
_SCALARS = {"string", "integer", "number", "boolean"}
_ADVICE = "describe it as a string, number, boolean, or in a query as an array of these"
_EVENTS = "text/event-stream"


@rule
def parameter_is_supported(contract: Contract) -> Violations:
    """Parameters are scalars in the query, path or header, or arrays of scalars in the query (style form, explode)."""
    for place in places(contract):
        if place.kind == "parameter":
            for key, message in _parameter(contract, place.node):
                yield below(place.pointer, *key), message


def _parameter(contract: Contract, node: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    location, name = str(node.get("in")), str(node.get("name"))
    if location not in _STYLES:
        yield ("in",), f"the client sends no parameters in {location!r}; use query, header or path"
        return
    if location == "header" and name.lower() in _OWN_HEADERS:
        yield ("name",), f"the client sets the header {name} itself; remove the parameter"
    style = node.get("style", _STYLES[location])
    if style != _STYLES[location]:
        yield ("style",), f"the style {style!r} is not supported; use {_STYLES[location]}"
    if node.get("allowReserved") is True:
        yield ("allowReserved",), "the client percent-encodes reserved characters; remove allowReserved"
    if "schema" not in node:
        yield (), "add a schema to the parameter"
        return
    kinds = _kinds(contract, node["schema"])
    if "array" in kinds:
        if location != "query" or len(kinds - {"null"}) > 1:
            yield ("schema",), f"the client cannot send arrays here; {_ADVICE}"
        elif node.get("explode", True) is not True:
            yield ("explode",), "explode: false is not supported; remove it, so that each item is sent on its own"
        elif not all(_kinds(contract, items) <= _SCALARS for items in _items(contract, node["schema"])):
            yield ("schema",), f"the items of the array must be scalars; {_ADVICE}"
    elif not kinds - {"null"} or not kinds <= _SCALARS | {"null"}:
        yield ("schema",), f"the client cannot send any value or an object here; {_ADVICE}"


def _kinds(contract: Contract, schema: Any, depth: int = 0) -> set[str]:
    """The JSON types of the values of a schema; `any` if the schema does not restrict them."""
    schema = resolve(contract, schema)
    if "type" in schema:
        written = schema["type"]
        return {written} if isinstance(written, str) else set(map(str, as_list(written)))
    values = [schema["const"]] if "const" in schema else as_list(schema.get("enum"))
    if values:
        return {_json_type(value) for value in values}
    for key in ("anyOf", "oneOf", "allOf"):
        parts = [_kinds(contract, one, depth + 1) for one in as_list(schema.get(key))] if depth < 20 else []
        if parts and key == "allOf":
            return set.intersection(*(part for part in parts if part != {"any"})) if parts != [{"any"}] else {"any"}
        if parts:
            return set().union(*parts)
    return {"object"} if "properties" in schema else {"array"} if "items" in schema else {"any"}


def _json_type(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", type(None): "null"}
    return names.get(type(value), "object")


def _items(contract: Contract, schema: Any) -> Iterator[Any]:
    schema = resolve(contract, schema)
    alternatives = [*as_list(schema.get("anyOf")), *as_list(schema.get("oneOf")), *as_list(schema.get("allOf"))]
    if not alternatives:
        yield schema.get("items", {})
    for one in alternatives:
        if "array" in _kinds(contract, one):
            yield from _items(contract, one)


@rule
def parameter_is_in_path(contract: Contract) -> Violations:
    """Path parameters and the parts of the path in braces are the same. No parameter is declared twice."""
    for operation in operations(contract.source):
        in_path = re.findall(r"\{([^{}]*)\}", operation.path)
        declared = {parameter.name: parameter for parameter in operation.parameters if parameter.location == "path"}
        for name in dict.fromkeys(in_path):
            if name not in declared:
                yield operation.pointer, f"declare the parameter {name} of the path {operation.path}"
            if in_path.count(name) > 1:
                yield operation.pointer, f"the parameter {name} is twice in the path {operation.path}; rename one"
        for name, parameter in declared.items():
            if name not in in_path:
                yield parameter.pointer, f"{name} is not in the path {operation.path}; add it there, or remove it"
            elif parameter.node.get("required") is not True:
                yield parameter.pointer, "add `required: true`, because a path parameter is always required"
        yield from _twice(contract, operation)


def _twice(contract: Contract, operation: Operation) -> Violations:
    for holder, pointer in ((operation.node, operation.pointer), (operation.item, operation.item_pointer)):
        seen = set()
        for index, written in enumerate(as_list(holder.get("parameters"))):
            node = resolve(contract, written)
            key = Parameter.of(node, "").key
            if key in seen:
                yield f"{pointer}/parameters/{index}", f"the parameter {key[1]} is declared twice; remove one"
            seen.add(key)


@rule
def body_is_supported(contract: Contract) -> Violations:
    """A request is JSON or a form (multipart/form-data), with a schema. get and head have no body."""
    for operation in operations(contract.source):
        if "requestBody" not in operation.node:
            continue
        body, pointer = contract.source.resolve(operation.node["requestBody"], f"{operation.pointer}/requestBody")
        content = as_map(body.get("content"))
        if operation.method == "get":
            yield pointer, "a body of get has no meaning in HTTP; use parameters, or post"
        if len(content) != 1 or not content.keys() <= {JSON, FORM}:
            yield below(pointer, "content"), f"use exactly one media type: {JSON} or {FORM}"
            continue
        for kind, media in content.items():
            schema = as_map(media).get("schema")
            if not isinstance(schema, Mapping):
                yield below(pointer, "content", kind), "add a schema"
            elif kind == FORM:
                yield from _form(contract, schema, below(pointer, "content", kind, "schema"))


def _form(contract: Contract, schema: Mapping[str, Any], pointer: str) -> Violations:
    target, _ = contract.source.resolve(schema, pointer)
    if not str(schema.get("$ref", "")).startswith("#/components/schemas/"):
        yield pointer, "refer to a component with the parts of the form as its properties"
    elif not as_map(target.get("properties")) and not as_list(target.get("allOf")):
        yield pointer, "a form needs a component with properties, one for each part"
    if target.get("additionalProperties", True) not in (True, False, {}):
        yield pointer, "additionalProperties is not supported in a form; list all parts as properties"


@rule
def result_is_supported(contract: Contract) -> Violations:
    """The successes of an operation have one media type and one schema. JSON has a schema."""
    for operation in operations(contract.source):
        results = {}
        for code, written in as_map(operation.node.get("responses")).items():
            pointer = below(operation.pointer, "responses", code)
            response, place = contract.source.resolve(written, pointer)
            content = as_map(response.get("content"))
            if code.startswith("2"):
                if not code.isdigit():
                    yield pointer, f"{code} is not supported; name the status code, such as 200"
                elif len(content) > 1:
                    yield below(place, "content"), "a success needs exactly one media type; remove the others"
                results[pointer] = {kind: as_map(media).get("schema") for kind, media in content.items()}
            for kind, media in content.items():
                yield from ((below(place, "content", kind), message) for message in _media(kind, as_map(media)))
            if code in ("204", "205", "304") and content:
                yield below(place, "content"), f"a response with the status {code} has no body; remove the content"
        for pointer in list(results)[1:]:
            if results[pointer] != next(iter(results.values())):
                yield pointer, "this success differs from the first success; give all successes the same content"


def _media(kind: str, media: Mapping[str, Any]) -> Iterator[str]:
    if "*" in kind:
        yield f"name the media type instead of {kind}"
    elif kind == _EVENTS:
        yield f"the client reads no {_EVENTS}; describe the response that is not streamed"
    elif kind != JSON and re.search(r"\bjson\b", kind) and "seq" not in kind and "lines" not in kind:
        yield f"write {JSON} instead of {kind}"
    elif kind == JSON and "schema" not in media:
        yield "add a schema"


@rule
def security_is_supported(contract: Contract) -> Violations:
    """All operations use the same scheme: http with bearer, or apiKey in a header.

    An operation can also need no key.
    """
    schemes = contract.source.part("components", "securitySchemes")
    used = []
    for operation in operations(contract.source):
        requirements = operation.node.get("security")
        pointer = f"{operation.pointer}/security"
        for requirement in as_list(requirements):
            if len(as_list(requirements)) > 1 or len(requirement) > 1:
                yield pointer, "alternatives, combinations and optional keys are not supported; name one scheme"
                break
            for name, scopes in requirement.items():
                if name not in schemes:
                    yield pointer, f"{name} is not in components/securitySchemes; add it there"
                    continue
                used.append((name, pointer))
                if scopes:
                    yield below(pointer, 0, name), "scopes are not supported; write an empty list"
    if used:
        name = used[0][0]
        scheme, place = contract.source.resolve(schemes[name], below("/components/securitySchemes", name))
        yield from _scheme(scheme, place)
        for other, pointer in used:
            if other != name:
                yield pointer, f"all operations need the same scheme, and the first operation uses {name}"


def _scheme(scheme: Mapping[str, Any], pointer: str) -> Violations:
    advice = "use the type http with the scheme bearer, or the type apiKey in a header"
    is_bearer = scheme.get("type") == "http" and str(scheme.get("scheme")).lower() == "bearer"
    if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
        if not re.fullmatch(r"[A-Za-z0-9-]+", str(scheme.get("name"))):
            yield pointer, "the name of the header must consist of ASCII letters, digits and -"
        elif str(scheme.get("name")).lower() in _OWN_HEADERS:
            yield pointer, f"the client sets the header {scheme['name']} itself; use another header"
    elif not is_bearer:
        yield pointer, f"this security scheme is not supported; {advice}"
