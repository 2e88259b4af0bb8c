"""The rules about the x- extensions, which say what OpenAPI has no words for: they name things that are there."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from openapi_schema_validator import OAS31Validator

from scripts.openapi.contract import EXTENSIONS, Contract
from scripts.openapi.pointers import below, keys

from .catalogue import Findings, json_schema, nodes, operations, properties, resolved, rule, success


def _object(**fields: Any) -> dict[str, Any]:
    """The JSON schema of an object that has exactly some fields."""
    return {"type": "object", "required": list(fields), "additionalProperties": False, "properties": fields}


_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT, "uniqueItems": True}
_POINTER = {"type": "string", "pattern": "^/[^/]+(/[^/]+)*$"}
_ON_OPERATIONS = {
    "x-lifecycle": _object(towards=_TEXT),
    "x-pagination": _object(
        **dict.fromkeys(("cursor", "page_size", "items", "next_cursor", "more", "item_id"), _TEXT),
        order=_object(by=_TEXT, direction={"enum": ["ascending", "descending"]}),
    ),
    "x-create-once": _object(token=_POINTER, found_by=_TEXT, same=_TEXTS | {"items": _POINTER}),
}
_ON_SCHEMAS = {
    "x-lifecycle": {"type": "object", "additionalProperties": _TEXTS},
    "x-final-statuses": _object(success=_TEXTS, failure=_TEXTS),
}


# Below these keys stand objects under names that people choose, and below the others nothing but data.
_NAMED = {"callbacks", "content", "dependentSchemas", "encoding", "headers", "links", "parameters", "pathItems"}
_NAMED |= {"patternProperties", "properties", "requestBodies", "responses", "schemas", "securitySchemes", "webhooks"}
_NAMED |= {"$defs", "definitions"}
_DATA = {"const", "default", "dependentRequired", "enum", "example", "examples", "mapping", "scopes", "security"}
_DATA |= {"value", "variables"}


@rule
def extension_is_spelled_right(contract: Contract) -> Findings:
    """No extension is called almost like one that the head of openapi.yaml describes; nobody would read it."""
    for pointer, name in _extensions(contract.document):
        meant = get_close_matches(name.lower().replace("_", "-"), EXTENSIONS, 1, cutoff=0.85)
        if name not in EXTENSIONS and meant:
            yield (
                pointer,
                f"{name} is read by nobody; {meant[0]} was probably meant (if not, call it something less alike)",
            )


def _extensions(node: Any, pointer: str = "", *, named: bool = False) -> Iterator[tuple[str, str]]:
    """The keys that are extensions, with their JSON pointers; `named` objects have keys that people choose."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            at = below(pointer, key)
            if named:
                yield from _extensions(value, at)
            elif str(key).lower().startswith(("x-", "x_")):
                yield at, str(key)
            elif key not in _DATA:
                yield from _extensions(value, at, named=key in _NAMED)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _extensions(value, below(pointer, index))


@rule
def extension_has_form(contract: Contract) -> Findings:
    """Each x- extension has the fields that the head of openapi.yaml describes; what has a lifecycle is an enum."""
    homes = [(node, _ON_OPERATIONS) for node in operations(contract)]
    homes += [(node, _ON_SCHEMAS) for node in lifecycle_schemas(contract)]
    for (pointer, node), forms in homes:
        for name, form in forms.items():
            if name in node:
                for error in OAS31Validator(form).iter_errors(node[name]):
                    yield (
                        below(pointer, name, *error.absolute_path),
                        f"{name} is not what it must be: {error.message}",
                    )
    for pointer, node in lifecycle_schemas(contract):
        if "x-lifecycle" not in node:
            yield pointer, "x-final-statuses stands beside x-lifecycle; add that"
        if not node.get("enum") or not OAS31Validator(_TEXTS).is_valid(node["enum"]):
            yield pointer, "x-lifecycle stands beside an enum of texts; give it one"


def lifecycle_schemas(contract: Contract) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schemas with x-lifecycle or x-final-statuses, with their JSON pointers."""
    for pointer, node in nodes(contract.document.get("components", {}).get("schemas", {}), "/components/schemas"):
        if _ON_SCHEMAS.keys() & node.keys() and not pointer.endswith(("/properties", "/schemas")):
            yield pointer, node


@rule
def lifecycle_is_closed(contract: Contract) -> Findings:
    """x-lifecycle covers each status of its enum and no other; each one can be reached, and from each one some end."""
    for pointer, schema in lifecycle_schemas(contract):
        following, statuses = schema["x-lifecycle"], schema["enum"]
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
                yield below(pointer, "x-lifecycle", status), f"{min(unknown)} is not a status"
            elif status not in ending:
                yield below(pointer, "x-lifecycle", status), "no end can be reached from it"
            elif status not in begun:
                yield below(pointer, "x-lifecycle", status), f"it cannot be reached from {statuses[0]}"


@rule
def final_statuses_are_classified(contract: Contract) -> Findings:
    """x-final-statuses stands beside x-lifecycle, and lists each status without successors as success or as failure."""
    for pointer, schema in lifecycle_schemas(contract):
        if "x-final-statuses" not in schema:
            yield pointer, "add x-final-statuses: which final statuses are success, and which are failure"
            continue
        success, failure = (schema["x-final-statuses"][key] for key in ("success", "failure"))
        final = {status for status, successors in schema["x-lifecycle"].items() if not successors}
        for status in sorted(final - {*success, *failure}):
            yield f"{pointer}/x-final-statuses", f"list {status} as success or as failure"
        for status in sorted({*success, *failure} - final):
            yield f"{pointer}/x-final-statuses", f"{status} is not a final status; remove it"
        for status in sorted(set(success) & set(failure)):
            yield f"{pointer}/x-final-statuses", f"{status} is success and failure; remove one of them"


@rule
def change_leads_somewhere(contract: Contract) -> Findings:
    """An operation's x-lifecycle names the status that it brings about, one of those that its result can have."""
    for pointer, operation in operations(contract):
        if "x-lifecycle" in operation:
            reached = [contract.schemas[name] for name in contract.schema_names(resolved(contract, success(operation)))]
            known = {status for schema in reached if "x-lifecycle" in schema for status in schema["enum"][1:]}
            if operation["x-lifecycle"]["towards"] not in known:
                yield (
                    f"{pointer}/x-lifecycle",
                    f"say towards which status it leads: {', '.join(sorted(known)) or 'none'}",
                )


@rule
def pagination_exists(contract: Contract) -> Findings:
    """x-pagination names query parameters of its operation, fields of its page, and fields of the items."""
    for pointer, operation in operations(contract):
        named = operation.get("x-pagination")
        if named is None:
            continue
        parameters = [resolved(contract, one) for one in operation.get("parameters", ())]
        page = properties(contract, json_schema(contract, success(operation)))
        lists = {name for name, field in page.items() if resolved(contract, field).get("type") == "array"}
        item = properties(contract, page[named["items"]].get("items")) if named["items"] in lists else {}
        by_query = {one["name"] for one in parameters if one.get("in") == "query"}
        for wanted, known, what in (
            (("cursor", "page_size"), by_query, "query parameter"),
            (("items",), lists, "list in the page"),
            (("next_cursor", "more"), page.keys(), "field of the page"),
            (("item_id",), item.keys(), "field of the items"),
        ):
            for key in wanted:
                if named[key] not in known:
                    yield f"{pointer}/x-pagination/{key}", f"{named[key]!r} is no {what}"
        if named["order"]["by"] not in item:
            yield f"{pointer}/x-pagination/order/by", f"{named['order']['by']!r} is no field of the items"


@rule
def create_once_exists(contract: Contract) -> Findings:
    """x-create-once names an operation that lists, of the same tag, and fields of its own body."""
    known = {operation.get("operationId"): operation for _, operation in operations(contract)}
    for pointer, operation in operations(contract):
        once = operation.get("x-create-once")
        if once is None:
            continue
        found = known.get(once["found_by"], {})
        if "x-pagination" not in found or found.get("tags") != operation.get("tags"):
            yield f"{pointer}/x-create-once/found_by", f"{once['found_by']!r} is no listing operation of this tag"
        fields = properties(contract, json_schema(contract, operation.get("requestBody", {})))
        for place, path in (("token", once["token"]), *(("same", one) for one in once["same"])):
            if keys(path)[0] not in fields:
                yield f"{pointer}/x-create-once/{place}", f"{path!r} leads nowhere in the body"
