"""Imports a generated package, sends drawn requests with both of its clients, and judges requests and results."""

import asyncio
import collections.abc
import importlib
import inspect
import json
import re
import sys
import typing
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.parser import BytesParser
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from attrs import define, field, frozen
from openapi_core import Config, OpenAPI

from scripts.batch_server.contract_validation import ContractValidator, HttpMessage
from scripts.openapi.contract import Contract, ContractOperation
from scripts.openapi.document import as_list, as_map
from tests.support.drawing import fits_header, fits_path
from tests.support.wire import Answer, Wire

from .samples import Sampler

PACKAGE = "openai_batch_client"
# How much of the optional parts the drawn values have.
FILLS = (0.0, 1.0, 0.5)


@contextmanager
def imported(folder: Path) -> Iterator[Any]:
    """Import the generated package in `folder` for the time of the context, in the place of the project's own."""
    own = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == PACKAGE}
    for name in own:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    importlib.invalidate_caches()
    try:
        package = importlib.import_module(PACKAGE)
        for name in package.__all__:
            getattr(package, name)
        yield package
    finally:
        sys.dont_write_bytecode = writes
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]
        sys.modules.update(own)


@frozen
class Drawn:
    """Drawn arguments of an operation, under their names in the contract."""

    parameters: Mapping[tuple[str, str], Any]
    body: Any
    """The value of the body, or MISSING for none."""


MISSING: Any = type("Missing", (), {"__repr__": lambda _: "MISSING"})()


@define
class PackageJudge:
    """Sends requests with a generated package to a server that only records them."""

    contract: Contract
    package: Any
    wire: Wire
    runner: asyncio.Runner
    chance: Random
    cases: int = 0
    undrawn: int = 0
    """The number of values that could not be drawn."""
    _apis: dict[type, Any] = field(factory=dict)

    def faults(self, only: Sequence[str] | None = None) -> Iterator[str]:
        """What the package does wrong.

        Args:
            only: The operationIds of the operations that are tried; None for all.
        """
        judge = _openapi_core(self.contract)
        for operation in self.contract.operations:
            if only is None or operation.id in only:
                for prefix in ("", "Async"):
                    for fill in FILLS:
                        label = f"{prefix or 'Sync'} {operation.id}"
                        try:
                            yield from (f"{fault} ({label})" for fault in self._tried(operation, prefix, fill, judge))
                        except LookupError as error:
                            if not str(error).startswith("no value was found"):
                                raise
                            self.undrawn += 1

    def _tried(self, operation: ContractOperation, prefix: str, fill: float, judge: ContractValidator) -> Iterator[str]:
        sampler = Sampler(self.contract, self.chance)
        drawn = self._drawn(operation, sampler, fill)
        status, _ = operation.success
        answer, sent = self._answer(operation, drawn, sampler, fill)
        self.wire.received.clear()
        self.wire.answer = answer
        result = self._called(operation, prefix, drawn)
        self.cases += 1
        described = f"{_short(drawn.parameters)} body {_short(drawn.body)}"
        if isinstance(result, Exception) and not self.wire.received:
            yield f"call: {type(result).__name__}: {str(result)[:300]} for {described}"
            return
        if len(self.wire.received) != 1:
            yield f"wire: {len(self.wire.received)} requests arrived for {described}"
            return
        (message,) = self.wire.received
        for fault in _differences(operation, drawn, message):
            yield f"wire: {fault} for {described}"
        if refusal := _refused(judge, operation, message):
            yield f"openapi-core: {refusal} for {described}"
        if isinstance(result, Exception) and "the request was about" in str(result):
            return
        if isinstance(result, Exception):
            text = f"{type(result).__name__}: {str(result)[:300]}"
            yield f"read: {text} for the response {status} {_short(sent)}"
        else:
            yield from self._misread(operation, prefix, result, sent)

    def _drawn(self, operation: ContractOperation, sampler: Sampler, fill: float) -> Drawn:
        parameters: dict[tuple[str, str], Any] = {}
        for parameter in operation.parameters:
            place, name = str(parameter["in"]), str(parameter["name"])
            if not parameter.get("required") and place != "path" and self.chance.random() >= fill:
                continue
            fits = {"path": fits_path, "header": fits_header}.get(place, lambda _: True)
            tries = (sampler.value(_written(parameter), max(fill, 0.5)) for _ in range(30))
            value = next((value for value in tries if value is not None and fits(value)), None)
            if value is not None:
                parameters[place, name] = value
        body = self.contract.resolve(operation.document.get("requestBody", {}))
        content = body.get("content", {})
        if not content or (not body.get("required") and self.chance.random() >= fill):
            return Drawn(parameters, MISSING)
        schema = next(iter(content.values())).get("schema", {})
        if next(iter(content)) == "multipart/form-data":
            return Drawn(parameters, self._form(schema, sampler, fill))
        return Drawn(parameters, sampler.value(schema, fill))

    def _form(self, schema: Any, sampler: Sampler, fill: float) -> dict[str, Any]:
        """Values of a form. The value of a binary part is bytes."""
        schema = self.contract.resolve(schema)
        found: dict[str, Any] = {}
        for name, written in as_map(schema.get("properties")).items():
            if name in as_list(schema.get("required")) or self.chance.random() < fill:
                part = self.contract.resolve(written)
                if _is_binary(part):
                    found[name] = b"\x00\x01 content \xff"
                elif part.get("type") == "array" and _is_binary(self.contract.resolve(part.get("items", {}))):
                    found[name] = [b"one", b"two \xff"]
                else:
                    found[name] = sampler.value(written, fill)
        return found

    def _answer(self, operation: ContractOperation, drawn: Drawn, sampler: Sampler, fill: float) -> tuple[Answer, Any]:
        """A drawn success, and the value that the client has to return."""
        status, response = operation.success
        content = response.get("content", {})
        if not content:
            return Answer(b"", status, {}), MISSING
        media_type, media = next(iter(content.items()))
        headers = {"content-type": str(media_type)}
        if "json" in media_type:
            value = sampler.value(media.get("schema", {}), fill)
            asked = [value for (place, _), value in drawn.parameters.items() if place == "path"]
            # The client refuses an object with another id than the path of the request.
            if isinstance(value, dict) and "id" in value and len(asked) == 1:
                same = {**value, "id": asked[0]}
                value = same if sampler.is_valid(media.get("schema", {}), same) else value
            return Answer(json.dumps(value).encode(), status, headers), value
        if media_type.startswith("text/"):
            return Answer("ä text\nof two lines".encode(), status, headers), "ä text\nof two lines"
        return Answer(b"\x00\x01 bytes \xff", status, headers), b"\x00\x01 bytes \xff"

    def _called(self, operation: ContractOperation, prefix: str, drawn: Drawn) -> Any:
        """The result of the method, or the exception that it raised."""
        method_name, api_class = self._class_of(operation, prefix)
        if api_class not in self._apis:
            self._apis[api_class] = api_class(api_key="sk-test", retry_budget=0, base_url=self.wire.url)
        method = getattr(self._apis[api_class], method_name)
        try:
            arguments, positional = self._arguments(operation, method, drawn)
            with warnings.catch_warnings():
                # A deprecated operation warns its caller.
                warnings.simplefilter("ignore", DeprecationWarning)
                return self._awaited(method(*positional, **arguments))
        except Exception as error:  # Each exception is a finding.
            return error

    def close(self) -> None:
        """Close the clients."""
        for api in self._apis.values():
            self._awaited(api.close())

    def _awaited(self, result: Any) -> Any:
        return self.runner.run(result) if inspect.iscoroutine(result) else result

    def _class_of(self, operation: ContractOperation, prefix: str) -> tuple[str, Any]:
        title = plain(f"{prefix}{operation.tag}API")
        found = [name for name in self.package.__all__ if plain(name) == title]
        api_class = getattr(self.package, found[0]) if found else None
        names = [name for name in dir(api_class) if plain(name) == plain(operation.name) and not name.startswith("_")]
        if not names:
            raise AssertionError(f"{operation.id} has no method in {title}")
        return names[0], api_class

    def _arguments(self, operation: ContractOperation, method: Any, drawn: Drawn) -> tuple[dict[str, Any], list[Any]]:
        signature = inspect.signature(method).parameters
        names = {plain(name): name for name in reversed(signature)}
        given: dict[str, Any] = {}
        renamed = {
            (str(one["in"]), str(one["name"])): str(one.get("x-python-name", one["name"]))
            for one in operation.parameters
        }
        for key, value in drawn.parameters.items():
            given[self._argument(names, renamed[key])] = value
        if drawn.body is not MISSING:
            body = self.contract.resolve(operation.document.get("requestBody", {}))
            media_type, media = next(iter(body["content"].items()))
            own = {plain(renamed[key]) for key in renamed}
            if "body" in names and "body" not in own and not _has_property(self.contract, media, "body"):
                given[names["body"]] = drawn.body
            else:
                properties = all_properties(self.contract, media.get("schema", {}))
                for name, value in drawn.body.items():
                    said = properties.get(name, {}).get("x-python-name", name)
                    if isinstance(value, bytes) and media_type == "multipart/form-data":
                        given[self._argument(names, str(said))] = ("name.bin", value)
                    else:
                        given[self._argument(names, str(said))] = value
        positional = [
            given.pop(name)
            for name, one in signature.items()
            if one.kind is inspect.Parameter.POSITIONAL_ONLY and name in given
        ]
        return given, positional

    @staticmethod
    def _argument(names: Mapping[str, str], name: str) -> str:
        found = names.get(plain(name))
        if found is None:
            raise AssertionError(f"the method has no argument for {name!r}; it has {', '.join(names.values())}")
        return found

    def _misread(self, operation: ContractOperation, prefix: str, result: Any, sent: Any) -> Iterator[str]:
        if sent is MISSING:
            if result is not None:
                yield f"read: the result of no body is {_short(result)}"
            return
        if isinstance(sent, (bytes, str)) and "json" not in next(iter(operation.success[1]["content"])):
            if result != sent:
                yield f"read: {_short(result)} for the content {_short(sent)}"
            return
        back = as_json(result)
        if without_nulls(back) != without_nulls(sent):
            yield f"read: {_short(back)} for the response {_short(sent)}"
        method_name, api_class = self._class_of(operation, prefix)
        method = getattr(api_class, method_name)
        try:
            hint = eval(method.__annotations__["return"], method.__globals__, _Names(self.package))
        except NameError as error:
            yield f"types: the annotation of {method_name} cannot be evaluated: {error}"
            return
        if fault := mismatch(result, hint, self.package):
            yield f"types: {fault} in the result of {_short(sent)}"


class _Names(dict[str, Any]):
    """The names that annotations use, also those that modules import for type checkers only."""

    def __init__(self, package: Any) -> None:
        super().__init__({"models": importlib.import_module(f"{package.__name__}.models")})
        self._package = package

    def __missing__(self, name: str) -> Any:
        for module in (self._package, typing, collections.abc, self["models"]):
            if hasattr(module, name):
                return getattr(module, name)
        raise KeyError(name)


def mismatch(value: Any, hint: Any, package: Any, depth: int = 0) -> str | None:
    """Why a value does not have the type of an annotation, or None if it has."""
    if hint is Any or depth > 12:
        return None
    if hint is None or hint is type(None):
        return None if value is None else f"{_short(value)} is not None"
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        known = any(type(value) is type(one) and value == one for one in arguments)
        return None if known else f"{_short(value)} is not one of {arguments}"
    if origin is not None and origin.__module__ in ("types", "typing") and arguments:
        reasons = [mismatch(value, one, package, depth + 1) for one in arguments]
        return None if None in reasons else f"{_short(value)} does not fit {hint}: {reasons[0]}"
    if origin in (list, Sequence) and isinstance(value, list):
        return next((reason for one in value if (reason := mismatch(one, arguments[0], package, depth + 1))), None)
    if origin in (dict, Mapping) and isinstance(value, dict):
        return next(
            (reason for one in value.values() if (reason := mismatch(one, arguments[1], package, depth + 1))), None
        )
    wanted = origin or hint
    if not isinstance(wanted, type):
        return None
    if wanted is float and type(value) is int:
        return None
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted in (int, float)):
        return f"{_short(value)} is not {getattr(wanted, '__name__', wanted)}"
    if hasattr(wanted, "__attrs_attrs__") and wanted.__module__.startswith(f"{package.__name__}.models"):
        hints = typing.get_type_hints(wanted, None, _Names(package))
        for name, inner in hints.items():
            if not name.startswith("_") and typing.get_origin(inner) is not typing.ClassVar:
                field = getattr(value, name, None)
                if type(field).__name__ != "Unset" and (reason := mismatch(field, inner, package, depth + 1)):
                    return f"{wanted.__name__}.{name}: {reason}"
    return None


def as_json(value: Any) -> Any:
    """A result as JSON."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, list):
        return [as_json(one) for one in value]
    return {key: as_json(one) for key, one in value.items()} if isinstance(value, dict) else value


def without_nulls(value: Any) -> Any:
    """A JSON value without the fields that are null, because a client reads null and absent as None."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


def plain(name: str) -> str:
    """The letters and digits that a name of the contract and its Python name share."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def all_properties(contract: Contract, schema: Any) -> dict[str, Any]:
    """The properties of a schema and of the schemas that it combines."""
    schema = as_map(contract.resolve(schema))
    found: dict[str, Any] = {}
    for part in as_list(schema.get("allOf")):
        found |= all_properties(contract, part)
    return found | {name: as_map(one) for name, one in as_map(schema.get("properties")).items()}


def _has_property(contract: Contract, media: Any, name: str) -> bool:
    return name in all_properties(contract, media.get("schema", {}))


def _is_binary(schema: Mapping[str, Any]) -> bool:
    return schema.get("format") == "binary" or schema.get("contentMediaType") == "application/octet-stream"


def _written(parameter: Mapping[str, Any]) -> Any:
    return parameter["schema"] if "schema" in parameter else next(iter(parameter["content"].values()))["schema"]


def _openapi_core(contract: Contract) -> ContractValidator:
    """A validator that does not check the document again, which takes most of its time."""
    validator = ContractValidator.__new__(ContractValidator)
    validator._openapi = OpenAPI.from_dict(dict(contract.document), config=Config(spec_validator_cls=None))
    validator._server = contract.document["servers"][0]["url"]
    return validator


def _refused(judge: ContractValidator, operation: ContractOperation, message: HttpMessage) -> str | None:
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


def _differences(operation: ContractOperation, drawn: Drawn, message: HttpMessage) -> Iterator[str]:
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
            yield f"the security scheme {name} was accepted: {_short(scheme)}"
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
            yield f"the body is {_short(received)}"
    else:
        wanted = drawn.body if isinstance(drawn.body, bytes) else str(drawn.body).encode()
        if message.body != wanted:
            yield f"the body is {message.body[:100]!r}"


def _form_faults(operation: ContractOperation, fields: Mapping[str, Any], message: HttpMessage) -> Iterator[str]:
    text = f"Content-Type: {message.headers['content-type']}\r\n\r\n".encode() + message.body
    received: list[tuple[str, bytes]] = []
    for part in typing.cast(list[Any], BytesParser().parsebytes(text).get_payload()):
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
            yield f"the part {name} is {content[:60]!r}, and should be {wanted_name}: {_short(value)}"
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


def _short(value: Any) -> str:
    return repr(value)[:220]
