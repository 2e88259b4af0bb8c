"""What a contract must be beyond valid OpenAPI, so that a client can be made of it. Each rule is one small function."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from .contract import METHODS, Contract

Findings = Iterator[tuple[str, str]]
"""JSON pointers, and what is wrong there and how to mend it."""
RULES: dict[str, Callable[[Contract], Findings]] = {}

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_PATH = re.compile(r"/[A-Za-z0-9_/{}.:~-]*")
_TEXTS = {"description", "summary", "title"}


@frozen
class Finding:
    """Something that a rule objects to."""

    rule: str
    pointer: str
    message: str


def rule(check: Callable[[Contract], Findings]) -> Callable[[Contract], Findings]:
    """Put a function into the catalogue, under its name with dashes."""
    RULES[check.__name__.replace("_", "-")] = check
    return check


def objections(contract: Contract) -> list[Finding]:
    """What is wrong with a contract: as OpenAPI, or, where that is right, by our own rules."""
    if not isinstance(contract.document, Mapping):
        return [Finding("openapi", "", "the document is not an object")]
    if not isinstance(contract.document.get("paths"), Mapping):
        return [Finding("openapi", "", "paths is missing")]
    if broken := list(_dangling(contract)):
        return [Finding("openapi", pointer, f"{reference!r} leads nowhere") for pointer, reference in broken]
    try:
        errors = list(OpenAPIV31SpecValidator(dict(contract.document)).iter_errors())
    except Exception as error:  # the validator trips over some documents in its own ways
        return [Finding("openapi", "", f"the document cannot be validated: {type(error).__name__}")]
    if errors:
        return [Finding("openapi", _pointer(error.absolute_path), error.message[:300]) for error in errors]
    if cycle := _cycle(contract):
        return [Finding("cycle", f"/components/schemas/{cycle}", "it contains itself; the client has no code for that")]
    return [Finding(name, pointer, text) for name, check in RULES.items() for pointer, text in check(contract)]


def _pointer(path: Iterable[Any]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _dangling(contract: Contract) -> Iterator[tuple[str, str]]:
    """References that lead nowhere, in circles, or out of the document."""
    for pointer, node in nodes(contract.document):
        if "$ref" in node and not pointer.endswith("/properties"):
            try:
                contract.resolve(node)
            except (KeyError, TypeError, IndexError, AttributeError, RecursionError):
                yield pointer, str(node["$ref"])[:100]


def _cycle(contract: Contract) -> str | None:
    """A schema that reaches itself."""
    for name, schema in contract.schemas.items():
        if name in contract.schema_names(schema):
            return name
    return None


def nodes(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every object of a document with its JSON pointer, but nothing inside examples."""
    if isinstance(node, Mapping):
        yield pointer, node
        for key, value in node.items():
            if key not in ("example", "examples", "value"):
                yield from nodes(value, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from nodes(value, f"{pointer}/{index}")


def operations(contract: Contract) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every operation object with its JSON pointer."""
    for path, item in contract.document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"/paths/{path.replace('~', '~0').replace('/', '~1')}/{method}", item[method]


@rule
def operation_has_name(contract: Contract) -> Findings:
    """Each operation has an operationId of ASCII letters, digits and underscores; it becomes a method."""
    for pointer, operation in operations(contract):
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", str(operation.get("operationId", ""))):
            yield pointer, "give it an operationId of ASCII letters, digits and underscores"


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
        described = {**_resolved(contract, node), **node}
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
def example_is_valid(contract: Contract) -> Findings:
    """Each example is valid under the schema beside it."""
    for pointer, node in nodes(contract.document):
        examples = {f"examples/{name}": contract.resolve(one).get("value") for name, one in _named(node, "examples")}
        if "example" in node:
            examples["example"] = node["example"]
        if "schema" in node:
            validator = OAS31Validator({**node["schema"], "components": contract.document.get("components", {})})
            for name, value in examples.items():
                for error in validator.iter_errors(value):
                    where = "/".join(map(str, error.path)) or "it"
                    yield f"{pointer}/{name}", f"{where} does not fit the schema: {error.message}"


@rule
def lifecycle_is_closed(contract: Contract) -> Findings:
    """x-lifecycle covers each status of its enum and no other; each one can be reached, and from each one some end."""
    for pointer, schema in nodes(contract.document.get("components", {}).get("schemas", {}), "/components/schemas"):
        following = schema.get("x-lifecycle")
        if following is None:
            continue
        statuses = schema.get("enum") or [None]
        if set(following) != set(statuses) or next(iter(following)) != statuses[0]:
            yield f"{pointer}/x-lifecycle", "name exactly the statuses of the enum, the same one first"
            continue
        ending = {status for status, successors in following.items() if not successors}
        begun = {statuses[0]}
        for _ in following:
            ending |= {status for status, successors in following.items() if ending & set(successors)}
            begun |= {successor for status in begun for successor in following.get(status, ())}
        for status, successors in following.items():
            if unknown := set(successors) - following.keys():
                yield f"{pointer}/x-lifecycle/{status}", f"{min(unknown)} is not a status"
            elif status not in ending:
                yield f"{pointer}/x-lifecycle/{status}", "no end can be reached from it"
            elif status not in begun:
                yield f"{pointer}/x-lifecycle/{status}", f"it cannot be reached from {statuses[0]}"


@rule
def change_leads_somewhere(contract: Contract) -> Findings:
    """An operation's x-lifecycle names the status that it brings about, one of those that its result can have."""
    for pointer, operation in operations(contract):
        change = operation.get("x-lifecycle")
        if change is None:
            continue
        success = next(one for code, one in operation["responses"].items() if str(code).startswith("2"))
        known = {
            status
            for name in contract.schema_names(contract.resolve(success))
            if "x-lifecycle" in contract.schemas[name]
            for status in contract.schemas[name]["enum"][1:]
        }
        if not isinstance(change, Mapping) or change.keys() != {"towards"} or change["towards"] not in known:
            yield f"{pointer}/x-lifecycle", f"say towards which status it leads: {', '.join(sorted(known)) or 'none'}"


@rule
def pagination_exists(contract: Contract) -> Findings:
    """x-pagination names query parameters of its operation, fields of its page, and fields of the items."""
    for pointer, operation in operations(contract):
        named = operation.get("x-pagination")
        if named is None:
            continue
        wanted = {"cursor", "page_size", "items", "next_cursor", "more", "item_id", "order"}
        if not isinstance(named, Mapping) or wanted != named.keys():
            yield f"{pointer}/x-pagination", f"name exactly {', '.join(sorted(wanted))}"
            continue
        parameters = {contract.resolve(one).get("name") for one in operation.get("parameters", ())}
        success = next(one for code, one in operation["responses"].items() if str(code).startswith("2"))
        page = _properties(
            contract, contract.resolve(success).get("content", {}).get("application/json", {}).get("schema")
        )
        item = _properties(contract, page.get(named["items"], {}).get("items"))
        for keys, known, what in (
            (("cursor", "page_size"), parameters, "parameter"),
            (("items", "next_cursor", "more"), page.keys(), "field of the page"),
            (("item_id",), item.keys(), "field of the items"),
        ):
            for key in keys:
                if named[key] not in known:
                    yield f"{pointer}/x-pagination/{key}", f"{named[key]} is no {what}"
        if named["order"].get("by") not in item or named["order"].get("direction") not in ("ascending", "descending"):
            yield f"{pointer}/x-pagination/order", "say by which field of the items, and ascending or descending"


@rule
def create_once_exists(contract: Contract) -> Findings:
    """x-create-once names an operation that lists, of the same tag, and fields of its own body."""
    known = {operation.get("operationId"): operation for _, operation in operations(contract)}
    for pointer, operation in operations(contract):
        once = operation.get("x-create-once")
        if once is None:
            continue
        if not isinstance(once, Mapping) or {"token", "found_by", "same"} != once.keys():
            yield f"{pointer}/x-create-once", "name exactly found_by, same, token"
            continue
        found = known.get(once["found_by"], {})
        if "x-pagination" not in found or found.get("tags") != operation.get("tags"):
            yield f"{pointer}/x-create-once/found_by", f"{once['found_by']} is no listing operation of this tag"
        body = contract.resolve(operation.get("requestBody", {})).get("content", {}).get("application/json", {})
        fields = _properties(contract, body.get("schema"))
        for place, path in (("token", once["token"]), *(("same", one) for one in once["same"])):
            if not isinstance(path, str) or path.split("/")[1:2] == [] or path.split("/")[1] not in fields:
                yield f"{pointer}/x-create-once/{place}", f"{path} leads nowhere in the body"


def _is_hidden(text: str) -> bool:
    """Whether text holds control, formatting or separating characters other than a newline or a tab."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return any(unicodedata.category(one) in hidden and one not in "\n\t" for one in text)


def _resolved(contract: Contract, node: Any) -> Mapping[str, Any]:
    try:
        found = contract.resolve(node)
    except (KeyError, TypeError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _named(node: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    found = node.get(key)
    return list(found.items()) if isinstance(found, Mapping) else []


def _properties(contract: Contract, schema: Any) -> Mapping[str, Any]:
    found = _resolved(contract, schema).get("properties", {})
    return found if isinstance(found, Mapping) else {}
