"""Judges a received request: whether openapi-core accepts it, and whether it has each argument at its place."""

import json
from collections.abc import Iterator, Mapping
from email.parser import BytesParser
from random import Random
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlsplit

from attrs import frozen
from openapi_core import Config, OpenAPI

from scripts.batch_server.contract_validation import ContractValidator, HttpMessage
from scripts.openapi.contract import Contract, ContractOperation
from scripts.openapi.document import as_map

from .samples import Sampler


@frozen
class Drawn:
    """Drawn arguments of an operation, under their names in the contract."""

    parameters: Mapping[tuple[str, str], Any]
    body: Any
    """The value of the body, or MISSING for none."""


MISSING: Any = type("Missing", (), {"__repr__": lambda _: "MISSING"})()


def openapi_core_for(contract: Contract) -> ContractValidator:
    """A validator that does not check the document again, which takes most of its time."""
    validator = ContractValidator.__new__(ContractValidator)
    validator._openapi = OpenAPI.from_dict(dict(contract.document), config=Config(spec_validator_cls=None))
    validator._server = contract.document["servers"][0]["url"]
    return validator


def refused(judge: ContractValidator, operation: ContractOperation, message: HttpMessage) -> str | None:
    """Why openapi-core refuses a request; jsonschema decides where openapi-core cannot judge."""
    try:
        violation = judge.request(message)
    except Exception:  # openapi-core raises exceptions of other libraries for what it does not support.
        violation = None
    if violation is None:
        return None
    if message.headers.get("content-type", "").startswith("multipart/"):
        return None  # The parts are compared with the arguments.
    schema = operation.request_schema
    is_about_body = schema is not None and message.body and "body" in violation.message
    if is_about_body and Sampler(operation.contract, Random(0)).is_valid(schema, json.loads(message.body)):
        return None
    return violation.message[:300]


def differences(operation: ContractOperation, drawn: Drawn, message: HttpMessage) -> Iterator[str]:
    """The parts of a received request that are not what the arguments and the contract say."""
    target = urlsplit(message.target)
    path = operation.path
    query: list[tuple[str, Any]] = []
    headers: dict[str, Any] = {}
    for (place, name), value in drawn.parameters.items():
        match place:
            case "path":
                path = path.replace(f"{{{name}}}", quote(_as_text(value), safe=""))
            case "query":
                query += [(name, one) for one in value] if isinstance(value, list) else [(name, value)]
            case "header":
                headers[name.lower()] = value
            case _:
                yield f"the parameter {name} in {place} was accepted"
    if message.method != operation.method:
        yield f"the method is {message.method}"
    if target.path != path:
        yield f"the path is {target.path} and not {path}"
    received = parse_qsl(target.query, keep_blank_values=True)
    if sorted(received) != sorted((name, _as_text(value)) for name, value in query):
        yield f"the query is {target.query!r} and not {query}"
    for parameter in operation.parameters:
        if parameter["in"] == "header":
            name = str(parameter["name"]).lower()
            wanted = _as_text(headers[name]) if name in headers else None
            if message.headers.get(name) != wanted and not (wanted is None and name in _OWN_HEADERS):
                yield f"the header {name} is {message.headers.get(name)!r} and not {wanted!r}"
    yield from _key_faults(operation, message)
    yield from _body_faults(operation, drawn, message)


# Headers that the HTTP library sets itself.
_OWN_HEADERS = {"accept", "user-agent", "accept-encoding", "connection", "host", "content-length", "content-type"}


def _key_faults(operation: ContractOperation, message: HttpMessage) -> Iterator[str]:
    security = operation.document.get("security", operation.contract.document.get("security", []))
    schemes = operation.contract.document.get("components", {}).get("securitySchemes", {})
    wanted: dict[str, str] = {}
    for name in as_map(security[0] if security else {}):
        scheme = as_map(operation.contract.resolve(schemes.get(name, {})))
        if scheme.get("type") == "http" and str(scheme.get("scheme")).lower() == "bearer":
            wanted["authorization"] = "Bearer sk-test"
        elif scheme.get("type") == "apiKey" and scheme.get("in") == "header":
            wanted[str(scheme.get("name")).lower()] = "sk-test"
        else:
            yield f"the security scheme {name} was accepted: {short(scheme)}"
    found = {name: value for name, value in message.headers.items() if "sk-test" in value}
    if found != wanted:
        yield f"the key is in {found} and not in {wanted}"


def _body_faults(operation: ContractOperation, drawn: Drawn, message: HttpMessage) -> Iterator[str]:
    kind = message.headers.get("content-type", "")
    if drawn.body is MISSING:
        if message.body or "content-type" in message.headers:
            yield f"a body was sent: {kind} {message.body[:100]!r}"
        return
    body = operation.contract.resolve(operation.document["requestBody"])
    media_type = next(iter(body["content"]))
    if kind.partition(";")[0].strip() != media_type.partition(";")[0].strip():
        yield f"the content type is {kind!r} and not {media_type!r}"
    elif media_type == "multipart/form-data":
        yield from _form_faults(operation, drawn.body, message)
    elif "json" in media_type:
        if (received := json.loads(message.body)) != drawn.body:
            yield f"the body is {short(received)}"
    else:
        wanted = drawn.body if isinstance(drawn.body, bytes) else str(drawn.body).encode()
        if message.body != wanted:
            yield f"the body is {message.body[:100]!r}"


def _form_faults(operation: ContractOperation, fields: Mapping[str, Any], message: HttpMessage) -> Iterator[str]:
    text = f"Content-Type: {message.headers['content-type']}\r\n\r\n".encode() + message.body
    received: list[tuple[str, bytes]] = []
    for part in cast(list[Any], BytesParser().parsebytes(text).get_payload()):
        name = str(part.get_param("name", header="content-disposition"))
        received.append((name, part.get_payload(decode=True)))
    wanted: list[tuple[str, Any]] = []
    for name, value in fields.items():
        wanted += [(name, one) for one in value] if isinstance(value, list) else [(name, value)]
    for (name, content), (wanted_name, value) in zip(sorted(received), sorted(wanted, key=_sort_key), strict=False):
        same = content == value if isinstance(value, bytes) else content.decode() == _as_text(value)
        if isinstance(value, dict):
            same = json.loads(content) == value
        if name != wanted_name or not same:
            yield f"the part {name} is {content[:60]!r}, and should be {wanted_name}: {short(value)}"
    if len(received) != len(wanted):
        names = [name for name, _ in received]
        yield f"the parts are {names} and not {[name for name, _ in wanted]} of {operation.id}"


def _sort_key(item: tuple[str, Any]) -> tuple[str, bytes]:
    name, value = item
    return name, value if isinstance(value, bytes) else _as_text(value).encode()


def _as_text(value: Any) -> str:
    """A value as it is written into a path, a query, a header or a text part."""
    if isinstance(value, (bool, dict, list)) or value is None:
        return json.dumps(value)
    return str(value)


def short(value: Any) -> str:
    """The beginning of a value, for messages."""
    return repr(value)[:220]
