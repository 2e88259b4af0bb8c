"""The rules about what every contract has: operations, names, texts, values and examples."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_schema_validator import OAS31Validator

from scripts.openapi.contract import Contract
from scripts.openapi.pointers import below, keys

from .catalogue import Findings, nodes, operations, resolved, rule, schemas

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_PATH = re.compile(r"/[A-Za-z0-9_/{}.:~-]*")
_VERSION = re.compile(r"[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.(post|dev)[0-9]+)?")
_SERVER = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9_/.~-]*)?")
# OpenAPI's own dialect adds only annotations to this one, and its meta-schema would be fetched from the network.
_SCHEMAS = Draft202012Validator(Draft202012Validator.META_SCHEMA)
_TEXTS = {"description", "summary", "title"}


@rule
def schema_is_valid(contract: Contract) -> Findings:
    """Each schema is an object, and valid as a JSON Schema."""
    for pointer, schema in schemas(contract):
        if not isinstance(schema, Mapping):
            yield pointer, "a schema must be an object"
            continue
        for error in _SCHEMAS.iter_errors(schema):
            yield below(pointer, *error.absolute_path), f"this is no JSON Schema: {error.message[:300]}"


@rule
def release_is_plain(contract: Contract) -> Findings:
    """info.version is one that Python packages can have, such as 1.2.3, and the first server is an absolute URL."""
    if not _VERSION.fullmatch(str(contract.document["info"]["version"])):
        yield "/info/version", "the package gets this version; make it one such as 1.2.3"
    servers = contract.document.get("servers") or [{}]
    if not _SERVER.fullmatch(str(servers[0].get("url"))):
        yield "/servers", "give the first server an absolute URL, such as https://api.example.com/v1"


@rule
def operation_has_name(contract: Contract) -> Findings:
    """Each operation has an operationId of ASCII letters, digits and underscores; it becomes a method."""
    for pointer, operation in operations(contract):
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", str(operation.get("operationId", ""))):
            yield pointer, "give it an operationId of ASCII letters, digits and underscores"


@rule
def operation_id_is_unique(contract: Contract) -> Findings:
    """No two operations have the same operationId."""
    homes: dict[str, str] = {}
    for pointer, operation in operations(contract):
        name = str(operation.get("operationId") or pointer)
        if name in homes:
            *_, path, method = keys(homes[name])
            text = f"{name} is the operationId of {method.upper()} {path}; give this operation another one"
            yield f"{pointer}/operationId", text
        homes.setdefault(name, pointer)


@rule
def operation_has_tag(contract: Contract) -> Findings:
    """Each operation has exactly one tag, which is declared; the tag becomes a class."""
    declared = {tag.get("name") for tag in contract.document.get("tags", ())}
    for pointer, operation in operations(contract):
        tags = operation.get("tags", ())
        if len(tags) != 1 or tags[0] not in declared:
            yield pointer, "give it exactly one tag, and declare that under tags"


@rule
def operation_has_security(contract: Contract) -> Findings:
    """Each operation repeats its security; generators overlook the global one."""
    for pointer, operation in operations(contract):
        if not operation.get("security"):
            yield pointer, "give it a security of its own"


@rule
def operation_has_outcomes(contract: Contract) -> Findings:
    """Each operation documents a success and its errors."""
    for pointer, operation in operations(contract):
        codes = [str(code) for code in operation.get("responses", ())]
        if not any(code.startswith("2") for code in codes):
            yield f"{pointer}/responses", "document a success, such as '200'"
        if not any(code == "default" or code[0] in "45" for code in codes):
            yield f"{pointer}/responses", "document the errors, with 'default'"


@rule
def operation_has_retry(contract: Contract) -> Findings:
    """Each operation says when it may be repeated."""
    for pointer, operation in operations(contract):
        if operation.get("x-retry") not in ("safe", "unless-received"):
            yield pointer, "say x-retry: safe, if it may be repeated freely, or x-retry: unless-received"


@rule
def component_is_named(contract: Contract) -> Findings:
    """Each object and each enum is a component, so that nobody has to invent its name."""
    for pointer, node in nodes(contract.document):
        is_schema = "/schema" in pointer or "/schemas/" in pointer
        is_component = re.fullmatch(r"/components/schemas/[^/]+", pointer) or pointer.endswith("/properties")
        if is_schema and ("properties" in node or "enum" in node) and not is_component:
            yield pointer, "move it below components/schemas under a name, and refer to it"


@rule
def text_is_there(contract: Contract) -> Findings:
    """Operations, parameters, schemas, properties and responses are described; docs and docstrings need it."""
    homes = re.compile(r"/(parameters|responses|properties|schemas|tags)/[^/]+$")
    for pointer, node in nodes(contract.document):
        described = {**resolved(contract, node), **node}
        if homes.search(pointer) and not str(described.get("description", "")).strip():
            yield pointer, "describe it"
    for pointer, operation in operations(contract):
        for key in ("summary", "description"):
            if not str(operation.get(key, "")).strip():
                yield pointer, f"give it a {key}"


@rule
def name_is_plain(contract: Contract) -> Findings:
    """Names that become Python, and paths, are of plain ASCII: no quotes, controls, backslashes or look-alikes."""
    for tag in contract.document.get("tags", ()):
        if not _NAME.fullmatch(str(tag.get("name"))):
            yield "/tags", f"the tag {tag.get('name')!r} must be of ASCII letters, digits, _, . and -"
    for path in contract.document["paths"]:
        if not _PATH.fullmatch(path) or ".." in path:
            yield "/paths", f"the path {path!r} holds what a path must not"
    for pointer, node in nodes(contract.document):
        for home, pattern in (("/components/schemas", _NAME), ("/properties", _FIELD)):
            if pointer.endswith(home):
                for name in node:
                    if not pattern.fullmatch(str(name)):
                        yield pointer, f"the name {name!r} must be of ASCII letters, digits, _, . and -"
        if "in" in node and "name" in node and "schema" in node and not _FIELD.fullmatch(str(node["name"])):
            yield pointer, f"the name {node['name']!r} must be of ASCII letters, digits, _, . and -"


@rule
def value_is_plain(contract: Contract) -> Findings:
    """Values of enums, constants and defaults hold no quotes, backslashes or invisible characters."""
    for pointer, node in nodes(contract.document):
        if pointer.endswith("/properties"):
            continue
        values = [*(node.get("enum") or ()), *(node[key] for key in ("const", "default") if key in node)]
        for value in values:
            if isinstance(value, str) and (_is_hidden(value) or re.search(r"[\"'\\\n\r\t]", value)):
                yield pointer, f"the value {value!r} holds quotes, backslashes or invisible characters"


@rule
def text_is_visible(contract: Contract) -> Findings:
    """Texts hold no control characters, and none that change the direction of what is read."""
    for pointer, node in nodes(contract.document):
        for key in _TEXTS & node.keys():
            if isinstance(node[key], str) and _is_hidden(node[key]):
                yield f"{pointer}/{key}", "remove the control characters"


@rule
def body_is_json(contract: Contract) -> Findings:
    """Each body is JSON and nothing else; the client reads and writes no other."""
    for pointer, operation in operations(contract):
        bodies = {"requestBody": operation.get("requestBody", {})}
        bodies |= {f"responses/{code}": response for code, response in operation.get("responses", {}).items()}
        for name, body in bodies.items():
            content = resolved(contract, body).get("content", {})
            if content and (content.keys() != {"application/json"} or "schema" not in content["application/json"]):
                yield f"{pointer}/{name}", "give its content a schema as application/json, and no other media type"


@rule
def example_is_valid(contract: Contract) -> Findings:
    """Each example is valid under the schema beside it, or the one that it stands in."""
    for pointer, node in nodes(contract.document):
        inside = re.search(r"/(schema|components/schemas/[^/]+)(/.+)?$", pointer) and not pointer.endswith(
            "/properties"
        )
        schema = node.get("schema", node if inside else None)
        if isinstance(schema, Mapping):
            validator = OAS31Validator({**schema, "components": contract.document.get("components", {})})
            for name, value in _examples(contract, node):
                for error in validator.iter_errors(value):
                    where = "/".join(map(str, error.path)) or "it"
                    yield f"{pointer}/{name}", f"{where} does not fit the schema: {error.message[:300]}"


def _examples(contract: Contract, node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The examples at some place, with their JSON pointers from there."""
    if "example" in node:
        yield "example", node["example"]
    several = node.get("examples")
    if isinstance(several, Mapping):
        for name, one in several.items():
            if "value" in resolved(contract, one):
                yield below("examples", name), resolved(contract, one)["value"]
    elif isinstance(several, list):
        for index, value in enumerate(several):
            yield f"examples/{index}", value


def _is_hidden(text: str) -> bool:
    """Whether text holds control, formatting or separating characters other than a newline or a tab."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return any(unicodedata.category(one) in hidden and one not in "\n\t" for one in text)
