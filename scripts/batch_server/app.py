"""The embedded server as an ASGI application: routes for the contract's operations, validated against the contract.

`batch_store` implements the operations, and `status_timeline` ages the batches.
"""

import hmac
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from attrs import evolve, frozen
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scripts.openapi.contract import Contract, ContractOperation

from .batch_store import BatchStore, RequestRejected, StoredFile
from .clock import ServerClock
from .contract_validation import ContractValidator, HttpMessage
from .request_body import MAX_JSON_BYTES, MAX_UPLOAD_BYTES, LimitedBody
from .status_timeline import Pace
from .strict_json import InvalidJSON, parse

MAX_MESSAGE = 500
# Ten times the window of a batch, at least, so that a test can step over it.
MAX_CLOCK_STEP = 1_000_000_000

Endpoint = Callable[[Request], Awaitable[Response]]

logger = logging.getLogger("batch_server")


@frozen
class ValidRequest:
    """The values of a request that is valid under the contract."""

    path: dict[str, str]
    query: dict[str, str]
    body: Any


# The operations with an implementation. All others respond with the contract's example.
HANDLERS: dict[str, Callable[[BatchStore, ValidRequest], dict[str, Any]]] = {
    "createBatch": lambda store, request: store.create(request.body),
    "retrieveBatch": lambda store, request: store.retrieve(request.path["batch_id"]),
    "cancelBatch": lambda store, request: store.cancel(request.path["batch_id"]),
    "listBatches": lambda store, request: store.page(request.query.get("after"), int(request.query.get("limit", "20"))),
}


def create_app(
    contract: Contract,
    *,
    key: str,
    clock: ServerClock | None = None,
    pace: Pace | None = None,
    validate_responses: bool = True,
) -> "Application":
    """Create the server as an ASGI application.

    Args:
        contract: The contract with the operations, which are served below the path of its first server.
        key: The API key that requests must send.
        clock: The clock of the server. Default: real time.
        pace: How long a batch stays in each status. Default: seconds, and two requests a second.
        validate_responses: Whether each response is validated, too. That takes milliseconds for a page of a hundred
            batches. An invalid response becomes status 500.
    """
    clock = clock or ServerClock()
    store = BatchStore(contract, clock, pace or Pace())
    prefix = contract.server_path
    validator = ContractValidator(contract)
    paths: dict[str, dict[str, Endpoint]] = {}
    for operation in contract.operations:
        endpoint = _operation(operation, store, validator, validate_responses)
        paths.setdefault(operation.path, {})[operation.method] = endpoint
    routes = [
        *_file_routes(contract, store),
        Route("/-/clock", _step_clock(clock), methods=["POST"]),
        # Paths without parameters come first, so that /batches/latest would not be read as the id of a batch.
        *(
            Route(prefix + path, _by_method(paths[path]), methods=list(paths[path]))
            for path in sorted(paths, key=lambda path: path.count("{"))
        ),
    ]
    handlers = {
        RequestRejected: _rejected,
        InvalidJSON: _invalid_json,
        UnicodeError: _undecodable,
        ClientDisconnect: _disconnected,
        HTTPException: _http_error,
        Exception: _unexpected_error,
    }
    return Application(Starlette(routes=routes, exception_handlers=handlers), key, store, clock, f"{prefix}/files")


class Application:
    """Checks the API key, limits bodies, adds a request id to each response, and logs unexpected errors."""

    def __init__(self, app: ASGIApp, key: str, store: BatchStore, clock: ServerClock, upload_path: str) -> None:
        self.store = store
        self.clock = clock
        self._app = app
        self._expected = f"Bearer {key}".encode()
        self._upload_path = upload_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request_id = f"req_{secrets.token_hex(16)}".encode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        authorization = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(authorization, self._expected):
            message = "The API key is not valid." if authorization else "No API key; send it as a bearer token."
            await _error(401, message, code="invalid_api_key")(scope, receive, send_with_id)
            return
        limit = MAX_UPLOAD_BYTES if scope["path"] == self._upload_path else MAX_JSON_BYTES
        try:
            await self._app(scope, LimitedBody(scope, receive, limit), send_with_id)
        except Exception:
            # Starlette has sent the response of the handler for Exception, and raises the exception again.
            logger.exception("%s %s failed", scope["method"], scope["path"])


def _by_method(endpoints: dict[str, Endpoint]) -> Endpoint:
    """An endpoint for all operations of a path, so that the error for other methods can list the allowed methods."""

    async def endpoint(request: Request) -> Response:
        # Starlette allows HEAD wherever it allows GET.
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return endpoint


def _operation(
    operation: ContractOperation, store: BatchStore, validator: ContractValidator, validate_responses: bool
) -> Endpoint:
    handler = HANDLERS.get(operation.id)
    status = operation.success[0]

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        target = request.scope["raw_path"].decode("latin-1").removeprefix(operation.contract.server_path)
        if request.url.query:
            target += f"?{request.url.query}"
        document = parse(body) if body and operation.request_schema else None
        message = HttpMessage(operation.method, target, dict(request.headers), body)
        if violation := validator.request(message):
            raise RequestRejected(400, violation.message, param=violation.param, code="invalid_value")
        if handler is None:
            result = operation.example
        else:
            result = handler(store, ValidRequest(request.path_params, dict(request.query_params), document))
        response = Response(status_code=status) if result is None else JSONResponse(result, status)
        if validate_responses:
            message = evolve(
                message,
                status=status,
                response_headers=dict(response.headers),
                response_body=bytes(response.body),
            )
            if violation := validator.response(message):
                logger.error("%s: the response is not valid under the contract: %s", operation.id, violation.message)
                return _error(500, f"The server's response is not valid: {violation.message}", kind="server_error")
        return response

    return endpoint


def _file_routes(contract: Contract, store: BatchStore) -> Iterator[Route]:
    """The routes that x-file names, and a route for the file object."""
    if store.input_format.file:
        path = contract.server_path + store.input_format.file["upload"]["path"]
        yield Route(path, _upload_file(store), methods=["POST"])
        yield Route(f"{path}/{{file_id}}", _retrieve_file(store), methods=["GET"])
    for content in sorted({file["content"] for file in contract.files.values()}):
        yield Route(contract.server_path + content, _download_file(store), methods=["GET"])


def _upload_file(store: BatchStore) -> Endpoint:
    expected, limit = store.input_format.file["upload"]["purpose"], store.input_format.file.get("max_bytes")

    async def endpoint(request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise RequestRejected(400, "An upload must be multipart/form-data.")
        async with request.form(max_files=1, max_fields=10) as form:
            upload, purpose = form.get("file"), form.get("purpose")
            if upload is None or isinstance(upload, str):
                raise RequestRejected(400, "The upload has no file.", param="file")
            if purpose != expected:
                raise RequestRejected(400, f"The purpose must be '{expected}'.", param="purpose")
            if limit is not None and (upload.size or 0) > limit:
                raise RequestRejected(413, f"The limit for a file is {limit} bytes.", param="file")
            # The upload can declare a character set that decodes to half surrogate pairs, which JSON cannot have.
            filename = (upload.filename or "upload").encode("utf-8", "replace").decode()
            return JSONResponse(store.add_file(filename, expected, await upload.read()).to_dict())

    return endpoint


def _retrieve_file(store: BatchStore) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return JSONResponse(_stored_file(store, request).to_dict())

    return endpoint


def _download_file(store: BatchStore) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        content = _stored_file(store, request).content
        # A client continues an interrupted download with a range to the end. Servers may ignore all other ranges.
        wanted = re.fullmatch(r"bytes=([0-9]{1,18})-", request.headers.get("range", ""))
        first, headers = int(wanted[1]) if wanted else 0, {"accept-ranges": "bytes"}
        if wanted and first >= len(content):
            headers["content-range"] = f"bytes */{len(content)}"
            return _error(416, f"The file has only {len(content)} bytes.", headers=headers)
        if wanted:
            headers["content-range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        status = 206 if wanted else 200
        return Response(content[first:], status, headers, media_type="application/octet-stream")

    return endpoint


def _stored_file(store: BatchStore, request: Request) -> StoredFile:
    ((param, file_id),) = request.path_params.items()
    stored = store.files.get(file_id)
    if stored is None:
        raise RequestRejected(404, f"No file with the id '{file_id}' exists.", param=param)
    return stored


def _step_clock(clock: ServerClock) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if clock.speed:
            raise RequestRejected(404, "The clock of this server cannot be stepped; start it with --speed 0.")
        try:
            seconds = float(parse(await request.body())["step"])
            if not 0 <= seconds <= MAX_CLOCK_STEP:
                raise ValueError
        except (KeyError, TypeError, ValueError):
            message = f"The body must be a JSON object with 'step', a number of seconds from 0 to {MAX_CLOCK_STEP}."
            raise RequestRejected(400, message, param="step") from None
        clock.step(seconds)
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
    # A message can quote an id of any length.
    message = message if len(message) < MAX_MESSAGE else f"{message[:MAX_MESSAGE]}..."
    error = {"message": message, "type": kind, "param": param, "code": code}
    return JSONResponse({"error": error}, status, headers)


async def _rejected(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestRejected)
    # The rest of a body that is too large or too slow is not read.
    headers = {"Connection": "close"} if error.status in (408, 413) else None
    return _error(error.status, error.message, param=error.param, code=error.code, headers=headers)


async def _invalid_json(_: Request, error: Exception) -> Response:
    return _error(400, f"The body is not JSON: {error}.", code="invalid_value")


async def _undecodable(_: Request, __: Exception) -> Response:
    return _error(400, "The request cannot be decoded with the character set that it names.")


async def _disconnected(_: Request, __: Exception) -> Response:
    """Nobody receives this response, but without it Starlette would log an unexpected error."""
    return _error(400, "The connection ended before the body.")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    messages = {404: f"{request.url.path} does not exist.", 405: f"{request.method} is not allowed here."}
    message = messages.get(error.status_code, str(error.detail))
    return _error(error.status_code, message, headers=dict(error.headers or {}))


async def _unexpected_error(_: Request, __: Exception) -> Response:
    return _error(500, "The server failed; its log has the traceback.", kind="server_error")
