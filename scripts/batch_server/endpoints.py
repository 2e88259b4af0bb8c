"""The responses to the operations of the contract: from the stored objects, or as the contract documents them."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import evolve, frozen
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from scripts.openapi.contract import ContractOperation

from .contract_validation import ContractValidator, HttpMessage
from .errors import RequestRejected, error_response
from .form_body import RequestBody
from .resources import Role, is_json, request_content, success_content
from .server_store import ServerStore, StoredRole
from .stored_object import Scope
from .strict_json import parse

Endpoint = Callable[[Request], Awaitable[Response]]

logger = logging.getLogger("batch_server")


@frozen
class ValidRequest:
    """The values of a request that is valid under the contract."""

    path: tuple[str, ...]
    """The values of the parameters in the path, in the order of the path."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: RequestBody


def operation_endpoint(
    operation: ContractOperation, store: ServerStore, validator: ContractValidator, validate_responses: bool
) -> Endpoint:
    """The endpoint of an operation."""
    stored = store.role(operation)
    names = re.findall(r"\{([^}]*)\}", operation.path)

    async def endpoint(request: Request) -> Response:
        content = await request.body()
        target = request.scope["raw_path"].decode("latin-1").removeprefix(operation.contract.server_path)
        if request.url.query:
            target += f"?{request.url.query}"
        takes_json = is_json(request_content(operation)[0])
        document = parse(content) if content and takes_json else None
        message = HttpMessage(operation.method, target, dict(request.headers), content)
        if violation := validator.request(message):
            raise RequestRejected(400, violation.message, param=violation.param, code="invalid_value")
        body = RequestBody(document) if takes_json else validator.form(message)
        path = tuple(request.path_params[name] for name in names)
        valid = ValidRequest(path, dict(request.query_params), request.headers, body)
        response = _response(operation, stored, store, valid)
        if validate_responses and response.status_code != 206:
            message = evolve(
                message,
                status=response.status_code,
                response_headers=dict(response.headers),
                response_body=bytes(response.body),
            )
            if violation := validator.response(message):
                logger.error("%s: the response is not valid under the contract: %s", operation.id, violation.message)
                return error_response(
                    500, f"The server's response is not valid: {violation.message}", kind="server_error"
                )
        return response

    return endpoint


def _response(
    operation: ContractOperation, stored: StoredRole | None, store: ServerStore, request: ValidRequest
) -> Response:
    status = operation.success[0]
    kind, content = success_content(operation)
    if stored is not None and stored.role is Role.CONTENT:
        scope, object_id = _object(stored, request)
        if found := stored.store.content(object_id, scope):
            media_type = kind if "*" not in kind else found[1]
            return file_response(found[0], request.headers, media_type, status)
    document = None if stored is None else _stored_document(operation, stored, request)
    if not kind:
        return Response(status_code=status)
    if not is_json(kind):
        return Response(str(store.values.body(content) or "content").encode(), status, media_type=kind)
    return JSONResponse(_as_documented(operation, stored, store, request, document), status, media_type=kind)


def _stored_document(operation: ContractOperation, stored: StoredRole, request: ValidRequest) -> dict[str, Any] | None:
    """Do what the operation does with the stored objects, and return the object or the page."""
    role, store = stored.role, stored.store
    if role is Role.CREATE:
        header = operation.document.get("x-create-once", {}).get("header")
        key = request.headers.get(header) if header else None
        return store.create(request.body.fields, scope=request.path, key=key, body=request.body)
    if role is Role.LIST:
        return store.page(request.query, request.path)
    scope, object_id = _object(stored, request)
    match role:
        case Role.UPDATE:
            return store.update(object_id, request.body.fields, scope)
        case Role.DELETE:
            return store.delete(object_id, scope)
        case Role.TRANSITION:
            return store.lead(object_id, operation.document["x-lifecycle"]["towards"], scope)
    return store.retrieve(object_id, scope)


def _as_documented(
    operation: ContractOperation,
    stored: StoredRole | None,
    store: ServerStore,
    request: ValidRequest,
    document: dict[str, Any] | None,
) -> Any:
    """The stored object in the schema of the response. Without a stored object, it is the documented example."""
    content = success_content(operation)[1]
    schema, values = content.get("schema", {}), store.values
    if document is not None and stored is not None:
        if stored.role is Role.LIST or schema == stored.store.resource.schema:
            return document
        return values.filled(schema, values.defaults(schema, values.body(content)), {**document, "deleted": True})
    example = values.body(content)
    # An object at a path has the id in the path.
    known = {"id": request.path[-1]} if request.path and operation.path.endswith("}") else {}
    return values.filled(schema, example if values.is_valid(schema, example) else values.value(schema), known)


def _object(stored: StoredRole, request: ValidRequest) -> tuple[Scope, str]:
    """The scope and the id of the object in the path."""
    position = stored.store.resource.scope
    return request.path[:position], request.path[position]


def file_response(content: bytes, headers: Mapping[str, str], media_type: str, status: int = 200) -> Response:
    """A response with a file, or with the rest of it if the request has a range to the end.

    A client continues an interrupted download with such a range. Servers may ignore all other ranges.
    """
    wanted = re.fullmatch(r"bytes=([0-9]{1,18})-", headers.get("range", ""))
    first, sent = int(wanted[1]) if wanted else 0, {"accept-ranges": "bytes"}
    if wanted and first >= len(content):
        sent["content-range"] = f"bytes */{len(content)}"
        return error_response(416, f"The file has only {len(content)} bytes.", headers=sent)
    if wanted:
        sent["content-range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
    return Response(content[first:], 206 if wanted else status, sent, media_type=media_type)
