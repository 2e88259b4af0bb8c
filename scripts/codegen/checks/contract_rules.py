"""The rules about operations, names, texts, values and examples of a contract."""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_schema_validator import OAS31Validator

from scripts.openapi.contract import Contract
from scripts.openapi.document import as_map
from scripts.openapi.pointers import below, keys
from scripts.openapi.time_limit import working_on
from scripts.openapi.walk import walk

from .catalogue import Violations, operation_nodes, resolve, rule, schemas
from .kinds import inside, places
from .wording import sentences

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_FIELD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_PATH = re.compile(r"/[A-Za-z0-9_/{}.:~-]*")
_VERSION = re.compile(r"[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.(post|dev)[0-9]+)?")
_SERVER = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9_/.~-]*)?")
# OpenAPI's dialect adds only annotations to this draft, and its meta-schema is not available without the network.
_SCHEMAS = Draft202012Validator(Draft202012Validator.META_SCHEMA)
_TEXTS = {"description", "summary", "title"}


@rule
def schema_is_valid(contract: Contract) -> Violations:
    """Each schema is an object, and a valid JSON Schema. An enum has a value."""
    for place in places(contract):
        for kind, pointer, node in inside(place.kind, place.pointer, place.node):
            if kind != "schema" or isinstance(node, Mapping):
                continue
            if node is True and not pointer.endswith("/additionalProperties"):
                yield pointer, "a schema must be an object; write {} instead of true"
            elif not isinstance(node, bool) or not pointer.endswith("/additionalProperties"):
                yield pointer, "a schema must be an object; remove it if it allows no value"
        if place.kind == "schema" and place.node.get("enum") == []:
            yield below(place.pointer, "enum"), "an enum needs a value; add one, or remove the enum"
    for pointer, schema in schemas(contract):
        if not isinstance(schema, Mapping):
            continue
        for error in _SCHEMAS.iter_errors(schema):
            for at, message in sentences(error, pointer):
                yield at, f"this is not a valid JSON Schema: {message}"


@rule
def release_is_plain(contract: Contract) -> Violations:
    """info.version is a valid version of a Python package, such as 1.2.3, and the first server is an absolute URL."""
    if not _VERSION.fullmatch(str(contract.document["info"]["version"])):
        yield "/info/version", "use a version such as 1.2.3, which is valid for a Python package"
    servers = contract.document.get("servers") or [{}]
    if not _SERVER.fullmatch(str(servers[0].get("url"))):
        yield "/servers", "give the first server an absolute URL, such as https://api.example.com/v1"


@rule
def operation_has_name(contract: Contract) -> Violations:
    """Each operation has an operationId of ASCII letters, digits and underscores. It becomes the name of a method."""
    for pointer, operation in operation_nodes(contract):
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", str(operation.get("operationId", ""))):
            yield pointer, "add an operationId of ASCII letters, digits and underscores"


@rule
def operation_id_is_unique(contract: Contract) -> Violations:
    """No two operations have the same operationId."""
    pointers: dict[str, str] = {}
    for pointer, operation in operation_nodes(contract):
        name = str(operation.get("operationId") or pointer)
        if name in pointers:
            *_, path, method = keys(pointers[name])
            message = f"{name} is also the operationId of {method.upper()} {path}; choose another operationId"
            yield f"{pointer}/operationId", message
        pointers.setdefault(name, pointer)


@rule
def operation_has_tag(contract: Contract) -> Violations:
    """Each operation has exactly one tag, and `tags` declares the tag. Each tag becomes a class."""
    declared = {tag.get("name") for tag in contract.document.get("tags", ())}
    for pointer, operation in operation_nodes(contract):
        tags = operation.get("tags", ())
        if len(tags) != 1 or tags[0] not in declared:
            yield pointer, "set exactly one tag, and declare the tag under `tags`"


@rule
def operation_has_security(contract: Contract) -> Violations:
    """Each operation has its own `security`, because generators ignore the global `security`."""
    for pointer, operation in operation_nodes(contract):
        if "security" not in operation:
            yield pointer, "add `security` to the operation; an empty list means that it needs no key"


@rule
def operation_has_outcomes(contract: Contract) -> Violations:
    """Each operation documents a success and the errors."""
    for pointer, operation in operation_nodes(contract):
        codes = [str(code) for code in operation.get("responses", ())]
        if not any(code.startswith("2") for code in codes):
            yield f"{pointer}/responses", "document a success, for example with '200'"
        if not any(code == "default" or code[0] in "45" for code in codes):
            yield f"{pointer}/responses", "document the errors, for example with 'default'"


@rule
def operation_has_retry(contract: Contract) -> Violations:
    """Each operation has x-retry, which says when a retry is allowed."""
    for pointer, operation in operation_nodes(contract):
        if "x-retry" in operation and operation["x-retry"] not in ("safe", "unless-received"):
            yield below(pointer, "x-retry"), "x-retry is safe or unless-received"
        elif "x-retry" not in operation:
            yield pointer, "add `x-retry: safe` if a retry is always safe, otherwise add `x-retry: unless-received`"


@rule
def component_is_named(contract: Contract) -> Violations:
    """Each object schema is a component or in its `allOf`, so that the contract determines the name of its class."""
    for node in walk(contract.document):
        is_schema = "/schema" in node.pointer and not node.has_names
        is_component = re.fullmatch(r"/components/schemas/[^/]+(/allOf/[0-9]+)*", node.pointer)
        if is_schema and not is_component and "properties" in node.value:
            yield node.pointer, "move the schema to components/schemas, and refer to the component"


@rule
def text_is_there(contract: Contract) -> Violations:
    """Operations, parameters, schemas, properties, responses and tags have descriptions for the docs."""
    components = {below("/components/schemas", name): schema for name, schema in contract.schemas.items()}
    described: dict[str, Any] = dict(components)
    for place in places(contract):
        if place.kind in ("parameter", "response", "tag"):
            described[place.pointer] = place.node
        elif place.kind == "schema":
            holder = below(place.pointer, "properties")
            described |= {below(holder, name): each for name, each in as_map(place.node.get("properties")).items()}
    for pointer, written in described.items():
        if not str({**resolve(contract, written), **written}.get("description", "")).strip():
            yield pointer, "add a description"
    for pointer, operation in operation_nodes(contract):
        for key in ("summary", "description"):
            if not str(operation.get(key, "")).strip():
                yield pointer, f"add a {key}"


@rule
def name_is_plain(contract: Contract) -> Violations:
    """Paths, tags and names of schemas, properties and parameters consist of ASCII letters, digits and a few signs."""
    for tag in contract.document.get("tags", ()):
        if not _NAME.fullmatch(str(tag.get("name"))):
            yield "/tags", f"use only ASCII letters, digits, _, . and - in the tag {tag.get('name')!r}"
    for path in contract.document["paths"]:
        if not _PATH.fullmatch(path) or ".." in path:
            yield "/paths", f"use only ASCII letters, digits, _, ., :, ~, - and {{parameters}} in the path {path!r}"
    for node in walk(contract.document):
        if node.has_names and node.pointer.endswith(("/components/schemas", "/properties")):
            pattern = _FIELD if node.pointer.endswith("/properties") else _NAME
            names = [name for name in node.value if not pattern.fullmatch(str(name))]
        elif node.value.keys() >= {"in", "name", "schema"} and not _FIELD.fullmatch(str(node.value["name"])):
            names = [node.value["name"]]
        else:
            continue
        for name in names:
            yield node.pointer, f"use only ASCII letters, digits, _, . and - in the name {name!r}"


@rule
def value_is_plain(contract: Contract) -> Violations:
    """Values of enums, constants and defaults contain no quotes, backslashes or invisible characters."""
    for node in walk(contract.document):
        if node.has_names:
            continue
        single = (node.value[key] for key in ("const", "default") if key in node.value)
        for value in (*(node.value.get("enum") or ()), *single):
            if isinstance(value, str) and (_has_hidden_characters(value) or re.search(r"[\"'\\\n\r\t]", value)):
                yield node.pointer, f"remove quotes, backslashes and invisible characters from the value {value!r}"


@rule
def text_is_visible(contract: Contract) -> Violations:
    """Texts contain no control characters, and no characters that change the direction of text."""
    for node in walk(contract.document):
        for key in _TEXTS & node.value.keys():
            if isinstance(node.value[key], str) and _has_hidden_characters(node.value[key]):
                yield f"{node.pointer}/{key}", "remove the control characters"


@rule
def number_is_finite(contract: Contract) -> Violations:
    """Each number is finite, because JSON has no other numbers."""
    waiting: list[tuple[str, Any]] = [("", contract.document)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, (Mapping, list)):
            pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
            waiting += [(below(pointer, key), each) for key, each in pairs]
        elif isinstance(value, float) and not math.isfinite(value):
            yield pointer, f"JSON has no number {value}; write a finite number"


@rule
def default_is_valid(contract: Contract) -> Violations:
    """Each default is valid under its schema."""
    parts = {key: contract.document.get(key, {}) for key in ("components", "paths")}
    for place in places(contract):
        if place.kind == "schema" and "default" in place.node:
            working_on("the rule default-is-valid", place.pointer)
            for error in OAS31Validator({**place.node, **parts}).iter_errors(place.node["default"]):
                yield from ((below(place.pointer, "default"), message) for _, message in sentences(error))


@rule
def example_is_valid(contract: Contract) -> Violations:
    """Each example is valid under its schema."""
    # References can lead to all of these parts.
    parts = {key: contract.document.get(key, {}) for key in ("components", "paths")}
    for node in walk(contract.document):
        if node.has_names:
            continue
        in_schema = re.search(r"/(schema|components/schemas/[^/]+)(/.+)?$", node.pointer)
        schema = node.value.get("schema", node.value if in_schema else None)
        if isinstance(schema, Mapping):
            validator = OAS31Validator({**schema, **parts})
            for name, value in _examples(contract, node.value):
                working_on("the rule example-is-valid", f"{node.pointer}/{name}")
                for error in validator.iter_errors(value):
                    for place, message in sentences(error):
                        where = place[1:] or "the example"
                        yield f"{node.pointer}/{name}", f"{where} is not valid under the schema: {message}"


def _examples(contract: Contract, node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The examples of an object, each with its JSON pointer relative to the object."""
    if "example" in node:
        yield "example", node["example"]
    examples = node.get("examples")
    if isinstance(examples, Mapping):
        for name, written in examples.items():
            example = resolve(contract, written)
            if "value" in example:
                yield below("examples", name), example["value"]
    elif isinstance(examples, list):
        for index, value in enumerate(examples):
            yield f"examples/{index}", value


def _has_hidden_characters(text: str) -> bool:
    """Whether text contains control, formatting or separator characters other than newlines and tabs."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return any(unicodedata.category(char) in hidden and char not in "\n\t" for char in text)
