"""Imports a generated package, sends drawn requests with both of its clients, and judges requests and results."""

import asyncio
import importlib
import inspect
import json
import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from attrs import define, field

from scripts.batch_server.contract_validation import ContractValidator
from scripts.openapi.contract import Contract, ContractOperation
from scripts.openapi.document import as_list, as_map
from tests.support.drawing import fits_header, fits_path
from tests.support.wire import Answer, Wire

from .requests import MISSING, Drawn, differences, openapi_core_for, refused, short
from .results import Names, as_json, mismatch, without_nulls
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
        judge = openapi_core_for(self.contract)
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
        described = f"{short(drawn.parameters)} body {short(drawn.body)}"
        if isinstance(result, Exception) and not self.wire.received:
            yield f"call: {type(result).__name__}: {str(result)[:300]} for {described}"
            return
        if len(self.wire.received) != 1:
            yield f"wire: {len(self.wire.received)} requests arrived for {described}"
            return
        (message,) = self.wire.received
        for fault in differences(operation, drawn, message):
            yield f"wire: {fault} for {described}"
        if refusal := refused(judge, operation, message):
            yield f"openapi-core: {refusal} for {described}"
        if isinstance(result, Exception) and "the request was about" in str(result):
            return
        if isinstance(result, Exception):
            text = f"{type(result).__name__}: {str(result)[:300]}"
            yield f"read: {text} for the response {status} {short(sent)}"
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
        if not content:
            return Drawn(parameters, MISSING)
        schema = next(iter(content.values())).get("schema", {})
        if next(iter(content)) == "multipart/form-data":
            # The parts are keywords. An optional form with a required part can therefore not be left out.
            return Drawn(parameters, self._form(schema, sampler, fill))
        if not body.get("required") and self.chance.random() >= fill:
            return Drawn(parameters, MISSING)
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
            given[self._argument(names, renamed[key], key[0])] = value
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
    def _argument(names: Mapping[str, str], name: str, place: str = "") -> str:
        # Parameters at two places can have the same name, and have their place after the name.
        found = names.get(plain(name)) or names.get(plain(f"{name}_{place}"))
        if found is None:
            raise AssertionError(f"the method has no argument for {name!r}; it has {', '.join(names.values())}")
        return found

    def _misread(self, operation: ContractOperation, prefix: str, result: Any, sent: Any) -> Iterator[str]:
        if sent is MISSING:
            if result is not None:
                yield f"read: the result of no body is {short(result)}"
            return
        if isinstance(sent, (bytes, str)) and "json" not in next(iter(operation.success[1]["content"])):
            if result != sent:
                yield f"read: {short(result)} for the content {short(sent)}"
            return
        back = as_json(result)
        if without_nulls(back) != without_nulls(sent):
            yield f"read: {short(back)} for the response {short(sent)}"
        method_name, api_class = self._class_of(operation, prefix)
        method = getattr(api_class, method_name)
        try:
            hint = eval(method.__annotations__["return"], method.__globals__, Names(self.package))
        except NameError as error:
            yield f"types: the annotation of {method_name} cannot be evaluated: {error}"
            return
        if fault := mismatch(result, hint, self.package):
            yield f"types: {fault} in the result of {short(sent)}"


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
