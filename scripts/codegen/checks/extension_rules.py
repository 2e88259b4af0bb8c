"""The rules about our extensions: their fields, and the names that they refer to."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from openapi_schema_validator import OAS31Validator

from scripts.openapi.contract import EXTENSIONS, Contract
from scripts.openapi.operations import operations
from scripts.openapi.pointers import below, keys
from scripts.openapi.walk import is_extension, walk

from .catalogue import Violations, first_success, json_schema, operation_nodes, properties, resolve, rule
from .kinds import places
from .wording import sentences


def _object(**fields: Any) -> dict[str, Any]:
    """The JSON Schema of an object with exactly these fields."""
    return {"type": "object", "required": list(fields), "additionalProperties": False, "properties": fields}


_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT, "uniqueItems": True}
_POINTER = {"type": "string", "pattern": "^/[^/]+(/[^/]+)*$"}
_COUNT = {"type": "integer", "minimum": 1}
_PATH_TEXT = "[A-Za-z0-9_/.:~-]*"
_ON_OPERATIONS = {
    "x-lifecycle": _object(towards=_TEXT),
    "x-pagination": _object(
        **dict.fromkeys(("cursor", "page_size", "items", "next_cursor", "more", "item_id"), _TEXT),
        order=_object(by=_TEXT, direction={"enum": ["ascending", "descending"]}),
    ),
    "x-create-once": {
        "if": {"type": "object", "required": ["header"]},
        "then": _object(header=_TEXT),
        "else": _object(
            **dict.fromkeys(("token", "stamp"), _POINTER),
            found_by=_TEXT,
            **dict.fromkeys(("same", "rewritable"), _TEXTS | {"items": _POINTER}),
        ),
    },
}
_ON_SCHEMAS = {
    "x-lifecycle": {"type": "object", "additionalProperties": _TEXTS},
    "x-final-statuses": _object(success=_TEXTS, failure=_TEXTS),
}
_FILE = _object(
    content={"type": "string", "pattern": rf"^/{_PATH_TEXT}\{{[A-Za-z_][A-Za-z0-9_]*\}}{_PATH_TEXT}\Z"},
    line=_TEXT,
    upload=_object(path={"type": "string", "pattern": rf"^/{_PATH_TEXT}\Z"}, purpose=_TEXT),
    **dict.fromkeys(("max_lines", "max_bytes"), _COUNT),
    unique=_TEXT,
    equal={"type": "object", "minProperties": 1, "additionalProperties": _TEXT},
) | {"required": ["content", "line"]}
_PLACES = {
    "x-retry": ("operation",),
    "x-create-once": ("operation",),
    "x-pagination": ("operation",),
    "x-python-name": ("parameter", "schema"),
    "x-lifecycle": ("operation", "schema"),
    "x-final-statuses": ("schema",),
    "x-file": ("schema",),
}
"""The kinds of objects that have each extension."""
_FILE_PROPERTY = re.compile(r"/components/schemas/[^/]+/properties/[^/]+")


@rule
def extension_is_spelled_right(contract: Contract) -> Violations:
    """No extension has a name that is similar to one of ours. Such a name is probably misspelt."""
    for node in walk(contract.document):
        for name in () if node.has_names else node.value:
            if similar := similar_extension(name):
                message = f"{name} has no effect; did you mean {similar}? If not, choose a less similar name"
                yield below(node.pointer, name), message


def similar_extension(name: str) -> str:
    """Our extension of which a name is a misspelling, or an empty string."""
    if not is_extension(name) or name in EXTENSIONS:
        return ""
    return next(iter(get_close_matches(name.lower().replace("_", "-"), EXTENSIONS, 1, cutoff=0.82)), "")


@rule
def extension_is_in_place(contract: Contract) -> Violations:
    """Each of our extensions is in an object of the right kind. Elsewhere it would have no effect."""
    for place in places(contract):
        for name in place.node:
            if place.kind not in _PLACES.get(name, (place.kind,)):
                kinds = " or ".join(_PLACES[name])
                message = f"{name} has no effect in this {place.kind}; move it to the {kinds} that it is about"
                yield below(place.pointer, name), message


@rule
def extension_has_form(contract: Contract) -> Violations:
    """Each extension has the fields that openapi.yaml describes. x-lifecycle is beside an enum, x-file on a string."""
    nodes = [(node, _ON_OPERATIONS) for node in operation_nodes(contract)]
    nodes += [(node, _ON_SCHEMAS) for node in _lifecycle_schemas(contract)]
    for (pointer, node), forms in nodes:
        for name, form in forms.items():
            if name in node:
                for error in OAS31Validator(form).iter_errors(node[name]):
                    for place, message in sentences(error, below(pointer, name)):
                        yield place, f"{name} is not valid: {message}"
    for pointer, node in _lifecycle_schemas(contract):
        if "x-lifecycle" not in node:
            yield pointer, "x-final-statuses needs x-lifecycle beside it; add x-lifecycle"
        if not node.get("enum") or not OAS31Validator(_TEXTS).is_valid(node["enum"]):
            yield pointer, "x-lifecycle needs an enum of strings beside it; add the enum"
    for pointer, node, has_names in walk(contract.document):
        if "x-file" in node and not has_names:
            for error in OAS31Validator(_FILE).iter_errors(node["x-file"]):
                for place, message in sentences(error, below(pointer, "x-file")):
                    yield place, f"x-file is not valid: {message}"
            kind = {**resolve(contract, node), **node}.get("type")
            if not _FILE_PROPERTY.fullmatch(pointer) or kind not in ("string", ["string", "null"]):
                yield pointer, "x-file must be on a property of a component, and the property must be a string"


def _lifecycle_schemas(contract: Contract) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schemas with x-lifecycle or x-final-statuses, with their JSON pointers."""
    schemas = contract.document.get("components", {}).get("schemas", {})
    for node in walk(schemas, "/components/schemas", has_names=True):
        if not node.has_names and _ON_SCHEMAS.keys() & node.value.keys():
            yield node.pointer, node.value


@rule
def lifecycle_is_closed(contract: Contract) -> Violations:
    """x-lifecycle lists the statuses of its enum. Each status is reachable, and can reach a final status."""
    for pointer, schema in _lifecycle_schemas(contract):
        lifecycle, statuses = schema["x-lifecycle"], schema["enum"]
        if absent := [status for status in statuses if status not in lifecycle]:
            advice = f"add `{absent[0]}: []` for a final status, or list the next statuses"
            yield f"{pointer}/x-lifecycle", f"{absent[0]} is in the enum and not here; {advice}"
            continue
        if added := [status for status in lifecycle if status not in statuses]:
            yield below(pointer, "x-lifecycle", added[0]), f"{added[0]} is not a status of the enum; remove it"
            continue
        if next(iter(lifecycle)) != statuses[0]:
            yield f"{pointer}/x-lifecycle", f"start with {statuses[0]}, the first status of the enum"
            continue
        ending = {status for status, successors in lifecycle.items() if not successors}
        reached = {statuses[0]}
        for _ in lifecycle:
            ending |= {status for status, successors in lifecycle.items() if ending & set(successors)}
            reached |= {successor for status in reached for successor in lifecycle.get(status, ())}
        for status, successors in lifecycle.items():
            place = below(pointer, "x-lifecycle", status)
            if unknown := set(successors) - lifecycle.keys():
                yield place, f"{min(unknown)} is not a status of the enum"
            elif status not in ending:
                yield place, f"no final status can be reached from {status}"
            elif status not in reached:
                yield place, f"{status} cannot be reached from {statuses[0]}"


@rule
def final_statuses_are_classified(contract: Contract) -> Violations:
    """x-final-statuses lists each status without successors as success or as failure."""
    for pointer, schema in _lifecycle_schemas(contract):
        if "x-final-statuses" not in schema:
            yield pointer, "add x-final-statuses, which lists each final status as success or as failure"
            continue
        success, failure = (schema["x-final-statuses"][key] for key in ("success", "failure"))
        final = {status for status, successors in schema["x-lifecycle"].items() if not successors}
        for status in sorted(final - {*success, *failure}):
            yield f"{pointer}/x-final-statuses", f"list {status} as success or as failure"
        for status in sorted({*success, *failure} - final):
            yield f"{pointer}/x-final-statuses", f"{status} is not a final status; remove it"
        for status in sorted(set(success) & set(failure)):
            yield f"{pointer}/x-final-statuses", f"{status} is in success and in failure; remove it from one list"


@rule
def target_status_exists(contract: Contract) -> Violations:
    """`towards` in the x-lifecycle of an operation is a status of its result, other than the first status."""
    for pointer, operation in operation_nodes(contract):
        if "x-lifecycle" in operation:
            names = contract.schema_names(resolve(contract, first_success(operation)))
            reached = [contract.schemas[name] for name in names]
            targets = {status for schema in reached if "x-lifecycle" in schema for status in schema["enum"][1:]}
            if operation["x-lifecycle"]["towards"] not in targets:
                possible = ", ".join(sorted(targets)) or "none"
                yield f"{pointer}/x-lifecycle", f"set towards to the status after the operation, one of: {possible}"


@rule
def pagination_exists(contract: Contract) -> Violations:
    """The names in x-pagination are query parameters of the operation, fields of the page, or fields of the items."""
    for each in operations(contract.source):
        pointer, operation = each.pointer, each.node
        pagination = operation.get("x-pagination")
        if pagination is None:
            continue
        page = properties(contract, json_schema(contract, first_success(operation)))
        lists = {name for name, field in page.items() if resolve(contract, field).get("type") == "array"}
        item = properties(contract, page[pagination["items"]].get("items")) if pagination["items"] in lists else {}
        query = {parameter.name for parameter in each.parameters if parameter.location == "query"}
        for fields, known, kind in (
            (("cursor", "page_size"), query, "query parameter"),
            (("items",), lists, "list in the page"),
            (("next_cursor", "more"), page.keys(), "field of the page"),
            (("item_id",), item.keys(), "field of the items"),
        ):
            for field in fields:
                if pagination[field] not in known:
                    yield f"{pointer}/x-pagination/{field}", f"{pagination[field]!r} is not a {kind}"
        if pagination["order"]["by"] not in item:
            yield f"{pointer}/x-pagination/order/by", f"{pagination['order']['by']!r} is not a field of the items"


@rule
def key_header_exists(contract: Contract) -> Violations:
    """`header` in x-create-once is a header parameter of the operation, and a string."""
    for operation in operations(contract.source):
        once = operation.node.get("x-create-once")
        if isinstance(once, Mapping) and "header" in once:
            names = {
                parameter.key[1]
                for parameter in operation.parameters
                if parameter.location == "header"
                and resolve(contract, parameter.node.get("schema")).get("type") == "string"
            }
            if once["header"].lower() not in names:
                message = f"{once['header']!r} is not a header parameter of the operation that is a string"
                yield f"{operation.pointer}/x-create-once/header", message


@rule
def create_once_exists(contract: Contract) -> Violations:
    """The names in x-create-once are operations with the same tag, or fields of the request body."""
    by_id = {operation.get("operationId"): operation for _, operation in operation_nodes(contract)}
    for pointer, operation in operation_nodes(contract):
        once = operation.get("x-create-once")
        if once is None or "header" in once:
            continue
        listing = by_id.get(once["found_by"], {})
        if "x-pagination" not in listing or listing.get("tags") != operation.get("tags"):
            message = f"{once['found_by']!r} is not an operation with x-pagination and the same tag"
            yield f"{pointer}/x-create-once/found_by", message
        result = json_schema(contract, first_success(operation))
        partners = [
            partner
            for partner in by_id.values()
            if partner is not operation
            and partner.get("tags") == operation.get("tags")
            and json_schema(contract, first_success(partner)) == result
        ]
        for kind, is_missing in (
            ("retrieves", all("x-lifecycle" in partner or "requestBody" in partner for partner in partners)),
            ("cancels", not any("x-lifecycle" in partner for partner in partners)),
        ):
            if is_missing:
                yield f"{pointer}/x-create-once", f"add an operation with the same tag that {kind} the created object"
        if once["token"].rpartition("/")[0] != once["stamp"].rpartition("/")[0] or once["token"] == once["stamp"]:
            yield f"{pointer}/x-create-once/stamp", "token and stamp must be two fields of the same object"
        fields = properties(contract, json_schema(contract, operation.get("requestBody", {})))
        paths = [(key, once[key]) for key in ("token", "stamp")]
        paths += [(key, path) for key in ("same", "rewritable") for path in once[key]]
        for key, path in paths:
            if keys(path)[0] not in fields:
                yield f"{pointer}/x-create-once/{key}", f"{path!r} is not a field of the request body"


@rule
def file_exists(contract: Contract) -> Violations:
    """The names in x-file are a component, its required strings, and fields beside the property."""
    for pointer, file in contract.files.items():
        place = below(pointer, "x-file")
        line = contract.schemas.get(file["line"], {})
        fields = properties(contract, line)
        texts = {name for name, field in fields.items() if resolve(contract, field).get("type") == "string"}
        texts &= set(line.get("required", ()))
        equal = file.get("equal", {})
        beside = properties(contract, contract.source.find(pointer.rpartition("/properties/")[0]))
        if not fields:
            yield f"{place}/line", f"{file['line']!r} is not a component with properties"
            continue
        for key, names in (("unique", [file["unique"]] if "unique" in file else []), ("equal", list(equal))):
            for name in names:
                if name not in texts:
                    yield f"{place}/{key}", f"{name!r} is not a required string of {file['line']}"
        for name in equal.values():
            if name not in beside:
                yield f"{place}/equal", f"{name!r} is not a field beside the property"
        # The runtime makes lines of pairs of id and body. The URL of a line comes from the request with the file.
        if "upload" in file and equal.keys() != {"url"}:
            yield (
                place,
                "add `equal: {url: FIELD}`; FIELD is the field beside the property that has the URL of each line",
            )
