"""The embedded server as an ASGI application: its routes are the contract's operations, and it is held to them."""

import hmac
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scripts.openapi.contract import Contract, ContractOperation

from . import validation
from .clock import Clock
from .lifecycle import Pace
from .store import Refused, Store

MAX_FILE_BYTES = 200 * 1024 * 1024

Endpoint = Callable[[Request], Awaitable[Response]]

logger = logging.getLogger("batch_server")


@frozen
class Received:
    """A request that the contract admits."""

    path: dict[str, str]
    query: dict[str, str]
    body: Any


# Operations that do something here; any other answers with the contract's example.
HANDLERS: dict[str, Callable[[Store, Received], dict[str, Any]]] = {
    "createBatch": lambda store, received: store.create(received.body),
    "retrieveBatch": lambda store, received: store.retrieve(received.path["batch_id"]),
    "cancelBatch": lambda store, received: store.cancel(received.path["batch_id"]),
    "listBatches": lambda store, received: store.page(
        received.query.get("after"), int(received.query.get("limit", "20"))
    ),
}


def create_app(
    contract: Contract,
    *,
    key: str,
    clock: Clock | None = None,
    pace: Pace | None = None,
    validate_responses: bool = True,
) -> "Application":
    """The server as an ASGI application.

    Args:
        contract: Whose operations it offers, below the path of the first server.
        key: The API key that requests must bear.
        clock: What time it is. Default: real time.
        pace: How long things take. Default: some seconds for each step, two requests a second.
        validate_responses: Whether each response is held to the contract, too, which costs milliseconds for a page of
            a hundred batches. A response that is not valid becomes status 500.
    """
    clock = clock or Clock()
    store = Store(contract, clock, pace or Pace())
    prefix = urlsplit(contract.document["servers"][0]["url"]).path.rstrip("/")
    judge = validation.Judge(contract)
    paths: dict[str, dict[str, Endpoint]] = {}
    for operation in contract.operations:
        endpoint = _operation(operation, store, judge, prefix, validate_responses)
        paths.setdefault(operation.path, {})[operation.method] = endpoint
    routes = [
        Route(f"{prefix}/files", _upload(store), methods=["POST"]),
        Route(f"{prefix}/files/{{file_id}}", _file(store), methods=["GET"]),
        Route(f"{prefix}/files/{{file_id}}/content", _content(store), methods=["GET"]),
        Route("/-/clock", _step(clock), methods=["POST"]),
        # Paths without parameters first: /batches/latest is not a batch.
        *(
            Route(prefix + path, _by_method(paths[path]), methods=list(paths[path]))
            for path in sorted(paths, key=lambda path: path.count("{"))
        ),
    ]
    handlers = {Refused: _refused, HTTPException: _http_error, Exception: _broken}
    return Application(Starlette(routes=routes, exception_handlers=handlers), key, store, clock)


class Application:
    """Names every exchange, lets in only who has the key, and answers even when the inside fails."""

    def __init__(self, inside: ASGIApp, key: str, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self._inside = inside
        self._expected = f"Bearer {key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request_id = f"req_{secrets.token_hex(16)}".encode()

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        given = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(given, self._expected):
            words = "The API key is not valid." if given else "There is no API key; send it as a bearer token."
            await _error(401, words, code="invalid_api_key")(scope, receive, named)
            return
        try:
            await self._inside(scope, receive, named)
        except Exception:
            # Starlette answers with the handler of Exception, and raises it again for the log.
            logger.exception("%s %s failed", scope["method"], scope["path"])


def _by_method(endpoints: dict[str, Endpoint]) -> Endpoint:
    """One endpoint for all operations of a path, so that a refusal can name all their methods."""

    async def endpoint(request: Request) -> Response:
        # Starlette lets HEAD in wherever it lets GET in.
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return endpoint


def _operation(
    operation: ContractOperation, store: Store, judge: validation.Judge, prefix: str, validate_responses: bool
) -> Endpoint:
    handler = HANDLERS.get(operation.id)
    status = operation.success[0]

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        target = request.scope["raw_path"].decode().removeprefix(prefix)
        if request.url.query:
            target += f"?{request.url.query}"
        message = validation.Message(operation.method, target, dict(request.headers), body)
        if fault := judge.request(message):
            raise Refused(400, fault.message, param=fault.param, code="invalid_value")
        document = json.loads(body) if body and operation.request_schema else None
        if handler is None:
            result = operation.example
        else:
            result = handler(store, Received(request.path_params, dict(request.query_params), document))
        response = Response(status_code=status) if result is None else JSONResponse(result, status)
        if validate_responses:
            answered = validation.Message(
                operation.method,
                target,
                dict(request.headers),
                body,
                status,
                dict(response.headers),
                bytes(response.body),
            )
            if fault := judge.response(answered):
                logger.error("%s: the answer is not what the contract says: %s", operation.id, fault.message)
                return _error(500, f"The server's answer is not valid: {fault.message}", kind="server_error")
        return response

    return endpoint


def _upload(store: Store) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise Refused(400, "An upload must be multipart/form-data.")
        async with request.form() as form:
            upload, purpose = form.get("file"), form.get("purpose")
            if upload is None or isinstance(upload, str):
                raise Refused(400, "The upload has no file.", param="file")
            if purpose != "batch":
                raise Refused(400, "The purpose must be 'batch'.", param="purpose")
            if (upload.size or 0) > MAX_FILE_BYTES:
                raise Refused(413, f"A file may hold {MAX_FILE_BYTES} bytes.", param="file")
            return JSONResponse(store.add_file(upload.filename or "upload", purpose, await upload.read()).to_dict())

    return endpoint


def _file(store: Store) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return JSONResponse(_stored(store, request).to_dict())

    return endpoint


def _content(store: Store) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return Response(_stored(store, request).content, media_type="application/octet-stream")

    return endpoint


def _stored(store: Store, request: Request) -> Any:
    stored = store.files.get(request.path_params["file_id"])
    if stored is None:
        raise Refused(404, f"There is no file '{request.path_params['file_id']}'.", param="file_id")
    return stored


def _step(clock: Clock) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if clock.speed:
            raise Refused(404, "The clock of this server runs by itself.")
        try:
            clock.step(float((await request.json())["step"]))
        except (KeyError, TypeError, ValueError):
            raise Refused(400, "Send a JSON object with 'step', a number of seconds.", param="step") from None
        return JSONResponse({"now": clock.now()})

    return endpoint


def _error(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    error = {"message": message, "type": kind, "param": param, "code": code}
    return JSONResponse({"error": error}, status, headers)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _error(error.status, error.message, param=error.param, code=error.code)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {404: f"There is nothing at {request.url.path}.", 405: f"{request.method} is not possible here."}
    message = words.get(error.status_code, str(error.detail))
    return _error(error.status_code, message, headers=dict(error.headers or {}))


async def _broken(_: Request, __: Exception) -> Response:
    return _error(500, "The server failed; its log says why.", kind="server_error")
